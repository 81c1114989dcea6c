//! Every page is there, says what it must, and links to pages that are there.

use std::collections::BTreeSet;

use parallax_engine::Limits;
use parallax_model::State;

use crate::world::{Site, demo, judged, judgement};
use axum::http::Request;
use parallax_serve::{Access, Options};

/// Every address that a page links to, on this server.
pub fn links(page: &str) -> BTreeSet<String> {
    let attributes = page.split(" href=\"").skip(1).chain(page.split(" action=\"").skip(1));
    let addresses = attributes.filter_map(|rest| rest.split('"').next());
    addresses.filter(|address| address.starts_with('/')).map(|address| address.replace("&#38;", "&")).collect()
}

#[test]
fn every_link_of_every_kind_of_page_leads_somewhere() {
    let site = demo();
    let mut wanted: Vec<String> = vec!["/".to_owned()];
    let mut seen: BTreeSet<String> = wanted.iter().cloned().collect();
    let mut kinds = std::collections::BTreeMap::new();
    while let Some(address) = wanted.pop() {
        let reply = site.at(&address);
        assert!(reply.status.is_success() || reply.status.is_redirection(), "{address}: {} {}", reply.status, reply.text());
        if !reply.header("content-type").starts_with("text/html") {
            continue;
        }
        let page = reply.text();
        assert!(!crate::charts::without_script(&page).contains("<script"), "{address}");
        assert!(!page.contains(" style=\"") && !page.contains("=\"http"), "{address}");
        for link in links(&page) {
            // A few of each kind: the same page with and without parameters are two kinds.
            let kind: String = link.split('/').take(3).collect::<Vec<_>>().join("/").split('?').next().unwrap_or_default().to_owned();
            let shape = (kind.split('/').nth(1).unwrap_or_default().to_owned(), link.contains('?'));
            let of_kind = kinds.entry(shape).or_insert(0);
            if *of_kind < 8 && seen.insert(link.clone()) {
                *of_kind += 1;
                wanted.push(link);
            }
        }
    }
    for kind in [
        "country",
        "network",
        "target",
        "event",
        "events",
        "events.atom",
        "measurement",
        "measurements",
        "rules",
        "tables",
        "data",
        "help",
        "query",
        "download",
        "feed.atom",
        "api",
    ] {
        assert!(kinds.keys().any(|(known, _)| known == kind), "no page links to {kind}");
    }
}

#[test]
fn the_demo_country_tells_what_is_blocked_since_when_and_who_sees_it() {
    let page = demo().page("/country/XA");
    for text in [
        "Interference was found",
        "Tested and found fine",
        "Too little evidence",
        "Alandia Telecom",
        "2024-03-04",
        "dns.injection",
        "95 % interval",
        " (country) · Parallax</title>",
    ] {
        assert!(page.contains(text), "{text} is not in the page");
    }
    assert!(demo().page("/").contains("<title>What networks do to connections · Parallax</title>"));
}

#[test]
fn a_measurement_shows_its_proof_beside_its_control() {
    let site = demo();
    let uid = worst(site);
    let page = site.page(&format!("/measurement/{uid}"));
    for text in
        ["Rules that fired", "decided", "What speaks against it", "What was tried, step by step", "control", "sha256", "To repeat it"]
    {
        assert!(page.contains(text), "{text} is not in the page of {uid}");
    }
}

#[test]
fn commands_name_the_archive_to_whoever_sits_at_this_machine() {
    let site = demo();
    let (uid, folder) = (worst(site), site.archive.dir().display().to_string());
    let event = site.at("/api/v1/events?limit=1").json()["rows"][0]["event_id"].as_str().unwrap().to_owned();
    let (measurement, event) = (format!("/measurement/{uid}"), format!("/event/{event}"));
    let page = site.page(&measurement);
    assert!(page.contains(&format!("parallax --archive {folder} explain {uid}</code>")));
    assert!(page.contains(&format!("<code>zstd -dcq {folder}/")) && page.contains("its digest is another one than the record"));
    // The command is run as it stands in the page.
    let command = page.split("<code>").find(|rest| rest.contains("tail -c +")).unwrap().split("</code>").next().unwrap();
    if std::process::Command::new("zstd").arg("--version").output().is_ok() {
        let output = std::process::Command::new("sh").arg("-c").arg(command).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.stderr.is_empty() && page.contains(&format!("gives {}, the record", printed.split(' ').next().unwrap())),
            "{output:?}"
        );
    }
    assert!(site.page(&event).contains(&format!("<code>parallax --archive {folder} event ")));
    for address in [&measurement, &event] {
        let reply = site.ask_as(Access::Public, Request::get(address.as_str()).header("host", "observatory.example"));
        let page = reply.text();
        assert!(page.contains("parallax --archive FOLDER e") && !page.contains(&folder), "{address}");
    }
}

pub fn worst(site: &Site) -> String {
    let sql = "SELECT measurement_uid FROM judgements WHERE state = 'blocked' ORDER BY measurement_uid LIMIT 1";
    let batch = site.engine().query(sql, &Limits::default()).unwrap().next().unwrap().unwrap();
    arrow::array::AsArray::as_string::<i32>(batch.column(0)).value(0).to_owned()
}

#[test]
fn no_data_and_too_little_evidence_and_fine_look_different() {
    let day = |uid, day, state| judgement(uid, "XA", "site.example", day, state);
    let rows = [
        day("m1", "2024-03-04 10:00:00", State::Ok),
        day("m2", "2024-03-05 10:00:00", State::Insufficient),
        day("m3", "2024-03-07 10:00:00", State::Blocked),
    ];
    let site = Site::new(|dir| judged(dir, &rows), Options::default());
    let page = site.page("/target/site.example");
    let strip = page.split("<h2 id=\"days\">").nth(1).unwrap();
    for (class, title) in [
        ("ok", "2024-03-04: 0 of 1 find interference, 0 too little evidence"),
        ("insufficient", "2024-03-05: 0 of 0 find interference, 1 too little evidence"),
        ("most", "2024-03-07: 1 of 1 find interference, 0 too little evidence"),
    ] {
        let rect = strip.split("<rect class=\"").skip(1).find(|rect| rect.contains(title)).unwrap_or_else(|| panic!("{title}"));
        assert!(rect.starts_with(&format!("{class}\"")), "{rect}");
    }
    assert!(
        page.contains("? (1)")
            && page.contains("<td>–</td>")
            && !page.contains("2024-03-06: ")
            && page.contains("0/1")
            && page.contains("1/1")
    );
}

#[test]
fn what_mostly_works_is_not_called_not_working() {
    let of = |uid, target, state| judgement(uid, "XA", target, "2024-03-04 10:00:00", state);
    let rows = [
        of("m1", "half.example", State::Down),
        of("m2", "half.example", State::Ok),
        of("m3", "mostly.example", State::Impaired),
        of("m4", "mostly.example", State::Ok),
        of("m5", "mostly.example", State::Ok),
        of("m6", "mostly.example", State::Insufficient),
    ];
    let site = Site::new(|dir| judged(dir, &rows), Options::default());
    let page = site.page("/country/XA");
    let section = |id: &str| page.split(&format!("<h2 id=\"{id}\">")).nth(1).unwrap().split("</section>").next().unwrap().to_owned();
    let has = |id: &str| ["half.example", "mostly.example"].map(|target| section(id).contains(target));
    assert_eq!([has("troubled"), has("sometimes"), has("fine")], [[true, false], [false, true], [false, false]]);
    assert!(section("troubled").contains("<td class=\"seen\">No interference seen</td>") && !page.contains(">never<"));
}

#[test]
fn a_filter_of_days_changes_what_is_counted() {
    let site = demo();
    let all = site.page("/country/XA");
    let one = site.page("/country/XA?from=2024-03-04&to=2024-03-04");
    let none = site.page("/country/XA?from=2020-01-01&to=2020-01-02");
    assert_ne!(all, one);
    assert!(one.contains("value=\"2024-03-04\"") && none.contains("0 judgements; none has enough evidence"));
}

#[test]
fn every_filter_of_measurements_narrows_them() {
    let site = demo();
    let n = |query: &str| site.at(&format!("/api/v1/judgements?limit=1&{query}")).json()["n"].as_u64().unwrap();
    let all = n("");
    for query in [
        "cc=XA",
        "asn=64500",
        "asn=AS64500",
        "target=www.harbour-news.example",
        "from=2024-03-05",
        "to=2024-03-04",
        "state=blocked",
        "state=interference",
        "layer=dns",
        "mechanism=dns.injection",
    ] {
        let narrowed = n(query);
        assert!(narrowed > 0 && narrowed < all, "{query}: {narrowed} of {all}");
        assert!(site.page(&format!("/measurements?{query}")).contains("the newest first"), "{query}");
    }
    // A form sends every field; what is not filled in is as good as not there.
    assert_eq!(site.page("/measurements?cc=XA&state=&layer="), site.page("/measurements?cc=XA"));
}

#[test]
fn what_is_not_there_is_said_to_be_not_there() {
    for address in [
        "/nothing",
        "/country/QQ",
        "/network/1",
        "/target/nowhere.example",
        "/measurement/none",
        "/event/none",
        "/rules/dns/none",
        "/tables/none",
    ] {
        let reply = demo().at(address);
        assert_eq!(reply.status, 404, "{address}");
        assert!(reply.text().contains("The archive has no "), "{address}");
    }
}

#[test]
fn an_empty_archive_has_pages_too() {
    let site = Site::new(|dir| parallax_archive::Archive::open_or_create(dir.join("archive")).unwrap(), Options::default());
    for address in [
        "/",
        "/measurements",
        "/rules",
        "/tables",
        "/data",
        "/help",
        "/query",
        "/search?q=x",
        "/events",
        "/events.atom",
        "/feed.atom",
        "/api/v1/status",
        "/api/v1/counts",
    ] {
        assert_eq!(site.at(address).status, 200, "{address}");
    }
}

#[test]
fn a_change_of_the_archive_is_taken_up() {
    let site = Site::new(|dir| judged(dir, &[judgement("m1", "XA", "a.example", "2024-03-04 10:00:00", State::Ok)]), Options::default());
    assert_eq!(site.at("/target/b.example").status, 404);
    assert!(!site.observatory.refresh().unwrap());
    crate::world::add(&site.archive, &[judgement("m2", "XA", "b.example", "2024-03-04 11:00:00", State::Ok)]);
    assert!(site.observatory.refresh().unwrap());
    assert_eq!(site.at("/target/b.example").status, 200);
}

#[test]
fn the_feed_names_each_network_and_target_once_with_its_first_day() {
    let rows = [
        judgement("m1", "XA", "a.example", "2024-03-04 10:00:00", State::Blocked),
        judgement("m2", "XA", "a.example", "2024-03-06 10:00:00", State::Blocked),
        judgement("m3", "XA", "b.example", "2024-03-05 10:00:00", State::Interfered),
        judgement("m4", "XA", "c.example", "2024-03-05 10:00:00", State::Ok),
    ];
    let site = Site::new(|dir| judged(dir, &rows), Options::default());
    let feed = site.page("/feed.atom");
    assert_eq!(feed.matches("<entry>").count(), 2);
    assert!(
        feed.contains("a.example in XA, AS64500: first found on 2024-03-04") && feed.contains("2 judgements that say something, 2 find")
    );
    assert!(feed.find("b.example").unwrap() < feed.find("a.example").unwrap(), "the newest comes first");
    assert_eq!(site.page("/feed.atom?target=c.example").matches("<entry>").count(), 0);
}
