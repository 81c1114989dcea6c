//! Draws whoever acts on nettests that are run beside the others, after all censors and by draws of its own: the rest of a world is the same
//! without.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::censors::{hour_within, meets, scope, span};
use super::{DrawBeside, DrawFile, stream};
use crate::error::wrong;
use crate::world_file::{CensorFile, WorldFile};
use crate::{Error, time};

pub(crate) fn draw(file: &mut WorldFile, wanted: &DrawFile) -> Result<(), Error> {
    for (number, kind) in wanted.beside.iter().enumerate() {
        let rng = &mut stream(file.seed, &["beside", &number.to_string()]);
        for _ in 0..kind.count.draw(rng) {
            let drawn = censor(file, kind, rng)?;
            file.censor.extend(drawn);
        }
    }
    Ok(())
}

/// None where somebody does something to these targets already.
fn censor(file: &WorldFile, kind: &DrawBeside, rng: &mut ChaCha8Rng) -> Result<Option<CensorFile>, Error> {
    if kind.mechanisms.is_empty() {
        return Err(wrong("[[draw.beside]] needs `mechanisms`"));
    }
    let mechanism = kind.mechanisms[rng.random_range(0..kind.mechanisms.len())].clone();
    let (countries, networks) = scope(file, kind.national, rng);
    let (first, last) = span(file)?;
    let from = rng.random_bool(kind.begins).then(|| hour_within(first, last, rng)).map(time::rfc3339);
    let is_taken =
        |known: &CensorFile| known.targets.iter().any(|target| kind.targets.contains(target)) && meets(file, known, &countries, &networks);
    if file.censor.iter().any(is_taken) {
        return Ok(None);
    }
    Ok(Some(CensorFile { mechanism, countries, networks, targets: kind.targets.clone(), from, ..CensorFile::default() }))
}
