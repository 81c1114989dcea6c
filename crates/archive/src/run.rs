//! Runs: sorted rows on disk, of one table, on their way into partitions.
//!
//! A run has the blocks of one partition after those of another and knows where each begins: partitions are merged beside each other. A
//! block is packed rows as a [`FrontCoder`] writes them, after how many there are, how many bytes they have, and how many of those are
//! left. A run is written once, read once, and never outlives the process that wrote it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

use parallax_model::Table;
use parallax_model::packed::{FrontCoder, PackedRows};

use crate::held::Held;
use crate::merge::{Merge, Row, Sorted, Stretch};
use crate::partition::Partition;
use crate::{Error, fault};

/// Runs that are merged at once. Each keeps an open file, a buffer for it, and a block as it lies there and as rows.
const FAN_IN: usize = 64;
/// Bytes that the blocks of runs being merged may take together, in each of the partitions that are merged beside each other. Only rows
/// of many megabytes come near it.
const FAN_IN_BYTES: usize = 32 << 20;
/// Bytes of rows after which a block ends.
const BLOCK_BYTES: usize = 64 << 10;
const BUFFER_BYTES: usize = 64 << 10;

/// A finished run.
pub struct Run {
    table: &'static Table,
    path: PathBuf,
    partitions: BTreeMap<Partition, Span>,
    /// Bytes of the rows of the largest block in it.
    widest: usize,
}

/// A run that is not needed any more is removed at once: what of it is not on the disk yet need not be written before the commit is.
impl Drop for Run {
    fn drop(&mut self) {
        // What cannot be removed now goes with the folder of the stage.
        let _ = fs::remove_file(&self.path);
    }
}

/// Where the blocks of a partition begin, and how many there are.
#[derive(Clone, Copy, Default)]
struct Span {
    start: u64,
    blocks: u64,
}

/// Sorts rows and writes them as a run.
pub fn spill(table: &'static Table, held: &Held, path: PathBuf) -> Result<Run, Error> {
    let mut writer = RunWriter::create(table, path)?;
    for partition in held.partitions() {
        writer.write(partition, held.rows(partition).flat_map(Stretch::into_rows).map(Ok))?;
    }
    writer.finish()
}

/// Merges runs until so few are left that they can be merged into partitions at once. Which runs are merged first changes nothing.
pub fn reduce(runs: Vec<Run>, mut next_path: impl FnMut() -> PathBuf) -> Result<Vec<Run>, Error> {
    let mut runs = VecDeque::from(runs);
    while runs.len() > at_once(&runs) {
        let some: Vec<Run> = runs.drain(..at_once(&runs)).collect();
        runs.push_back(merge_into_one(&some, next_path())?);
    }
    Ok(runs.into())
}

/// How many of these runs, from the first, can be merged together: two at least, or there would be no end.
fn at_once(runs: &VecDeque<Run>) -> usize {
    let mut bytes = 0;
    let fit = |run: &&Run| {
        bytes += 2 * run.widest;
        bytes <= FAN_IN_BYTES
    };
    runs.iter().take(FAN_IN).take_while(fit).count().max(2)
}

fn merge_into_one(runs: &[Run], path: PathBuf) -> Result<Run, Error> {
    let table = runs[0].table;
    let mut writer = RunWriter::create(table, path)?;
    for partition in partitions(runs) {
        writer.write(partition, Merge::new(table, sources(runs, partition)?)?)?;
    }
    writer.finish()
}

/// The partitions that occur in runs, in order.
pub fn partitions(runs: &[Run]) -> BTreeSet<Partition> {
    runs.iter().flat_map(|run| run.partitions.keys()).copied().collect()
}

/// How many bytes runs have of a partition, roughly.
pub fn size_of(runs: &[Run], partition: Partition) -> u64 {
    runs.iter().filter_map(|run| run.partitions.get(&partition)).map(|span| span.blocks * BLOCK_BYTES as u64).sum()
}

/// What runs have of a partition.
pub fn sources(runs: &[Run], partition: Partition) -> Result<Vec<Sorted<'_>>, Error> {
    runs.iter().filter_map(|run| run.open(partition).transpose()).collect()
}

impl Run {
    /// The rows of a partition, if this run has any. Nothing is read that is larger than what was written.
    fn open(&self, partition: Partition) -> Result<Option<Sorted<'_>>, Error> {
        let Some(span) = self.partitions.get(&partition) else { return Ok(None) };
        let mut file = File::open(&self.path).map_err(|error| Error::disk("open", &self.path, error))?;
        file.seek(SeekFrom::Start(span.start)).map_err(|error| Error::reading(&self.path, error))?;
        let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
        let mut encoded = Vec::new();
        let blocks = (0..span.blocks).map(move |_| {
            let block = Arc::new(self.read_block(&mut file, &mut encoded)?);
            let rows = 0..block.len();
            Ok(Stretch { block, rows })
        });
        Ok(Some(Box::new(blocks)))
    }

    fn read_block(&self, file: &mut impl Read, encoded: &mut Vec<u8>) -> Result<PackedRows, Error> {
        let [rows, bytes, length] = read_header(file).map_err(|error| Error::reading(&self.path, error))?;
        if bytes > self.widest || rows > bytes || length > bytes + 30 * rows {
            return Err(Error::Damaged { path: self.path.clone(), reason: "a block is longer than any that was written".into() });
        }
        encoded.resize(length, 0);
        file.read_exact(encoded).map_err(|error| Error::reading(&self.path, error))?;
        PackedRows::decode(self.table, rows, bytes, encoded).map_err(|error| Error::reading(&self.path, error))
    }
}

/// Three numbers of eight bytes each.
fn read_header(file: &mut impl Read) -> io::Result<[usize; 3]> {
    let mut header = [0; 3];
    for number in &mut header {
        let mut bytes = [0; 8];
        file.read_exact(&mut bytes)?;
        *number = usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX);
    }
    Ok(header)
}

struct RunWriter {
    table: &'static Table,
    path: PathBuf,
    file: BufWriter<File>,
    /// Bytes written so far.
    bytes: u64,
    block: FrontCoder,
    partitions: BTreeMap<Partition, Span>,
    widest: usize,
}

impl RunWriter {
    fn create(table: &'static Table, path: PathBuf) -> Result<Self, Error> {
        let file = File::create(&path).map_err(|error| Error::writing(&path, error))?;
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        Ok(Self { table, path, file, bytes: 0, block: FrontCoder::default(), partitions: BTreeMap::new(), widest: 0 })
    }

    fn write(&mut self, partition: Partition, rows: impl Iterator<Item = Result<Row, Error>>) -> Result<(), Error> {
        let mut span = Span { start: self.bytes, blocks: 0 };
        for row in rows {
            let row = row?;
            self.block.push(row.bytes(), row.key().len());
            if self.block.bytes() >= BLOCK_BYTES {
                self.end_block(&mut span)?;
            }
        }
        if self.block.rows() > 0 {
            self.end_block(&mut span)?;
        }
        self.partitions.insert(partition, span);
        Ok(())
    }

    fn end_block(&mut self, span: &mut Span) -> Result<(), Error> {
        let encoded = self.block.encoded();
        let header = [self.block.rows(), self.block.bytes(), encoded.len()].map(|number| (number as u64).to_le_bytes()).concat();
        let written = self.file.write_all(&header).and_then(|()| self.file.write_all(encoded));
        written.map_err(|error| Error::writing(&self.path, error))?;
        self.bytes += (header.len() + encoded.len()) as u64;
        self.widest = self.widest.max(self.block.bytes());
        span.blocks += 1;
        self.block.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Run, Error> {
        self.file.flush().map_err(|error| Error::writing(&self.path, error))?;
        fault::step("a run is written");
        Ok(Run { table: self.table, path: self.path, partitions: self.partitions, widest: self.widest })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::partition::Partitioner;
    use crate::tests::rows::{crumbs, pieces};

    /// The keys and the rows of a run, partition by partition.
    fn read(run: &Run) -> Result<Vec<(Partition, Vec<u8>, Vec<u8>)>, Error> {
        let mut found = Vec::new();
        for partition in run.partitions.keys() {
            for stretch in run.open(*partition)?.expect("the run has the partition") {
                found.extend(stretch?.into_rows().map(|row| (*partition, row.key().to_vec(), row.bytes().to_vec())));
            }
        }
        Ok(found)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn a_run_gives_its_rows_back_in_order_and_a_damaged_one_never_panics(count in 1u64..100, at in any::<usize>(), to in any::<u8>()) {
            let dir = tempfile::tempdir().unwrap();
            for rows in pieces(0..count) {
                let partitioner = Partitioner::of(rows.table());
                let mut held = Held::default();
                crumbs(std::slice::from_ref(&rows)).into_iter().rev().for_each(|crumb| held.push(crumb, &partitioner).unwrap());
                let run = spill(rows.table(), &held, dir.path().join(rows.table().name)).unwrap();

                let mut found = read(&run).unwrap();
                prop_assert!(found.is_sorted_by_key(|(partition, key, _)| (*partition, key.clone())));
                let given = (0..rows.len()).map(|row| (partitioner.of_row(&rows, row).unwrap(), rows.key(row).to_vec(), rows.row(row).to_vec()));
                let mut given: Vec<_> = given.collect();
                found.sort();
                given.sort();
                prop_assert_eq!(found, given);

                let mut bytes = fs::read(&run.path).unwrap();
                let length = bytes.len();
                bytes[at % length] = to;
                fs::write(&run.path, bytes).unwrap();
                let _ = read(&run);
            }
        }
    }
}
