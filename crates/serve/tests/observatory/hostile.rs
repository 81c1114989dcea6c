//! Strings from strangers are text and nothing else, on every page.

use parallax_model::State;
use parallax_serve::{Options, urls};

use crate::world::{Site, judged, judgement};

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</textarea></title><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "safe.example\u{202e}elpmaxe.live",
    "a\u{0}b\u{200b}c\u{feff}",
    "../../../etc/passwd",
    "javascript:alert(1)",
    "a'; DROP TABLE judgements; --",
    "%3Cscript%3E&amp;%00",
    "]]><!--",
];

/// What no page may contain, however it was asked.
fn check(page: &str, about: &str) {
    let page = &*crate::charts::without_script(page);
    for bad in ["<script", "<img", "<svg/", "<!--", "\u{1b}", "\u{202e}", "\u{0}", "\u{200b}", "href=\"javascript", "href=\"../"] {
        let found = page.find(bad).map(|at| page[at..].chars().take(160).collect::<String>());
        assert!(found.is_none(), "{about}: {bad:?} in {found:?}");
    }
    // An attribute ends where its quote does: none of a stranger's quotes is one.
    assert!(!page.contains("' onmouseover") && !page.contains("\"><img"), "{about}");
}

#[test]
fn hostile_targets_and_countries_are_shown_and_do_nothing() {
    let long = "x".repeat(10_000_000) + ".example";
    let mut rows: Vec<_> = HOSTILE.iter().map(|text| judgement("m1", "XA", text, "2024-03-04 10:00:00", State::Blocked)).collect();
    // Rows of one measurement and target would be one row.
    rows.extend(HOSTILE.iter().map(|text| judgement(text, text, "plain.example", "2024-03-04 10:00:00", State::Blocked)));
    rows.push(judgement("m3", "XA", &long, "2024-03-04 10:00:00", State::Blocked));
    let site = Site::new(|dir| judged(dir, &rows), Options::default());
    for address in ["/", "/country/XA", "/network/64500", "/measurements", "/search?q=a", "/feed.atom", "/target/plain.example"] {
        let page = site.page(address);
        check(&page, address);
        assert!(page.len() < 3_000_000, "{address} has {} bytes", page.len());
    }
    for text in HOSTILE {
        check(&site.page(&urls::target(text)), text);
        check(&site.page(&urls::country(text)), text);
    }
}

#[test]
fn hostile_addresses_are_shown_and_do_nothing() {
    let site = crate::world::demo();
    for text in HOSTILE {
        let text = urls::segment(text);
        for address in [
            format!("/search?q={text}"),
            format!("/query?sql={text}"),
            format!("/measurements?target={text}"),
            format!("/measurements?cc={text}"),
            format!("/measurements?from={text}"),
            format!("/target/{text}"),
            format!("/country/{text}"),
            format!("/network/{text}"),
            format!("/measurement/{text}"),
            format!("/event/{text}"),
            format!("/events?target={text}"),
            format!("/events?state={text}"),
            format!("/rules/dns/{text}"),
            format!("/tables/{text}"),
            format!("/download/counts/{text}"),
            format!("/data?page={text}"),
            format!("/{text}"),
        ] {
            let reply = site.at(&address);
            assert!(reply.status.as_u16() < 500, "{address}: {}", reply.status);
            check(&reply.text(), &address);
        }
    }
}

#[test]
fn bytes_that_are_no_text_break_nothing() {
    let site = crate::world::demo();
    for address in [
        "/target/%ff%fe",
        "/search?q=%ff",
        "/query?sql=%c3%28",
        "/country/%00",
        "/%",
        "/measurements?asn=99999999999999999999",
        "/measurements?page=-1",
        "/measurements?page=999999999999",
    ] {
        let status = site.at(address).status.as_u16();
        assert!(status < 500, "{address}: {status}");
    }
}
