//! Runs: sorted rows on disk, of one table, on their way into partitions.
//!
//! A run is one Arrow stream, compressed, whose batches are ordered by partition and then by sort key and never span two partitions.
//! It is read from front to back once, and never outlives the process that wrote it.

use std::cmp::Ordering;
use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use crate::assemble::{Assembled, Assembler};
use crate::merge::{Merge, Sorted};
use crate::order::{KeyedBatch, Order};
use crate::partition::{Partition, Partitioner};
use crate::{Error, fault};

/// Runs that are merged at once. Each keeps a batch, a decompressor and an open file.
const FAN_IN: usize = 32;
/// Bytes that the batches of runs being merged may take together. Only rows of many megabytes come near it.
const FAN_IN_BYTES: usize = 64 << 20;

/// Runs are written once and read once: the fastest level is the right one.
const ZSTD_LEVEL: i32 = 1;
const BUFFER_BYTES: usize = 64 << 10;

/// A finished run.
pub struct Run {
    path: PathBuf,
    /// The partitions in it and the number of batches of each.
    partitions: Vec<(Partition, usize)>,
    /// Bytes of the largest batch in it.
    widest: usize,
}

/// Sorted rows in memory.
pub struct Held {
    batches: Vec<Arc<KeyedBatch>>,
    stretches: Vec<Stretch>,
}

/// Rows of one batch that follow each other, in order.
#[derive(Clone, Copy)]
struct Stretch {
    partition: Partition,
    batch: u32,
    start: u32,
    end: u32,
}

impl Held {
    /// Sorts rows. What one measurement made mostly stands together in order already, so only such stretches are sorted, and single rows
    /// only when some of them overlap.
    pub fn sort(order: &Order, batches: Vec<RecordBatch>) -> Result<Self, Error> {
        let partitioner = Partitioner::of(order.table());
        let batches = batches.into_iter().map(|batch| order.keyed(batch).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        let mut held = Self { batches, stretches: Vec::new() };
        held.cut(&partitioner, KeyedBatch::continues);
        held.sort_stretches();
        if held.stretches.windows(2).any(|pair| held.overlap(pair[0], pair[1])) {
            held.stretches.clear();
            held.cut(&partitioner, |_, _| false);
            held.sort_stretches();
        }
        Ok(held)
    }

    /// Cuts the batches into stretches; a row for which `continues` is true belongs to that of the row above it.
    fn cut(&mut self, partitioner: &Partitioner, continues: impl Fn(&KeyedBatch, usize) -> bool) {
        for (batch, keyed) in self.batches.iter().enumerate() {
            for (row, partition) in partitioner.partitions(&keyed.batch).enumerate() {
                let (batch, start) = (batch as u32, row as u32);
                match self.stretches.last_mut() {
                    Some(last) if row > 0 && last.partition == partition && continues(keyed, row) => last.end += 1,
                    _ => self.stretches.push(Stretch { partition, batch, start, end: start + 1 }),
                }
            }
        }
    }

    fn sort_stretches(&mut self) {
        let mut stretches = std::mem::take(&mut self.stretches);
        stretches.sort_unstable_by(|a, b| a.partition.cmp(&b.partition).then_with(|| self.compare((*a, a.start), (*b, b.start))));
        self.stretches = stretches;
    }

    fn overlap(&self, above: Stretch, below: Stretch) -> bool {
        above.partition == below.partition && self.compare((above, above.end - 1), (below, below.start)) == Ordering::Greater
    }

    fn compare(&self, a: (Stretch, u32), b: (Stretch, u32)) -> Ordering {
        let batch = |stretch: Stretch| &self.batches[stretch.batch as usize];
        batch(a.0).compare_key(a.1 as usize, batch(b.0), b.1 as usize)
    }

    pub fn partitions(&self) -> impl Iterator<Item = Partition> {
        self.stretches.chunk_by(|a, b| a.partition == b.partition).map(|stretches| stretches[0].partition)
    }

    /// The rows of a partition; nothing when there are none.
    pub fn rows<'a>(&'a self, order: &'a Order, partition: Partition) -> impl Iterator<Item = Result<Assembled, Error>> + use<'a> {
        let first = self.stretches.partition_point(|stretch| stretch.partition < partition);
        let count = self.stretches[first..].partition_point(|stretch| stretch.partition == partition);
        let stretches = &self.stretches[first..first + count];
        let mut rows = stretches.iter().flat_map(|stretch| (stretch.start..stretch.end).map(|row| (stretch.batch, row)));
        let mut assembler = Assembler::default();
        std::iter::from_fn(move || {
            for (batch, row) in rows.by_ref() {
                assembler.pick(&self.batches[batch as usize], row as usize);
                if assembler.is_full() {
                    break;
                }
            }
            assembler.take(order).transpose()
        })
    }
}

/// Sorts rows and writes them as a run.
pub fn spill(order: &Order, batches: Vec<RecordBatch>, path: PathBuf) -> Result<Run, Error> {
    let held = Held::sort(order, batches)?;
    let mut writer = RunWriter::create(order, path)?;
    for partition in held.partitions() {
        for assembled in held.rows(order, partition) {
            writer.write(partition, &assembled?)?;
        }
    }
    writer.finish()
}

/// Merges runs until so few are left that they can be merged into partitions at once. Which runs are merged first changes nothing.
pub fn reduce(order: &Order, runs: Vec<Run>, mut next_path: impl FnMut() -> PathBuf) -> Result<Vec<Run>, Error> {
    let mut runs = VecDeque::from(runs);
    while runs.len() > at_once(&runs) {
        let some: Vec<Run> = runs.drain(..at_once(&runs)).collect();
        let merged = merge_into_one(order, &some, next_path())?;
        for run in some {
            fs::remove_file(&run.path).map_err(|error| Error::disk("remove", &run.path, error))?;
        }
        runs.push_back(merged);
    }
    Ok(runs.into())
}

/// How many of these runs, from the first, can be merged together: two at least, or there would be no end.
fn at_once(runs: &VecDeque<Run>) -> usize {
    let mut bytes = 0;
    let fit = |run: &&Run| {
        bytes += run.widest;
        bytes <= FAN_IN_BYTES
    };
    runs.iter().take(FAN_IN).take_while(fit).count().max(2)
}

fn merge_into_one(order: &Order, runs: &[Run], path: PathBuf) -> Result<Run, Error> {
    let mut readers = open_all(runs)?;
    let mut writer = RunWriter::create(order, path)?;
    for partition in partitions(runs) {
        let sources = readers.iter_mut().filter_map(|reader| reader.batches(partition)).collect();
        for assembled in Merge::new(order, sources)? {
            writer.write(partition, &assembled?)?;
        }
    }
    writer.finish()
}

/// The partitions that occur in runs, in order.
pub fn partitions(runs: &[Run]) -> BTreeSet<Partition> {
    runs.iter().flat_map(|run| &run.partitions).map(|(partition, _)| *partition).collect()
}

pub fn open_all(runs: &[Run]) -> Result<Vec<RunReader>, Error> {
    runs.iter().map(RunReader::open).collect()
}

struct RunWriter {
    path: PathBuf,
    stream: StreamWriter<zstd::Encoder<'static, BufWriter<File>>>,
    partitions: Vec<(Partition, usize)>,
    widest: usize,
}

impl RunWriter {
    fn create(order: &Order, path: PathBuf) -> Result<Self, Error> {
        let create = || {
            let file = BufWriter::with_capacity(BUFFER_BYTES, File::create(&path)?);
            StreamWriter::try_new(zstd::Encoder::new(file, ZSTD_LEVEL)?, &order.table().schema())
        };
        let stream = create().map_err(|error| Error::writing(&path, error))?;
        Ok(Self { path, stream, partitions: Vec::new(), widest: 0 })
    }

    fn write(&mut self, partition: Partition, assembled: &Assembled) -> Result<(), Error> {
        self.stream.write(&assembled.batch).map_err(|error| Error::writing(&self.path, error))?;
        self.widest = self.widest.max(assembled.bytes);
        match self.partitions.last_mut() {
            Some((last, batches)) if *last == partition => *batches += 1,
            _ => self.partitions.push((partition, 1)),
        }
        Ok(())
    }

    fn finish(self) -> Result<Run, Error> {
        let finish = || self.stream.into_inner()?.finish()?.flush().map_err(arrow::error::ArrowError::from);
        finish().map_err(|error| Error::writing(&self.path, error))?;
        fault::step("a run is written");
        Ok(Run { path: self.path, partitions: self.partitions, widest: self.widest })
    }
}

/// Reads a run partition by partition, in their order.
pub struct RunReader {
    path: PathBuf,
    stream: StreamReader<zstd::Decoder<'static, BufReader<File>>>,
    partitions: VecDeque<(Partition, usize)>,
}

impl RunReader {
    fn open(run: &Run) -> Result<Self, Error> {
        let stream = open_stream(&run.path).map_err(|error| Error::reading(&run.path, error))?;
        Ok(Self { path: run.path.clone(), stream, partitions: run.partitions.iter().copied().collect() })
    }

    /// The batches of a partition, if it is the next in this run. They must be read to their end before the next is asked for.
    pub fn batches(&mut self, partition: Partition) -> Option<Sorted<'_>> {
        let (_, batches) = self.partitions.pop_front_if(|(next, _)| *next == partition)?;
        let path = &self.path;
        Some(Box::new(self.stream.by_ref().take(batches).map(|batch| batch.map_err(|error| Error::reading(path, error)))))
    }
}

fn open_stream(path: &Path) -> Result<StreamReader<zstd::Decoder<'static, BufReader<File>>>, arrow::error::ArrowError> {
    let file = BufReader::with_capacity(BUFFER_BYTES, File::open(path)?);
    StreamReader::try_new(zstd::Decoder::with_buffer(file)?, None)
}
