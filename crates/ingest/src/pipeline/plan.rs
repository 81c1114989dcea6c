//! What has to be read of a group of inputs, and what the archive will know about them.
//!
//! A file is known by its digest. A digest that was read before is not read again, unless bodies were searched for other fingerprints
//! then, or the file now shows up under a name that comes first: rows carry the first of its names, so that it does not matter which
//! copy was ingested when.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use parallax_archive::{self as archive, Input, KeptRaw, Snapshot};

use super::digest::DigestedFile;

/// The name of the standard input.
pub const STREAM_NAME: &str = "-";

/// One input of a group, with its digest known.
pub enum Found {
    File(DigestedFile),
    /// Bytes that lie in the stage now: of the standard input, or of a file that is kept.
    Copy {
        path: Option<PathBuf>,
        kept: KeptRaw,
    },
}

/// All inputs of a group that have one digest.
pub struct Planned {
    pub digest: String,
    /// The name that its rows carry.
    pub name: String,
    pub bytes: u64,
    locations: BTreeSet<PathBuf>,
    found: Found,
    /// What the archive knows of it.
    known: Option<Box<Input>>,
    pub action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was never read.
    Read,
    /// It was read and has to be read again: its old rows go.
    ReadAgain,
    /// It was read.
    Skip,
}

/// What was counted in one file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub records: u64,
    pub rejected: u64,
    pub observations: u64,
    /// Decompressed.
    pub bytes: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.rejected += other.rejected;
        self.observations += other.observations;
        self.bytes += other.bytes;
    }
}

impl Found {
    pub fn digest(&self) -> &str {
        match self {
            Self::File(file) => &file.digest,
            Self::Copy { kept, .. } => &kept.source_digest,
        }
    }

    pub fn bytes(&self) -> u64 {
        match self {
            Self::File(file) => file.bytes,
            Self::Copy { kept, .. } => kept.bytes,
        }
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Self::File(file) => Some(&file.path),
            Self::Copy { path, .. } => path.as_deref(),
        }
    }

    fn name(&self) -> String {
        let name = self.path().and_then(Path::file_name);
        name.map_or_else(|| STREAM_NAME.to_owned(), |name| name.to_string_lossy().into_owned())
    }
}

/// The inputs whose bodies were searched for other fingerprints than these: a place where the bytes of each may still lie, and `None` for
/// those that lie nowhere.
pub fn read_with_other_fingerprints(
    snapshot: &Snapshot,
    fingerprints_digest: &str,
) -> Result<impl Iterator<Item = Result<Option<PathBuf>, archive::Error>>, archive::Error> {
    let place = |input: Input| input.locations.into_iter().find(|path| path.is_file());
    let is_other = move |input: &Input| input.fingerprints_digest.as_deref() != Some(fingerprints_digest);
    let others = snapshot.inputs()?.filter(move |input| input.as_ref().map_or(true, is_other));
    Ok(others.map(move |input| input.map(place)))
}

/// Puts the inputs of a group together by digest and compares them with what was read before.
pub fn plan(found: Vec<Found>, mut known: BTreeMap<String, Input>, fingerprints_digest: &str) -> Vec<Planned> {
    let mut by_digest: BTreeMap<String, Planned> = BTreeMap::new();
    for found in found {
        let name = found.name();
        let location = found.path().and_then(|path| std::path::absolute(path).ok());
        let planned = by_digest.entry(found.digest().to_owned()).or_insert_with(|| Planned {
            digest: found.digest().to_owned(),
            name: name.clone(),
            bytes: found.bytes(),
            locations: BTreeSet::new(),
            found,
            known: None,
            action: Action::Read,
        });
        planned.locations.extend(location);
        planned.name = first_name(std::mem::take(&mut planned.name), name);
    }
    let mut planned: Vec<_> = by_digest.into_values().collect();
    planned.iter_mut().for_each(|planned| planned.compare(known.remove(&planned.digest), fingerprints_digest));
    planned
}

impl Planned {
    fn compare(&mut self, known: Option<Input>, fingerprints_digest: &str) {
        let Some(known) = known else { return };
        self.name = first_name(std::mem::take(&mut self.name), known.name.clone());
        let same = self.name == known.name && known.fingerprints_digest.as_deref() == Some(fingerprints_digest);
        self.action = if same { Action::Skip } else { Action::ReadAgain };
        self.known = Some(Box::new(known));
    }

    /// Where the input is read from; nothing for a copy, which the stage opens.
    pub fn file(&self) -> Option<&DigestedFile> {
        match &self.found {
            Found::File(file) => Some(file),
            Found::Copy { .. } => None,
        }
    }

    /// What people know it as.
    pub fn shown(&self) -> &Path {
        self.found.path().unwrap_or(Path::new(STREAM_NAME))
    }

    /// The input as the archive will know it.
    pub fn into_input(self, counts: Counts, fingerprints_digest: &str) -> Input {
        let mut input = self.known.map_or_else(Input::default, |known| *known);
        input.sha256 = self.digest;
        input.name = self.name;
        // Where it was seen last is where it will be found.
        let room = Input::MOST_LOCATIONS.saturating_sub(self.locations.len());
        let before: Vec<PathBuf> = input.locations.difference(&self.locations).take(room).cloned().collect();
        input.locations = self.locations.into_iter().chain(before).collect();
        input.bytes = self.bytes;
        if self.action != Action::Skip {
            input.records = counts.records;
            input.rejected = counts.rejected;
            input.fingerprints_digest = Some(fingerprints_digest.to_owned());
        }
        input
    }
}

/// The name that comes first; that of a stream comes last, because it tells nothing.
fn first_name(a: String, b: String) -> String {
    std::cmp::min_by_key(a, b, |name| (name == STREAM_NAME, name.clone()))
}
