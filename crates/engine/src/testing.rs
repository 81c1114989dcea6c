//! A small archive for tests: a few judgements, written and read like any other.

use std::borrow::Cow;

use parallax_archive::Archive;
use parallax_model::tables::{Judgement, JudgementRows};
use parallax_model::{State, Timestamp};
use tempfile::TempDir;

use crate::{Engine, Options};

pub struct SmallArchive {
    pub archive: Archive,
    _dir: TempDir,
}

impl SmallArchive {
    /// Three judgements in country XA in two weeks, one in XB.
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let archive = Archive::open_or_create(dir.path()).unwrap();
        let mut rows = JudgementRows::default();
        rows.push(&judgement("m1", "XA", 64501, "2024-02-12 10:00:00", State::Blocked));
        rows.push(&judgement("m2", "XA", 64501, "2024-02-13 10:00:00", State::Ok));
        rows.push(&judgement("m3", "XA", 64502, "2024-02-20 10:00:00", State::Insufficient));
        rows.push(&judgement("m4", "XB", 64511, "2024-02-12 10:00:00", State::Interfered));
        let mut writer = archive.write("test").unwrap();
        let mut stage = writer.stage().unwrap();
        stage.push(rows.take()).unwrap();
        writer.commit(stage, |_| {}).unwrap();
        Self { archive, _dir: dir }
    }

    pub fn engine(&self) -> Engine {
        Engine::open(&self.archive, &Options { threads: 2, ..Options::default() }).unwrap()
    }
}

fn judgement(uid: &'static str, country: &'static str, asn: u32, start: &str, state: State) -> Judgement<'static> {
    Judgement {
        measurement_uid: Cow::Borrowed(uid),
        probe_cc: Cow::Borrowed(country),
        probe_asn: Some(asn),
        measurement_start_time: start.parse::<Timestamp>().unwrap(),
        target: Cow::Borrowed("example.com"),
        state,
        rules_fired: vec![Cow::Borrowed("dns/bogon_not_in_control"), Cow::Borrowed("tcp/control_fails_too")],
        deciding_rule: Some(Cow::Borrowed("dns/bogon_not_in_control")),
        ..Judgement::default()
    }
}
