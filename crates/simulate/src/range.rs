//! A number of a world file that is given or drawn: `share = 0.3`, or `share = [0.01, 0.05]` for one that the seed decides.
//!
//! A draw uses additions, products and comparisons alone, because logarithms differ in their last bit from machine to machine.

use std::fmt;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// From `low` to `high`, both included. A range of one number is a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range<T> {
    pub low: T,
    pub high: T,
}

/// Ends that lie further apart than this are drawn from evenly by orders of magnitude: 4 to 40 as often as 40 to 400.
const WIDE: f64 = 8.0;

/// Numbers that can be drawn.
pub(crate) trait Number: Copy + PartialOrd {
    /// None where the number cannot be one of these.
    fn of(number: f64) -> Option<Self>;
    fn as_f64(self) -> f64;
}

impl Number for f64 {
    fn of(number: f64) -> Option<Self> {
        number.is_finite().then_some(number)
    }

    fn as_f64(self) -> f64 {
        self
    }
}

impl Number for u32 {
    fn of(number: f64) -> Option<Self> {
        let whole = number.round();
        (whole == number && (0.0..=f64::from(u32::MAX)).contains(&whole)).then_some(whole as u32)
    }

    fn as_f64(self) -> f64 {
        f64::from(self)
    }
}

impl<T: Number> Range<T> {
    pub const fn of(low: T, high: T) -> Self {
        Self { low, high }
    }

    pub const fn just(number: T) -> Self {
        Self { low: number, high: number }
    }

    /// What it is; of a range that was not drawn yet, the low end.
    pub fn value(self) -> T {
        self.low
    }

    /// A range of one number.
    pub fn drawn(self, rng: &mut ChaCha8Rng) -> Self {
        Self::just(self.draw(rng))
    }

    pub fn draw(self, rng: &mut ChaCha8Rng) -> T {
        let (low, high) = (self.low.as_f64(), self.high.as_f64());
        if low >= high {
            return self.low;
        }
        let (low_end, high_end) = if low > 0.0 && high / low >= WIDE { octave(low, high, rng) } else { (low, high) };
        let number = low_end + rng.random::<f64>() * (high_end - low_end);
        // Whole numbers are rounded; what cannot be one of them lies outside the ends, and the ends are.
        T::of(number).or_else(|| T::of(number.round())).unwrap_or(self.low)
    }
}

/// One of the doublings that lead from `low` to `high`.
fn octave(low: f64, high: f64, rng: &mut ChaCha8Rng) -> (f64, f64) {
    let mut starts = vec![low];
    while let Some(last) = starts.last().filter(|last| **last * 2.0 < high) {
        starts.push(last * 2.0);
    }
    let start = starts[rng.random_range(0..starts.len())];
    (start, (start * 2.0).min(high))
}

impl<T: Number + Serialize> Serialize for Range<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.low == self.high {
            return self.low.serialize(serializer);
        }
        let mut ends = serializer.serialize_seq(Some(2))?;
        ends.serialize_element(&self.low)?;
        ends.serialize_element(&self.high)?;
        ends.end()
    }
}

impl<'de, T: Number> Deserialize<'de> for Range<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Ends(std::marker::PhantomData))
    }
}

struct Ends<T>(std::marker::PhantomData<T>);

impl<'de, T: Number> Visitor<'de> for Ends<T> {
    type Value = Range<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a number, or the two ends of a range to draw it from")
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Range<T>, E> {
        self.visit_f64(number as f64)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Range<T>, E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Range<T>, E> {
        T::of(number).map(Range::just).ok_or_else(|| E::custom(format!("{number} is not a number that can stand here")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut ends: A) -> Result<Range<T>, A::Error> {
        let mut next = || ends.next_element::<Single<T>>()?.ok_or_else(|| A::Error::custom("a range has two ends: [low, high]"));
        let (low, high) = (next()?.0, next()?.0);
        match ends.next_element::<Single<T>>()?.is_none() && low <= high {
            true => Ok(Range { low, high }),
            false => Err(A::Error::custom("a range has two ends, the lower one first: [low, high]")),
        }
    }
}

/// One end of a range.
struct Single<T>(T);

impl<'de, T: Number> Deserialize<'de> for Single<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        T::of(number).map(Single).ok_or_else(|| D::Error::custom(format!("{number} is not a number that can stand here")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng;

    #[derive(Deserialize, Serialize)]
    struct Line {
        n: Range<u32>,
        share: Range<f64>,
    }

    #[test]
    fn numbers_and_ranges_read_back_as_themselves() {
        for text in ["n = 3\nshare = 0.5\n", "n = [4, 200]\nshare = [0.01, 0.05]\n"] {
            assert_eq!(toml::to_string(&toml::from_str::<Line>(text).unwrap()).unwrap(), text);
        }
        for text in ["n = [2, 1]\nshare = 0", "n = -1\nshare = 0", "n = [1]\nshare = 0", "n = [1, 2, 3]\nshare = 0", "n = 0.5\nshare = 0"] {
            assert!(toml::from_str::<Line>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn draws_stay_within_their_ends_and_wide_ranges_are_drawn_by_orders_of_magnitude() {
        let mut rng = rng::stream(1, &["test"]);
        let draws: Vec<u32> = (0..2000).map(|_| Range::of(4u32, 400).draw(&mut rng)).collect();
        assert!(draws.iter().all(|draw| (4..=400).contains(draw)));
        let low = draws.iter().filter(|draw| **draw < 40).count();
        assert!((800..1200).contains(&low), "{low} of 2000 are below 40");
        assert!((0..100).all(|_| (0.1..=0.2).contains(&Range::of(0.1, 0.2).draw(&mut rng))));
    }
}
