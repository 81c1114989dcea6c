//! The proof of what is said about one measurement.
//!
//! Nothing of a proof is stored: the measurement's rows are read, the rules are asked again, and what they answer is written down with
//! every field that they looked at. So a proof also shows whether the archive's verdict still stands.
//!
//! **Invariant:** a proof holds no address and no identifier of the volunteer: none is in the tables.

mod chains;
mod proof;
mod repeat;
mod words;

use std::sync::Arc;

use parallax_archive::{Archive, InputState, Partition, Snapshot};
use parallax_detect::interference::{Case, judge};
use parallax_model::refdata::RefData;
use parallax_model::table::Row;
use parallax_model::tables::{Certificate, Control, Judgement, Measurement, Observation, ProvenAddress};
use parallax_model::{Table, Timestamp};

pub use parallax_detect::interference::Weighing;
pub use parallax_detect::interference::neighbours::{InOtherHands, Tally};

pub use self::chains::{ShownCertificate, ShownChain};
pub use self::proof::{Proof, ProvenRule, ProvenTarget, Source, SourceState, Witness};
pub use self::repeat::{commands, quoted};
use crate::judge::{World, load_elsewhere, load_neighbours, load_proven, week_of};
use crate::{Engine, Error, Limits, literal};

/// A uid is in a few rows; more than this many records under one uid are not looked at.
const MOST_RECORDS: usize = 16;

/// Writes proofs. It holds the reference data in the form in which rules ask it, which takes a while to make.
pub struct Prover {
    world: World,
}

impl Prover {
    pub fn new(refdata: RefData) -> Self {
        Self { world: World::new(refdata) }
    }

    /// Proves what is said about every record that bears this uid: usually one, more only if somebody gave two records one name.
    /// An empty list means that no record does.
    pub fn explain(&self, archive: &Archive, engine: &Engine, uid: &str) -> Result<Vec<Proof>, Error> {
        prove_all(&archive.snapshot()?, engine, &self.world, uid)
    }
}

/// Proves what is said about one uid, and nothing after it: see [`Prover`].
pub fn explain(archive: &Archive, engine: &Engine, refdata: RefData, uid: &str) -> Result<Vec<Proof>, Error> {
    Prover::new(refdata).explain(archive, engine, uid)
}

fn prove_all(snapshot: &Snapshot, engine: &Engine, world: &World, uid: &str) -> Result<Vec<Proof>, Error> {
    let found = rows_of(engine, Measurement::TABLE_INFO, &[("measurement_uid", uid)])?;
    let mut proofs = Vec::new();
    for batch in &found {
        for row in 0..batch.num_rows() {
            if proofs.len() < MOST_RECORDS {
                proofs.push(prove(snapshot, engine, world, Measurement::read(batch, row))?);
            }
        }
    }
    Ok(proofs)
}

fn prove(snapshot: &Snapshot, engine: &Engine, world: &World, measurement: Measurement<'_>) -> Result<Proof, Error> {
    let (uid, digest) = (measurement.measurement_uid.to_string(), measurement.raw_digest.to_string());
    let here = |table| rows_at(engine, table, &uid, &digest, measurement.measurement_start_time);
    let (observations, controls, judged) = (here(Observation::TABLE_INFO)?, here(Control::TABLE_INFO)?, here(Judgement::TABLE_INFO)?);
    let partition = partition_of(&measurement);
    let week = week_of(&partition);
    let neighbours = load_neighbours(snapshot, &partition, Arc::new(load_elsewhere(snapshot, week)?))?;
    let observations: Vec<Observation<'_>> = all(&observations);
    let certificates = certificates(engine, &observations)?;
    let case = Case {
        controls: all(&controls),
        proven: &load_proven(snapshot, week)?,
        neighbours: &neighbours,
        certificates: &certificates,
        trust: &world.trust,
        refdata: &world.refdata,
        measurement,
        observations,
    };
    let judgements = judge(&case);
    let witnesses = judgements.iter().map(|judgement| witnesses(engine, &case, &judgement.target)).collect::<Result<Vec<_>, _>>()?;
    let source = source(snapshot, &case.measurement);
    Ok(proof::write(&case, &judgements, &all::<Judgement<'_>>(&judged), witnesses, source))
}

/// Where the archive keeps what belongs to a measurement.
fn partition_of(measurement: &Measurement<'_>) -> String {
    Partition::of(&measurement.probe_cc, measurement.measurement_start_time).to_string()
}

/// The rows of a table in which some columns have these values.
fn rows_of(engine: &Engine, table: &'static Table, wanted: &[(&str, &str)]) -> Result<Vec<arrow::array::RecordBatch>, Error> {
    let conditions: Vec<_> = wanted.iter().map(|(column, value)| format!("{column} = {}", literal(value))).collect();
    select(engine, table, &conditions.join(" AND "))
}

/// The rows of one record. Its time is named as well, so that only the files of its week are opened.
fn rows_at(
    engine: &Engine,
    table: &'static Table,
    uid: &str,
    digest: &str,
    time: Timestamp,
) -> Result<Vec<arrow::array::RecordBatch>, Error> {
    let time = time.format("%Y-%m-%dT%H:%M:%S%.6f");
    let condition =
        format!("measurement_uid = {} AND raw_digest = {} AND measurement_start_time = TIMESTAMP '{time}Z'", literal(uid), literal(digest));
    select(engine, table, &condition)
}

fn select(engine: &Engine, table: &'static Table, condition: &str) -> Result<Vec<arrow::array::RecordBatch>, Error> {
    let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    let order = table.sort_key.join(", ");
    let sql = format!("SELECT {} FROM {} WHERE {condition} ORDER BY {order}", columns.join(", "), table.name);
    engine.query(&sql, &Limits::default())?.collect()
}

fn all<'b, R: Row<'b>>(batches: &'b [arrow::array::RecordBatch]) -> Vec<R> {
    batches.iter().flat_map(R::all).collect()
}

/// The certificates that the record's handshakes name.
fn certificates(engine: &Engine, observations: &[Observation<'_>]) -> Result<std::collections::HashMap<String, Vec<u8>>, Error> {
    let batches = certificate_rows(engine, observations)?;
    Ok(all::<Certificate<'_>>(&batches).into_iter().map(|row| (row.fingerprint.into_owned(), row.der.into_owned())).collect())
}

/// Their rows: one for each week in which they were seen.
fn certificate_rows(engine: &Engine, observations: &[Observation<'_>]) -> Result<Vec<arrow::array::RecordBatch>, Error> {
    let mut wanted: Vec<&str> = observations.iter().flat_map(|row| row.tls_certificate_chain.iter().map(AsRef::as_ref)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<_> = wanted.into_iter().map(literal).collect();
    select(engine, Certificate::TABLE_INFO, &format!("fingerprint IN ({})", list.join(", ")))
}

/// Measurements of other networks that proved an address of this target.
fn witnesses(engine: &Engine, case: &Case<'_>, target: &str) -> Result<Vec<Witness>, Error> {
    let mut addresses: Vec<&str> =
        case.observations.iter().filter(|row| row.target.as_deref() == Some(target)).filter_map(|row| row.ip.as_deref()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.is_empty() || case.proven.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<_> = addresses.into_iter().map(literal).collect();
    let monday = case.measurement.measurement_start_time.week();
    let own = case.measurement.probe_asn.unwrap_or_default();
    let condition = format!(
        "hostname = {} AND ip IN ({}) AND probe_asn <> {own} AND measurement_start_time = TIMESTAMP '{monday}T00:00:00Z'",
        literal(target),
        list.join(", ")
    );
    let batches = select(engine, ProvenAddress::TABLE_INFO, &condition)?;
    Ok(all::<ProvenAddress<'_>>(&batches)
        .into_iter()
        .map(|row| Witness {
            ip: row.ip.into_owned(),
            probe_asn: row.probe_asn,
            validated: row.validated,
            measurement_uid: row.witness.into_owned(),
        })
        .collect())
}

fn source(snapshot: &Snapshot, measurement: &Measurement<'_>) -> Source {
    let (state, path) = match snapshot.open_input(&measurement.source_digest) {
        Ok(InputState::Kept(path)) => (SourceState::Kept, Some(path)),
        Ok(InputState::At(path)) => (SourceState::Unchanged, Some(path)),
        Ok(InputState::Changed { path, .. }) => (SourceState::Changed, Some(path)),
        Ok(InputState::Gone { .. }) => (SourceState::Gone, None),
        Err(_) => (SourceState::Unknown, None),
    };
    Source {
        file: measurement.source_file.to_string(),
        line: measurement.source_line,
        offset: measurement.source_offset,
        length: measurement.source_length,
        file_sha256: measurement.source_digest.to_string(),
        record_sha256: measurement.raw_digest.to_string(),
        state,
        path: path.map(|path| path.display().to_string()),
    }
}
