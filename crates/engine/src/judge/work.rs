//! Judges the partitions of one week, chunk by chunk, on all threads.
//!
//! One thread reads, the others judge, and the caller stages what they made. While the last chunks of a country are judged the next
//! country is being read. The order in which chunks come back does not matter: the archive sorts.
//!
//! One thread more judges all the heavy chunks, however many threads there are: each would take some fifty megabytes, and an allocator keeps
//! for each thread what the thread once had.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use parallax_archive::{Snapshot, Stage};
use parallax_detect::interference::neighbours::Elsewhere;
use parallax_detect::interference::{self, Case, Neighbours, ProvenAddresses};
use parallax_model::State;
use parallax_model::packed::PackedRows;
use parallax_model::tables::{JudgementRows, VerdictRows};

use super::certificates::{self, Certificates};
use super::chunk::{Chunk, Chunks};
use super::{Progress, Summary, World, neighbours, proven, rows};
use crate::Error;

/// Chunks that wait for a thread: enough that nobody waits.
const CHUNKS_WAITING: usize = 2;
/// Heavy chunks that wait for their thread.
const HEAVY_CHUNKS_WAITING: usize = 1;
/// Results that wait to be staged; they are small, and staging stops for a while whenever rows go to the disk.
const RESULTS_WAITING: usize = 12;

/// What was made of one chunk.
struct Judged {
    verdicts: PackedRows,
    judgements: PackedRows,
    measurements: u64,
    states: Vec<State>,
}

/// What all threads look things up in, the same for all countries of a week.
pub(super) struct Week<'w> {
    name: String,
    world: &'w World,
    certificates: Certificates,
    proven: ProvenAddresses,
    elsewhere: Arc<Elsewhere>,
}

/// What waits for a thread.
struct Task<'w> {
    chunk: Chunk,
    place: Arc<Place<'w>>,
}

/// What threads look things up in, of one country and week.
struct Place<'w> {
    week: &'w Week<'w>,
    neighbours: Neighbours,
}

impl<'w> Week<'w> {
    /// The week of a name: the one at hand, when it is that. Two are never in memory at once.
    pub fn of(name: &str, at_hand: Option<Self>, snapshot: &Snapshot, world: &'w World) -> Result<Self, Error> {
        match at_hand.filter(|week| week.name == name) {
            Some(week) => Ok(week),
            None => {
                let (certificates, proven) = (certificates::load(snapshot, name)?, proven::load(snapshot, name)?);
                let elsewhere = Arc::new(neighbours::load_elsewhere(snapshot, name)?);
                Ok(Self { name: name.to_owned(), world, certificates, proven, elsewhere })
            }
        }
    }
}

pub(super) fn judge_partitions<'p>(
    snapshot: &Snapshot,
    partitions: impl Iterator<Item = &'p str> + Send,
    week: &Week<'_>,
    threads: usize,
    stage: &mut Stage,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let (usual, usual_waiting) = sync_channel::<Task>(CHUNKS_WAITING);
    let (heavy, heavy_waiting) = sync_channel::<Task>(HEAVY_CHUNKS_WAITING);
    let (done, results) = sync_channel::<Judged>(RESULTS_WAITING);
    // The threads alone own these, so that the reader does not wait for ever when they have panicked.
    let (usual_waiting, heavy_waiting) = (Arc::new(Mutex::new(usual_waiting)), Arc::new(Mutex::new(heavy_waiting)));
    let unwanted = &AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || feed(snapshot, partitions, week, threads, unwanted, &ToJudge { usual, heavy }));
        for waiting in std::iter::repeat_n(usual_waiting, threads).chain([heavy_waiting]) {
            let done = done.clone();
            scope.spawn(move || judge_chunks(&waiting, &done));
        }
        drop(done);
        let staged = stage_all(&results, stage, summary, progress);
        // A failure to stage ends the threads too: nobody takes their results any more.
        unwanted.store(true, Ordering::Relaxed);
        drop(results);
        let read = reader.join().map_err(|_| Error::bug("the thread that reads the archive failed"))?;
        staged.and(read)
    })
}

/// Where chunks go.
struct ToJudge<'w> {
    usual: SyncSender<Task<'w>>,
    heavy: SyncSender<Task<'w>>,
}

impl<'w> ToJudge<'w> {
    /// Waits until there is room. False when nobody judges any more.
    fn send(&self, task: Task<'w>) -> bool {
        let way = if task.chunk.is_heavy { &self.heavy } else { &self.usual };
        way.send(task).is_ok()
    }
}

/// Ends early, without a complaint, when what comes of it is not wanted any more.
fn feed<'p, 'w>(
    snapshot: &Snapshot,
    partitions: impl Iterator<Item = &'p str>,
    week: &'w Week<'w>,
    threads: usize,
    unwanted: &AtomicBool,
    to_judge: &ToJudge<'w>,
) -> Result<(), Error> {
    for partition in partitions {
        let place = Arc::new(Place { week, neighbours: neighbours::load(snapshot, partition, week.elsewhere.clone())? });
        for chunk in Chunks::of(snapshot, partition, threads)? {
            if unwanted.load(Ordering::Relaxed) || !to_judge.send(Task { chunk: chunk?, place: Arc::clone(&place) }) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn judge_chunks(waiting: &Mutex<Receiver<Task<'_>>>, done: &SyncSender<Judged>) {
    let receiver = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let Ok(Task { chunk, place }) = receiver().recv() else { return };
        let judged = judge_chunk(&chunk, &place);
        drop((chunk, place));
        if done.send(judged).is_err() {
            // Take what is still being read, so that the reader does not wait for ever.
            while receiver().recv().is_ok() {}
            return;
        }
    }
}

fn judge_chunk(chunk: &Chunk, place: &Place<'_>) -> Judged {
    let week = place.week;
    let (mut verdicts, mut judgements) = (VerdictRows::default(), JudgementRows::default());
    let mut states = Vec::new();
    for group in chunk.groups() {
        let case = Case {
            measurement: group.measurement,
            observations: group.observations,
            controls: group.controls,
            proven: &week.proven,
            neighbours: &place.neighbours,
            certificates: &week.certificates,
            trust: &week.world.trust,
            refdata: &week.world.refdata,
        };
        for judgement in interference::judge(&case) {
            states.push(judgement.state);
            rows::push_judgement(&case, &judgement, &mut judgements);
            rows::push_verdicts(&case, &judgement, &mut verdicts);
        }
    }
    Judged { verdicts: verdicts.take(), judgements: judgements.take(), measurements: chunk.measurements.num_rows() as u64, states }
}

fn stage_all(results: &Receiver<Judged>, stage: &mut Stage, summary: &mut Summary, progress: &dyn Progress) -> Result<(), Error> {
    for judged in results {
        summary.measurements += judged.measurements;
        summary.verdicts += judged.verdicts.len() as u64;
        for state in judged.states {
            *summary.judgements.entry(state).or_default() += 1;
        }
        progress.judged(judged.measurements);
        stage.push(judged.verdicts)?;
        stage.push(judged.judgements)?;
    }
    Ok(())
}
