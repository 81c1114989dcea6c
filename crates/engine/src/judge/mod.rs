//! Runs the rules over the archive: verdicts for what is new, or whose rules, reference data or controls changed.
//!
//! Two passes. The first finds what other measurements say: week by week, the addresses that networks have proved ([`proven`]), and for
//! each country and week how often each network got through to each target ([`reachability`]) and which addresses its networks gave for
//! unrelated names ([`shared_answers`]). The second judges each country and
//! week, chunk by chunk, on all threads ([`work`]). What a partition was judged by is noted in the manifest, so that a run
//! that finds nothing changed does nothing.
//!
//! **Invariant:** the verdicts of a partition are a pure function of its rows, the rules, the reference data, and the proven addresses,
//! reachability, shared answers and certificates of its week.

mod certificates;
mod chunk;
mod derive;
mod neighbours;
mod proven;
mod reachability;
mod rows;
mod shared_answers;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use parallax_archive::{Archive, Manifest, Snapshot, Stage, Writer};
use parallax_detect::interference::{RULESET_VERSION, TrustAnchors};
use parallax_model::refdata::RefData;
use parallax_model::tables::{
    Certificate, Control, Judgement, Measurement, Observation, ProvenAddress, Reachability, SharedAnswer, Verdict,
};
use parallax_model::{State, Table, sha256};
use serde::Serialize;

use self::derive::Take;
pub(crate) use self::neighbours::{load as load_neighbours, load_elsewhere};
pub(crate) use self::proven::load as load_proven;
use crate::Error;

/// Partitions that are committed together: often enough that a kill loses little, seldom enough that the disk is not the brake.
const PARTITIONS_PER_COMMIT: usize = 64;

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Countries and weeks that were judged, and those where nothing had changed.
    pub partitions: u64,
    pub unchanged_partitions: u64,
    pub measurements: u64,
    pub verdicts: u64,
    /// Judgements by state.
    pub judgements: BTreeMap<State, u64>,
    pub ruleset_version: &'static str,
    pub refdata_digest: String,
    pub seconds: f64,
}

/// Told how far a run is, in measurements.
pub trait Progress: Sync {
    fn begin(&self, measurements: u64);
    fn judged(&self, measurements: u64);
}

impl Progress for () {
    fn begin(&self, _: u64) {}
    fn judged(&self, _: u64) {}
}

/// Everything beside the rows of a partition that its verdicts depend on.
pub(crate) struct World {
    pub refdata: RefData,
    pub trust: TrustAnchors,
}

impl World {
    pub fn new(refdata: RefData) -> Self {
        let trust = TrustAnchors::with(&refdata.root_certificates);
        Self { refdata, trust }
    }
}

/// Judges whatever is new or changed.
pub fn judge(archive: &Archive, refdata: RefData, threads: usize, progress: &dyn Progress) -> Result<Summary, Error> {
    let started = Instant::now();
    let mut writer = archive.write("parallax judge")?;
    let world = World::new(refdata);
    let threads = threads.max(1);
    prove_addresses(archive, &mut writer, &world, threads)?;
    count_reachability(archive, &mut writer, &world, threads)?;
    find_shared_answers(archive, &mut writer, threads)?;
    let mut summary = judge_partitions(archive, &mut writer, &world, threads, progress)?;
    summary.ruleset_version = RULESET_VERSION;
    summary.refdata_digest.clone_from(&world.refdata.digest);
    summary.seconds = started.elapsed().as_secs_f64();
    Ok(summary)
}

/// The first pass: proven addresses of every week whose observations or root certificates changed.
fn prove_addresses(archive: &Archive, writer: &mut Writer, world: &World, threads: usize) -> Result<(), Error> {
    let snapshot = archive.snapshot()?;
    for (week, partitions) in weeks(&snapshot, Observation::TABLE_INFO) {
        let key = proven::made_from(snapshot.manifest(), &week, &partitions, &world.refdata.digest);
        let name = format!("proven_addresses/{week}");
        if snapshot.manifest().derived.get(&name) == Some(&key) {
            continue;
        }
        let mut stage = writer.stage()?;
        clear(writer, &mut stage, ProvenAddress::TABLE_INFO, &week)?;
        let partitions: Vec<_> = partitions.into_iter().collect();
        let certificates = certificates::load(&snapshot, &week)?;
        derive::stage_all(&partitions, threads, &mut stage, |partition, take| {
            proven::prove(&snapshot, partition, &certificates, world, take)
        })?;
        writer.commit(stage, |manifest| drop(manifest.derived.insert(name, key)))?;
    }
    Ok(())
}

/// The rest of it, for every country and week whose rows or reference data changed: how often networks got through.
fn count_reachability(archive: &Archive, writer: &mut Writer, world: &World, threads: usize) -> Result<(), Error> {
    let made_from = |manifest: &Manifest, partition: &str| reachability::made_from(manifest, partition, &world.refdata.digest);
    derive(archive, writer, threads, Reachability::TABLE_INFO, made_from, |snapshot, partition, take| {
        reachability::count(snapshot, partition, &world.refdata, take)
    })
}

/// And what their resolvers gave for unrelated names.
fn find_shared_answers(archive: &Archive, writer: &mut Writer, threads: usize) -> Result<(), Error> {
    derive(archive, writer, threads, SharedAnswer::TABLE_INFO, shared_answers::made_from, shared_answers::find)
}

/// Makes a table anew where what it was made from has changed.
fn derive(
    archive: &Archive,
    writer: &mut Writer,
    threads: usize,
    table: &'static Table,
    made_from: impl Fn(&Manifest, &str) -> String,
    make: impl Fn(&Snapshot, &str, &mut Take<'_>) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let snapshot = archive.snapshot()?;
    let manifest = snapshot.manifest();
    let name_of = |partition: &str| format!("{}/{partition}", table.name);
    let partitions = snapshot.partitions(Observation::TABLE_INFO).map(|partition| (partition, made_from(manifest, partition)));
    let changed: Vec<(&str, String)> =
        partitions.filter(|(partition, key)| manifest.derived.get(&name_of(partition)) != Some(key)).collect();
    for batch in changed.chunks(PARTITIONS_PER_COMMIT) {
        let mut stage = writer.stage()?;
        for (partition, _) in batch {
            clear(writer, &mut stage, table, partition)?;
        }
        derive::stage_all(batch, threads, &mut stage, |(partition, _), take| make(&snapshot, partition, take))?;
        let made = batch.iter().map(|(partition, key)| (name_of(partition), key.clone()));
        writer.commit(stage, |manifest| manifest.derived.extend(made))?;
    }
    Ok(())
}

/// The second pass.
fn judge_partitions(
    archive: &Archive,
    writer: &mut Writer,
    world: &World,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Summary, Error> {
    let snapshot = archive.snapshot()?;
    let mut summary = Summary::default();
    let manifest = snapshot.manifest();
    let mut changed: Vec<(String, String)> = snapshot
        .partitions(Measurement::TABLE_INFO)
        .map(|partition| (partition.to_owned(), made_from(manifest, partition, &world.refdata.digest)))
        .filter(|(partition, key)| manifest.derived.get(&format!("verdicts/{partition}")) != Some(key))
        .collect();
    // Week by week, because what a week's verdicts rest on is loaded once for all of its countries.
    changed.sort_by(|(a, _), (b, _)| (week_of(a), a).cmp(&(week_of(b), b)));
    summary.unchanged_partitions = (snapshot.partitions(Measurement::TABLE_INFO).count() - changed.len()) as u64;
    progress
        .begin(changed.iter().flat_map(|(partition, _)| manifest.files(Measurement::TABLE_INFO, partition)).map(|file| file.rows).sum());
    let mut week = None;
    for batch in changed.chunks(PARTITIONS_PER_COMMIT) {
        let mut stage = writer.stage()?;
        for (partition, _) in batch {
            clear(writer, &mut stage, Verdict::TABLE_INFO, partition)?;
            clear(writer, &mut stage, Judgement::TABLE_INFO, partition)?;
        }
        for partitions in batch.chunk_by(|(a, _), (b, _)| week_of(a) == week_of(b)) {
            let this = work::Week::of(week_of(&partitions[0].0), week.take(), &snapshot, world)?;
            let names = partitions.iter().map(|(name, _)| name.as_str());
            work::judge_partitions(&snapshot, names, &this, threads, &mut stage, &mut summary, progress)?;
            week = Some(this);
            summary.partitions += partitions.len() as u64;
        }
        writer.commit(stage, |manifest| note(manifest, batch))?;
    }
    Ok(summary)
}

fn note(manifest: &mut Manifest, judged: &[(String, String)]) {
    for (partition, key) in judged {
        manifest.derived.insert(format!("verdicts/{partition}"), key.clone());
    }
}

/// The rows pushed to the stage will be all that the partition holds.
fn clear(writer: &mut Writer, stage: &mut Stage, table: &'static Table, partition: &str) -> Result<(), Error> {
    Ok(writer.replace_partition(stage, table, partition, std::iter::empty::<Result<_, Error>>())?)
}

/// The weeks of a table, each with its partitions by country.
fn weeks(snapshot: &Snapshot, table: &Table) -> BTreeMap<String, BTreeSet<String>> {
    let mut weeks: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for partition in snapshot.partitions(table) {
        weeks.entry(week_of(partition).to_owned()).or_default().insert(partition.to_owned());
    }
    weeks
}

/// `2024-02-12` of `XA/2024-02-12`.
pub(crate) fn week_of(partition: &str) -> &str {
    partition.rsplit('/').next().unwrap_or(partition)
}

/// Names everything that the verdicts of a partition depend on.
fn made_from(manifest: &Manifest, partition: &str, refdata_digest: &str) -> String {
    let week = week_of(partition);
    let mut parts = vec![RULESET_VERSION, refdata_digest];
    for table in [Measurement::TABLE_INFO, Observation::TABLE_INFO, Control::TABLE_INFO, SharedAnswer::TABLE_INFO] {
        parts.extend(manifest.files(table, partition).iter().map(|file| file.sha256.as_str()));
    }
    for table in [ProvenAddress::TABLE_INFO, Certificate::TABLE_INFO] {
        parts.extend(manifest.files(table, week).iter().map(|file| file.sha256.as_str()));
    }
    // Of all countries: what they saw is a control of this one.
    let reachability = manifest.tables.get(Reachability::TABLE_INFO.name).into_iter().flatten();
    let of_this_week = reachability.filter(|(name, _)| week_of(name) == week).flat_map(|(_, files)| files);
    parts.extend(of_this_week.map(|file| file.sha256.as_str()));
    sha256::of_texts(parts)
}
