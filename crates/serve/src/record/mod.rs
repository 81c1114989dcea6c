//! The raw record behind a proof, as far as a page may show it: found, compared with its digest, and without what is the volunteer's.

mod lines;
mod place;
mod scrub;
mod secrets;
mod spans;
mod tokens;
mod writer;

#[cfg(test)]
mod tests;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use parallax_archive::{InputState, container};
use parallax_engine::explain::{Source, SourceState};
use parallax_model::sha256;

pub use lines::{Lines, Piece, lines};
pub use scrub::{Scrubbed, Unshown};
pub use secrets::Secrets;

/// Bytes of a record that is looked at: what is longer is no measurement, and was not read as one.
const MOST_BYTES: u64 = 32 << 20;

/// Why there is nothing to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The file is gone, has changed, or was never known.
    Source,
    /// Its bytes are not the ones that were read.
    Other,
    TooLong,
    NotJson,
    TooManyNames,
}

impl Missing {
    /// A sentence for whoever looks for it.
    pub fn why(self, source: &Source) -> &'static str {
        match (self, source.state) {
            (Self::Source, SourceState::Gone) => {
                "The file is gone from where it was read, and the archive keeps no copy, so the record cannot be shown."
            }
            (Self::Source, SourceState::Changed) => {
                "The file has changed since it was read, so the record cannot be shown: it would not be the one that was judged."
            }
            (Self::Source, _) => "The archive does not know where the file lies, so the record cannot be shown.",
            (Self::Other, _) => "What lies at the record's place in the file is not the record that was judged, so it is not shown.",
            (Self::TooLong, _) => "The record is too long to be shown.",
            (Self::NotJson, _) => {
                "The record is no JSON, so nobody can be sure that what identifies the volunteer is taken out of it; it is not shown."
            }
            (Self::TooManyNames, _) => "The record holds so many addresses and names that may be the volunteer's that it is not shown.",
        }
    }
}

/// The record of a proof whose source still has its path.
pub fn read(source: &Source) -> Result<Scrubbed, Missing> {
    let bytes = bytes(source)?;
    scrub::scrub(&bytes).map_err(|unshown| match unshown {
        Unshown::NotJson => Missing::NotJson,
        Unshown::TooMany => Missing::TooManyNames,
    })
}

fn bytes(source: &Source) -> Result<Vec<u8>, Missing> {
    let path = source.path.as_deref().map(Path::new).ok_or(Missing::Source)?;
    let state = match source.state {
        SourceState::Kept => InputState::Kept(path.to_owned()),
        SourceState::Unchanged => InputState::At(path.to_owned()),
        SourceState::Changed | SourceState::Gone | SourceState::Unknown => return Err(Missing::Source),
    };
    if source.length > MOST_BYTES {
        return Err(Missing::TooLong);
    }
    let file = state.open(&source.file_sha256).map_err(|_| Missing::Source)?;
    let bytes = slice(file, source).map_err(|_| Missing::Other)?;
    if sha256::of(&bytes) == source.record_sha256 { Ok(bytes) } else { Err(Missing::Other) }
}

fn slice(file: Box<dyn Read + Send>, source: &Source) -> std::io::Result<Vec<u8>> {
    let mut stream = container::open(file, Arc::default())?;
    std::io::copy(&mut stream.by_ref().take(source.offset), &mut std::io::sink())?;
    let mut bytes = Vec::new();
    stream.take(source.length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
