//! Finds addresses that a network's resolvers gave for unrelated names and that no connection of it proved: facts, before any rule is
//! asked.
//!
//! One walk over the lookups and handshakes of a country and week notes what was answered and what was reached, as small rows of numbers
//! ([`seen`]); they are sorted, and each address is looked at once, beside what its network reached meanwhile ([`reached`]).

mod reached;
mod rows;
mod seen;

use parallax_archive::{Manifest, Snapshot};
use parallax_detect::interference::neighbours::{AnsweredName, Shared, SharedAnswers};
use parallax_model::sha256;
use parallax_model::table::Row;
use parallax_model::tables::{Observation, SharedAnswer, SharedAnswerRows};

use self::rows::COLUMNS;
use self::seen::Seen;
use super::derive::Take;
use crate::Error;

/// Rows in one batch.
const BATCH_ROWS: usize = 8192;

/// Names everything that the shared answers of a country and week depend on.
pub(super) fn made_from(manifest: &Manifest, partition: &str) -> String {
    let files = manifest.files(Observation::TABLE_INFO, partition).iter().map(|file| file.sha256.as_str());
    sha256::of_texts(["shared answers 1"].into_iter().chain(files))
}

/// Hands on one row for each network, shared address and name of a country and week.
pub(super) fn find(snapshot: &Snapshot, partition: &str, take: &mut Take<'_>) -> Result<(), Error> {
    let mut seen = Seen::default();
    for batch in snapshot.read_columns(Observation::TABLE_INFO, partition, COLUMNS)? {
        seen.add(&batch?);
    }
    let country = partition.split('/').next().unwrap_or_default();
    let mut rows = SharedAnswerRows::default();
    let goes_on = seen.each_shared(country, &mut |row| {
        rows.push(row);
        rows.len() < BATCH_ROWS || take(rows.take())
    });
    if goes_on && !rows.is_empty() {
        take(rows.take());
    }
    Ok(())
}

/// Loads what a country's networks were answered in one week.
pub(super) fn load(snapshot: &Snapshot, partition: &str) -> Result<SharedAnswers, Error> {
    let mut answers = SharedAnswers::default();
    for batch in snapshot.read(SharedAnswer::TABLE_INFO, partition)? {
        let batch = batch?;
        for row in SharedAnswer::all(&batch) {
            let Ok(ip) = row.ip.parse() else { continue };
            let address = Shared {
                names: Vec::new(),
                hours: row.hours_of_address,
                hours_others_reached: row.hours_others_reached,
                other_names_reached: row.other_names_reached,
            };
            let name = AnsweredName {
                hostname: row.hostname.into_owned(),
                hours: row.hours,
                days: row.days,
                answers: row.answers,
                reached: row.reached,
            };
            answers.insert(row.probe_asn, ip, address, name);
        }
    }
    Ok(answers.finish())
}
