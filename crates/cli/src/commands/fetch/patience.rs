//! How often and how long to wait for a server: it is other people's.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::trouble::Trouble;

/// Tries in a row that bring nothing.
const TRIES: u32 = 5;
/// Tries for one thing in all, however much each of them brings.
const TRIES_IN_ALL: u32 = 100;
/// Before the second try; doubled before each further one.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest that a server may ask us to wait. Who asks for more is asked another day.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// A count of failed tries for one thing.
#[derive(Default)]
pub struct Patience {
    in_a_row: u32,
    in_all: u32,
}

impl Patience {
    /// The last try has brought something.
    pub fn renew(&mut self) {
        self.in_a_row = 0;
    }

    /// How long to wait before another try, or the trouble, when there should be none.
    pub fn wait(&mut self, trouble: Trouble) -> Result<Duration, Trouble> {
        self.in_a_row += 1;
        self.in_all += 1;
        if !trouble.may_pass() || self.in_a_row >= TRIES || self.in_all >= TRIES_IN_ALL {
            return Err(trouble);
        }
        match trouble {
            Trouble::Busy { wait: Some(asked), .. } if asked > LONGEST_WAIT => Err(trouble),
            Trouble::Busy { wait: Some(asked), .. } => Ok(asked),
            _ => Ok(FIRST_WAIT * 2_u32.pow(self.in_a_row - 1)),
        }
    }
}

/// A pause that one request learns of and all keep: a server that is busy is so for every thread.
#[derive(Default)]
pub struct Pause(Mutex<Option<Instant>>);

impl Pause {
    pub fn begin(&self, length: Duration) {
        let end = Instant::now() + length;
        let mut until = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *until = Some(until.map_or(end, |known| known.max(end)));
    }

    pub fn keep(&self) {
        let until = *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let left = until.map(|end| end.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero());
        if let Some(left) = left {
            std::thread::sleep(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone() -> Trouble {
        Trouble::Unreachable("gone".into())
    }

    fn busy(seconds: u64) -> Trouble {
        Trouble::Busy { answer: "503".into(), wait: Some(Duration::from_secs(seconds)) }
    }

    #[test]
    fn waits_grow_and_end() {
        let mut patience = Patience::default();
        let waits: Vec<_> = std::iter::from_fn(|| patience.wait(gone()).ok()).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000]);
    }

    #[test]
    fn a_server_is_waited_for_as_long_as_it_asks_but_not_for_ever() {
        assert_eq!(Patience::default().wait(busy(7)).unwrap(), Duration::from_secs(7));
        assert!(Patience::default().wait(busy(121)).is_err());
    }

    #[test]
    fn what_does_not_pass_is_not_tried_again() {
        assert!(Patience::default().wait(Trouble::Refused("403".into())).is_err());
    }

    #[test]
    fn a_server_that_trickles_is_left_in_the_end() {
        let mut patience = Patience::default();
        let tries = std::iter::from_fn(|| {
            patience.renew();
            patience.wait(gone()).ok()
        });
        assert_eq!(tries.count(), 99);
    }
}
