//! Points at which a test may stop the world and look at the disk, as a kill at that instant would leave it.
//!
//! Outside of this crate's own tests there is nothing here.

/// Says that a step that changes the disk is done.
#[cfg(not(test))]
#[inline(always)]
pub fn step(_name: &str) {}

#[cfg(test)]
type Observer = Box<dyn FnMut(&str)>;

#[cfg(test)]
thread_local! {
    static OBSERVER: std::cell::RefCell<Option<Observer>> = const { std::cell::RefCell::new(None) };
}

/// Says that a step that changes the disk is done; the test that observes this thread is told.
#[cfg(test)]
pub fn step(name: &str) {
    OBSERVER.with_borrow_mut(|observer| {
        if let Some(observer) = observer {
            observer(name);
        }
    });
}

/// Runs `work` and tells `observer` of each step of it.
#[cfg(test)]
pub fn observe<T>(observer: impl FnMut(&str) + 'static, work: impl FnOnce() -> T) -> T {
    OBSERVER.with_borrow_mut(|slot| *slot = Some(Box::new(observer)));
    let result = work();
    OBSERVER.with_borrow_mut(|slot| *slot = None);
    result
}
