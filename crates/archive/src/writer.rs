//! The writer: the one process that may change the archive, and the commit.
//!
//! A commit has four parts: new files are written in the stage; they are moved to where they belong; the next manifest takes the name
//! of the old one; files that only the old one named are removed. The third is one rename, and it is the commit: before it the archive
//! is the old one with some unnamed files beside it, after it the new one with some.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use parallax_model::Table;

use crate::data_file::PlacedFile;
use crate::inputs::Inputs;
use crate::lock::WriterLock;
use crate::parallel::in_parallel;
use crate::{Error, FORMAT_VERSION, Manifest, Stage, disk, fault, garbage, layout};

/// Files and folders that the disk is asked to keep at the same time: it writes its journal once for several.
const SYNCED_AT_ONCE: NonZeroUsize = NonZeroUsize::new(8).expect("eight");

/// The right to write, until it is dropped.
pub struct Writer {
    dir: PathBuf,
    manifest: Manifest,
    stages: usize,
    _lock: WriterLock,
}

impl Writer {
    pub(crate) fn take(dir: &Path, who: &str) -> Result<Self, Error> {
        let lock = WriterLock::take(dir, who)?;
        let manifest = Manifest::read(dir)?;
        garbage::clear_stages(dir)?;
        garbage::sweep(dir, &manifest);
        garbage::sweep_copies(dir, &manifest);
        Ok(Self { dir: dir.to_owned(), manifest, stages: 0, _lock: lock })
    }

    /// What was read, in the order of digests.
    pub fn inputs(&self) -> Result<Inputs, Error> {
        Inputs::open(&self.dir, self.manifest.inputs.as_ref(), None)
    }

    /// The manifest as it is; nobody else can change it now.
    pub fn snapshot(&self) -> &Manifest {
        &self.manifest
    }

    /// A new stage. Several can be open; each is committed for itself.
    pub fn stage(&mut self) -> Result<Stage, Error> {
        self.stages += 1;
        Stage::create(self.dir.join(layout::STAGING).join(self.stages.to_string()))
    }

    /// Replaces all rows of a partition when the stage is committed. The rows must be sorted by the table's key and be of this
    /// partition; where some agree in the whole key, one is kept. Rows pushed to the same stage are merged into them. No rows at all
    /// remove the partition.
    pub fn replace_partition<E>(
        &mut self,
        stage: &mut Stage,
        table: &'static Table,
        partition: &str,
        rows: impl Iterator<Item = Result<RecordBatch, E>>,
    ) -> Result<(), Error>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let failed = |error: E| Error::Source { table: table.name, partition: partition.to_owned(), source: error.into() };
        stage.replace(table, partition, rows.map(move |batch| batch.map_err(failed)))
    }

    /// Makes the staged rows and copies part of the archive, together with what `change` notes in the manifest, all or nothing. A
    /// commit that changes nothing leaves every file as it is.
    pub fn commit(&mut self, mut stage: Stage, change: impl FnOnce(&mut Manifest)) -> Result<(), Error> {
        let mut next = self.manifest.clone();
        let placed = stage.merge_into(&self.dir, &mut next)?;
        change(&mut next);
        next.format_version = FORMAT_VERSION;
        next.generation = self.manifest.generation;
        let copies = stage.list_inputs(&self.dir, &mut next)?;
        let kept = self.kept_files(&stage, &next)?;
        if next == self.manifest {
            return Ok(());
        }
        next.generation = next.generation.saturating_add(1);
        self.move_into_place(&stage, &next, placed, [copies, kept].concat())?;
        next.write(&self.dir)?;
        self.manifest = next;
        drop(stage);
        garbage::sweep(&self.dir, &self.manifest);
        Ok(())
    }

    /// The staged files that the next manifest names beside the tables and the archive does not have; an error when one is neither
    /// here nor there.
    fn kept_files(&self, stage: &Stage, next: &Manifest) -> Result<Vec<String>, Error> {
        let staged = stage.kept_files()?;
        let present: BTreeSet<&str> = self.manifest.kept_paths().collect();
        let new = next.kept_paths().filter(|path| !present.contains(path));
        new.map(|path| match staged.contains(path) {
            true => Ok(path.to_owned()),
            false => Err(Error::NotStaged { path: path.to_owned() }),
        })
        .collect()
    }

    /// Moves what is new, and makes it outlive a power cut.
    fn move_into_place(&self, stage: &Stage, next: &Manifest, placed: Vec<PlacedFile>, kept: Vec<String>) -> Result<(), Error> {
        let present: BTreeSet<&str> = self.manifest.paths().collect();
        let named: BTreeSet<&str> = next.paths().collect();
        let mut moves: Vec<(PathBuf, String)> = placed.into_iter().map(|placed| (placed.at, placed.file.path)).collect();
        moves.retain(|(_, path)| named.contains(path.as_str()) && !present.contains(path.as_str()));
        moves.extend(kept.into_iter().map(|path| (stage.resolve(&path), path)));

        in_parallel(SYNCED_AT_ONCE, &moves, |(from, _)| disk::sync_file(from))?;
        let mut folders = BTreeSet::new();
        for (from, path) in &moves {
            let to = layout::resolve(&self.dir, path);
            let folder = to.parent().unwrap_or(&self.dir);
            disk::create_dir(folder)?;
            fs::rename(from, &to).map_err(|error| Error::writing(&to, error))?;
            fault::step("a file is in its place");
            folders.extend(folder.ancestors().take_while(|folder| folder.starts_with(&self.dir)).map(Path::to_owned));
        }
        // In any order: nothing in them counts before the manifest names it.
        let folders: Vec<PathBuf> = folders.into_iter().collect();
        in_parallel(SYNCED_AT_ONCE, &folders, |folder| disk::sync_dir(folder)).map(|_| ())
    }
}

/// A writer that reads a snapshot of its own while it commits keeps its own sweeper out; by now it has let go of it.
impl Drop for Writer {
    fn drop(&mut self) {
        // As it lies on the disk: a commit that failed at its very end has changed it nevertheless.
        if let Ok(manifest) = Manifest::read(&self.dir) {
            garbage::sweep(&self.dir, &manifest);
        }
    }
}
