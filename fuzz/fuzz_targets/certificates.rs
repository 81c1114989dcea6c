//! Any bytes are kept as they were sent; what is said about them is bounded; no bytes of a stranger make a valid chain.
#![no_main]

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use parallax_detect::interference::{Chain, TrustAnchors, validate};
use parallax_ingest::fuzzing::describe_certificate;
use parallax_model::Timestamp;
use parallax_model::tables::Observation;

const MAX_NAMES: usize = 256;
const MAX_NAME_BYTES: usize = 1024;
static PUBLIC_ROOTS: LazyLock<TrustAnchors> = LazyLock::new(|| TrustAnchors::with(&[]));

fuzz_target!(|der: &[u8]| {
    let moment: Timestamp = "2024-02-12 20:33:47".parse().expect("a moment");
    let (row, is_certificate) = describe_certificate(der, "digest", moment);
    assert_eq!(row.der.as_ref(), der);
    assert!(row.measurement_start_time <= moment);
    let names = [&row.subject, &row.subject_common_name, &row.issuer, &row.issuer_common_name];
    assert!(names.into_iter().flatten().chain(&row.san_list).all(|name| name.len() <= MAX_NAME_BYTES));
    assert!(row.san_list.len() <= MAX_NAMES);
    assert!(is_certificate || names.into_iter().all(Option::is_none) && row.san_list.is_empty());

    let chain = Observation {
        measurement_start_time: moment,
        tls_server_name: Some(Cow::Borrowed("www.example.org")),
        tls_certificate_chain: vec![Cow::Borrowed("digest"), Cow::Borrowed("digest")],
        ..Observation::default()
    };
    let certificates = HashMap::from([("digest".to_owned(), der.to_vec())]);
    assert_ne!(validate(&chain, &certificates, &PUBLIC_ROOTS), Chain::Valid);
    let own = TrustAnchors::with(std::slice::from_ref(&certificates["digest"]));
    validate(&chain, &certificates, &own);
});
