//! Reference data in the archive: added as snapshots, and the newest of each file loaded.
//!
//! The manifest lists every snapshot ever added, in that order. Of those with one kind and one name the last is *current*; the others
//! stay, because verdicts name them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use parallax_archive::{Archive, Manifest, RefdataFile, Snapshot};
use parallax_model::refdata::RefData;

use super::kind::{Kind, recognise};
use super::load::{self, NamedSnapshot};
use crate::Error;
use crate::fingerprints::FingerprintMatcher;
use crate::sha256;

/// Adds a file, which becomes the current one of its kind and name. A file that cannot be read is refused.
pub fn add(archive: &Archive, path: &Path) -> Result<RefdataFile, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let snapshot = NamedSnapshot { kind: recognise(&name, &bytes)?, name, digest: sha256::of(&bytes), bytes };
    load::check(&snapshot)?;

    let mut writer = archive.write("parallax refdata add")?;
    let mut stage = writer.stage()?;
    let file = stage.keep_refdata(snapshot.kind.as_str(), &snapshot.name, &mut snapshot.bytes.as_slice())?;
    writer.commit(stage, |manifest| make_current(manifest, &file))?;
    Ok(file)
}

fn make_current(manifest: &mut Manifest, file: &RefdataFile) {
    if current(manifest).contains(&file) {
        return;
    }
    manifest.refdata.retain(|known| known != file);
    manifest.refdata.push(file.clone());
}

/// The last snapshot of each kind and name.
fn current(manifest: &Manifest) -> Vec<&RefdataFile> {
    let newest: BTreeMap<_, _> = manifest.refdata.iter().map(|file| ((&file.kind, &file.name), file)).collect();
    newest.into_values().collect()
}

/// What rules ask, from the current snapshots.
pub fn load_current(archive: &Archive, snapshot: &Snapshot) -> Result<RefData, Error> {
    load::load(&read_current(archive, snapshot, Kind::ALL)?)
}

/// The matcher of the current fingerprints.
pub fn load_matcher(archive: &Archive, snapshot: &Snapshot) -> Result<FingerprintMatcher, Error> {
    load::matcher(&read_current(archive, snapshot, &[Kind::OoniFingerprints])?)
}

/// Reads the current snapshots of some kinds. Kinds that a newer program added are passed over.
fn read_current(archive: &Archive, snapshot: &Snapshot, kinds: &[Kind]) -> Result<Vec<NamedSnapshot>, Error> {
    let mut read = Vec::new();
    for file in current(snapshot.manifest()) {
        if let Ok(kind) = file.kind.parse()
            && kinds.contains(&kind)
        {
            read.push(read_file(archive, kind, file)?);
        }
    }
    Ok(read)
}

fn read_file(archive: &Archive, kind: Kind, file: &RefdataFile) -> Result<NamedSnapshot, Error> {
    let path = archive.dir().join(&file.path);
    let bytes = fs::read(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
    if sha256::of(&bytes) != file.sha256 {
        return Err(Error::DamagedSnapshot { path });
    }
    Ok(NamedSnapshot { kind, name: file.name.clone(), digest: file.sha256.clone(), bytes })
}
