//! `ndt` and `dash`: how fast the connection is, measured against a nearby server. They say nothing about any site; a session that
//! failed says that the server was not reached.

use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::failures::failure;
use crate::sources::ooni::nettest::{Nettest, Shared};
use crate::sources::ooni::session::{self, Session};
use crate::sources::ooni::writer::Writer;

pub const NDT: Nettest = Nettest {
    name: "ndt",
    target: Some("ndt/measurement_server"),
    shared: Shared::LeftOut,
    own: Some(|test_keys, context, writer| read("ndt", test_keys, context, writer)),
    ..Nettest::PLAIN
};

pub const DASH: Nettest = Nettest {
    name: "dash",
    target: Some("dash/measurement_server"),
    shared: Shared::LeftOut,
    own: Some(|test_keys, context, writer| read("dash", test_keys, context, writer)),
    ..Nettest::PLAIN
};

fn read<'a>(protocol: &'static str, test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    // The summary has been called both; of dash it holds one speed, towards the probe.
    let [failed, simple, summary] = test_keys.fields(["failure", "simple", "summary"]);
    let figures = if summary.is_object() { summary } else { simple };
    let [download, bitrate, upload] = figures.fields(["download", "median_bitrate", "upload"]);
    let failure = failure(failed);
    let (download, upload) = (session::seconds(download).or_else(|| session::seconds(bitrate)), session::seconds(upload));
    if failure.is_none() && download.is_none() && upload.is_none() {
        return;
    }
    let session = Session { protocol, failure, download_kbit_s: download, upload_kbit_s: upload, ..Session::default() };
    session::write(&session, "/test_keys", context, writer);
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn a_speed_test_is_one_session() {
        let ndt = r#"{"failure": null, "protocol": 7, "server": {"hostname": "ndt.example.org"}, "download": [], "upload": [],
            "summary": {"avg_rtt": 44.2, "download": 86462.9, "upload": 19788.6, "min_rtt": 20.1}}"#;
        insta::assert_snapshot!(read(measurement("ndt", "null", ndt)).show());
        let dash = r#"{"failure": null, "simple": {"connect_latency": 0.05, "median_bitrate": 55000, "min_playout_delay": 0.1}, "receiver_data": []}"#;
        insta::assert_snapshot!(read(measurement("dash", "null", dash)).show());
    }

    #[test]
    fn one_that_failed_or_never_ran_says_so_or_nothing() {
        assert_eq!(
            read(measurement("ndt", "null", r#"{"failure": "connection_reset", "summary": {"download": 0}}"#)).observed("failure"),
            ["connection_reset"]
        );
        assert_eq!(read(measurement("ndt", "null", r#"{"failure": null, "summary": {"download": 0}}"#)).observations.num_rows(), 0);
    }
}
