//! What can go wrong on our side: a world file that cannot be meant, a name that the world does not have, a disk that refuses.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The world file: one sentence that says what is wrong, with the line where that is known.
    #[error("world file: {0}")]
    World(String),
    #[error("there is no built-in world {name:?}; there are {}", known.join(", "))]
    NoSuchWorld { name: String, known: Vec<&'static str> },
    #[error("the world has no target {0:?}")]
    NoSuchTarget(String),
    #[error("could not make a certificate of the simulated world: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("could not write {path}: {source}")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("could not write a record: {0}")]
    Record(#[from] std::io::Error),
}

/// A sentence about the world file.
pub(crate) fn wrong(sentence: impl Into<String>) -> Error {
    Error::World(sentence.into())
}

/// A name that goes into pages and lists.
pub(crate) fn check_name(place: &str, name: &str) -> Result<(), Error> {
    let plain = name.chars().all(|character| !character.is_control() && !"<>&\"".contains(character));
    match plain && (1..=200).contains(&name.len()) {
        true => Ok(()),
        false => Err(wrong(format!("{place}: {name:?} must be 1 to 200 plain characters without <, >, & and quotes"))),
    }
}
