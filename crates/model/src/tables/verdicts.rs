//! `verdicts`: what the observations of one layer mean.

use crate::Mechanism;
use crate::column::Text;
use crate::table::table;
use crate::time::Timestamp;
use crate::vocabulary::{Instrument, Layer, Locus, State, TargetRole};

table! {
    /// One row per measurement, target and layer: what the evidence of that layer says.
    Verdict, VerdictRows, VerdictColumns = "verdicts",
    sorted by &["measurement_start_time", "measurement_uid", "raw_digest", "target", "layer"], partitioned by CountryWeek
    {
        /// The measurement judged.
        measurement_uid: Text<'a>,
        /// SHA-256 of the raw record.
        raw_digest: Text<'a>,
        /// When the measurement began.
        measurement_start_time: Timestamp,
        /// Country of the probe.
        probe_cc: Text<'a>,
        /// Network of the probe.
        probe_asn: Option<u32>,
        /// Name of the test.
        test_name: Text<'a>,
        /// The target: the hostname, or the service of an app.
        target: Text<'a>,
        /// The target's registrable domain, for hostnames.
        registrable_domain: Option<Text<'a>>,
        /// Why the target was tested.
        target_role: TargetRole,
        /// The layer that the verdict is about.
        layer: Layer,
        /// What the evidence says.
        state: State,
        /// How it was done, as deep as the evidence reaches.
        mechanism: Option<Mechanism>,
        /// Who seems to act.
        locus: Locus,
        /// Defects of the probe that bear on this layer.
        instrument: Vec<Instrument>,
        /// Every rule that fired, in the order of the rule book.
        rules_fired: Vec<Text<'a>>,
        /// The rule that decided.
        deciding_rule: Option<Text<'a>>,
        /// Weight of the deciding rule: log10 of how much likelier its evidence is under interference than without.
        weight: f64,
        /// What the target was compared with, or `none`.
        control: Text<'a>,
        /// How many independent observers stand behind the control.
        control_observers: u32,
        /// Where the deciding evidence stands in the raw record (RFC 6901).
        evidence: Vec<Text<'a>>,
        /// Version of the rules.
        ruleset_version: Text<'a>,
        /// Digest of the reference data.
        refdata_digest: Text<'a>,
    }
}
