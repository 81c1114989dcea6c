//! Drawings of events as charts: the figures of the timeline, what each says of itself elsewhere, and where its marks lead.

use parallax_engine::events;
use parallax_model::tables::{Measurement, MeasurementRows};
use parallax_model::{EventKind, EventState, State};
use parallax_serve::{Options, urls};
use serde_json::Value;

use crate::charts::{rows, specs, without_script};
use crate::events::{add_events, event};
use crate::world::{Site, demo, judged, judgement};

/// The specification of a page whose file ends so.
fn spec(page: &str, ending: &str) -> Value {
    let file = |spec: &Value| spec["usermeta"]["parallax"]["file"].as_str().unwrap().to_owned();
    specs(page).into_iter().find(|spec| file(spec).ends_with(ending)).unwrap_or_else(|| panic!("no chart {ending}"))
}

fn sum(rows: &[Vec<String>], column: usize) -> u64 {
    rows.iter().map(|row| row[column].parse::<u64>().unwrap()).sum()
}

#[test]
fn a_chart_of_an_event_has_the_figures_of_its_timeline() {
    let site = demo();
    for event in events::load(&site.archive.snapshot().unwrap()).unwrap() {
        let id = &event.event_id;
        let page = site.page(&urls::event(id));
        let timeline = site.at(&format!("/api/v1/events/{id}")).json()["timeline"].clone();
        let total = |name: &str, only_in: bool| -> u64 {
            let lines = timeline["lines"].as_array().unwrap().iter().filter(|line| !only_in || line["is_in"] == true);
            lines.flat_map(|line| line["counts"].as_array().unwrap()).map(|counts| counts[name].as_u64().unwrap()).sum()
        };
        let (course, grid) = (rows(&spec(&page, "-course")), rows(&spec(&page, "-grid")));
        assert_eq!(course.len() as u64, timeline["marks"].as_u64().unwrap(), "{id}");
        for (column, name) in [(2, "hit"), (3, "ok"), (4, "troubled"), (5, "unclear")] {
            assert_eq!(sum(&course, column), total(name, true), "{id} {name}");
        }
        assert_eq!(sum(&course, 7), ["hit", "ok", "troubled", "unclear"].map(|name| total(name, true)).iter().sum::<u64>());
        assert_eq!((sum(&grid, 3), sum(&grid, 5)), (total("hit", false), total("unclear", false)), "{id}");
        assert_eq!(spec(&page, "-grid")["title"]["subtitle"][1], "* the event was seen there");
        let said = spec(&page, "-course")["title"]["subtitle"][0].as_str().unwrap().to_owned();
        assert!(said.starts_with(&format!("n = {} judgement", sum(&course, 7))) && said.contains("(UTC)"), "{said}");
    }
}

#[test]
fn the_list_has_a_bar_for_every_event_that_opens_it() {
    let site = demo();
    let all = events::load(&site.archive.snapshot().unwrap()).unwrap();
    let list = spec(&site.page("/events?state=all"), "-list-events");
    let shown = rows(&list);
    assert_eq!(shown.len(), all.len());
    for event in &all {
        let row = shown.iter().find(|row| row[0] == *event.event_id).unwrap();
        assert_eq!(row[8] == "yes", event.state == EventState::Ongoing, "only what is told goes on: {row:?}");
        assert_eq!(list["usermeta"]["parallax"]["pages"][&*event.event_id], urls::event(&event.event_id));
    }
    assert!(list["title"]["text"].as_str().unwrap().contains("state all"), "what chose the events leaves with the picture");
}

fn site() -> Site {
    let reason =
        |event: parallax_model::tables::Event<'static>| parallax_model::tables::Event { reason: Some("it was late".into()), ..event };
    let events = [
        event("XA-20240304-000001", EventKind::Blocking, EventState::Ongoing),
        event("XA-20240304-000002", EventKind::Shutdown, EventState::Ended),
        reason(event("XA-20240304-000003", EventKind::Blocking, EventState::Explained)),
        reason(event("XA-20240304-000004", EventKind::Blocking, EventState::Retracted)),
        parallax_model::tables::Event {
            schedule: Some("Mon-Fri 07:00-11:00 (UTC)".into()),
            targets: vec!["a.example".into(), "b.example".into()],
            ..event("XA-20240304-000005", EventKind::Blocking, EventState::Ongoing)
        },
    ];
    let rows = [
        judgement("m1", "XA", "a.example", "2024-03-04 10:00:00", State::Blocked),
        judgement("m2", "XA", "a.example", "2024-03-04 12:00:00", State::Insufficient),
        judgement("m3", "XA", "a.example", "2024-03-03 12:00:00", State::Ok),
    ];
    let fill = |dir: &std::path::Path| {
        let archive = judged(dir, &rows);
        add_events(&archive, &events);
        archive
    };
    Site::new(fill, Options::default())
}

#[test]
fn a_picture_of_what_is_not_told_says_so() {
    let site = site();
    let said = |number: u8| spec(&site.page(&format!("/event/XA-20240304-00000{number}")), "-course")["title"]["subtitle"][1].to_string();
    assert_eq!(said(1), "\"blocking of a.example in XA: ongoing\"");
    assert!(said(3).contains("not told as interference, it has an innocent explanation") && !said(3).contains("blocking"));
    assert!(said(4).contains("retracted, and no longer told") && !said(4).contains("blocking"));
}

#[test]
fn marks_open_what_a_filter_can_choose_and_say_what_they_cannot() {
    let site = site();
    let of =
        |number: u8, chart: &str| spec(&site.page(&format!("/event/XA-20240304-00000{number}")), chart)["usermeta"]["parallax"].clone();
    let one = of(1, "-course");
    assert_eq!(one["pages"]["interference"], "/measurements?cc=XA&asn=64500&target=a.example&state=interference");
    assert_eq!((&one["opens"], &one["field"]), (&"the measurements of its days".into(), &"part".into()));
    let two = of(5, "-grid");
    assert_eq!(two["opens"], "the measurements of its days and network, of all targets");
    assert!(two["pages"].as_object().unwrap().values().all(|page| page == "/measurements?cc=XA&asn=64500"), "{two}");
    let week = of(5, "-week");
    assert!(week["pages"]["Monday"].as_str().unwrap().contains("from=2024-03-04"), "{week}");
    for page in one["pages"].as_object().unwrap().values().chain(week["pages"].as_object().unwrap().values()) {
        assert!(site.page(page.as_str().unwrap()).contains("<h1>Measurements"), "{page}");
    }
}

#[test]
fn a_chart_of_a_shutdown_counts_measurements_and_judges_none() {
    let fill = |dir: &std::path::Path| {
        let archive = judged(dir, &[]);
        let mut rows = MeasurementRows::default();
        for hour in 0..24 {
            let uid = format!("m{hour}");
            rows.push(&Measurement {
                measurement_uid: uid.as_str().into(),
                probe_cc: "XA".into(),
                probe_asn: Some(if hour % 3 == 0 { 64501 } else { 64500 }),
                measurement_start_time: format!("2024-03-03 {hour:02}:30:00").parse().unwrap(),
                ..Measurement::default()
            });
        }
        let mut writer = archive.write("test").unwrap();
        let mut stage = writer.stage().unwrap();
        stage.push(rows.take()).unwrap();
        writer.commit(stage, |_| {}).unwrap();
        drop(writer);
        add_events(&archive, &[event("XA-20240304-000002", EventKind::Shutdown, EventState::Ended)]);
        archive
    };
    let page = Site::new(fill, Options::default()).page("/event/XA-20240304-000002");
    let (course, grid) = (spec(&page, "-course"), spec(&page, "-grid"));
    assert_eq!((sum(&rows(&course), 2), sum(&rows(&grid), 3)), (11, 16), "from 08:00 on, in its network and in all");
    assert_eq!(course["title"]["subtitle"][1], "shutdown in XA: ended");
    assert!(course["title"]["subtitle"][0].as_str().unwrap().starts_with("n = 11 measurements"));
    for chart in [&course, &grid] {
        let drawn = chart.to_string();
        assert!(!drawn.contains("\"fine\"") && !drawn.contains("interference"), "{drawn}");
    }
}

#[test]
fn hours_of_an_event_without_measurements_are_no_chart() {
    let fill = |dir: &std::path::Path| {
        let archive = judged(dir, &[]);
        add_events(&archive, &[event("XA-20240304-000002", EventKind::Shutdown, EventState::Ended)]);
        archive
    };
    let page = Site::new(fill, Options::default()).page("/event/XA-20240304-000002");
    assert!(specs(&page).is_empty() && !page.contains("class=\"chart\"") && page == without_script(&page));
}
