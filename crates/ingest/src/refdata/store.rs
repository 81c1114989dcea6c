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
    load::matcher(&read_current(archive, snapshot, Kind::OF_PAGES)?)
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "name,scope,location_found,pattern_type,pattern\n";

    /// Adds a file of this name and content.
    fn add_text(archive: &Archive, name: &str, text: &str) -> Result<RefdataFile, Error> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        add(archive, &folder.path().join(name))
    }

    fn names(archive: &Archive) -> Vec<String> {
        load_current(archive, &archive.snapshot().unwrap()).unwrap().fingerprints.into_keys().collect()
    }

    #[test]
    fn the_newest_of_a_name_is_current_and_the_old_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open_or_create(folder.path()).unwrap();
        let (old, new) = (format!("{HEADER}old,nat,body,contains,page one\n"), format!("{HEADER}new,nat,body,contains,page two\n"));
        let first = add_text(&archive, "http.csv", &old).unwrap();
        add_text(&archive, "other.csv", &format!("{HEADER}other,nat,dns,full,192.0.2.1\n")).unwrap();
        add_text(&archive, "http.csv", &new).unwrap();
        assert_eq!(names(&archive), ["new", "other"]);
        assert!(archive.dir().join(&first.path).exists());

        add_text(&archive, "http.csv", &old).unwrap();
        assert_eq!(names(&archive), ["old", "other"]);
        let snapshot = archive.snapshot().unwrap();
        assert_eq!(load_matcher(&archive, &snapshot).unwrap().matches(&[], b"page one page two"), ["old"]);
        assert_eq!(snapshot.manifest().refdata.len(), 3);
    }

    #[test]
    fn adding_what_is_current_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open_or_create(folder.path()).unwrap();
        let text = "url,category_code\nhttps://example.org/,NEWS\n";
        add_text(&archive, "xa.csv", text).unwrap();
        let generation = archive.snapshot().unwrap().manifest().generation;
        add_text(&archive, "xa.csv", text).unwrap();
        assert_eq!(archive.snapshot().unwrap().manifest().generation, generation);
    }

    #[test]
    fn a_file_that_cannot_be_used_is_refused_with_its_row() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open_or_create(folder.path()).unwrap();
        for (text, message) in [
            (format!("{HEADER}x,nat,body,like,page\n"), "http.csv, line 2: pattern_type is \"like\""),
            (format!("{HEADER}x,nat,body,regexp,(a\n"), "fingerprint x: unclosed group"),
            ("hello".to_owned(), "http.csv is no reference data that Parallax knows"),
        ] {
            let error = add_text(&archive, "http.csv", &text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
        assert!(archive.snapshot().unwrap().manifest().refdata.is_empty());
    }

    #[test]
    fn a_snapshot_that_was_tampered_with_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open_or_create(folder.path()).unwrap();
        let file = add_text(&archive, "http.csv", &format!("{HEADER}x,nat,body,contains,page one\n")).unwrap();
        fs::write(archive.dir().join(&file.path), HEADER).unwrap();
        let error = load_matcher(&archive, &archive.snapshot().unwrap()).map(drop).unwrap_err();
        assert!(matches!(error, Error::DamagedSnapshot { .. }), "{error}");
    }
}
