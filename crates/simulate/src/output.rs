//! Writes a world to a folder: hourly gzip files as OONI's public bucket has them, the truth, the reference data, the world file.
//!
//! A *unit* is an hour of a country. Threads take units in turn and each writes the files of its unit; only the truth goes through one
//! hand, in the order of the units. **Invariant:** the bytes do not depend on the number of threads. **Invariant:** no thread gets further
//! ahead than [`MAX_AHEAD`] units, so that memory does not grow with the world.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use flate2::{Compression, GzBuilder, write::GzEncoder};

use crate::world::World;
use crate::{Error, Simulated, events, measure, refdata, schedule, time};

/// How many units may be under way or wait for their turn to write their truth.
const MAX_AHEAD: u64 = 64;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub files: u64,
    pub measurements: u64,
    pub truths: u64,
    /// Of JSON, before it was compressed.
    pub bytes: u64,
}

/// Writes everything into `folder`, which must be empty or new. `progress` is told how many measurements are done.
///
/// Each file appears under its name when it is complete; the same world gives the same bytes, with however many threads.
pub fn write_to_dir(world: &World, folder: &Path, threads: NonZero<usize>, mut progress: impl FnMut(u64)) -> Result<Summary, Error> {
    let refdata = folder.join("refdata");
    fs::create_dir_all(folder).map_err(|source| at(folder, source))?;
    if fs::read_dir(folder).map_err(|source| at(folder, source))?.next().is_some() {
        return Err(at(folder, std::io::Error::other("the folder is not empty")));
    }
    fs::create_dir_all(&refdata).map_err(|source| at(&refdata, source))?;
    for (name, text) in refdata::files(world) {
        write_whole(&refdata.join(name), text.as_bytes())?;
    }
    write_whole(&folder.join("world.toml"), world.text().as_bytes())?;
    write_whole(&folder.join("drawn.toml"), world.drawn().as_bytes())?;

    let mut truth = Pending::create(&folder.join("truth.jsonl"))?;
    let (mut summary, mut touched) = (Summary::default(), BTreeMap::new());
    in_order(world, folder, threads, |unit| {
        truth.file.write_all(&unit.truth).map_err(|source| at(&truth.path, source))?;
        for (source, number) in unit.touched {
            *touched.entry(source).or_default() += number;
        }
        summary.files += unit.summary.files;
        summary.measurements += unit.summary.measurements;
        summary.truths += unit.summary.truths;
        summary.bytes += unit.summary.bytes;
        progress(summary.measurements);
        Ok(())
    })?;
    truth.finish()?;
    let mut lines = Vec::new();
    for event in events::events(world, &touched) {
        serde_json::to_writer(&mut lines, &event).map_err(|error| Error::Record(error.into()))?;
        lines.push(b'\n');
    }
    write_whole(&folder.join("truth-events.jsonl"), &lines)?;
    Ok(summary)
}

/// What is known of a unit when its files are written.
#[derive(Default)]
struct Unit {
    /// Lines of JSON.
    truth: Vec<u8>,
    /// By source, the truth records that name it.
    touched: BTreeMap<String, u64>,
    summary: Summary,
}

/// Where the threads stand.
#[derive(Default)]
struct Progress {
    next: u64,
    /// How many units were handed on.
    done: u64,
    waiting: BTreeMap<u64, Unit>,
    error: Option<Error>,
}

/// Makes all units and hands them to `sink` in their order.
fn in_order(world: &World, folder: &Path, threads: NonZero<usize>, mut sink: impl FnMut(Unit) -> Result<(), Error>) -> Result<(), Error> {
    let units = u64::from(world.hours) * world.countries.len() as u64;
    let (progress, changed) = (Mutex::new(Progress::default()), Condvar::new());
    thread::scope(|scope| {
        for _ in 0..threads.get() {
            scope.spawn(|| work(world, folder, units, &progress, &changed));
        }
        for number in 0..units {
            let mut known = lock(&progress);
            let unit = loop {
                if let Some(error) = known.error.take() {
                    known.next = units;
                    changed.notify_all();
                    return Err(error);
                }
                match known.waiting.remove(&number) {
                    Some(unit) => break unit,
                    None => known = changed.wait(known).unwrap_or_else(PoisonError::into_inner),
                }
            };
            known.done = number + 1;
            drop(known);
            changed.notify_all();
            if let Err(error) = sink(unit) {
                lock(&progress).next = units;
                changed.notify_all();
                return Err(error);
            }
        }
        Ok(())
    })
}

/// Tells the others when a thread panics, which would else wait for it for ever.
struct Alarm<'a>(&'a Mutex<Progress>, &'a Condvar);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(self.0).error.get_or_insert(Error::Record(std::io::Error::other("a thread failed")));
            self.1.notify_all();
        }
    }
}

/// One thread: takes the next unit until there is none.
fn work(world: &World, folder: &Path, units: u64, progress: &Mutex<Progress>, changed: &Condvar) {
    let _alarm = Alarm(progress, changed);
    loop {
        let mut known = lock(progress);
        while known.next < units && known.next >= known.done + MAX_AHEAD {
            known = changed.wait(known).unwrap_or_else(PoisonError::into_inner);
        }
        if known.next >= units {
            return;
        }
        let number = known.next;
        known.next += 1;
        drop(known);
        let made = write_unit(world, folder, number);
        let mut known = lock(progress);
        match made {
            Ok(unit) => drop(known.waiting.insert(number, unit)),
            Err(error) => {
                known.error.get_or_insert(error);
                known.next = units;
            }
        }
        drop(known);
        changed.notify_all();
    }
}

/// Nobody panics while holding it, and what it holds is sound at every moment.
fn lock(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The files of one hour of one country.
fn write_unit(world: &World, folder: &Path, number: u64) -> Result<Unit, Error> {
    let countries = world.countries.len() as u64;
    let (hour, country) = ((number / countries) as u32, (number % countries) as usize);
    let (mut files, mut unit) = (BTreeMap::new(), Unit::default());
    for slot in schedule::hour(world, hour, |network| world.networks[network].country == country) {
        let made = measure(world, slot)?;
        write_line(&mut files, folder, &made)?;
        for record in &made.truths {
            serde_json::to_writer(&mut unit.truth, record).map_err(|error| Error::Record(error.into()))?;
            unit.truth.push(b'\n');
            record.sources.iter().for_each(|source| *unit.touched.entry(source.clone()).or_default() += 1);
        }
        unit.summary.measurements += 1;
        unit.summary.truths += made.truths.len() as u64;
        unit.summary.bytes += made.json.len() as u64 + 1;
    }
    unit.summary.files = files.len() as u64;
    for (_, pending) in files {
        let Pending { path, file } = pending;
        let file = file.finish().map_err(|source| at(&path, source))?;
        Pending { path, file }.finish()?;
    }
    Ok(unit)
}

/// Compressed files by nettest.
type Files = BTreeMap<String, Pending<GzEncoder<BufWriter<File>>>>;

fn write_line(files: &mut Files, folder: &Path, made: &Simulated) -> Result<(), Error> {
    let nettest = made.nettest.file_name();
    if !files.contains_key(&nettest) {
        let path = folder.join(path_of(made.submitted, made.probe_cc, &nettest));
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|source| at(parent, source))?;
        let plain = Pending::create(&path)?;
        // No name and no time in the header: the bytes depend on the world alone.
        let file = GzBuilder::new().mtime(0).write(plain.file, Compression::fast());
        files.insert(nettest.clone(), Pending { path, file });
    }
    let pending = files.get_mut(&nettest).ok_or_else(|| at(folder, std::io::Error::other("a file was closed too early")))?;
    let written = pending.file.write_all(made.json.as_bytes()).and_then(|()| pending.file.write_all(b"\n"));
    written.map_err(|source| at(&pending.path, source))
}

/// As in OONI's public bucket: `raw/20240304/06/XA/telegram/2024030406_XA_telegram.n0.0.jsonl.gz`.
fn path_of(submitted: i64, probe_cc: &str, nettest: &str) -> PathBuf {
    let hour = time::hour(submitted);
    let (day, hour_of_day) = hour.split_at(8);
    ["raw", day, hour_of_day, probe_cc, nettest, &format!("{hour}_{probe_cc}_{nettest}.n0.0.jsonl.gz")].iter().collect()
}

/// A file that has its name only when it is complete.
struct Pending<File> {
    path: PathBuf,
    file: File,
}

impl Pending<BufWriter<File>> {
    fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create(partial(path)).map_err(|source| at(path, source))?;
        Ok(Self { path: path.into(), file: BufWriter::new(file) })
    }

    fn finish(mut self) -> Result<(), Error> {
        self.file.flush().map_err(|source| at(&self.path, source))?;
        fs::rename(partial(&self.path), &self.path).map_err(|source| at(&self.path, source))
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut pending = Pending::create(path)?;
    pending.file.write_all(bytes).map_err(|source| at(path, source))?;
    pending.finish()
}

fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

fn at(path: &Path, source: std::io::Error) -> Error {
    Error::Write { path: path.into(), source }
}
