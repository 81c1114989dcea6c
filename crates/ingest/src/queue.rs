//! A queue between threads that holds a limited number of bytes, counting what is being worked on as well as what waits.
//!
//! **Invariant:** what has been pushed and not been let go weighs no more than the limit, or is a single item. **Invariant:** after
//! [`Queue::stop`] nobody waits any more.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

pub struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    limit: usize,
}

struct State<T> {
    waiting: VecDeque<(T, usize)>,
    /// Of what waits and of what is being worked on.
    weight: usize,
    ended: bool,
    stopped: bool,
}

/// Something taken from the queue. Its weight counts until this is dropped.
pub struct Taken<'a, T> {
    pub item: T,
    weight: usize,
    queue: &'a Queue<T>,
}

impl<T> Queue<T> {
    pub fn new(limit: usize) -> Self {
        let state = State { waiting: VecDeque::new(), weight: 0, ended: false, stopped: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), limit }
    }

    /// Waits until there is room. False when the queue was stopped, and the item is gone.
    pub fn push(&self, item: T, weight: usize) -> bool {
        let mut state = self.wait_while(|state| !state.stopped && state.weight > 0 && state.weight + weight > self.limit);
        if state.stopped {
            return false;
        }
        state.weight += weight;
        state.waiting.push_back((item, weight));
        self.changed.notify_all();
        true
    }

    /// Waits until there is something. `None` when nothing comes any more.
    pub fn pop(&self) -> Option<Taken<'_, T>> {
        let mut state = self.wait_while(|state| !state.stopped && !state.ended && state.waiting.is_empty());
        if state.stopped {
            return None;
        }
        let (item, weight) = state.waiting.pop_front()?;
        Some(Taken { item, weight, queue: self })
    }

    /// Nothing is pushed any more; what waits is still taken.
    pub fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Something went wrong: what waits is forgotten.
    pub fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        state.waiting.clear();
        self.changed.notify_all();
    }

    /// A thread that panicked leaves the state whole, because nothing in here panics halfway.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, mut condition: impl FnMut(&mut State<T>) -> bool) -> MutexGuard<'_, State<T>> {
        self.changed.wait_while(self.lock(), |state| condition(state)).unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        self.queue.lock().weight -= self.weight;
        self.queue.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn the_weight_never_passes_the_limit_and_nothing_is_lost() {
        let queue = Queue::new(10);
        let (held, sum) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while let Some(taken) = queue.pop() {
                        assert!(held.fetch_add(taken.item, Ordering::SeqCst) + taken.item <= 10);
                        sum.fetch_add(taken.item, Ordering::SeqCst);
                        held.fetch_sub(taken.item, Ordering::SeqCst);
                    }
                });
            }
            (0..1000).for_each(|number| assert!(queue.push(number % 7, number % 7)));
            queue.end();
        });
        assert_eq!(sum.into_inner(), (0..1000usize).map(|number| number % 7).sum::<usize>());
    }

    #[test]
    fn one_item_heavier_than_the_limit_passes_alone() {
        let queue = Queue::new(10);
        assert!(queue.push("giant", 1000));
        thread::scope(|scope| {
            scope.spawn(|| assert!(queue.push("next", 1)));
            assert_eq!(queue.pop().unwrap().item, "giant");
            assert_eq!(queue.pop().unwrap().item, "next");
        });
    }

    #[test]
    fn after_a_stop_nobody_waits() {
        let queue = Queue::new(1);
        queue.push(1, 1);
        thread::scope(|scope| {
            scope.spawn(|| assert!(!queue.push(2, 1)));
            queue.stop();
        });
        assert!(queue.pop().is_none());
    }
}
