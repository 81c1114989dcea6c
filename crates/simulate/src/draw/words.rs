//! Names that nobody has: words of syllables, for countries, networks and sites.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::pages::SYLLABLES;

/// Letters that a name in the DNS needs a second spelling for.
const BEYOND_ASCII: [&str; 5] = ["ñ", "ø", "ü", "ж", "म"];

pub(crate) fn word(rng: &mut ChaCha8Rng, syllables: usize) -> String {
    (0..syllables).map(|_| SYLLABLES[rng.random_range(0..SYLLABLES.len())]).collect()
}

/// With a capital.
pub(crate) fn name(rng: &mut ChaCha8Rng) -> String {
    let word = word(rng, 3);
    word[..1].to_uppercase() + &word[1..]
}

/// `kamiro-solten-17.example`; the number keeps it apart from all others.
pub(crate) fn host(rng: &mut ChaCha8Rng, number: usize) -> String {
    let foreign = if rng.random_bool(0.03) { BEYOND_ASCII[rng.random_range(0..BEYOND_ASCII.len())] } else { "" };
    format!("{}{foreign}-{}-{number}.example", word(rng, 2), word(rng, 2))
}
