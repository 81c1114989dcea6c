//! What holds of events whatever the cells: order, quiet, late data; and the plain cases, end to end.

use parallax_detect::interference::events::{
    CellRow, Cells, CellsBuilder, Counts, Event, Hour, Options, Question, coverage, detect, reconcile,
};
use parallax_model::{EventKind, EventState, Layer};
use proptest::prelude::*;

/// A Monday, 00:00 UTC.
const BEGIN: u32 = 473_352;

/// Some measurements of a target in an hour.
#[derive(Clone, Debug)]
struct Measured {
    country: &'static str,
    asn: u32,
    target: String,
    hour: u32,
    failed: u16,
    ok: u16,
}

fn row(measured: &Measured) -> CellRow<'_> {
    let all = measured.failed + measured.ok;
    CellRow {
        probe_cc: measured.country,
        probe_asn: Some(measured.asn),
        resolver_asn: None,
        target: &measured.target,
        layer: Layer::Tls,
        hour: Hour(BEGIN + measured.hour),
        mechanism: (measured.failed > 0).then(|| "tls.reset".parse().expect("a mechanism")),
        software: "probe 3.18.0",
        ruleset: "1",
        probe_id: None,
        counts: Counts { measurements: all, sessions: all, ok: measured.ok, likely_blocked: measured.failed, ..Counts::default() },
        witness: (measured.failed > 0).then_some("a measurement"),
    }
}

fn cells<'m>(measured: impl IntoIterator<Item = &'m Measured>) -> Cells {
    let mut builder = CellsBuilder::default();
    measured.into_iter().for_each(|measured| builder.push(&row(measured)));
    builder.finish()
}

/// A series that is measured every `every` hours for `days`, and fails while `blocked` says so.
fn series(country: &'static str, asn: u32, target: &str, every: u32, days: u32, blocked: impl Fn(u32) -> bool) -> Vec<Measured> {
    let measure = |hour| {
        let failed = u16::from(blocked(hour));
        Measured { country, asn, target: target.to_owned(), hour, failed, ok: 1 - failed }
    };
    (0..days * 24).step_by(every as usize).map(measure).collect()
}

fn found(measured: &[Measured]) -> Vec<Event<'static>> {
    detect(&cells(measured), &Options::default())
}

/// A quiet country with a blocked target in it.
fn a_block() -> Vec<Measured> {
    let mut all = series("XA", 64500, "a.example", 1, 60, |hour| (960..1200).contains(&hour));
    all.extend(series("XA", 64501, "a.example", 2, 60, |_| false));
    all.extend(series("XB", 64510, "a.example", 1, 60, |_| false));
    all
}

#[test]
fn a_block_has_its_onset_and_its_end() {
    let events = found(&a_block());
    let [event] = &events[..] else { panic!("{events:#?}") };
    assert_eq!((event.kind, event.state, &event.networks[..]), (EventKind::Blocking, EventState::Ended, &[64500][..]));
    assert_eq!(event.onset_earliest, Some(Hour(BEGIN + 959).start()));
    assert_eq!(event.onset_latest, Hour(BEGIN + 961).start());
    assert_eq!(event.end_earliest, Some(Hour(BEGIN + 1199).start()));
    assert_eq!(event.end_latest, Some(Hour(BEGIN + 1201).start()));
    assert_eq!((event.n_interfered, event.n_measurements, event.share), (240, 240, 1.0));
}

#[test]
fn three_failures_in_a_row_are_told_within_three_hours() {
    let all = a_block();
    let seen = |until: u32| detect(&cells(all.iter().filter(|measured| measured.hour < until)), &Options::default());
    assert!(seen(961).is_empty());
    assert_eq!(seen(963).len(), 1);
}

#[test]
fn a_target_that_fails_everywhere_is_explained() {
    let mut all = series("XA", 64500, "a.example", 1, 60, |hour| hour >= 960);
    all.extend(series("XB", 64510, "a.example", 1, 60, |hour| hour >= 960));
    all.extend(series("XC", 64520, "a.example", 1, 60, |hour| hour >= 961));
    let events = found(&all);
    assert!(!events.is_empty() && events.iter().all(|event| event.state == EventState::Explained));
    assert!(events[0].explanations.iter().any(|tried| tried.starts_with("target_changed holds")), "{:?}", events[0].explanations);
}

#[test]
fn nights_are_one_event_with_a_schedule() {
    let events = found(&series("KE", 64500, "a.example", 1, 60, |hour| hour >= 960 && (19..23).contains(&(hour % 24))));
    let [event] = &events[..] else { panic!("{events:#?}") };
    assert_eq!(event.schedule.as_deref(), Some("every day 22:00-02:00 (UTC+03:00)"));
}

#[test]
fn silence_is_a_shutdown_only_where_there_was_much() {
    let busy = |hour: u32| if (960..980).contains(&hour) { 0 } else { 12 };
    let measure = |asn, count: fn(u16) -> u16| {
        (0..60 * 24).map(move |hour| Measured { country: "XA", asn, target: "a.example".into(), hour, failed: 0, ok: count(busy(hour)) })
    };
    let mut all: Vec<Measured> = measure(64500, |count| count).filter(|measured| measured.ok > 0).collect();
    let seldom: Vec<Measured> = measure(64501, |count| u16::from(count > 0)).filter(|measured| measured.ok > 0).collect();
    assert!(found(&seldom).is_empty());
    // Beside a network that shows it, one that is measured once an hour fell silent too.
    all.extend(seldom);
    let events = found(&all);
    let [event] = &events[..] else { panic!("{events:#?}") };
    assert_eq!((event.kind, event.state, &event.networks[..]), (EventKind::Shutdown, EventState::Ended, &[64500, 64501][..]));
    assert_eq!(event.onset_latest, Hour(BEGIN + 961).start());
}

#[test]
fn networks_that_are_each_measured_seldom_fall_silent_together() {
    // Eight networks, each twice an hour by the hour: none alone is watched enough, the country is.
    let cut = |hour: u32| (960..975).contains(&hour);
    let measure = |asn: u32| {
        (0..60 * 24).filter(move |hour| !cut(*hour)).map(move |hour| Measured {
            country: "XA",
            asn,
            target: "a.example".into(),
            hour,
            failed: 0,
            ok: 2,
        })
    };
    let all: Vec<Measured> = (64500..64508).flat_map(measure).collect();
    let events = found(&all);
    let [event] = &events[..] else { panic!("{events:#?}") };
    assert_eq!((event.kind, event.state, event.n_networks), (EventKind::Shutdown, EventState::Ended, 8));
    assert!(event.explanations.iter().any(|tried| tried.contains("which is most of it")), "{:?}", event.explanations);
    let seen = |until: u32| {
        detect(
            &cells(all.iter().filter(|each| each.hour < until)),
            &Options { complete_until: Some(Hour(BEGIN + until)), ..Options::default() },
        )
    };
    assert!(seen(962).is_empty());
    assert_eq!(seen(964).len(), 1);
}

#[test]
fn what_is_insufficient_or_down_never_counts() {
    let mut builder = CellsBuilder::default();
    for measured in &a_block() {
        let mut row = row(measured);
        if measured.failed > 0 {
            row.counts = Counts {
                measurements: 1,
                sessions: 1,
                insufficient: u16::from(measured.hour % 2 == 0),
                down: u16::from(measured.hour % 2 == 1),
                ..Counts::default()
            };
            (row.mechanism, row.witness) = (None, None);
        }
        builder.push(&row);
    }
    assert!(detect(&builder.finish(), &Options::default()).is_empty());
}

#[test]
fn coverage_says_what_would_have_been_seen() {
    let mut all = series("XA", 64500, "a.example", 1, 60, |_| false);
    all.extend(series("XA", 64501, "a.example", 24, 60, |_| false));
    let answers = coverage(&cells(&all), &Question { from: Some(Hour(BEGIN + 720)), ..Question::default() }, &Options::default());
    let [often, rarely] = &answers[..] else { panic!("{answers:#?}") };
    assert_eq!((often.measurements, rarely.measurements), (720, 30));
    assert!(often.shortest_hours.unwrap() <= 6 && rarely.shortest_hours.unwrap() >= 48, "{answers:#?}");
    assert!(often.smallest_share.unwrap() < rarely.smallest_share.unwrap(), "{answers:#?}");
}

#[test]
fn a_name_outlives_late_data() {
    let all = a_block();
    let before = found(&all);
    let late: Vec<Measured> = all
        .iter()
        .cloned()
        .chain([Measured { country: "XA", asn: 64500, target: "a.example".into(), hour: 958, failed: 1, ok: 0 }])
        .collect();
    let after = reconcile(&before, found(&late));
    assert_eq!(after.iter().map(|event| &event.event_id).collect::<Vec<_>>(), [&before[0].event_id]);
}

fn innocent() -> impl Strategy<Value = Vec<Measured>> {
    let one = (0..3_u32, 0..4_u32, 0..1440_u32, 1..4_u16).prop_map(|(network, target, hour, ok)| Measured {
        country: "XC",
        asn: 64520 + network,
        target: format!("quiet{target}.example"),
        hour,
        failed: 0,
        ok,
    });
    proptest::collection::vec(one, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_cells_does_not_matter(seed in any::<u64>(), innocent in innocent()) {
        let mut all = a_block();
        all.extend(innocent);
        let before = found(&all);
        // A permutation that depends on the seed alone.
        all.sort_by_key(|measured| (u64::from(measured.hour) * 31 + u64::from(measured.asn)).wrapping_mul(seed | 1));
        prop_assert_eq!(found(&all), before);
    }

    #[test]
    fn quiet_series_never_add_an_event(innocent in innocent(), blocked in any::<bool>()) {
        let mut all = if blocked { a_block() } else { Vec::new() };
        let before = found(&all);
        all.extend(innocent);
        prop_assert_eq!(found(&all).len(), before.len());
    }

    #[test]
    fn success_in_the_same_hours_never_makes_it_stronger(hour in 960..1200_u32, ok in 1..5_u16) {
        let mut all = a_block();
        let before = found(&all)[0].strength;
        all.push(Measured { country: "XA", asn: 64500, target: "a.example".into(), hour, failed: 0, ok });
        prop_assert!(found(&all)[0].strength <= before + 1e-9);
    }

    #[test]
    fn late_data_that_change_nothing_change_nothing(again in 0..3_usize) {
        let mut events = found(&a_block());
        for _ in 0..again {
            events = reconcile(&events, found(&a_block()));
        }
        prop_assert_eq!(events, found(&a_block()));
    }
}
