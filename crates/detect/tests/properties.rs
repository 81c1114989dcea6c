//! What holds for every case, however odd: rows are made at random from small pools, so that they often concern each other.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parallax_detect::interference::neighbours::{ElsewhereBuilder, HourCount, Kind, OwnRecordBuilder, Who};
use parallax_detect::interference::{Case, Neighbours, ProvenAddresses, TargetJudgement, TrustAnchors, counterfactuals, is_bogon, judge};
use parallax_model::refdata::{Fingerprint, FingerprintLocation, FingerprintPattern, RefData};
use parallax_model::tables::{Control, Measurement, Observation};
use parallax_model::{Layer, Operation, TargetRole};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const SITE: &str = "www.example.org";
const HOP: &str = "shop.example.net";
const UNRELATED: &str = "unrelated.example.com";
/// Addresses and their networks. The listed forged answer is never the control's, see [`removing_the_control_accuses_nobody_new`].
const ADDRESSES: &[(&str, Option<u32>)] = &[
    ("45.76.10.20", Some(64666)),
    ("45.76.11.30", Some(64666)),
    ("185.60.40.7", Some(64500)),
    ("103.20.5.6", None),
    ("10.10.34.35", None),
    ("127.0.0.1", None),
    ("2a0f:4c00::20", Some(64666)),
    ("64:ff9b::2d4c:a14", None),
];
const LISTED: &str = "91.10.20.30";
const FAILURES: &[&str] = &[
    "generic_timeout_error",
    "connection_reset",
    "connection_refused",
    "eof_error",
    "network_unreachable",
    "dns_nxdomain_error",
    "dns_no_answer",
    "dns_refused_error",
    "dns_servfail_error",
    "android_dns_cache_no_data",
    "ssl_unknown_authority",
    "ssl_invalid_hostname",
    "ssl_invalid_certificate",
    "http_invalid_redirect_location_host",
    "a failure of tomorrow",
];
const ENGINES: &[&str] = &["system", "getaddrinfo", "udp", "doh"];
const BLOCK_PAGE: &str = "ministry_notice";
const BLOCK_PAGE_TITLE: &str = "Important announcement";

/// A case that owns its rows.
#[derive(Clone, Debug)]
struct World {
    observations: Vec<Observation<'static>>,
    controls: Vec<Control<'static>>,
    test_name: &'static str,
    control_failure: Option<&'static str>,
    /// Of this network and of three in two other countries: what, in which hour, reached and lost.
    neighbours: Vec<Neighbour>,
}

type Neighbour = (usize, &'static str, Kind, i64, u32, u32);

const PLACES: &[(&str, u32)] = &[("XA", 64500), ("XB", 64510), ("XB", 64511), ("XC", 64512)];

impl World {
    fn with_case<T>(&self, look: impl FnOnce(&Case<'_>) -> T) -> T {
        let measurement = Measurement {
            measurement_uid: "property".into(),
            test_name: self.test_name.into(),
            probe_cc: "XA".into(),
            probe_asn: Some(64500),
            control_failure: self.control_failure.map(Into::into),
            ..Measurement::default()
        };
        let mut proven = ProvenAddresses::default();
        for network in [64510, 64511] {
            proven.insert(SITE, "103.20.5.6".parse().expect("an address"), network);
        }
        look(&Case {
            measurement,
            observations: self.observations.clone(),
            controls: self.controls.clone(),
            proven: &proven,
            neighbours: &self.neighbours(),
            certificates: &HashMap::new(),
            trust: &TrustAnchors::with(&[]),
            refdata: &refdata(),
        })
    }

    fn neighbours(&self) -> Neighbours {
        let mut records: BTreeMap<(u32, Kind, &str), BTreeMap<i64, (u32, u32)>> = BTreeMap::new();
        let mut elsewhere = ElsewhereBuilder::default();
        self.neighbours.iter().for_each(|(_, target, kind, ..)| elsewhere.note_trouble(*kind, target));
        for (place, target, kind, hour, reached, lost) in &self.neighbours {
            let (country, asn) = PLACES[*place];
            // Every other hour with another release.
            let software = if hour % 2 == 0 { "" } else { "probe 2" };
            let count = HourCount { hour: *hour, reached: *reached, lost: *lost };
            elsewhere.push(Who { country, asn, software }, *kind, target, count);
            if country == "XA" {
                records.entry((asn, *kind, *target)).or_default().insert(*hour, (*reached, *lost));
            }
        }
        let mut own = OwnRecordBuilder::default();
        for ((asn, kind, target), hours) in records {
            let hours: Vec<_> = hours.into_iter().map(|(hour, (reached, lost))| HourCount { hour, reached, lost }).collect();
            own.push(asn, kind, target, &hours, true);
        }
        Neighbours { own: own.finish(), elsewhere: Arc::new(elsewhere.finish()), answers: Arc::default() }
    }

    fn judge(&self) -> Vec<TargetJudgement> {
        self.with_case(judge)
    }

    fn states(&self) -> BTreeMap<String, Said> {
        self.judge().into_iter().map(|judgement| (judgement.target.clone(), Said::of(&judgement))).collect()
    }
}

/// What a judgement says, without the evidence that it names.
#[derive(Debug, PartialEq)]
struct Said {
    accuses: bool,
    state: String,
    layers: Vec<String>,
    rules: Vec<&'static str>,
    beside: String,
}

impl Said {
    fn of(judgement: &TargetJudgement) -> Self {
        Self {
            accuses: judgement.state.accuses(),
            state: judgement.state.to_string(),
            layers: judgement.layers.iter().map(|layer| format!("{} {} {:?}", layer.layer, layer.state, layer.mechanism)).collect(),
            rules: judgement.fired.iter().map(|fired| fired.rule.id).collect(),
            beside: format!("{:?} {:?} {}", judgement.locus, judgement.instrument, judgement.reached),
        }
    }
}

fn refdata() -> RefData {
    let fingerprint = |name: &str, location| Fingerprint {
        name: name.to_owned(),
        scope: "nat".to_owned(),
        location,
        pattern: FingerprintPattern::Full(name.to_owned()),
        confidence: 10,
        expected_countries: ["XA".to_owned()].into(),
    };
    RefData {
        fingerprints: BTreeMap::from([
            (BLOCK_PAGE.to_owned(), fingerprint(BLOCK_PAGE, FingerprintLocation::Body)),
            ("listed".to_owned(), fingerprint("listed", FingerprintLocation::Dns)),
        ]),
        forged_answers: [LISTED, "127.0.0.1"].map(|ip| (ip.parse().expect("an address"), "listed".to_owned())).into(),
        ..RefData::default()
    }
}

fn row(operation: Operation, name: &str) -> Observation<'static> {
    let (role, depth) = if name == HOP { (TargetRole::Redirect, 1) } else { (TargetRole::Input, 0) };
    let target = if name == "telegram/dc_pool" { (TargetRole::Service, None) } else { (role, Some(name.to_owned().into())) };
    Observation {
        operation,
        target: Some(name.to_owned().into()),
        target_role: target.0,
        hostname: target.1,
        depth,
        ..Observation::default()
    }
}

fn address() -> impl Strategy<Value = (&'static str, Option<u32>)> {
    prop_oneof![9 => select(ADDRESSES), 1 => Just((LISTED, None))]
}

fn failure() -> impl Strategy<Value = Option<&'static str>> {
    option::of(select(FAILURES))
}

/// All rows of one query, which share a number.
fn lookup(name: &'static str) -> impl Strategy<Value = Vec<Observation<'static>>> {
    let answer = (address(), proptest::bool::weighted(0.2));
    (select(ENGINES), vec(answer, 0..3), select(FAILURES), any::<u32>()).prop_map(move |(engine, answers, failure, number)| {
        let mut query = row(Operation::Dns, name);
        query.dns_engine = Some(engine.into());
        query.dns_engine_resolver_address = (engine == "udp").then(|| "1.1.1.1:53".into());
        query.dns_query = Some(number);
        if answers.is_empty() {
            query.failure = Some(failure.into());
            return vec![query];
        }
        let with_answer = |((ip, asn), is_late): &((&'static str, Option<u32>), bool)| Observation {
            ip: Some((*ip).into()),
            dns_answer: Some((*ip).into()),
            ip_asn: *asn,
            dns_is_late: *is_late,
            ..query.clone()
        };
        answers.iter().map(with_answer).collect()
    })
}

fn connection(name: &'static str) -> impl Strategy<Value = Vec<Observation<'static>>> {
    let operation = select(&[Operation::Tcp, Operation::Tls, Operation::Quic, Operation::Session][..]);
    let odd = (option::of(1..4_u64), option::of(any::<bool>()), proptest::bool::weighted(0.1), proptest::bool::weighted(0.1));
    (operation, address(), failure(), select(&[80_u16, 443, 8080][..]), odd).prop_map(
        move |(operation, (ip, asn), failure, port, (id, fetch_body, no_verify, hides_its_name))| {
            vec![Observation {
                ip: Some(ip.into()),
                ip_asn: asn,
                port: Some(port),
                failure: failure.map(Into::into),
                transaction_id: id,
                fetch_body,
                tls_no_verify: no_verify.then_some(true),
                tls_server_name: (operation == Operation::Tls).then(|| name.into()),
                tls_ech: hides_its_name.then(|| "grease".into()),
                ..row(operation, name)
            }]
        },
    )
}

fn transaction(name: &'static str) -> impl Strategy<Value = Vec<Observation<'static>>> {
    let page = (
        option::of(select(&[0_u16, 200, 302, 403, 451, 503, 65535][..])),
        option::of(select(&["Example library of pictures", "Another page altogether"][..])),
        option::of(select(&[0_u64, 700, 30_000, u64::MAX][..])),
        proptest::bool::weighted(0.2),
    );
    let how = (option::of(address()), failure(), any::<bool>(), 0..3_u32, option::of(1..4_u64));
    let rest = (
        option::of(select(&["http://192.168.1.1/", "http://login.example.com/", "/again", "://"][..])),
        option::of(select(&[0_u64, 5_000, 1 << 40][..])),
        option::of(select(&[0.0, 9.5, f64::NAN, -1.0][..])),
        option::weighted(
            0.1,
            select(&["header value: user-agent", "answered instead of echoed", "not an echo", "a change of tomorrow"][..]),
        ),
    );
    (page, how, rest).prop_map(
        move |((status, title, length, is_notice), (at, failure, https, deeper, id), (location, bytes, seconds, changes))| {
            let plain = row(Operation::Http, name);
            vec![Observation {
                ip: at.map(|(ip, _)| ip.into()),
                ip_asn: at.and_then(|(_, asn)| asn),
                failure: failure.map(Into::into),
                depth: plain.depth + deeper,
                transaction_id: id,
                http_request_url: Some(format!("{}://{name}/", if https { "https" } else { "http" }).into()),
                http_response_status_code: status,
                http_response_header_location: location.map(Into::into),
                http_response_body_length: length,
                http_response_body_title: if is_notice { Some(BLOCK_PAGE_TITLE.into()) } else { title.map(Into::into) },
                http_response_fingerprints: if is_notice { vec![BLOCK_PAGE.into()] } else { Vec::new() },
                http_bytes_received: bytes,
                http_receive_time: seconds,
                http_request_changes: changes.map(Into::into).into_iter().collect(),
                ..plain
            }]
        },
    )
}

fn operations(name: &'static str) -> impl Strategy<Value = Vec<Observation<'static>>> {
    let operation = prop_oneof![lookup(name), connection(name), transaction(name)];
    vec(operation, 0..7).prop_map(|rows| rows.concat())
}

fn control() -> impl Strategy<Value = Control<'static>> {
    let operation = select(&[Operation::Dns, Operation::Tcp, Operation::Tls, Operation::Quic, Operation::Http][..]);
    let page = (select(&[200_u16, 302, 403, 502][..]), select(&[700_u64, 30_000][..]));
    (operation, select(ADDRESSES), failure(), select(&[80_u16, 443][..]), page).prop_map(
        |(operation, (ip, asn), failure, port, (status, length))| {
            let mut control = Control { operation, hostname: Some(SITE.into()), failure: failure.map(Into::into), ..Control::default() };
            match operation {
                Operation::Http if failure.is_none() => {
                    control.http_response_status_code = Some(status);
                    control.http_response_body_length = Some(length);
                    control.http_response_body_title = Some("Example library of pictures".into());
                    control.http_response_headers = vec!["Date: Mon, 12 Jan 2015 10:00:00 GMT".into()];
                }
                Operation::Http => {}
                Operation::Dns if failure.is_some() => {}
                _ => (control.ip, control.ip_asn, control.port) = (Some(ip.into()), asn, Some(port)),
            }
            control
        },
    )
}

/// A control in working order: with it in front of the random rows, the rules that compare find something to compare with.
fn good_control() -> Vec<Control<'static>> {
    let about = |operation| Control { operation, hostname: Some(SITE.into()), ..Control::default() };
    let at = |operation, port| Control { ip: Some("45.76.10.20".into()), ip_asn: Some(64666), port: Some(port), ..about(operation) };
    let page = Control {
        http_response_status_code: Some(200),
        http_response_body_length: Some(30_000),
        http_response_body_title: Some("Example library of pictures".into()),
        ..about(Operation::Http)
    };
    vec![at(Operation::Dns, 443), at(Operation::Tcp, 443), at(Operation::Tcp, 80), at(Operation::Tls, 443), page]
}

fn controls() -> impl Strategy<Value = Vec<Control<'static>>> {
    let good = prop_oneof![Just(Vec::new()), Just(good_control())];
    (good, vec(control(), 0..6)).prop_map(|(good, more)| [good, more].concat())
}

fn world() -> impl Strategy<Value = World> {
    let rows = (operations(SITE), operations(HOP), operations("telegram/dc_pool"));
    let test_name = select(&["web_connectivity", "telegram", "http_requests"][..]);
    (rows, controls(), test_name, option::of(Just("connection_refused"))).prop_map(
        |((site, hop, pool), controls, test_name, control_failure)| World {
            observations: [site, hop, pool].concat(),
            controls,
            test_name,
            control_failure,
            neighbours: Vec::new(),
        },
    )
}

fn neighbour() -> impl Strategy<Value = Neighbour> {
    let what = (select(&[SITE, HOP, "telegram/dc_pool"][..]), select(Operation::ALL), any::<bool>());
    // Around the hour of the measurement, which is the first of 1970.
    (0..PLACES.len(), what, -4..5_i64, 0..5_u32, 0..5_u32).prop_map(|(place, (target, operation, over_tls), hour, reached, lost)| {
        (place, target, Kind { operation, over_tls: over_tls && operation == Operation::Http }, hour, reached, lost)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Exceptions, by design: what settles a verdict alone (an address on the list of forged answers, a known block page) does so
    /// without a control, and a control that was given the very same clears it. The pools keep the two apart.
    #[test]
    fn removing_the_control_accuses_nobody_new(world in world()) {
        let without = World { controls: Vec::new(), ..world.clone() }.states();
        for (target, said) in world.states() {
            prop_assert!(said.accuses || !without[&target].accuses, "{target}: {said:?} became {:?}", without[&target]);
        }
    }

    /// Exceptions: facts about the probe as a whole (no network, a broken IPv6, somebody who answers in the clear in place of
    /// sites), which the rows that are added here do not touch.
    #[test]
    fn rows_of_one_target_say_nothing_about_another(world in world(), more in operations(UNRELATED)) {
        let mut before = world;
        for operation in [Operation::Dns, Operation::Tcp, Operation::Quic] {
            let mut works = row(operation, "works.example.com");
            (works.ip, works.port) = (Some("45.76.10.20".into()), Some(443));
            if operation == Operation::Dns {
                (works.dns_engine, works.dns_answer) = (Some("system".into()), Some("45.76.10.20".into()));
            }
            before.observations.push(works);
        }
        let mut after = before.clone();
        after.observations.extend(more.into_iter().filter(|row| {
            let is_ipv6 = row.ip.as_deref().is_some_and(|ip| ip.contains(':'));
            let redirects = row.http_response_status_code == Some(302) || row.http_response_header_location.is_some();
            !is_ipv6 && row.http_response_fingerprints.is_empty() && !redirects
        }));
        let mut after = after.states();
        after.remove(UNRELATED);
        prop_assert_eq!(before.states(), after);
    }

    #[test]
    fn the_order_of_rows_means_nothing((world, shuffled) in world().prop_flat_map(|world| {
        let rows = Just(world.observations.clone()).prop_shuffle();
        (Just(world), rows)
    })) {
        let other = World { observations: shuffled, ..world.clone() };
        prop_assert_eq!(world.states(), other.states());
    }

    #[test]
    fn who_accuses_says_how_in_the_words_of_the_layer(world in world()) {
        for judgement in world.judge() {
            for verdict in judgement.accused_layers() {
                let mechanism = verdict.mechanism.expect("an accusation has a mechanism");
                prop_assert!(mechanism.layer().is_none_or(|layer| layer == verdict.layer), "{mechanism} on {}", verdict.layer);
            }
            prop_assert_eq!(judgement.state.accuses(), judgement.accused_layers().next().is_some() && judgement.state.accuses());
        }
    }

    #[test]
    fn a_firing_says_no_other_mechanism_than_its_rule(world in world()) {
        for fired in world.judge().iter().flat_map(|judgement| &judgement.fired) {
            let (Some(said), Some(rule)) = (fired.firing.mechanism, fired.rule.mechanism) else { continue };
            let is_below_all_layers = said.layer().is_none();
            prop_assert!(is_below_all_layers || said.common_prefix(rule).is_some(), "{}: {said} is not {rule}", fired.rule.id);
        }
    }

    #[test]
    fn every_judgement_can_be_asked_what_would_change_it(world in world()) {
        let found = world.with_case(|case| judge(case).iter().map(|judgement| counterfactuals(case, judgement).len()).sum::<usize>());
        prop_assert!(found < 1000);
    }

    /// Whatever anybody submits about other occasions, nobody is accused who would not be accused without them, unless a connection of the
    /// very measurement was lost, or answered with an error or an address that leads nowhere, and its control did not find the site in trouble.
    #[test]
    fn neighbours_accuse_nobody(world in world(), neighbours in vec(neighbour(), 0..12)) {
        let alone = world.states();
        let beside = World { neighbours, ..world };
        for judgement in beside.judge() {
            let is_own_loss = |row: &Observation<'_>| {
                row.target.as_deref() == Some(&judgement.target)
                    && (row.failure.is_some()
                        || row.http_response_status_code.is_some_and(|status| status >= 500)
                        || row.ip.as_deref().and_then(|ip| ip.parse().ok()).is_some_and(is_bogon))
            };
            let own_loss = beside.observations.iter().any(is_own_loss);
            prop_assert!(!judgement.state.accuses() || alone[&judgement.target].accuses || own_loss, "{}", judgement.target);
        }
    }

    #[test]
    fn any_text_in_any_field_is_judged(
        texts in vec(".{0,40}", 8),
        status in any::<u16>(),
        numbers in (any::<u16>(), any::<u32>(), any::<u64>()),
        operation in select(Operation::ALL),
    ) {
        judge_hostile(&texts, status, numbers, operation);
    }
}

/// Puts the same strange values everywhere they fit.
fn judge_hostile(texts: &[String], status: u16, (port, asn, number): (u16, u32, u64), operation: Operation) {
    let text = |index: usize| Some(texts[index % texts.len()].clone().into());
    let hostile = |operation| Observation {
        operation,
        target: text(0),
        hostname: text(0),
        ip: text(1),
        port: Some(port),
        ip_asn: Some(asn),
        failure: text(2).filter(|_| number % 2 == 0),
        dns_answer: text(1),
        dns_engine: text(3),
        dns_engine_resolver_address: text(4),
        dns_query: Some(asn),
        tls_server_name: text(0),
        tls_certificate_chain: vec![texts[0].clone().into()],
        http_request_url: text(5),
        http_response_status_code: Some(status),
        http_response_headers: vec![texts[6 % texts.len()].clone().into()],
        http_response_header_location: text(6),
        http_response_body_title: text(7),
        http_response_body_length: Some(number),
        http_bytes_received: Some(number),
        http_receive_time: Some(f64::from_bits(number)),
        depth: asn,
        ..Observation::default()
    };
    let controls = Operation::ALL.iter().map(|operation| Control {
        operation: *operation,
        hostname: text(0),
        ip: text(1),
        port: Some(port),
        http_response_status_code: Some(status),
        http_response_headers: vec![format!("Date:{}", texts[3 % texts.len()]).into(), texts[4 % texts.len()].clone().into()],
        http_response_body_length: Some(number),
        http_response_body_title: text(7),
        ..Control::default()
    });
    let observations = [operation, Operation::Dns, Operation::Http].map(hostile).to_vec();
    let world =
        World { observations, controls: controls.collect(), test_name: "web_connectivity", control_failure: None, neighbours: Vec::new() };
    assert_eq!(world.judge().len(), 1);
}

#[test]
fn hosts_of_ten_thousand_characters_and_impossible_numbers_are_judged() {
    let texts = ["a".repeat(10_000), ".".repeat(10_000), "ü".repeat(5_000), "[".to_owned(), "http://[".to_owned(), "://@:".to_owned()];
    for rotation in 0..texts.len() {
        let mut texts = texts.to_vec();
        texts.rotate_left(rotation);
        for (status, number) in [(0, 0), (65535, u64::MAX), (1, f64::NAN.to_bits()), (304, f64::INFINITY.to_bits())] {
            judge_hostile(&texts, status, (0, u32::MAX, number), Operation::Tls);
        }
    }
}

/// As many rows as the readers ever make of one record.
const MOST_ROWS: u32 = 20_000;

fn public_address(number: u32) -> String {
    format!("45.{}.{}.{}", 80 + number / 65536, number / 256 % 256, number % 256)
}

/// Disputed answers, dead addresses, wrong certificates and strange pages: whatever makes rules look twice.
fn worst_row(number: u32, name: &str) -> Observation<'static> {
    let operation = Operation::ALL[number as usize % Operation::ALL.len()];
    let about = number / Operation::ALL.len() as u32;
    let ip = public_address(about);
    let is_dns = operation == Operation::Dns;
    let failure = match operation {
        Operation::Tcp => Some("generic_timeout_error"),
        Operation::Tls => Some("ssl_invalid_hostname"),
        _ => None,
    };
    Observation {
        ip: Some(ip.clone().into()),
        ip_asn: Some(64999),
        port: Some(443),
        dns_answer: is_dns.then(|| ip.into()),
        dns_engine: is_dns.then(|| ENGINES[about as usize % ENGINES.len()].into()),
        dns_query: is_dns.then_some(number),
        dns_is_late: is_dns && about % 5 == 4,
        failure: failure.map(Into::into),
        http_request_url: Some(format!("http://{name}/").into()),
        http_response_status_code: Some(200),
        http_response_body_length: Some(700),
        http_response_body_title: Some("Another page altogether".into()),
        ..row(operation, name)
    }
}

fn worst_controls() -> Vec<Control<'static>> {
    let connects = (0..MOST_ROWS / 5).map(|number| Control {
        operation: if number % 2 == 0 { Operation::Tcp } else { Operation::Dns },
        hostname: Some(SITE.into()),
        ip: Some(if number % 2 == 0 { public_address(number) } else { format!("103.20.{}.{}", number / 256, number % 256) }.into()),
        ip_asn: Some(64666),
        port: Some(443),
        failure: (number % 2 == 0).then(|| "generic_timeout_error".into()),
        ..Control::default()
    });
    let ends = [Operation::Tcp, Operation::Tls, Operation::Http].map(|operation| Control {
        operation,
        hostname: Some(SITE.into()),
        ip: Some("103.20.0.1".into()),
        port: Some(443),
        http_response_status_code: Some(200),
        http_response_body_length: Some(30_000),
        http_response_body_title: Some("Example library of pictures".into()),
        ..Control::default()
    });
    connects.chain(ends).collect()
}

#[track_caller]
fn assert_judged_in_time(world: &World) {
    let quickest = (0..3).map(|_| time(world)).min().expect("three times");
    assert!(quickest < Duration::from_secs(2), "{quickest:?}");
}

fn time(world: &World) -> Duration {
    world.with_case(|case| {
        let start = Instant::now();
        assert!(!judge(case).is_empty());
        start.elapsed()
    })
}

#[test]
fn twenty_thousand_rows_on_one_target_are_judged_in_linear_time() {
    let observations = (0..MOST_ROWS).map(|number| worst_row(number, SITE)).collect();
    assert_judged_in_time(&World {
        observations,
        controls: worst_controls(),
        test_name: "web_connectivity",
        control_failure: None,
        neighbours: Vec::new(),
    });
}

#[test]
fn twenty_thousand_private_answers_and_checks_are_judged_in_linear_time() {
    let private = |number: u32| format!("10.{}.{}.1", number / 256 % 256, number % 256);
    let change = |number| {
        let mut row = worst_row(number, SITE);
        let ip = private(number / Operation::ALL.len() as u32);
        match row.operation {
            Operation::Dns => {
                (row.ip, row.dns_answer) = (Some(ip.clone().into()), Some(ip.into()));
                row.dns_engine = Some("system".into());
                row.dns_is_late = false;
            }
            Operation::Http => row.ip = Some(ip.into()),
            _ => (row.fetch_body, row.failure) = (Some(false), Some("connection_reset".into())),
        }
        row
    };
    let observations = (0..MOST_ROWS).map(change).collect();
    assert_judged_in_time(&World {
        observations,
        controls: worst_controls(),
        test_name: "web_connectivity",
        control_failure: None,
        neighbours: Vec::new(),
    });
}

#[test]
fn twenty_thousand_targets_of_one_row_are_judged_in_linear_time() {
    let named = |number| worst_row(number, &format!("host{number}.example.net"));
    let observations = (0..MOST_ROWS).map(named).collect();
    let mut controls = worst_controls();
    for (number, control) in controls.iter_mut().enumerate() {
        control.hostname = Some(format!("host{number}.example.net").into());
    }
    assert_judged_in_time(&World { observations, controls, test_name: "web_connectivity", control_failure: None, neighbours: Vec::new() });
}

#[test]
fn layers_of_operations_are_all_covered() {
    let layers: Vec<_> = Operation::ALL.iter().filter_map(|operation| operation.layer()).collect();
    assert_eq!(layers, Layer::ALL, "worst_row takes turns with all of them");
}
