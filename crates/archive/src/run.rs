//! Runs: sorted rows on disk, of one table, on their way into partitions.
//!
//! A run has one Arrow stream for each partition, ordered by sort key, and knows where each begins: partitions are merged beside each
//! other. It is not compressed, because it is written once, read once, and never outlives the process that wrote it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use crate::assemble::{Assembled, Assembler};
use crate::merge::{Merge, Sorted};
use crate::order::{KeyedBatch, Order};
use crate::partition::{Partition, Partitioner};
use crate::{Error, fault};

/// Runs that are merged at once. Each keeps a batch and an open file.
const FAN_IN: usize = 32;
/// Bytes that the batches of runs being merged may take together, in each of the partitions that are merged beside each other. Only rows
/// of many megabytes come near it.
const FAN_IN_BYTES: usize = 32 << 20;
const BUFFER_BYTES: usize = 64 << 10;

/// A finished run.
pub struct Run {
    path: PathBuf,
    /// Where the rows of each partition begin.
    partitions: BTreeMap<Partition, u64>,
    /// Bytes of the largest batch in it.
    widest: usize,
}

/// Rows in memory, which are sorted when they are asked for.
pub struct Held {
    batches: Vec<Arc<KeyedBatch>>,
    stretches: BTreeMap<Partition, Vec<Stretch>>,
}

/// Rows of one batch that follow each other, in order.
#[derive(Clone, Copy)]
struct Stretch {
    batch: u32,
    start: u32,
    end: u32,
}

impl Held {
    pub fn of(order: &Order, batches: Vec<RecordBatch>) -> Result<Self, Error> {
        let partitioner = Partitioner::of(order.table());
        let batches = batches.into_iter().map(|batch| order.keyed(batch).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        let mut held = Self { batches, stretches: BTreeMap::new() };
        for (number, keyed) in held.batches.iter().enumerate() {
            let mut last: Option<(Partition, Stretch)> = None;
            for (row, partition) in partitioner.partitions(&keyed.batch).enumerate() {
                match &mut last {
                    Some((of_last, stretch)) if *of_last == partition && keyed.continues(row) => stretch.end += 1,
                    _ => {
                        let next = Stretch { batch: number as u32, start: row as u32, end: row as u32 + 1 };
                        if let Some((partition, stretch)) = last.replace((partition, next)) {
                            held.stretches.entry(partition).or_default().push(stretch);
                        }
                    }
                }
            }
            if let Some((partition, stretch)) = last {
                held.stretches.entry(partition).or_default().push(stretch);
            }
        }
        Ok(held)
    }

    /// The rows of a partition, sorted. What one measurement made mostly stands together in order already, so only such stretches are
    /// sorted, and single rows only when some of them overlap.
    fn sorted(&self, partition: Partition) -> Vec<Stretch> {
        let mut stretches = self.stretches.get(&partition).cloned().unwrap_or_default();
        stretches.sort_unstable_by(|a, b| self.key(*a, a.start).cmp(self.key(*b, b.start)));
        let overlap = |pair: &[Stretch]| self.key(pair[0], pair[0].end - 1) > self.key(pair[1], pair[1].start);
        if !stretches.windows(2).any(overlap) {
            return stretches;
        }
        let rows =
            stretches.iter().flat_map(|stretch| (stretch.start..stretch.end).map(|row| (self.key(*stretch, row), stretch.batch, row)));
        let mut rows: Vec<(&[u8], u32, u32)> = rows.collect();
        rows.sort_unstable();
        rows.into_iter().map(|(_, batch, row)| Stretch { batch, start: row, end: row + 1 }).collect()
    }

    fn key(&self, stretch: Stretch, row: u32) -> &[u8] {
        self.batches[stretch.batch as usize].key(row as usize)
    }

    pub fn partitions(&self) -> impl Iterator<Item = Partition> {
        self.stretches.keys().copied()
    }

    /// The rows of a partition; nothing when there are none.
    pub fn rows<'a>(&'a self, order: &'a Order, partition: Partition) -> impl Iterator<Item = Result<Assembled, Error>> + use<'a> {
        let stretches = self.sorted(partition).into_iter();
        let mut rows = stretches.flat_map(|stretch| (stretch.start..stretch.end).map(move |row| (stretch.batch, row)));
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
    let held = Held::of(order, batches)?;
    let mut writer = RunWriter::create(path)?;
    for partition in held.partitions() {
        writer.write(order, partition, held.rows(order, partition))?;
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
    let mut writer = RunWriter::create(path)?;
    for partition in partitions(runs) {
        writer.write(order, partition, Merge::new(order, sources(runs, partition)?)?)?;
    }
    writer.finish()
}

/// The partitions that occur in runs, in order.
pub fn partitions(runs: &[Run]) -> BTreeSet<Partition> {
    runs.iter().flat_map(|run| run.partitions.keys()).copied().collect()
}

/// What runs have of a partition.
pub fn sources(runs: &[Run], partition: Partition) -> Result<Vec<Sorted<'_>>, Error> {
    runs.iter().filter_map(|run| run.open(partition).transpose()).collect()
}

impl Run {
    /// The batches of a partition, if this run has any.
    fn open(&self, partition: Partition) -> Result<Option<Sorted<'_>>, Error> {
        let Some(start) = self.partitions.get(&partition) else { return Ok(None) };
        let open = || {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(*start))?;
            StreamReader::try_new(BufReader::with_capacity(BUFFER_BYTES, file), None)
        };
        let failed = |error: ArrowError| Error::reading(&self.path, error);
        let stream = open().map_err(failed)?;
        Ok(Some(Box::new(stream.map(move |batch| batch.map_err(failed)))))
    }
}

struct RunWriter {
    path: PathBuf,
    file: Counted,
    partitions: BTreeMap<Partition, u64>,
    widest: usize,
}

/// A file that knows how much was written to it.
struct Counted {
    file: BufWriter<File>,
    bytes: u64,
}

impl RunWriter {
    fn create(path: PathBuf) -> Result<Self, Error> {
        let file = File::create(&path).map_err(|error| Error::writing(&path, error))?;
        let file = Counted { file: BufWriter::with_capacity(BUFFER_BYTES, file), bytes: 0 };
        Ok(Self { path, file, partitions: BTreeMap::new(), widest: 0 })
    }

    fn write(&mut self, order: &Order, partition: Partition, rows: impl Iterator<Item = Result<Assembled, Error>>) -> Result<(), Error> {
        self.partitions.insert(partition, self.file.bytes);
        let path = &self.path;
        let failed = |error| Error::writing(path, error);
        let mut stream = StreamWriter::try_new(&mut self.file, &order.table().schema()).map_err(failed)?;
        for assembled in rows {
            let assembled = assembled?;
            self.widest = self.widest.max(assembled.bytes);
            stream.write(&assembled.batch).map_err(failed)?;
        }
        stream.finish().map_err(failed)
    }

    fn finish(mut self) -> Result<Run, Error> {
        self.file.flush().map_err(|error| Error::writing(&self.path, error))?;
        fault::step("a run is written");
        Ok(Run { path: self.path, partitions: self.partitions, widest: self.widest })
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
