//! Events on pages, for programs and as files: every kind and state is shown as what it is, and all say the same.

use std::borrow::Cow;

use parallax_archive::Archive;
use parallax_engine::events::{self, Story};
use parallax_engine::{Limits, write};
use parallax_model::tables::{Event, EventRows};
use parallax_model::{EventKind, EventState, Layer, Mechanism, Timestamp};
use parallax_serve::{EventFilter, Options, urls};
use serde_json::Value;

use crate::charts::without_script;
use crate::world::{Site, demo, judged, judgement};

/// What `parallax query --format json` prints.
fn query(site: &Site, sql: &str) -> Vec<Value> {
    let mut result = site.engine().query(sql, &Limits::default()).unwrap();
    let (schema, mut text) = (result.schema(), Vec::new());
    write::write(&mut result, &schema, write::Format::Json, &mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn rows(site: &Site, address: &str) -> Vec<Value> {
    site.at(address).json()["rows"].as_array().unwrap().clone()
}

fn ids(rows: &[Value]) -> Vec<String> {
    let mut ids: Vec<String> = rows.iter().map(|row| row["event_id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// As it stands in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;").replace('\'', "&#39;")
}

#[test]
fn page_interface_files_and_sql_say_the_same_of_every_event() {
    let site = demo();
    let sql = query(site, "SELECT * FROM events ORDER BY onset_latest DESC, event_id");
    assert!(sql.len() >= 5, "{}", sql.len());
    assert_eq!(rows(site, "/api/v1/events?state=all&limit=1000"), sql);
    let lines = site.page("/download/events/jsonl?state=all");
    let mut file: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    file.sort_by_key(|row| row["event_id"].to_string());
    let mut by_id = sql.clone();
    by_id.sort_by_key(|row| row["event_id"].to_string());
    assert_eq!(file, by_id);
    let list = site.page("/events?state=all");
    let all = events::load(&site.archive.snapshot().unwrap()).unwrap();
    for (row, event) in sql.iter().map(|row| (row, all.iter().find(|event| row["event_id"] == *event.event_id).unwrap())) {
        let id = &event.event_id;
        let answer = site.at(&format!("/api/v1/events/{id}")).json();
        assert_eq!(answer["event"], *row, "{id}");
        // What `parallax event` prints is made of these sentences.
        let story = Story::of(event, &all);
        assert_eq!(answer["story"], serde_json::to_value(&story).unwrap(), "{id}");
        let page = site.page(&urls::event(id));
        for sentence in [&story.what, &story.when, &story.how_much].into_iter().chain(&story.verdict) {
            assert!(page.contains(&escaped(sentence)), "{sentence} is not in the page of {id}");
        }
        for tried in &story.explanations {
            assert!(page.contains(&escaped(&tried.found)), "{}", tried.found);
        }
        for witness in &event.witnesses {
            assert!(page.contains(&format!("href=\"{}\"", urls::measurement(witness))), "{witness}");
        }
        assert!(list.contains(&format!("href=\"/event/{id}\"")) && page.contains("To cite it"), "{id}");
    }
}

#[test]
fn a_measurement_says_which_events_it_is_part_of_and_an_innocent_one_first() {
    let site = demo();
    let all = events::load(&site.archive.snapshot().unwrap()).unwrap();
    let mut explained = 0;
    for event in all.iter().filter(|event| !event.witnesses.is_empty()) {
        let page = site.page(&urls::measurement(&event.witnesses[0]));
        assert!(page.contains(&format!("href=\"{}\"", urls::event(&event.event_id))), "{}", event.event_id);
        let sentence = "is part of an event that has an innocent explanation: ";
        if event.state == EventState::Explained {
            explained += 1;
            let whole = format!("{sentence}{}.", escaped(event.reason.as_deref().unwrap()));
            let (at, targets) = (page.find(&whole).expect(&whole), page.find("<h2>").unwrap());
            assert!(at < targets, "{}", event.event_id);
            let of_event = site.page(&urls::event(&event.event_id));
            assert!(!of_event.contains("are interfered with") && !of_event.contains("How it was done"), "{}", event.event_id);
        }
    }
    assert!(explained > 0);
    // A measurement of before all of it is part of nothing.
    let early = query(site, "SELECT measurement_uid FROM measurements ORDER BY measurement_start_time LIMIT 1");
    let page = site.page(&urls::measurement(early[0]["measurement_uid"].as_str().unwrap()));
    assert!(page.contains("part of none that the archive knows"));
}

#[test]
fn pages_of_counts_say_that_explained_events_count_in_them() {
    let site = demo();
    let explained = query(site, "SELECT probe_cc, targets[1] AS target FROM events WHERE state = 'explained' ORDER BY 1, 2");
    let (country, target) = (explained[0]["probe_cc"].as_str().unwrap(), explained[0]["target"].as_str().unwrap());
    for address in ["/".to_owned(), urls::country(country), urls::target(target)] {
        let page = site.page(&address);
        let at = page.find("an innocent explanation</a>; what was measured in it counts below as single verdicts.").expect(&address);
        assert!(at < page.find("<table>").unwrap(), "{address}");
    }
    assert!(!site.page("/?from=2020-01-01&to=2020-01-02").contains("count below as single verdicts"));
}

#[test]
fn a_filter_lets_the_same_through_everywhere() {
    let site = demo();
    for filter in [
        "",
        "state=all",
        "cc=XA",
        "cc=XA&state=all",
        "asn=64502",
        "asn=unknown&state=all",
        "target=poets.example",
        "target=*.example",
        "kind=shutdown",
        "state=explained",
        "since=2024-03-05",
        "until=2024-03-04&state=all",
        "since=2024-03-05&until=2024-03-05&cc=XB",
    ] {
        let wanted = EventFilter::read(&urls::Parameters::parse(filter)).unwrap().wanted();
        let sql = ids(&query(site, &format!("SELECT event_id FROM events WHERE {}", wanted.condition())));
        let reply = site.at(&format!("/api/v1/events?limit=1000&{filter}")).json();
        assert_eq!(ids(reply["rows"].as_array().unwrap()), sql, "{filter}");
        assert_eq!(reply["n"], sql.len(), "{filter}");
        let page = site.page(&format!("/events?{filter}"));
        let shown = sql.iter().filter(|id| page.contains(&format!("<a href=\"/event/{id}\">"))).count();
        assert_eq!((shown, page.matches("<a href=\"/event/").count()), (sql.len(), sql.len()), "{filter}");
        assert_eq!(site.page(&format!("/download/events/csv?{filter}")).lines().count(), sql.len() + 1, "{filter}");
        assert_eq!(site.page(&format!("/events.atom?{filter}")).matches("<entry>").count(), sql.len(), "{filter}");
    }
}

#[test]
fn pages_about_other_things_show_their_events() {
    let site = demo();
    for (page, filter) in
        [("/", ""), ("/country/XA", "cc=XA"), ("/network/64502", "asn=64502"), ("/target/poets.example", "target=poets.example")]
    {
        let (text, events) = (site.page(page), rows(site, &format!("/api/v1/events?{filter}")));
        assert!(!events.is_empty(), "{page}");
        for id in ids(&events) {
            assert!(text.contains(&format!("href=\"/event/{id}\"")), "{id} is not on {page}");
        }
    }
}

#[test]
fn an_event_is_found_by_its_name() {
    let site = demo();
    let id = rows(site, "/api/v1/events")[0]["event_id"].as_str().unwrap().to_owned();
    for searched in [id.clone(), id.to_lowercase()] {
        let reply = site.at(&format!("/search?q={searched}"));
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, urls::event(&id).as_str()));
    }
    assert!(site.page(&format!("/search?q={}", &id[..6])).contains(&format!("/event/{id}")));
}

#[test]
fn the_timeline_adds_up_to_the_judgements() {
    let site = demo();
    for row in rows(site, "/api/v1/events?state=all") {
        let answer = site.at(&format!("/api/v1/events/{}", row["event_id"].as_str().unwrap())).json();
        let timeline = &answer["timeline"];
        let sum = |name: &str| -> u64 {
            let lines = timeline["lines"].as_array().unwrap();
            lines.iter().flat_map(|line| line["counts"].as_array().unwrap()).map(|counts| counts[name].as_u64().unwrap()).sum()
        };
        let hours = query(site, timeline["sql"].as_str().unwrap());
        let wanted = |column: &str| hours.iter().map(|hour| hour[column].as_u64().unwrap()).sum::<u64>();
        assert_eq!((sum("hit"), sum("ok")), (wanted("hit"), wanted("ok")));
        assert_eq!(sum("hit") + sum("ok") + sum("troubled") + sum("unclear"), wanted("n"));
        let targets: u64 = answer["targets"].as_array().unwrap().iter().map(|part| part["counts"]["hit"].as_u64().unwrap()).sum();
        assert!(targets > 0 && targets <= sum("hit"), "{row}");
    }
}

pub fn event<'a>(id: &'a str, kind: EventKind, state: EventState) -> Event<'a> {
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    Event {
        event_id: Cow::Borrowed(id),
        kind,
        state,
        probe_cc: "XA".into(),
        networks: vec![64500],
        targets: if kind == EventKind::Shutdown { Vec::new() } else { vec!["a.example".into()] },
        layers: if kind == EventKind::Shutdown { Vec::new() } else { vec![Layer::Tls] },
        mechanisms: if kind == EventKind::Shutdown { Vec::new() } else { vec![Mechanism::of("tls.reset")] },
        onset_earliest: Some(time("2024-03-04 09:00:00")),
        onset_latest: time("2024-03-04 11:00:00"),
        end_earliest: (state == EventState::Ended).then(|| time("2024-03-05 09:00:00")),
        end_latest: (state == EventState::Ended).then(|| time("2024-03-05 12:00:00")),
        share: 0.9,
        n_measurements: 40,
        n_interfered: 36,
        n_networks: 1,
        strength: 8.5,
        strength_reading: "strong".into(),
        ..Event::default()
    }
}

pub fn add_events(archive: &Archive, events: &[Event<'_>]) {
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    let mut rows = EventRows::default();
    events.iter().for_each(|event| rows.push(event));
    stage.push(rows.take()).unwrap();
    writer.commit(stage, |_| {}).unwrap();
}

#[test]
fn every_kind_and_state_is_shown_as_what_it_is() {
    use parallax_model::State;
    let reason = |event: Event<'static>, text: &'static str| Event { reason: Some(text.into()), ..event };
    let events = [
        event("XA-20240304-000001", EventKind::Blocking, EventState::Ongoing),
        event("XA-20240304-000002", EventKind::Shutdown, EventState::Ended),
        reason(event("XA-20240304-000003", EventKind::Blocking, EventState::Explained), "only one release sees it"),
        Event {
            superseded_by: Some("XA-20240304-000001".into()),
            ..reason(event("XA-20240304-000004", EventKind::Blocking, EventState::Superseded), "it began in the same hour")
        },
        reason(event("XA-20240304-000005", EventKind::Blocking, EventState::Retracted), "more measurements came in"),
        Event {
            schedule: Some("Mon-Fri 07:00-11:00 (UTC)".into()),
            ..event("XA-20240304-000006", EventKind::Blocking, EventState::Ongoing)
        },
    ];
    let rows = [
        judgement("m1", "XA", "a.example", "2024-03-04 10:00:00", State::Blocked),
        judgement("m2", "XA", "a.example", "2024-03-04 12:00:00", State::Blocked),
        judgement("m3", "XA", "a.example", "2024-03-03 12:00:00", State::Ok),
    ];
    let site = Site::new(
        |dir| {
            let archive = judged(dir, &rows);
            add_events(&archive, &events);
            archive
        },
        Options::default(),
    );
    for (id, texts) in [
        ("XA-20240304-000001", ["were interfered with", "no end has been seen", "XA-20240304-000004</a>"]),
        (
            "XA-20240304-000002",
            ["Hardly anything was measured", "ended between 2024-03-05 09:00", "it is the measurements that are missing"],
        ),
        ("XA-20240304-000003", ["Connections to a.example failed", "not shown as interference: only one release", "event-explained"]),
        ("XA-20240304-000004", ["told as a part of XA-20240304-000001", "href=\"/event/XA-20240304-000001\"", "event-superseded"]),
        ("XA-20240304-000005", ["is retracted: more measurements came in", "event-retracted", "no record of when this was first said"]),
        ("XA-20240304-000006", ["Mon-Fri 07:00-11:00 (UTC)", "Hours of the week", "the time of the capital"]),
    ] {
        let page = site.page(&urls::event(id));
        for text in texts {
            assert!(page.contains(text), "{text} is not in the page of {id}");
        }
    }
    // Only what is told goes on.
    for (id, said) in
        [("3", "the data show no end, which does not say that it went on"), ("4", "its end is told with"), ("5", "no end had been")]
    {
        let page = site.page(&format!("/event/XA-20240304-00000{id}"));
        assert!(page.matches(said).count() == 2 && !page.contains("no end has been seen"), "{said}");
    }
    let told = site.page("/events");
    assert!(told.contains("blocking: a.example") && !site.page("/events?state=explained").contains("blocking: a.example"));
    assert_eq!(told.matches("<a href=\"/event/").count(), 3);
    assert!(told.contains("1 explained, 1 superseded, 1 retracted"));
    assert!(told.contains("3 events in 1 country; no end has been seen of 2."));
    let all = site.page("/events?state=all");
    assert!(all.contains("6 events in 1 country; no end has been seen of 2; 3 are not told as interference or as a shutdown."));
    assert_eq!(all.matches("<td class=\"days\">goes on</td>").count(), 2);
    let explained = site.page("/events?state=explained");
    assert!(
        explained.contains("1 event in 1 country; 1 is not told")
            && !explained.contains("goes on")
            && !explained.contains("no end has been seen of")
    );
    assert_eq!(site.page("/events?state=all").matches("<a href=\"/event/").count(), 6);
    // The map counts what is told and goes on, and nothing else.
    let overview = site.page("/");
    assert!(
        overview.contains("; 2 events go on\"") && overview.contains("; 2 events go on</span>"),
        "a country does not say that events go on"
    );
    assert!(overview.contains("href=\"/events?cc=XA&#38;state=ongoing\">2<"));
    assert!(!site.page("/?to=2024-03-03").contains("go on</span>"), "events of other days");
    assert_eq!(site.at("/event/XA-20240304-0").status, 404);
}

#[test]
fn hostile_texts_in_an_event_do_nothing() {
    let text = "<script>alert(1)</script>\u{202e}\u{1b}[2J";
    let site = Site::new(
        |dir| {
            let archive = judged(dir, &[]);
            let hostile = Event {
                probe_cc: text.into(),
                targets: vec![text.into()],
                reason: Some(text.into()),
                schedule: Some(text.into()),
                strength_reading: text.into(),
                explanations: vec![text.into()],
                witnesses: vec![text.into()],
                superseded_by: Some(text.into()),
                ..event(text, EventKind::Blocking, EventState::Ended)
            };
            add_events(&archive, &[hostile]);
            archive
        },
        Options::default(),
    );
    for address in ["/events?state=all".to_owned(), urls::event(text), "/".to_owned(), "/events.atom?state=all".to_owned()] {
        let page = without_script(&site.page(&address));
        for bad in ["<script", "\u{1b}", "\u{202e}"] {
            assert!(!page.contains(bad), "{address}: {bad:?}");
        }
    }
}
