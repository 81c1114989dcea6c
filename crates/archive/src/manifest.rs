//! The manifest: which files the archive consists of.
//!
//! **Invariant:** a manifest that was read names only paths inside the archive, whoever wrote it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use parallax_model::Table;
use serde::{Deserialize, Serialize};

use crate::inputs::InputList;
use crate::{Error, disk, layout};

/// Grows when an archive written by this program can no longer be read by the one before it, be it for a column or for this file.
pub const FORMAT_VERSION: u32 = 2;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    pub format_version: u32,
    /// How many commits there were.
    pub generation: u64,
    /// What was read; nothing when nothing was.
    pub inputs: Option<InputList>,
    /// The files of each table, by partition (`XA/2024-02-12`, `2024-02-12`, `all`), in the order of their rows.
    pub tables: BTreeMap<String, BTreeMap<String, Vec<DataFile>>>,
    /// What later stages note about what they made, under keys of their own.
    pub derived: BTreeMap<String, String>,
    pub refdata: Vec<RefdataFile>,
}

/// One file of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Relative to the archive.
    pub path: String,
    pub sha256: String,
    pub rows: u64,
    pub bytes: u64,
    /// The earliest `measurement_start_time` in it, in microseconds since 1970; missing for tables without that column.
    pub earliest: Option<i64>,
    /// The latest one.
    pub latest: Option<i64>,
}

/// One file of reference data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefdataFile {
    /// What it is, in the words of whoever reads it.
    pub kind: String,
    /// Its name where it came from.
    pub name: String,
    /// Relative to the archive.
    pub path: String,
    pub sha256: String,
    pub bytes: u64,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            format_version: FORMAT_VERSION,
            generation: 0,
            inputs: None,
            tables: BTreeMap::new(),
            derived: BTreeMap::new(),
            refdata: Vec::new(),
        }
    }
}

impl Manifest {
    /// Reads the manifest of the archive in `dir`.
    pub(crate) fn read(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(layout::MANIFEST);
        let bytes = match fs::read(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(Error::NotFound { dir: dir.to_owned() });
            }
            result => result.map_err(|error| Error::disk("read", &path, error))?,
        };
        check_format(&path, &bytes)?;
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| damaged(&path, error.to_string()))?;
        match manifest.misplaced() {
            Some((folder, named)) => Err(damaged(&path, format!("it names {named:?}, which is not in the archive's folder {folder:?}"))),
            None => Ok(manifest),
        }
    }

    /// A path that leads out of the folder for what it names, and that folder.
    fn misplaced(&self) -> Option<(&'static str, &str)> {
        let tables = self.data_files().map(|file| (layout::TABLES, file.path.as_str()));
        let inputs = self.inputs.iter().map(|list| (layout::INPUTS, list.path.as_str()));
        let refdata = self.refdata.iter().map(|file| (layout::REFDATA, file.path.as_str()));
        tables.chain(inputs).chain(refdata).find(|(folder, path)| !layout::is_inside(folder, path))
    }

    /// Makes this the manifest of the archive in `dir`: the instant of a commit.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), Error> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a manifest is plain data");
        bytes.push(b'\n');
        disk::replace_file(&dir.join(layout::MANIFEST), &dir.join(layout::NEXT_MANIFEST), &bytes)
    }

    /// The files of one partition, in the order of their rows.
    pub fn files(&self, table: &Table, partition: &str) -> &[DataFile] {
        self.tables.get(table.name).and_then(|partitions| partitions.get(partition)).map_or(&[], Vec::as_slice)
    }

    /// Sets the files of one partition; one without files is not named.
    pub(crate) fn set_files(&mut self, table: &str, partition: &str, files: Vec<DataFile>) {
        let partitions = self.tables.entry(table.to_owned()).or_default();
        match files.is_empty() {
            true => partitions.remove(partition),
            false => partitions.insert(partition.to_owned(), files),
        };
        self.tables.retain(|_, partitions| !partitions.is_empty());
    }

    pub(crate) fn data_files(&self) -> impl Iterator<Item = &DataFile> {
        self.tables.values().flat_map(BTreeMap::values).flatten()
    }

    /// Every file that the manifest names. Copies of inputs are named by the list of inputs.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.data_files().map(|file| file.path.as_str()).chain(self.kept_paths())
    }

    /// Every file that it names beside the tables.
    pub(crate) fn kept_paths(&self) -> impl Iterator<Item = &str> {
        let list = self.inputs.iter().map(|list| list.path.as_str());
        list.chain(self.refdata.iter().map(|file| file.path.as_str()))
    }
}

/// Looks at the version before anything else: what a newer program wrote need not even parse.
fn check_format(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Format {
        format_version: u32,
    }
    let format: Format = serde_json::from_slice(bytes).map_err(|error| damaged(path, error.to_string()))?;
    let (path, found, known) = (path.to_owned(), format.format_version, FORMAT_VERSION);
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(Error::NewerFormat { path, found, known }),
        std::cmp::Ordering::Less => Err(Error::OlderFormat { path, found, known }),
    }
}

fn damaged(path: &Path, reason: String) -> Error {
    Error::Damaged { path: path.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Manifest, Error> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(layout::MANIFEST), text).unwrap();
        Manifest::read(dir.path())
    }

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut manifest = Manifest { generation: 7, ..Manifest::default() };
        manifest.inputs = Some(InputList { path: "inputs/ab.jsonl.zst".into(), ..InputList::default() });
        manifest.write(dir.path()).unwrap();
        assert_eq!(Manifest::read(dir.path()).unwrap(), manifest);
    }

    #[test]
    fn a_newer_format_is_refused_even_when_nothing_else_of_it_is_known() {
        let error = read(r#"{"format_version": 99, "tables": "elsewhere"}"#).unwrap_err();
        assert!(matches!(error, Error::NewerFormat { found: 99, .. }), "{error}");
        let error = read(r#"{"format_version": 1, "inputs": {"ab": {}}}"#).unwrap_err();
        assert!(matches!(error, Error::OlderFormat { found: 1, .. }), "{error}");
    }

    #[test]
    fn a_strangers_manifest_cannot_point_outside_of_the_archive() {
        let error =
            read(r#"{"format_version": 2, "refdata": [{"kind": "", "name": "", "path": "../../secret", "sha256": "", "bytes": 0}]}"#)
                .unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
    }

    #[test]
    fn half_a_manifest_is_damaged_and_not_empty() {
        let error = read(r#"{"format_version": 2, "inp"#).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
    }
}
