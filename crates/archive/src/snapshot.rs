//! A snapshot: the archive as one manifest has it, for as long as somebody reads it.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parallax_model::Table;

use crate::data_file::PartitionReader;
use crate::inputs::Inputs;
use crate::lock::ReaderLock;
use crate::raw::{self, InputState};
use crate::{Error, Manifest, container, layout};

/// One state of an archive. Its files stay while the snapshot, a clone of it or a reader made by it lives.
#[derive(Clone, Debug)]
pub struct Snapshot {
    dir: PathBuf,
    manifest: Arc<Manifest>,
    lock: Arc<ReaderLock>,
}

impl Snapshot {
    /// The lock comes first: what the manifest names after that is not removed.
    pub(crate) fn take(dir: &Path) -> Result<Self, Error> {
        let lock = Arc::new(ReaderLock::share(dir)?);
        Ok(Self { dir: dir.to_owned(), manifest: Arc::new(Manifest::read(dir)?), lock })
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The partitions of a table that have rows, in order.
    pub fn partitions(&self, table: &Table) -> impl Iterator<Item = &str> {
        self.manifest.tables.get(table.name).into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// Every file of a table, in the order of partitions and rows; none for a table without rows.
    pub fn files(&self, table: &Table) -> Vec<PathBuf> {
        self.partitions(table).flat_map(|partition| self.partition_files(table, partition)).collect()
    }

    /// The rows of a partition in the table's order, in batches of at most 8192 rows; none for a partition that the table does not have.
    pub fn read(&self, table: &'static Table, partition: &str) -> Result<PartitionReader, Error> {
        Ok(PartitionReader::new(table, self.partition_files(table, partition), Some(self.lock.clone())))
    }

    /// The same with some of the columns only, in the order of the table: the others are not even decompressed.
    pub fn read_columns(&self, table: &'static Table, partition: &str, columns: &'static [&'static str]) -> Result<PartitionReader, Error> {
        Ok(self.read(table, partition)?.with_columns(columns))
    }

    /// What was read, in the order of digests.
    pub fn inputs(&self) -> Result<Inputs, Error> {
        Inputs::open(&self.dir, self.manifest.inputs.as_ref(), Some(self.lock.clone()))
    }

    /// Looks for the bytes of an input, and reads them through to be sure.
    pub fn open_input(&self, source_digest: &str) -> Result<InputState, Error> {
        let digests = BTreeSet::from([source_digest]);
        let input = self.inputs()?.among(&digests).next();
        let input = input.ok_or_else(|| Error::UnknownInput { digest: source_digest.to_owned() })??;
        raw::find(&self.dir, &input, &mut |_| {})
    }

    /// The bytes of one raw record: `length` bytes from `offset` of the decompressed input, as `measurements` has them.
    pub fn record(&self, source_digest: &str, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        let state = self.open_input(source_digest)?;
        let bytes = state.open(source_digest)?;
        read_slice(bytes, offset, length).map_err(|error| Error::disk("read the record in", Path::new(source_digest), error))
    }

    fn partition_files(&self, table: &Table, partition: &str) -> impl Iterator<Item = PathBuf> + use<'_> {
        self.manifest.files(table, partition).iter().map(|file| layout::resolve(&self.dir, &file.path))
    }
}

fn read_slice(bytes: impl Read + 'static, offset: u64, length: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = container::open(bytes, Arc::default())?;
    std::io::copy(&mut bytes.by_ref().take(offset), &mut std::io::sink())?;
    let mut record = Vec::new();
    bytes.take(length).read_to_end(&mut record)?;
    match record.len() as u64 == length {
        true => Ok(record),
        false => Err(std::io::ErrorKind::UnexpectedEof.into()),
    }
}
