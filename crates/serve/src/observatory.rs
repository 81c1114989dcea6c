//! The archive as the pages see it: one edition at a time, replaced when the archive has changed.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use arrow::array::AsArray;
use arrow::datatypes::{Int64Type, UInt32Type};
use parallax_archive::{Archive, Snapshot};
use parallax_engine::explain::{Proof, Prover};
use parallax_engine::{Engine, Limits, events};
use parallax_model::Timestamp;
use parallax_model::refdata::RefData;
use parallax_model::tables::Event;

use crate::counts::{self, Counts};
use crate::error::Error;
use crate::gate::Gate;
use crate::overview::Overview;

/// What the observatory may use of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub threads: usize,
    /// Memory for all running queries together; what needs more spills to disk or fails.
    pub memory_bytes: usize,
    /// Time for one query that a reader wrote.
    pub query_time: Duration,
    /// Rows of such a query that are shown; a download has them all.
    pub query_rows: usize,
}

impl Default for Options {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        Self { threads, memory_bytes: 256 * 1024 * 1024, query_time: Duration::from_secs(20), query_rows: 1000 }
    }
}

/// Reads the reference data that a state of the archive names. The readers of foreign bytes are no part of this crate.
pub type LoadRefData = Box<dyn Fn(&Archive, &Snapshot) -> Result<RefData, String> + Send + Sync>;

/// What all requests share.
pub struct Observatory {
    archive: Archive,
    load: LoadRefData,
    pub options: Options,
    current: RwLock<Arc<Edition>>,
    /// Requests that are answered from memory or by short queries of ours.
    pub pages: Gate,
    /// Queries that readers wrote, proofs, and downloads: they take longer.
    pub queries: Gate,
}

/// One state of the archive, ready to be read.
pub struct Edition {
    pub archive: Archive,
    pub snapshot: Snapshot,
    pub engine: Engine,
    pub counts: Counts,
    pub prover: Prover,
    /// What `parallax detect` found, in the order of its table.
    pub events: Vec<Event<'static>>,
    /// How far the measurements reached then.
    pub watermark: Option<Timestamp>,
    /// Whether verdicts or measurements have changed since.
    pub events_are_old: bool,
    /// Names of networks.
    names: BTreeMap<u32, String>,
    overview: OnceLock<Overview>,
}

impl Observatory {
    pub fn open(archive: Archive, load: LoadRefData, options: Options) -> Result<Self, Error> {
        let edition = Edition::open(&archive, &load, &options)?;
        let threads = options.threads.max(1);
        Ok(Self {
            archive,
            load,
            options,
            current: RwLock::new(Arc::new(edition)),
            pages: Gate::new(2 * threads, PAGES_WAITING),
            queries: Gate::new(threads, QUERIES_WAITING),
        })
    }

    pub fn edition(&self) -> Arc<Edition> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the archive as it is now, if it has changed. Whoever reads the old state goes on with it.
    pub fn refresh(&self) -> Result<bool, Error> {
        let generation = self.archive.snapshot()?.manifest().generation;
        if generation == self.edition().generation() {
            return Ok(false);
        }
        let edition = Edition::open(&self.archive, &self.load, &self.options)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(edition);
        Ok(true)
    }
}

/// Requests that may wait for their turn: 20 readers on a few pages each. A page takes milliseconds, so the last one waits a second.
const PAGES_WAITING: usize = 128;
/// The same for what takes seconds.
const QUERIES_WAITING: usize = 8;

impl Edition {
    fn open(archive: &Archive, load: &LoadRefData, options: &Options) -> Result<Self, Error> {
        // The snapshot comes first: if somebody writes in between, this edition counts as old and is made again.
        let snapshot = archive.snapshot()?;
        let engine = Engine::open(archive, &parallax_engine::Options { threads: options.threads, memory_bytes: options.memory_bytes })?;
        let refdata = load(archive, &snapshot).map_err(Error::RefData)?;
        let names = names(&engine)?;
        let counts = counts::gather(&engine)?;
        Ok(Self {
            archive: archive.clone(),
            events: events::load(&snapshot)?,
            watermark: events::watermark(&snapshot),
            events_are_old: events::is_out_of_date(&snapshot),
            snapshot,
            engine,
            counts,
            prover: Prover::new(refdata),
            names,
            overview: OnceLock::new(),
        })
    }

    /// Counts the states of the archive from the first.
    pub fn generation(&self) -> u64 {
        self.snapshot.manifest().generation
    }

    /// The name that most records give to a network.
    pub fn network_name(&self, asn: u32) -> Option<&str> {
        self.names.get(&asn).map(String::as_str)
    }

    pub fn network_names(&self) -> &BTreeMap<u32, String> {
        &self.names
    }

    pub fn event(&self, id: &str) -> Option<&Event<'static>> {
        self.events.iter().find(|event| event.event_id == id)
    }

    pub fn overview(&self) -> &Overview {
        self.overview.get_or_init(|| Overview::of(&self.counts, &crate::Filter::default()))
    }

    /// The proof of what is said about a measurement, as `parallax explain` writes it.
    pub fn explain(&self, uid: &str) -> Result<Vec<Proof>, Error> {
        let mut proofs = self.prove(uid)?;
        // Folders of this machine are nobody else's business.
        proofs.iter_mut().for_each(|proof| proof.source.path = None);
        Ok(proofs)
    }

    /// The same with the folder in which the source lies: for whoever reads it, and not to be shown.
    pub fn prove(&self, uid: &str) -> Result<Vec<Proof>, Error> {
        Ok(self.prover.explain(&self.archive, &self.engine, uid)?)
    }
}

/// Anyone can submit any name for a network, so the most frequent one counts; the alphabet decides among equals.
fn names(engine: &Engine) -> Result<BTreeMap<u32, String>, Error> {
    let sql = "SELECT probe_asn, probe_as_org_name, count(*) AS n FROM measurements \
               WHERE probe_asn IS NOT NULL AND probe_as_org_name IS NOT NULL GROUP BY probe_asn, probe_as_org_name";
    let mut best: BTreeMap<u32, (i64, String)> = BTreeMap::new();
    for batch in engine.query(sql, &Limits::default())? {
        let batch = batch?;
        let (asns, texts, counts) =
            (batch.column(0).as_primitive::<UInt32Type>(), batch.column(1).as_string::<i32>(), batch.column(2).as_primitive::<Int64Type>());
        for row in 0..batch.num_rows() {
            let (n, name) = (counts.value(row), texts.value(row));
            let better = |(most, kept): &(i64, String)| (n, std::cmp::Reverse(name)) > (*most, std::cmp::Reverse(kept.as_str()));
            if best.get(&asns.value(row)).is_none_or(better) {
                best.insert(asns.value(row), (n, name.to_owned()));
            }
        }
    }
    Ok(best.into_iter().map(|(asn, (_, name))| (asn, name)).collect())
}
