//! `judgements`: the verdicts on one target of one measurement, summed up.

use crate::Mechanism;
use crate::column::Text;
use crate::table::table;
use crate::time::Timestamp;
use crate::vocabulary::{Instrument, Layer, Locus, State, TargetRole};

table! {
    /// One row per measurement and target: was it reached, was it interfered with, how, and who seems to act.
    Judgement, JudgementRows, JudgementColumns = "judgements",
    sorted by &["measurement_start_time", "measurement_uid", "raw_digest", "target"], partitioned by CountryWeek
    {
        /// The measurement judged.
        measurement_uid: Text<'a>,
        /// SHA-256 of the raw record.
        raw_digest: Text<'a>,
        /// Name of the file that the record came from, without its folders.
        source_file: Text<'a>,
        /// Line or number of the record in its file, from 1.
        source_line: u64,
        /// What the test was asked to test, as it was written.
        input: Option<Text<'a>>,
        /// The target: the hostname, or the service of an app.
        target: Text<'a>,
        /// The target's registrable domain, for hostnames.
        registrable_domain: Option<Text<'a>>,
        /// Why the target was tested.
        target_role: TargetRole,
        /// Name of the test.
        test_name: Text<'a>,
        /// Country of the probe.
        probe_cc: Text<'a>,
        /// Network of the probe.
        probe_asn: Option<u32>,
        /// When the measurement began.
        measurement_start_time: Timestamp,
        /// What the evidence says.
        state: State,
        /// The layers where interference was found.
        layers: Vec<Layer>,
        /// How it was done, one path per layer in `layers`.
        mechanisms: Vec<Mechanism>,
        /// Who seems to act.
        locus: Locus,
        /// Defects of the probe that bear on this target.
        instrument: Vec<Instrument>,
        /// Every rule that fired, in the order of the rule book.
        rules_fired: Vec<Text<'a>>,
        /// The rule that decided.
        deciding_rule: Option<Text<'a>>,
        /// What the target was compared with, or `none`.
        control: Text<'a>,
        /// Version of the rules.
        ruleset_version: Text<'a>,
        /// Digest of the reference data.
        refdata_digest: Text<'a>,
    }
}
