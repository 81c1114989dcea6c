//! Randomness that depends on nothing but the world's seed and what is drawn for.
//!
//! **Invariant:** two draws for different things never share a stream, so that adding one thing to a world does not change another.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// The stream of one measurement, independent of every other one: measurements could be made in any order or in parallel.
pub(crate) fn measurement(seed: u64, index: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(index.wrapping_add(1));
    rng
}

/// 32 bytes for something with a name, such as the key of a certificate.
pub(crate) fn named(seed: u64, parts: &[&str]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(seed.to_le_bytes());
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().into()
}

/// A stream for something with a name, for what is made once per world.
pub(crate) fn stream(seed: u64, parts: &[&str]) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(named(seed, parts))
}

/// A number in 0..1 that is fixed for four numbers: whether *this* probe has *that* defect. SplitMix64's mixer, cheap enough to be asked
/// for every measurement.
pub(crate) fn fixed_share(seed: u64, a: u64, b: u64, c: u64) -> f64 {
    let mut mixed = seed;
    for part in [a, b, c] {
        mixed = (mixed ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
    }
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn streams_of_two_measurements_differ_and_repeat() {
        let draw = |index| measurement(7, index).random::<u64>();
        assert_ne!(draw(0), draw(1));
        assert_eq!(draw(1), draw(1));
    }

    #[test]
    fn fixed_shares_are_spread_over_zero_to_one() {
        let low = (0..1000).filter(|probe| fixed_share(1, 2, 3, *probe) < 0.25).count();
        assert!((200..300).contains(&low), "{low}");
    }
}
