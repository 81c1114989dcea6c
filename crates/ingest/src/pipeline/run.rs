//! One run: groups of inputs, each read by many threads and committed by one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use parallax_archive::{self as archive, Archive, RawCopy, Stage, Writer, in_parallel};
use serde::Serialize;

use super::digest::DigestedFile;
use super::plan::{Action, Counts, Found, Planned, STREAM_NAME, plan};
use super::progress::Progress;
use super::queues::Queues;
use super::reader::{Job, Reader};
use super::refresh;
use super::worker::{self, Harvest, Shared};
use crate::Error;
use crate::fingerprints::FingerprintMatcher;
use crate::input::Input;

/// Bytes of files, as they lie, after which a group is committed: some minutes of work that a kill can cost. Each commit writes anew what
/// it adds to, so groups of a long run grow to half of what came before, and a kill costs a third of it at most.
const GROUP_BYTES: u64 = 1 << 30;
/// Files after which a group is committed; it grows in the same way, but not beyond [`MOST_GROUP_FILES`], since what is known of each file of a
/// group, about a kilobyte, is in memory. Beyond some 120,000 small files a run pays for that with more commits.
const GROUP_FILES: usize = 10_000;
const MOST_GROUP_FILES: usize = 40_000;
/// Files that are read at the same time: two, so that one is decompressed while the other waits for the disk. No more, however many
/// workers there are, because each may need a window of 128 MiB to decompress; two keep some eight workers busy.
const READERS: usize = 2;
/// Harvests that wait for the stage.
const HARVESTS_WAITING: usize = 2;

pub struct Options {
    /// Threads that turn records into rows.
    pub threads: NonZeroUsize,
    /// Whether files are copied into the archive. The standard input always is.
    pub keep_raw: bool,
    pub fingerprints: Arc<FingerprintMatcher>,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Files that were read.
    pub files: u64,
    /// Files that were not, because the archive has all that is in them.
    pub skipped_files: u64,
    /// Records that were read.
    pub measurements: u64,
    pub observations: u64,
    /// Records, or rests of files, that could not be read.
    pub rejected: u64,
    /// Bytes that were read, decompressed.
    pub bytes: u64,
    pub seconds: f64,
}

/// Reads inputs into the archive. What is committed before an error stays.
pub fn ingest(archive: &Archive, inputs: &[Input], options: &Options, progress: &dyn Progress) -> Result<Summary, Error> {
    let started = Instant::now();
    let mut writer = archive.write("parallax ingest")?;
    let groups = groups(inputs)?;
    progress.total(groups.iter().map(|group| group.bytes).sum());
    let mut summary = Summary::default();
    for group in groups {
        Run { archive, writer: &mut writer, options, progress }.group(&group.inputs, &mut summary)?;
    }
    summary.seconds = started.elapsed().as_secs_f64();
    Ok(summary)
}

/// Inputs that are committed together.
#[derive(Default)]
struct Group<'a> {
    inputs: Vec<&'a Input>,
    bytes: u64,
}

fn groups(inputs: &[Input]) -> Result<Vec<Group<'_>>, Error> {
    let sorted: BTreeSet<&Input> = inputs.iter().collect();
    let mut groups = vec![Group::default()];
    // Bytes and files of all groups but the last.
    let mut before = (0, 0);
    for input in sorted {
        let bytes = match input {
            Input::File(path) => path.metadata().map_err(|source| Error::Read { path: path.clone(), source })?.len(),
            Input::Stdin => 0,
        };
        let last = groups.last().expect("there is a first group");
        if last.bytes >= GROUP_BYTES.max(before.0 / 2) || last.inputs.len() >= (before.1 / 2).clamp(GROUP_FILES, MOST_GROUP_FILES) {
            before = (before.0 + last.bytes, before.1 + last.inputs.len());
            groups.push(Group::default());
        }
        let last = groups.last_mut().expect("there is a first group");
        last.inputs.push(input);
        last.bytes += bytes;
    }
    Ok(groups)
}

struct Run<'a> {
    archive: &'a Archive,
    writer: &'a mut Writer,
    options: &'a Options,
    progress: &'a dyn Progress,
}

impl Run<'_> {
    fn group(&mut self, inputs: &[&Input], summary: &mut Summary) -> Result<(), Error> {
        let mut stage = self.writer.stage()?;
        let found = self.find(inputs, &mut stage)?;
        let fingerprints_digest = self.options.fingerprints.digest();
        let known = self.known(&found)?;
        let planned = plan(found, known, fingerprints_digest);
        self.forget(&planned, &mut stage)?;
        let counts = self.read(&planned, &mut stage)?;

        let mut sum = Counts::default();
        counts.iter().for_each(|counts| sum += *counts);
        let files = planned.iter().filter(|planned| planned.action != Action::Skip).count();
        for (planned, counts) in planned.into_iter().zip(counts) {
            stage.note(planned.into_input(counts, fingerprints_digest));
        }
        self.writer.commit(stage, |_| ())?;
        summary.files += files as u64;
        summary.skipped_files += (inputs.len() - files) as u64;
        summary.measurements += sum.records;
        summary.observations += sum.observations;
        summary.rejected += sum.rejected;
        summary.bytes += sum.bytes;
        Ok(())
    }

    /// Reads every input once for its digest, and copies into the stage what is to be kept.
    fn find(&self, inputs: &[&Input], stage: &mut Stage) -> Result<Vec<Found>, Error> {
        let mut found = Vec::new();
        let mut files = Vec::new();
        for input in inputs {
            match input {
                Input::Stdin => found.push(keep_stream(stage.keep_stream()?)?),
                Input::File(path) if self.options.keep_raw => found.push(keep_file(path, stage.keep_stream()?)?),
                Input::File(path) => files.push(path),
            }
        }
        found.extend(in_parallel(self.options.threads, &files, |path| DigestedFile::read(path).map(Found::File))?);
        Ok(found)
    }

    /// What the archive knows of these inputs already.
    fn known(&self, found: &[Found]) -> Result<BTreeMap<String, archive::Input>, Error> {
        let digests: BTreeSet<&str> = found.iter().map(Found::digest).collect();
        let known = self.writer.inputs()?.among(&digests);
        Ok(known.map(|input| input.map(|input| (input.sha256.clone(), input))).collect::<Result<_, _>>()?)
    }

    fn forget(&mut self, planned: &[Planned], stage: &mut Stage) -> Result<(), Error> {
        let stale = planned.iter().filter(|planned| planned.action == Action::ReadAgain);
        let stale: BTreeSet<&str> = stale.map(|planned| planned.digest.as_str()).collect();
        if stale.is_empty() {
            return Ok(());
        }
        Ok(refresh::forget(&self.archive.snapshot()?, self.writer, stage, &stale)?)
    }

    /// Reads what has to be read into the stage; returns what was counted in each file.
    fn read(&self, planned: &[Planned], stage: &mut Stage) -> Result<Vec<Counts>, Error> {
        let mut jobs = Vec::new();
        for (file, planned) in planned.iter().enumerate() {
            match planned.action {
                Action::Skip => self.progress.advance(planned.bytes),
                Action::Read | Action::ReadAgain => {
                    let copy = if planned.file().is_some() { None } else { Some(stage.open_raw(&planned.digest)?) };
                    jobs.push(Job { file, planned, copy });
                }
            }
        }
        let mut counts = vec![Counts::default(); planned.len()];
        if !jobs.is_empty() {
            self.read_jobs(planned, jobs, stage, &mut counts)?;
        }
        Ok(counts)
    }

    fn read_jobs(&self, files: &[Planned], jobs: Vec<Job<'_>>, stage: &mut Stage, counts: &mut [Counts]) -> Result<(), Error> {
        let threads = self.options.threads.get();
        let queues = Queues::new(threads);
        let shared = Shared { files, fingerprints: &self.options.fingerprints, threads };
        let readers = READERS.min(jobs.len());
        let readers_left = AtomicUsize::new(readers);
        let jobs = Mutex::new(jobs.into_iter());
        let outcome = Outcome { queues: &queues, decompressed: Mutex::new(Vec::new()), error: Mutex::new(None) };
        let (sender, harvests) = sync_channel(HARVESTS_WAITING);
        let pushed = thread::scope(|scope| {
            for _ in 0..readers {
                scope.spawn(|| {
                    let _last = EndWhenLast { queues: &queues, left: &readers_left };
                    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let mut reader = Reader::new(&queues, self.progress);
                    while let Some(job) = next()
                        && outcome.note(job.file, reader.read(job))
                    {}
                    reader.finish();
                });
            }
            for queue in std::iter::repeat_n(&queues.usual, threads).chain([&queues.giants]) {
                let (sender, shared, queues) = (sender.clone(), &shared, &queues);
                scope.spawn(move || {
                    let _alone = StopWhenPanicking(queues);
                    worker::work(shared, queue, &sender);
                });
            }
            drop(sender);
            let pushed = push_all(harvests, stage, counts);
            if pushed.is_err() {
                queues.stop();
            }
            pushed
        });
        outcome.into_result(counts)?;
        pushed
    }
}

/// Pushes rows as they come. The channel is gone afterwards, so that nobody waits to be heard.
fn push_all(harvests: Receiver<Harvest>, stage: &mut Stage, counts: &mut [Counts]) -> Result<(), Error> {
    for harvest in harvests {
        harvest.rows.into_iter().try_for_each(|rows| stage.push(rows))?;
        for (file, count) in harvest.counts {
            counts[file] += count;
        }
    }
    Ok(())
}

/// What the readers have to tell.
struct Outcome<'a> {
    queues: &'a Queues,
    /// Bytes of each file, decompressed.
    decompressed: Mutex<Vec<(usize, u64)>>,
    /// The first error; the run ends with it.
    error: Mutex<Option<Error>>,
}

impl Outcome<'_> {
    /// Notes how reading a file ended; false when there is no use in reading another.
    fn note(&self, file: usize, result: Result<u64, Error>) -> bool {
        match result {
            Ok(bytes) => self.decompressed.lock().unwrap_or_else(PoisonError::into_inner).push((file, bytes)),
            Err(error) => {
                self.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                self.queues.stop();
                return false;
            }
        }
        true
    }

    fn into_result(self, counts: &mut [Counts]) -> Result<(), Error> {
        for (file, bytes) in self.decompressed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            counts[file].bytes = bytes;
        }
        self.error.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

/// Ends the queue when the last reader is done, however it is.
struct EndWhenLast<'a> {
    queues: &'a Queues,
    left: &'a AtomicUsize,
}

impl Drop for EndWhenLast<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.queues.stop();
        }
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.queues.end();
        }
    }
}

/// Lets the other threads go when this one panics, so that the panic is seen instead of a standstill.
struct StopWhenPanicking<'a>(&'a Queues);

impl Drop for StopWhenPanicking<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

fn keep_stream(copy: RawCopy) -> Result<Found, Error> {
    keep(&mut io::stdin().lock(), STREAM_NAME, copy, |source| Error::Stdin { source }, None)
}

fn keep_file(path: &Path, copy: RawCopy) -> Result<Found, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(failed)?;
    keep(&mut file, &path.display().to_string(), copy, failed, Some(path.to_owned()))
}

/// Copies all bytes into the archive, telling apart which side fails.
fn keep(
    from: &mut dyn Read,
    name: &str,
    mut copy: RawCopy,
    failed: impl Fn(io::Error) -> Error,
    path: Option<PathBuf>,
) -> Result<Found, Error> {
    let mut block = vec![0; 256 << 10];
    loop {
        match from.read(&mut block) {
            Ok(0) => return Ok(Found::Copy { path, kept: copy.finish()? }),
            Ok(count) => copy.write_all(&block[..count]).map_err(|source| Error::Keep { name: name.to_owned(), source })?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
}
