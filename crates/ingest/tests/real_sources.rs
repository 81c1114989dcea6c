//! Real tables and scans, read through the whole pipeline where they lie beside the checkout. Nothing of them is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use parallax_archive::Archive;
use parallax_ingest::fingerprints::FingerprintMatcher;
use parallax_ingest::input::expand;
use parallax_ingest::pipeline::{Options, Silent, Summary, ingest};
use parallax_model::Table;
use parallax_model::table::Row;
use parallax_model::tables::{Control, Measurement, Observation, Reject};

/// Nothing where the folder is missing, which is said in one line.
fn folder(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if !folder.is_dir() {
        println!("skipped: there is no real data beside the checkout");
    }
    folder.is_dir().then_some(folder)
}

struct Ingested {
    summary: Summary,
    archive: Archive,
    _folder: tempfile::TempDir,
}

fn ingested(data: &Path) -> Ingested {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(folder.path().join("archive")).unwrap();
    let options = Options { threads: 2.try_into().unwrap(), keep_raw: false, fingerprints: FingerprintMatcher::empty().into() };
    let summary = ingest(&archive, &expand(&[data.to_owned()]).unwrap(), &options, &Silent).unwrap();
    Ingested { summary, archive, _folder: folder }
}

impl Ingested {
    fn rows<T>(&self, table: &'static Table, read: impl Fn(&arrow::array::RecordBatch, usize) -> T) -> Vec<T> {
        let snapshot = self.archive.snapshot().unwrap();
        let mut rows = Vec::new();
        for partition in snapshot.partitions(table) {
            for batch in snapshot.read(table, partition).unwrap() {
                let batch = batch.unwrap();
                rows.extend((0..batch.num_rows()).map(|row| read(&batch, row)));
            }
        }
        rows
    }
}

#[test]
fn every_row_of_the_tables_is_read_and_has_the_targets_of_raw_measurements() {
    let Some(data) = folder("ooni/kenya-2023") else { return };
    let ingested = ingested(&data);
    assert_eq!(ingested.summary.rejected, 0);
    let uids = ingested.rows(Measurement::TABLE_INFO, |batch, row| Measurement::read(batch, row).measurement_uid.into_owned());
    // The tables repeat all but a few measurements: what is the same is kept once.
    assert_eq!(uids.iter().collect::<BTreeSet<_>>().len(), 2344 + 1228);
    assert!(uids.len() < 2344 + 1228 + 50, "{}", uids.len());
    let targets: BTreeSet<_> = ingested
        .rows(Observation::TABLE_INFO, |batch, row| Observation::read(batch, row).target.map(|target| target.into_owned()))
        .into_iter()
        .collect();
    let expected = ["telegram.org", "telegram/dc_pool", "telegram/web"].map(|target| Some(target.to_owned()));
    assert_eq!(targets, BTreeSet::from(expected));
}

#[test]
fn every_row_of_the_scans_is_read_or_rejected_with_a_reason() {
    let Some(data) = folder("censored-planet/rows") else { return };
    let ingested = ingested(&data);
    let mut reasons = BTreeMap::new();
    for reason in ingested.rows(Reject::TABLE_INFO, |batch, row| Reject::read(batch, row).reason.into_owned()) {
        *reasons.entry(reason).or_insert(0) += 1;
    }
    let expected = [("no_start_time", 4), ("not_measurements", 1), ("scanner_failure", 2), ("side_file", 91)];
    assert_eq!(reasons, expected.map(|(reason, count)| (reason.to_owned(), count)).into());
    assert_eq!(ingested.summary.measurements, 48);
    // Whoever fails its own test has no control.
    let controls = ingested.rows(Control::TABLE_INFO, |batch, row| Control::read(batch, row).kind.as_str());
    assert!(controls.len() > 40 && controls.iter().all(|kind| *kind == "scanner"));
}
