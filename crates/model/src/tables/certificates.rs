//! `certificates`: each certificate once, so that a chain can be validated again by whoever doubts it.

use std::borrow::Cow;

use crate::column::Text;
use crate::table::table;
use crate::time::Timestamp;

table! {
    /// One row per certificate and week: the certificate itself and what it says.
    Certificate, CertificateRows, CertificateColumns = "certificates",
    sorted by &["fingerprint"], partitioned by Week
    {
        /// SHA-256 of the certificate, in hex; `tls_certificate_chain` of `observations` names it.
        fingerprint: Text<'a>,
        /// Any moment of the week in which it was seen: the Monday at 00:00 UTC.
        measurement_start_time: Timestamp,
        /// Whom it was issued to (RFC 4514).
        subject: Option<Text<'a>>,
        /// The subject's common name.
        subject_common_name: Option<Text<'a>>,
        /// Who issued it.
        issuer: Option<Text<'a>>,
        /// The issuer's common name.
        issuer_common_name: Option<Text<'a>>,
        /// Start of its validity.
        not_valid_before: Option<Timestamp>,
        /// End of its validity.
        not_valid_after: Option<Timestamp>,
        /// The names and addresses it is valid for.
        san_list: Vec<Text<'a>>,
        /// The certificate itself (DER).
        der: Cow<'a, [u8]>,
    }
}
