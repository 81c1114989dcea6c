//! `measurements`: what is known about each raw record as a whole.

use crate::column::Text;
use crate::table::table;
use crate::time::Timestamp;

table! {
    /// One row per raw record that could be read: who measured what, when, with which software, and where the record lies.
    Measurement, MeasurementRows, MeasurementColumns = "measurements",
    sorted by &["measurement_start_time", "measurement_uid", "raw_digest"], partitioned by CountryWeek
    {
        /// Name of the measurement: the one it came with, or one made from its content.
        measurement_uid: Text<'a>,
        /// SHA-256 of the record's bytes, in hex. With `measurement_uid` it identifies the record; the same uid with another digest is another record.
        raw_digest: Text<'a>,
        /// Name of the file that the record came from, without its folders.
        source_file: Text<'a>,
        /// SHA-256 of that file as it lies, in hex; the list of inputs knows where the file was last seen.
        source_digest: Text<'a>,
        /// Line (of JSON lines) or number (in an array or a sequence) of the record in its file, from 1.
        source_line: u64,
        /// Byte at which the record begins in the decompressed file.
        source_offset: u64,
        /// Length of the record in bytes.
        source_length: u64,
        /// The reader that read it, such as `ooni`.
        source: Text<'a>,
        /// Name of the test, such as `web_connectivity`.
        test_name: Text<'a>,
        /// Version of the test.
        test_version: Option<Text<'a>>,
        /// Name of the probe's software.
        software_name: Option<Text<'a>>,
        /// Version of the probe's software.
        software_version: Option<Text<'a>>,
        /// Operating system of the probe.
        platform: Option<Text<'a>>,
        /// Version of the raw record's format.
        data_format_version: Option<Text<'a>>,
        /// What the test was asked to test, as it was written.
        input: Option<Text<'a>>,
        /// The report that the measurement was submitted in. Several probes can share one: it never counts as a probe.
        report_id: Option<Text<'a>>,
        /// A stable anonymous name of the probe, in the few records that have one.
        probe_id: Option<Text<'a>>,
        /// When the measurement began, by the probe's clock; where that cannot have been right, when the record was handed in.
        measurement_start_time: Timestamp,
        /// By how many seconds the probe's clock was wrong, where it said that the measurement began after it was handed in, or more than a year before. Null where it may have been right.
        probe_clock_error: Option<f64>,
        /// When the test run that it is part of began.
        test_start_time: Option<Timestamp>,
        /// How long it took, in seconds.
        test_runtime: Option<f64>,
        /// Country of the probe, two capital letters; `ZZ` when not known.
        probe_cc: Text<'a>,
        /// Network (autonomous system number) of the probe; 0 is stored as not known.
        probe_asn: Option<u32>,
        /// Name of that network as the probe knew it.
        probe_as_org_name: Option<Text<'a>>,
        /// How the probe was connected: wifi, mobile…
        network_type: Option<Text<'a>>,
        /// Network of the resolver that the probe's system uses.
        resolver_asn: Option<u32>,
        /// Name of that network.
        resolver_as_org_name: Option<Text<'a>>,
        /// Address of that resolver, where it is a public address.
        resolver_ip: Option<Text<'a>>,
        /// Address of the test helper that served as control.
        test_helper: Option<Text<'a>>,
        /// Why the control could not be asked, in the words of the probe.
        control_failure: Option<Text<'a>>,
        /// The probe's own conclusion in its own words; kept to compare, never used for a verdict.
        probe_analysis: Option<Text<'a>>,
        /// Digest of the HTTP fingerprints that bodies were searched for when the record was read.
        fingerprints_digest: Option<Text<'a>>,
    }
}
