//! The same work for many items, on some threads.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Applies `work` to every item with up to so many threads; results come in the order of the items. After an error no further item is
/// begun. Items are begun in their order, so the error is that of the first item that fails, whatever the threads.
pub fn in_parallel<T: Sync, R: Send, E: Send>(
    threads: NonZeroUsize,
    items: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads.get().min(items.len()) {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item);
                    failed.fetch_or(result.is_err(), Ordering::Relaxed);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: NonZeroUsize = NonZeroUsize::new(3).expect("three");

    #[test]
    fn results_come_in_order_and_an_error_is_that_of_the_first_item_that_fails() {
        let items: Vec<u32> = (0..1000).collect();
        assert_eq!(
            in_parallel(THREE, &items, |item| Ok::<_, ()>(item * 2)).unwrap(),
            items.iter().map(|item| item * 2).collect::<Vec<_>>()
        );
        let begun = AtomicUsize::new(0);
        let fail_late = |item: &u32| {
            begun.fetch_add(1, Ordering::Relaxed);
            if *item < 7 { Ok(()) } else { Err(*item) }
        };
        assert_eq!(in_parallel(THREE, &items, fail_late), Err(7));
        assert!(begun.into_inner() < 1000, "the rest is not begun");
    }
}
