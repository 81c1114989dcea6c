//! Every hour that was asked for: list it, and download what is missing.
//!
//! Threads take hours one by one; an hour's listing is walked page by page, so memory does not grow with what is asked for.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use parallax_ingest::bucket::{self, Key, Kind, Object};

use super::download::download;
use super::here::{Place, State};
use super::server::Server;
use super::told::Done;
use super::trouble::Trouble;
use super::wanted::Wanted;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{bytes, plural};
use crate::progress::Bar;

/// Pages of one hour of one country: a hundred times what there is on a busy day.
const MAX_PAGES: usize = 100;
/// Bytes of one file. OONI cuts its files far below this.
const MAX_FILE_BYTES: u64 = 4 << 30;

pub struct Task<'a> {
    pub wanted: &'a Wanted,
    pub server: &'a Server,
    pub folder: &'a Path,
    pub dry_run: bool,
}

/// What the threads share.
struct Shared {
    next: AtomicU64,
    finished: AtomicU64,
    /// The first hour that failed. Those before it are finished, so that the same one is told whatever thread came first.
    failed: AtomicU64,
    done: Mutex<Done>,
    failure: Mutex<Option<(u64, Failure)>>,
}

impl Shared {
    fn new() -> Self {
        Self {
            next: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            failed: AtomicU64::new(u64::MAX),
            done: Mutex::default(),
            failure: Mutex::default(),
        }
    }

    /// Whether an hour that was begun need not be finished.
    fn is_beyond_failure(&self, hour: u64) -> bool {
        hour > self.failed.load(Ordering::Relaxed)
    }

    fn fail(&self, hour: u64, failure: Failure) {
        self.failed.fetch_min(hour, Ordering::Relaxed);
        let mut first = locked(&self.failure);
        if first.as_ref().is_none_or(|(known, _)| hour < *known) {
            *first = Some((hour, failure));
        }
    }
}

impl Task<'_> {
    pub fn run(&self, threads: usize) -> Result<Done, Failure> {
        let shared = Shared::new();
        let bar = Bar::of_items(if self.dry_run { "listing hours" } else { "fetching hours" });
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| self.work(&shared, &bar));
            }
        });
        drop(bar);
        match locked(&shared.failure).take() {
            Some((_, failure)) => Err(failure),
            None => Ok(std::mem::take(&mut *locked(&shared.done))),
        }
    }

    fn work(&self, shared: &Shared, bar: &Bar) {
        let hours = self.wanted.hours();
        loop {
            let index = shared.next.fetch_add(1, Ordering::Relaxed);
            if index >= hours || shared.is_beyond_failure(index) {
                return;
            }
            if let Err(failure) = self.hour(index, shared, bar) {
                shared.fail(index, failure);
            }
            bar.set(shared.finished.fetch_add(1, Ordering::Relaxed) + 1, hours);
        }
    }

    fn hour(&self, index: u64, shared: &Shared, bar: &Bar) -> Result<(), Failure> {
        let prefix = self.wanted.prefix(index);
        let mut token: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let page = self.server.list(&prefix, token.as_deref()).map_err(|trouble| self.failure(&format!("list {prefix}"), &trouble))?;
            for object in &page.objects {
                if shared.is_beyond_failure(index) {
                    return Ok(());
                }
                self.object(object, &prefix, shared, bar)?;
            }
            match page.next {
                None => return Ok(()),
                next => token = next,
            }
        }
        let why = Trouble::Refused(format!("with more than {MAX_PAGES} pages for one hour"));
        Err(self.failure(&format!("list {prefix}"), &why))
    }

    fn object(&self, object: &Object, prefix: &str, shared: &Shared, bar: &Bar) -> Result<(), Failure> {
        let key = match accepted(object, prefix) {
            Ok(Some(key)) => key,
            Ok(None) => return Ok(()),
            Err(why) => {
                locked(&shared.done).refuse(&object.key, &why);
                return Ok(());
            }
        };
        locked(&shared.done).saw_test(key.test());
        if !self.wanted.has(&key) {
            return Ok(());
        }
        let place = Place { key: &key, size: object.size, etag: object.etag.as_ref(), path: self.folder.join(key.path()) };
        let state = place.state().map_err(|error| self.failure(&format!("read {}", place.path.display()), &Trouble::Disk(error)))?;
        locked(&shared.done).list(object.size, state);
        if state == State::Complete || self.dry_run {
            return Ok(());
        }
        match download(&place, self.server) {
            Ok(came) => locked(&shared.done).fetch(object, came, state),
            Err(trouble) if trouble.is_of_one_file() && !locked(&shared.done).is_hopeless() => {
                locked(&shared.done).miss(&object.key, &trouble);
            }
            Err(trouble) => return Err(self.failure(&format!("download {}", object.key), &trouble)),
        }
        let done = locked(&shared.done);
        bar.say(&format!("{}, {}", plural(done.fetched.files, "file"), bytes(done.fetched.bytes)));
        Ok(())
    }

    fn failure(&self, doing: &str, trouble: &Trouble) -> Failure {
        match trouble {
            Trouble::Disk(_) => Failure::new(ExitCode::Archive, doing, trouble.to_string())
                .hint("what was downloaded stays; the same command goes on from there"),
            _ => Failure::new(ExitCode::Usage, format!("{doing} at {}", self.server.address()), trouble.to_string())
                .hint("what was downloaded stays; the same command goes on from there, when the server can be reached"),
        }
    }
}

/// The key of an object that is a file of measurements within what was listed; nothing for what lies beside them by design.
fn accepted(object: &Object, prefix: &str) -> Result<Option<Key>, String> {
    let key = match bucket::recognise(&object.key).map_err(|bad| bad.to_string())? {
        Kind::Beside => return Ok(None),
        Kind::Measurements(key) => key,
    };
    if !key.as_str().starts_with(prefix) {
        return Err("it was not asked for".to_owned());
    }
    if object.size > MAX_FILE_BYTES {
        return Err(format!("it has {}, more than {}", bytes(object.size), bytes(MAX_FILE_BYTES)));
    }
    Ok(Some(key))
}

/// Nothing that is held while locked can be left half done.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
