//! Compares an archive with its manifest: every file, every row, every input.

use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use parallax_model::{Table, tables};

use crate::data_file::PartitionReader;
use crate::merge::Merge;
use crate::partition::Partition;
use crate::raw::{self, InputState};
use crate::{DataFile, Error, Input, InputSums, Manifest, Snapshot, disk, garbage, in_order, layout};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    pub files: u64,
    pub rows: u64,
    pub bytes: u64,
    pub inputs: u64,
    /// Damage in the order of the manifest, then what became of inputs, then strays.
    pub problems: Vec<Problem>,
}

/// One thing that is not as the manifest says. Paths are relative to the archive, those of inputs absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A file is not there.
    Missing { path: String },
    /// A file is there with other bytes.
    Changed { path: String },
    /// A file has the right bytes, and they cannot be read.
    Unreadable { path: String, reason: String },
    /// A file holds another number of rows than the manifest says.
    RowCount { path: String, expected: u64, found: u64 },
    /// Rows of a partition are not in order, occur twice, or belong elsewhere.
    Rows { table: String, partition: String, reason: String },
    /// The raw data lies nowhere any more.
    InputGone { name: String, last_seen: Option<PathBuf> },
    /// Where the raw data lay there is something else.
    InputChanged { name: String, path: PathBuf },
    /// A file that the manifest does not name: left by a killed run or a reader's need, or put there by somebody. It is not read.
    Stray { path: String },
}

impl Verification {
    /// Whether every row that was ever committed is there. Strays do no harm, and inputs are not the archive's.
    pub fn is_sound(&self) -> bool {
        self.problems.iter().all(|problem| !problem.is_damage())
    }
}

impl Problem {
    pub fn is_damage(&self) -> bool {
        !matches!(self, Self::InputGone { .. } | Self::InputChanged { .. } | Self::Stray { .. })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "{path} is missing"),
            Self::Changed { path } => write!(f, "{path} has changed since it was written"),
            Self::Unreadable { path, reason } => write!(f, "{path} cannot be read: {reason}"),
            Self::RowCount { path, expected, found } => write!(f, "{path} has {found} rows where {expected} are named"),
            Self::Rows { table, partition, reason } => write!(f, "partition {partition} of {table}: {reason}"),
            Self::InputGone { name, last_seen: Some(path) } => write!(f, "input {name} is gone from {}", path.display()),
            Self::InputGone { name, last_seen: None } => write!(f, "input {name} was a stream, and no copy was kept"),
            Self::InputChanged { name, path } => write!(f, "input {name} has changed at {}", path.display()),
            Self::Stray { path } => write!(f, "{path} belongs to nothing"),
        }
    }
}

pub fn verify(dir: &Path, snapshot: &Snapshot, progress: &mut dyn FnMut(u64, u64)) -> Result<Verification, Error> {
    let manifest = snapshot.manifest();
    let total = total_bytes(manifest);
    let mut done = 0;
    let mut count = |bytes: u64| {
        done = u64::saturating_add(done, bytes);
        progress(done.min(total), total);
    };
    let mut found = Verification::default();
    check_tables(dir, manifest, &mut found, &mut count);
    check_refdata(dir, manifest, &mut found, &mut count);
    check_inputs(dir, snapshot, &mut found, &mut count);
    check_strays(dir, &mut found)?;
    progress(total, total);
    Ok(found)
}

/// What the manifest announces, which nobody has checked yet.
fn total_bytes(manifest: &Manifest) -> u64 {
    let tables = manifest.data_files().map(|file| file.bytes);
    let refdata = manifest.refdata.iter().map(|file| file.bytes);
    let inputs = manifest.inputs.iter().map(|list| list.sums.bytes);
    tables.chain(refdata).chain(inputs).fold(0, u64::saturating_add)
}

fn check_tables(dir: &Path, manifest: &Manifest, found: &mut Verification, count: &mut dyn FnMut(u64)) {
    for (table, partitions) in &manifest.tables {
        let table_info = tables::ALL.iter().find(|known| known.name == table);
        for (partition, files) in partitions {
            let mut whole = true;
            for file in files {
                found.rows = found.rows.saturating_add(file.rows);
                whole &= check_file(dir, &file.path, &file.sha256, found, count);
            }
            // Rows are worth a look only where the bytes are those that were written.
            if let Some(table) = table_info.filter(|_| whole) {
                check_rows(dir, table, partition, files, found);
            }
        }
    }
}

/// Compares the digest of a file; says whether it is right.
fn check_file(dir: &Path, path: &str, sha256: &str, found: &mut Verification, count: &mut dyn FnMut(u64)) -> bool {
    found.files += 1;
    let digest = File::open(layout::resolve(dir, path)).and_then(|mut file| disk::digest(&mut file, count));
    let path = path.to_owned();
    let problem = match digest {
        Ok((digest, bytes)) if digest == sha256 => {
            found.bytes += bytes;
            return true;
        }
        Ok(_) => Problem::Changed { path },
        Err(error) if error.kind() == ErrorKind::NotFound => Problem::Missing { path },
        Err(error) => Problem::Unreadable { path, reason: error.to_string() },
    };
    found.problems.push(problem);
    false
}

/// Runs the partition through a merge of its own, which gives every row exactly when they are in order and none occurs twice.
fn check_rows(dir: &Path, table: &'static Table, partition: &str, files: &[DataFile], found: &mut Verification) {
    let counts: Vec<Cell<u64>> = files.iter().map(|_| Cell::new(0)).collect();
    let rows = files.iter().zip(&counts).flat_map(|(file, count)| {
        let rows = PartitionReader::new(table, [layout::resolve(dir, &file.path)], None);
        rows.inspect(|batch| count.set(count.get() + batch.as_ref().map_or(0, |batch| batch.num_rows() as u64)))
    });
    if let Err(reason) = check_order(table, partition, rows, &counts) {
        found.problems.push(Problem::Rows { table: table.name.to_owned(), partition: partition.to_owned(), reason });
        return;
    }
    for (file, count) in files.iter().zip(&counts).filter(|(file, count)| file.rows != count.get()) {
        found.problems.push(Problem::RowCount { path: file.path.clone(), expected: file.rows, found: count.get() });
    }
}

fn check_order<'a>(
    table: &'static Table,
    partition: &str,
    rows: impl Iterator<Item = Result<RecordBatch, Error>> + 'a,
    counts: &[Cell<u64>],
) -> Result<(), String> {
    let expected = Partition::parse(table.partitioning, partition).ok_or("the table has no such partition")?;
    let reason = |error| match error {
        Error::Rows { reason, .. } => reason,
        error => error.to_string(),
    };
    let mut distinct = 0;
    for row in Merge::new(table, vec![Box::new(in_order::rows_of(table, expected, rows))]).map_err(reason)? {
        row.map_err(reason)?;
        distinct += 1;
    }
    match counts.iter().map(Cell::get).sum::<u64>() == distinct {
        true => Ok(()),
        false => Err("some rows occur twice".into()),
    }
}

fn check_refdata(dir: &Path, manifest: &Manifest, found: &mut Verification, count: &mut dyn FnMut(u64)) {
    for file in &manifest.refdata {
        check_file(dir, &file.path, &file.sha256, found, count);
    }
}

fn check_inputs(dir: &Path, snapshot: &Snapshot, found: &mut Verification, count: &mut dyn FnMut(u64)) {
    let Some(list) = &snapshot.manifest().inputs else { return };
    if !check_file(dir, &list.path, &list.sha256, found, count) {
        return;
    }
    let mut sums = InputSums::default();
    let checked = snapshot.inputs().and_then(|mut inputs| {
        inputs.try_for_each(|input| {
            let input = input?;
            sums.add(&input);
            found.problems.extend(problem_of(dir, input, count));
            Ok(())
        })
    });
    found.inputs += sums.inputs;
    let path = list.path.clone();
    if let Err(error) = checked {
        found.problems.push(Problem::Unreadable { path, reason: error.to_string() });
    } else if sums != list.sums {
        let reason = "its lines do not add up to what the manifest says".to_owned();
        found.problems.push(Problem::Unreadable { path, reason });
    }
}

/// What became of an input, if it is not where and what it was.
fn problem_of(dir: &Path, input: Input, count: &mut dyn FnMut(u64)) -> Option<Problem> {
    let name = input.name.clone();
    match raw::find(dir, &input, count) {
        Ok(InputState::Kept(_) | InputState::At(_)) => None,
        Ok(InputState::Changed { path }) => Some(Problem::InputChanged { name, path }),
        Ok(InputState::Gone { last_seen }) => Some(Problem::InputGone { name, last_seen }),
        Err(_) => Some(broken_copy(dir, layout::raw_file(&input.sha256))),
    }
}

fn broken_copy(dir: &Path, path: String) -> Problem {
    match layout::resolve(dir, &path).exists() {
        true => Problem::Changed { path },
        false => Problem::Missing { path },
    }
}

/// What a writer put into place since the snapshot was taken is no stray: the newest manifest counts as well.
fn check_strays(dir: &Path, found: &mut Verification) -> Result<(), Error> {
    let mut strays = garbage::strays(dir, &Manifest::read(dir)?)?;
    for entry in disk::entries(dir)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !layout::TOP.contains(&name.as_str()) {
            strays.insert(name);
        }
    }
    found.problems.extend(strays.into_iter().map(|path| Problem::Stray { path }));
    Ok(())
}
