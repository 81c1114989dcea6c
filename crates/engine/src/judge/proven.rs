//! Finds the addresses that networks have proved, and loads them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use arrow::array::RecordBatch;
use foldhash::{HashMap, HashSet};
use parallax_archive::{Manifest, Snapshot};
use parallax_detect::interference::{Chain, ProvenAddresses, validate};
use parallax_model::table::{Columns, Row};
use parallax_model::tables::{Certificate, Observation, ObservationColumns, ProvenAddress, ProvenAddressRows};
use parallax_model::{Operation, Timestamp, sha256};

use super::certificates::Certificates;
use super::derive::Take;
use super::{World, week_of};
use crate::Error;

/// Rows that were seen lately and need not be staged again; forgotten when there are more, since the archive drops duplicates anyway.
const MOST_REMEMBERED: usize = 200_000;
/// Chains whose validity is remembered.
const MOST_CHAINS: usize = 100_000;
/// Rows in one batch.
const BATCH_ROWS: usize = 8192;
/// Names and addresses that are loaded for one week. Only those that several networks proved count, and those are few.
const MOST_LOADED: usize = 1_000_000;

/// The columns that a handshake is judged by; the others are not even decompressed.
const COLUMNS: &[&str] = &[
    "measurement_uid",
    "measurement_start_time",
    "probe_asn",
    "operation",
    "hostname",
    "ip",
    "failure",
    "tls_server_name",
    "tls_no_verify",
    "tls_certificate_chain",
];

/// Names everything that the proven addresses of a week depend on.
pub(super) fn made_from(manifest: &Manifest, week: &str, partitions: &BTreeSet<String>, refdata_digest: &str) -> String {
    let mut parts = vec!["proven addresses 2", refdata_digest];
    for partition in partitions {
        parts.extend(manifest.files(Observation::TABLE_INFO, partition).iter().map(|file| file.sha256.as_str()));
    }
    parts.extend(manifest.files(Certificate::TABLE_INFO, week).iter().map(|file| file.sha256.as_str()));
    sha256::of_texts(parts)
}

/// Hands on one row for each name, address and network that completed a handshake in a country and week.
pub(super) fn prove(
    snapshot: &Snapshot,
    partition: &str,
    certificates: &Certificates,
    world: &World,
    take: &mut Take<'_>,
) -> Result<(), Error> {
    let monday = format!("{} 00:00:00", week_of(partition)).parse::<Timestamp>().unwrap_or_default();
    let mut chains = Chains { certificates, known: HashMap::default() };
    let mut remembered: HashSet<(String, String, u32, bool)> = HashSet::default();
    let mut rows = ProvenAddressRows::default();
    for batch in snapshot.read_columns(Observation::TABLE_INFO, partition, COLUMNS)? {
        let batch = batch?;
        for observation in handshakes(&batch) {
            let Some(proof) = proof(&observation, &mut chains, world, monday) else { continue };
            let key = (proof.hostname.to_string(), proof.ip.to_string(), proof.probe_asn, proof.validated);
            if remembered.insert(key) {
                rows.push(&proof);
            }
            if rows.len() >= BATCH_ROWS && !take(rows.take()) {
                return Ok(());
            }
            if remembered.len() > MOST_REMEMBERED {
                remembered.clear();
            }
        }
    }
    if !rows.is_empty() {
        take(rows.take());
    }
    Ok(())
}

/// The TLS handshakes of a batch, with what [`COLUMNS`] say of each.
fn handshakes(batch: &RecordBatch) -> impl Iterator<Item = Observation<'_>> {
    let columns = ObservationColumns::of(batch);
    (0..batch.num_rows()).filter_map(move |row| (columns.operation(row) == Operation::Tls).then(|| columns.row(row)))
}

/// What a handshake proves: nothing, if it failed, was not verified, comes from an unknown network, or has a chain that is not valid.
fn proof<'a>(row: &Observation<'a>, chains: &mut Chains<'_>, world: &World, monday: Timestamp) -> Option<ProvenAddress<'a>> {
    if row.operation != Operation::Tls || row.failure.is_some() || row.tls_no_verify == Some(true) {
        return None;
    }
    let (ip, hostname, probe_asn) = (row.ip.clone()?, row.hostname.clone()?, row.probe_asn?);
    let chain = chains.validate(row, world);
    matches!(chain, Chain::Valid | Chain::Missing).then(|| ProvenAddress {
        hostname,
        ip,
        probe_asn,
        validated: chain == Chain::Valid,
        measurement_start_time: monday,
        witness: row.measurement_uid.clone(),
        ..ProvenAddress::default()
    })
}

/// Validates each chain once for each name and day.
struct Chains<'c> {
    certificates: &'c Certificates,
    known: HashMap<(Vec<String>, String, i64), Chain>,
}

impl Chains<'_> {
    fn validate(&mut self, row: &Observation<'_>, world: &World) -> Chain {
        if row.tls_certificate_chain.is_empty() {
            return Chain::Missing;
        }
        let chain = row.tls_certificate_chain.iter().map(|hash| hash.to_string()).collect();
        let name = row.tls_server_name.as_deref().unwrap_or_default().to_owned();
        let day = row.measurement_start_time.seconds().div_euclid(86_400);
        if self.known.len() > MOST_CHAINS {
            self.known.clear();
        }
        *self.known.entry((chain, name, day)).or_insert_with(|| validate(row, self.certificates, &world.trust))
    }
}

/// Loads the proven addresses of a week. Those of a single network prove nothing to anybody and are left out.
pub(crate) fn load(snapshot: &Snapshot, week: &str) -> Result<ProvenAddresses, Error> {
    let mut proven = ProvenAddresses::default();
    let mut loaded = 0;
    let mut last: Option<(String, IpAddr, u32)> = None;
    for batch in snapshot.read(ProvenAddress::TABLE_INFO, week)? {
        let batch = batch?;
        for row in ProvenAddress::all(&batch) {
            let Ok(ip) = row.ip.parse::<IpAddr>() else { continue };
            if let Some((hostname, before, network)) = &last
                && *hostname == row.hostname
                && *before == ip
                && *network != row.probe_asn
                && loaded < MOST_LOADED
            {
                proven.insert(hostname, ip, *network);
                proven.insert(hostname, ip, row.probe_asn);
                loaded += 1;
            }
            last = Some((row.hostname.into_owned(), ip, row.probe_asn));
        }
    }
    Ok(proven)
}
