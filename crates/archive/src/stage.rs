//! A stage: rows and copies of inputs on their way into the archive, in a folder of their own.
//!
//! Rows may be pushed in any order. They are kept in memory, packed, up to a limit, then the fullest table is sorted and written as a
//! run (see [`crate::run`]); the commit merges the runs, and what is still in memory, into partitions.
//!
//! **Invariant:** nothing outside of the stage's folder is touched. A stage that is dropped, or whose process is killed, leaves the
//! archive as it was; the folder goes with it or when the next writer comes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;

use arrow::array::RecordBatch;
use parallax_model::Table;
use parallax_model::packed::PackedRows;

use crate::batches::{BATCH_ROWS, Batches, CutBatch};
use crate::data_file::{PartitionReader, PartitionWriter, PlacedFile};
use crate::held::Held;
use crate::inputs::{self, Input, Inputs};
use crate::limits::Limits;
use crate::merge::{Merge, Sorted};
use crate::parallel::in_parallel;
use crate::partition::{Partition, Partitioner};
use crate::raw::{self, RawCopy};
use crate::run::{self, Run};
use crate::{Error, Manifest, RefdataFile, disk, fault, in_order, layout, refdata};

/// Merged batches that wait to be encoded; each has up to half a megabyte, or a single longer row.
const BATCHES_WAITING: usize = 4;

/// Partitions that are merged at the same time.
const MERGED_AT_ONCE: NonZeroUsize = NonZeroUsize::new(2).expect("two");

/// Rows being gathered for one commit.
pub struct Stage {
    folder: StageFolder,
    limits: Limits,
    tables: BTreeMap<&'static str, Gathered>,
    /// By digest.
    inputs: BTreeMap<String, Input>,
    /// Partitions that get other rows than they have, by table and name.
    replaced: BTreeMap<(&'static str, String), Vec<PlacedFile>>,
}

/// The folder of a stage; removed with it.
struct StageFolder {
    path: PathBuf,
    runs: usize,
}

/// The rows of one table.
struct Gathered {
    table: &'static Table,
    partitioner: Partitioner,
    held: Held,
    runs: Vec<Run>,
}

impl Stage {
    pub(crate) fn create(path: PathBuf) -> Result<Self, Error> {
        for folder in
            [path.clone(), path.join(layout::TABLES), path.join(layout::INPUTS), path.join(layout::RAW), path.join(layout::REFDATA)]
        {
            disk::create_dir(&folder)?;
        }
        let folder = StageFolder { path, runs: 0 };
        Ok(Self { folder, limits: Limits::USUAL, tables: BTreeMap::new(), inputs: BTreeMap::new(), replaced: BTreeMap::new() })
    }

    /// Adds rows of any partitions in any order. Rows that the archive has already are no trouble: they are merged. Memory is bounded
    /// when what is pushed at once is: some megabytes are right.
    pub fn push(&mut self, rows: PackedRows) -> Result<(), Error> {
        let table = rows.table();
        let gathered = self.tables.entry(table.name).or_insert_with(|| Gathered::new(table));
        if !rows.is_empty() {
            gathered.held.push(rows, &gathered.partitioner)?;
        }
        while self.tables.values().map(|gathered| gathered.held.memory()).sum::<usize>() > self.limits.buffer_bytes {
            let fullest = self.tables.values_mut().max_by_key(|gathered| gathered.held.memory()).expect("some table has rows");
            fullest.spill(&mut self.folder)?;
        }
        Ok(())
    }

    /// Notes an input, in the place of what the archive knows of it. [`Input::kept`] is right when it is as the archive has it.
    pub fn note(&mut self, input: Input) {
        self.inputs.insert(input.sha256.clone(), input);
    }

    /// Keeps a copy of an input in the archive, under the digest of the file as it lies. Write the file's bytes, then
    /// [`RawCopy::finish`]; the commit sets [`Input::kept`].
    pub fn keep_raw(&mut self, source_digest: &str) -> Result<RawCopy, Error> {
        RawCopy::create(&self.folder.path.join(layout::RAW), Some(source_digest))
    }

    /// Keeps a copy of a stream, whose digest is known when it ends: [`RawCopy::finish`] tells it.
    pub fn keep_stream(&mut self) -> Result<RawCopy, Error> {
        RawCopy::create(&self.folder.path.join(layout::RAW), None)
    }

    /// Reads a copy that was finished in this stage.
    pub fn open_raw(&self, source_digest: &str) -> Result<Box<dyn Read + Send>, Error> {
        raw::open_copy(&self.folder.path.join(layout::raw_file(source_digest)))
    }

    /// Stores a file of reference data; the caller puts what is returned into [`Manifest::refdata`] when it commits.
    pub fn keep_refdata(&mut self, kind: &str, name: &str, content: &mut dyn Read) -> Result<RefdataFile, Error> {
        refdata::store(&self.folder.path, kind, name, content)
    }

    /// Writes the new rows of a partition, which replace all that it has.
    pub(crate) fn replace(
        &mut self,
        table: &'static Table,
        partition: &str,
        batches: impl Iterator<Item = Result<RecordBatch, Error>>,
    ) -> Result<(), Error> {
        let name = Partition::parse(table.partitioning, partition)
            .ok_or_else(|| Error::rows(table, format!("the table has no partition {partition:?}")))?;
        let files = self.write_partition(table, name, vec![Box::new(in_order::rows_of(table, name, batches))])?;
        files.iter().for_each(|_| fault::step("a file of a partition is written"));
        self.replaced.insert((table.name, name.to_string()), files);
        Ok(())
    }

    /// Writes what every touched partition will hold, and puts it into the next manifest. Returns where those files lie now.
    pub(crate) fn merge_into(&mut self, dir: &Path, next: &mut Manifest) -> Result<Vec<PlacedFile>, Error> {
        let mut placed = Vec::new();
        for ((table, partition), files) in &self.replaced {
            next.set_files(table, partition, files.iter().map(|placed| placed.file.clone()).collect());
        }
        for (partition, files) in self.merge_tables(dir, next)? {
            next.set_files(partition.0, &partition.1, files.iter().map(|placed| placed.file.clone()).collect());
            self.replaced.insert(partition, files);
        }
        placed.extend(std::mem::take(&mut self.replaced).into_values().flatten());
        Ok(placed)
    }

    /// Merges the partitions of all tables, the largest first, so that none is left alone at the end.
    fn merge_tables(&mut self, dir: &Path, next: &Manifest) -> Result<Merged, Error> {
        let mut tables: Vec<Gathered> = std::mem::take(&mut self.tables).into_values().collect();
        for gathered in &mut tables {
            gathered.runs = run::reduce(std::mem::take(&mut gathered.runs), || self.folder.next_run())?;
        }
        let mut partitions: Vec<(&Gathered, Partition)> =
            tables.iter().flat_map(|gathered| gathered.partitions().into_iter().map(move |partition| (gathered, partition))).collect();
        partitions.sort_by_key(|(gathered, partition)| std::cmp::Reverse(gathered.size_of(*partition)));
        let this = &*self;
        let merged = in_parallel(MERGED_AT_ONCE, &partitions, |(gathered, partition)| {
            let (table, name) = (gathered.table, partition.to_string());
            let mut sources = run::sources(&gathered.runs, *partition)?;
            // What is still in memory need not go to the disk and come back.
            sources.push(Box::new(gathered.held.rows(*partition).map(Ok)));
            let present = PartitionReader::new(table, this.present(dir, table, &name, next), None).with_batch_rows(BATCH_ROWS);
            sources.push(Box::new(in_order::rows_of(table, *partition, present)));
            Ok(((table.name, name), this.write_partition(table, *partition, sources)?))
        })?;
        merged.iter().flat_map(|(_, files)| files).for_each(|_| fault::step("a file of a partition is written"));
        Ok(merged)
    }

    /// Merges on this thread while another encodes: the two take about as long.
    fn write_partition(&self, table: &'static Table, partition: Partition, rows: Vec<Sorted<'_>>) -> Result<Vec<PlacedFile>, Error> {
        let folder = self.folder.path.join(layout::TABLES);
        let writer = PartitionWriter::new(&folder, table, partition.to_string(), self.limits);
        let mut batches = Batches::of(table, Merge::new(table, rows)?);
        let (to_encode, merged) = sync_channel::<CutBatch>(BATCHES_WAITING);
        thread::scope(|scope| {
            let encoder = scope.spawn(move || writer.write_all(merged));
            let mut sent = Ok(());
            for batch in &mut batches {
                match batch.map(|batch| to_encode.send(batch)) {
                    Ok(Ok(())) => {}
                    // The encoder has failed, and says why.
                    Ok(Err(_)) => break,
                    Err(error) => {
                        sent = Err(error);
                        break;
                    }
                }
            }
            drop(to_encode);
            let encoded = encoder.join().unwrap_or_else(|panic| resume_unwind(panic));
            sent.and(encoded)
        })
    }

    /// Where the rows lie that a partition has before new ones are merged into it.
    fn present(&self, dir: &Path, table: &'static Table, partition: &str, next: &Manifest) -> Vec<PathBuf> {
        match self.replaced.get(&(table.name, partition.to_owned())) {
            Some(files) => files.iter().map(|placed| placed.at.clone()).collect(),
            None => next.files(table, partition).iter().map(|file| layout::resolve(dir, &file.path)).collect(),
        }
    }

    /// Writes the next list of inputs, where it is another, and names it in the next manifest. Returns the copies of inputs that belong to
    /// it and are not in the archive yet, relative to the stage as they will be to the archive.
    pub(crate) fn list_inputs(&mut self, dir: &Path, next: &mut Manifest) -> Result<Vec<String>, Error> {
        let staged: BTreeSet<String> = disk::files_below(&self.folder.path, layout::RAW)?.into_iter().collect();
        if self.inputs.is_empty() && staged.is_empty() {
            return Ok(Vec::new());
        }
        let old = Inputs::open(dir, next.inputs.as_ref(), None)?;
        let staged = inputs::write(&self.folder.path, old, next.inputs.as_ref(), std::mem::take(&mut self.inputs), &staged)?;
        next.inputs = staged.list;
        Ok(staged.copies)
    }

    /// The files that were finished here beside tables and copies of inputs, relative to the stage as they will be to the archive.
    pub(crate) fn kept_files(&self) -> Result<BTreeSet<String>, Error> {
        let mut kept = disk::files_below(&self.folder.path, layout::INPUTS)?;
        kept.extend(disk::files_below(&self.folder.path, layout::REFDATA)?);
        Ok(kept.into_iter().collect())
    }

    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        layout::resolve(&self.folder.path, path)
    }

    /// Other limits, to try without a large input what only a large one does.
    #[cfg(test)]
    pub(crate) fn limit(&mut self, limits: Limits) {
        self.limits = limits;
    }
}

/// New files of partitions, by table and name of the partition.
type Merged = Vec<((&'static str, String), Vec<PlacedFile>)>;

impl Gathered {
    fn new(table: &'static Table) -> Self {
        Self { table, partitioner: Partitioner::of(table), held: Held::default(), runs: Vec::new() }
    }

    /// The partitions that have new rows.
    fn partitions(&self) -> BTreeSet<Partition> {
        run::partitions(&self.runs).into_iter().chain(self.held.partitions()).collect()
    }

    /// How many bytes of new rows a partition has, roughly.
    fn size_of(&self, partition: Partition) -> u64 {
        run::size_of(&self.runs, partition) + self.held.size_of(partition)
    }

    fn spill(&mut self, folder: &mut StageFolder) -> Result<(), Error> {
        let held = std::mem::take(&mut self.held);
        self.runs.push(run::spill(self.table, &held, folder.next_run())?);
        Ok(())
    }
}

impl StageFolder {
    fn next_run(&mut self) -> PathBuf {
        self.runs += 1;
        self.path.join(format!("run-{}", self.runs))
    }
}

impl Drop for StageFolder {
    fn drop(&mut self) {
        // What cannot be removed now is removed when the next writer comes.
        let _ = fs::remove_dir_all(&self.path);
    }
}
