//! Makes tables that are derived from observations, some partitions at a time.
//!
//! Each partition is read by one thread; the caller stages what they make. The order does not matter: the archive sorts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use parallax_archive::Stage;
use parallax_model::packed::PackedRows;

use crate::Error;

/// Partitions that are read at the same time: each may take some 200 MB when somebody means ill.
const MOST_THREADS: usize = 2;
/// Parcels of rows that wait to be staged.
const WAITING: usize = 4;

/// Takes rows that were made; false when nobody wants them any more.
pub(super) type Take<'t> = dyn FnMut(PackedRows) -> bool + 't;

/// Stages what `make` makes of each partition, on up to so many threads. `make` may end early when its rows are not wanted.
pub(super) fn stage_all<P: Sync>(
    partitions: &[P],
    threads: usize,
    stage: &mut Stage,
    make: impl Fn(&P, &mut Take<'_>) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let next = AtomicUsize::new(0);
    let (made, waiting) = sync_channel::<PackedRows>(WAITING);
    std::thread::scope(|scope| {
        let work = |made: std::sync::mpsc::SyncSender<PackedRows>| {
            let mut take = |rows| made.send(rows).is_ok();
            while let Some(partition) = partitions.get(next.fetch_add(1, Ordering::Relaxed)) {
                make(partition, &mut take)?;
            }
            Ok(())
        };
        let workers: Vec<_> = (0..threads.clamp(1, MOST_THREADS).min(partitions.len()))
            .map(|_| {
                let made = made.clone();
                scope.spawn(move || work(made))
            })
            .collect();
        drop(made);
        let staged = waiting.iter().try_for_each(|rows| stage.push(rows));
        // A failure to stage ends the workers too.
        drop(waiting);
        let worked = workers.into_iter().map(|worker| worker.join().map_err(|_| Error::bug("a thread that reads the archive failed"))?);
        let worked = worked.fold(Ok(()), Result::and);
        staged?;
        worked
    })
}
