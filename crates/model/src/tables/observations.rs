//! `observations`: what happened, one thing a row, before anybody says what it means.

use crate::column::Text;
use crate::table::table;
use crate::time::Timestamp;
use crate::vocabulary::{Operation, TargetRole};

table! {
    /// One row per thing that happened in a measurement: one answer to a DNS query (or its failure), one TCP connect, one TLS or QUIC handshake, one HTTP transaction, one session.
    /// Names of columns follow OONI's observation tables where they mean the same.
    Observation, ObservationRows, ObservationColumns = "observations",
    sorted by &["measurement_start_time", "measurement_uid", "raw_digest", "ordinal"], partitioned by CountryWeek
    {
        /// The measurement that this happened in.
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
        /// Number of the observation in its measurement, from 0.
        ordinal: u32,
        /// Where it stands in the raw record (RFC 6901).
        json_pointer: Text<'a>,
        /// What was done: dns, tcp, tls, quic, http or session.
        operation: Operation,
        /// Which target this belongs to: the hostname, or the service of an app. Missing when the record does not say.
        target: Option<Text<'a>>,
        /// Why that target was tested.
        target_role: TargetRole,
        /// How many redirects lie between the input and this; 0 is the input itself.
        depth: u32,
        /// The host that this was about: looked up, connected to, named in the handshake or the URL.
        hostname: Option<Text<'a>>,
        /// Number that the operations on one connection share.
        transaction_id: Option<u64>,
        /// The probe's own labels, such as `classic` or `depth=0`.
        tags: Vec<Text<'a>>,
        /// `false` marks a connection made only to check an address, off the path a user would take; `true` one on which a page was (or would have been) fetched. Null when the record does not say.
        fetch_body: Option<bool>,
        /// Seconds from the start of the measurement to the start of the operation.
        t0: Option<f64>,
        /// Seconds from the start of the measurement to the end of the operation.
        t: Option<f64>,
        /// The address that was answered, connected to or spoken to.
        ip: Option<Text<'a>>,
        /// The port of that address.
        port: Option<u16>,
        /// Network of that address, as the record or its control says.
        ip_asn: Option<u32>,
        /// Name of that network.
        ip_as_org_name: Option<Text<'a>>,
        /// What failed: null after a success. OONI's failure strings, with old spellings brought to the current ones.
        failure: Option<Text<'a>>,
        /// Which resolver was used: getaddrinfo, system, udp, doh, …
        dns_engine: Option<Text<'a>>,
        /// Address or URL of that resolver.
        dns_engine_resolver_address: Option<Text<'a>>,
        /// Type of the DNS query: A, AAAA, ANY, …
        dns_query_type: Option<Text<'a>>,
        /// Number of the query in the record: rows with the same number are answers to one query.
        dns_query: Option<u32>,
        /// The answer: an address or a name.
        dns_answer: Option<Text<'a>>,
        /// Type of the answer: A, AAAA, CNAME, …
        dns_answer_type: Option<Text<'a>>,
        /// Whether the answer came after another answer to the same query had been taken.
        dns_is_late: bool,
        /// The name in the handshake.
        tls_server_name: Option<Text<'a>>,
        /// TLS version.
        tls_version: Option<Text<'a>>,
        /// Cipher suite.
        tls_cipher_suite: Option<Text<'a>>,
        /// Protocol that was agreed on in the handshake, such as h2.
        tls_negotiated_protocol: Option<Text<'a>>,
        /// Whether the probe was told not to verify the certificate.
        tls_no_verify: Option<bool>,
        /// SHA-256 of each certificate of the chain, the server's first; the certificates are in `certificates`.
        tls_certificate_chain: Vec<Text<'a>>,
        /// Reads during the handshake.
        tls_handshake_read_count: Option<u32>,
        /// Bytes read during the handshake.
        tls_handshake_read_bytes: Option<u64>,
        /// Writes during the handshake.
        tls_handshake_write_count: Option<u32>,
        /// Bytes written during the handshake.
        tls_handshake_write_bytes: Option<u64>,
        /// Last thing that was done before the handshake ended or failed, such as `read_2`.
        tls_handshake_last_operation: Option<Text<'a>>,
        /// URL of the request.
        http_request_url: Option<Text<'a>>,
        /// Method of the request.
        http_request_method: Option<Text<'a>>,
        /// HTTP version or ALPN of the transaction.
        http_alpn: Option<Text<'a>>,
        /// Status code; null when there was no response.
        http_response_status_code: Option<u16>,
        /// Headers of the response as `Name: value`, in order.
        http_response_headers: Vec<Text<'a>>,
        /// The Location header.
        http_response_header_location: Option<Text<'a>>,
        /// The Server header.
        http_response_header_server: Option<Text<'a>>,
        /// Length of the body in the record, in bytes; null when the record has none.
        http_response_body_length: Option<u64>,
        /// Whether the probe kept only the beginning of the body.
        http_response_body_is_truncated: Option<bool>,
        /// SHA-256 of the body in the record, in hex.
        http_response_body_sha256: Option<Text<'a>>,
        /// Title of the page.
        http_response_body_title: Option<Text<'a>>,
        /// Names of the fingerprints that headers and body match.
        http_response_fingerprints: Vec<Text<'a>>,
        /// Bytes received on the connection of this transaction, as the probe's network events say.
        http_bytes_received: Option<u64>,
        /// Seconds between the first and the last byte received on that connection.
        http_receive_time: Option<f64>,
        /// How the request had changed when it arrived, as a server that sends back what it was sent tells: `header value: Accept`, `header added: Via`. Only names, never values.
        http_request_changes: Vec<Text<'a>>,
        /// Encrypted client hello in the handshake: `grease` for one made of random bytes, which nobody on the way can tell from a real one, `real` for one with the server's own key; null when there was none.
        tls_ech: Option<Text<'a>>,
        /// The name that stood in the clear in a handshake with an encrypted client hello.
        tls_outer_server_name: Option<Text<'a>>,
        /// What a session was: tor, snowflake, obfs4, psiphon, openvpn, stun, doh, ndt, …
        session_protocol: Option<Text<'a>>,
        /// How far a session got before it ended, in percent, where it counts.
        session_progress: Option<u16>,
        /// Seconds until the session stood; null when it never did.
        session_setup_time: Option<f64>,
        /// Speed towards the probe that a speed test measured, in kbit/s.
        session_download_kbit_s: Option<f64>,
        /// Speed from the probe that a speed test measured, in kbit/s.
        session_upload_kbit_s: Option<f64>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Columns, Row};

    #[test]
    fn a_row_comes_back_and_one_of_some_columns_is_empty_in_the_others() {
        let row = Observation {
            measurement_uid: "m".into(),
            probe_asn: Some(64500),
            operation: Operation::Tls,
            tags: vec!["classic".into(), "depth=0".into()],
            failure: Some("connection_reset".into()),
            tls_no_verify: Some(false),
            t: Some(0.5),
            ..Observation::default()
        };
        let mut rows = ObservationRows::default();
        rows.push(&Observation::default());
        rows.push(&row);
        let batch = rows.finish();
        assert_eq!(Observation::all(&batch).collect::<Vec<_>>(), [Observation::default(), row.clone()]);
        assert_eq!(Observation::read(&batch, 1), row);

        let schema = batch.schema();
        let kept = ["probe_asn", "failure"].map(|name| schema.index_of(name).unwrap());
        let some = Observation { probe_asn: row.probe_asn, failure: row.failure, ..Observation::default() };
        assert_eq!(ObservationColumns::of(&batch.project(&kept).unwrap()).row(1), some);
    }

    #[test]
    #[should_panic(expected = "only columns of observations, in their order")]
    fn columns_in_another_order_are_no_rows() {
        let mut rows = ObservationRows::default();
        rows.push(&Observation::default());
        let batch = rows.finish();
        ObservationColumns::of(&batch.project(&[1, 0]).unwrap());
    }

    #[test]
    #[should_panic(expected = "every column of observations")]
    fn a_whole_row_is_not_read_from_some_columns() {
        let mut rows = ObservationRows::default();
        rows.push(&Observation::default());
        let batch = rows.finish();
        Observation::read(&batch.project(&[0, 1]).unwrap(), 0);
    }
}
