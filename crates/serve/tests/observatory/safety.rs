//! Who may ask what, and what a browser may do with the answer.

use std::time::Duration;

use axum::http::Request;
use parallax_serve::{Access, Options};

use crate::world::{Site, demo, simulated};

fn token() -> Access {
    Access::of("0.0.0.0:80".parse().unwrap(), Some("correct horse battery"), false).unwrap()
}

#[test]
fn every_answer_forbids_foreign_scripts_frames_and_other_hosts() {
    for address in
        ["/", "/nothing", "/measurements?from=x", "/style.css", "/api/v1/status", "/api/v1/measurements/none", "/download/counts/csv"]
    {
        let reply = demo().at(address);
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("connect-src"),
            "{address}: {policy}"
        );
        // The overview has charts; nothing else here has.
        assert_eq!(policy.contains("script-src 'self';"), address == "/", "{address}: {policy}");
        assert_eq!(policy.contains("script"), address == "/", "{address}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'") && policy.contains("form-action 'self'"));
        assert_eq!((reply.header("x-content-type-options"), reply.header("referrer-policy")), ("nosniff", "no-referrer"), "{address}");
        assert_eq!(reply.header("set-cookie"), "", "{address}");
        assert_ne!(reply.header("content-type"), "", "{address}");
    }
}

#[test]
fn another_host_name_is_turned_away_everywhere() {
    for address in ["/", "/query?sql=SELECT%201", "/api/v1/status", "/nothing", "/download/judgements/csv"] {
        let reply = demo().ask(Request::get(address).header("host", "rebound.example"));
        assert_eq!(reply.status, 403, "{address}");
        assert!(!reply.text().contains("judgement"), "{address}");
    }
}

#[test]
fn a_token_must_be_known_and_opens_everything() {
    let site = demo();
    let with = |value: &str| {
        site.ask_as(token(), Request::get("/query?sql=SELECT%201").header("host", "example.org").header("authorization", value))
    };
    assert_eq!(with("Bearer correct horse battery").status, 200);
    let refused = with("Bearer correct horse batterz");
    assert_eq!((refused.status.as_u16(), refused.header("www-authenticate").starts_with("Basic")), (401, true));
    assert_eq!(site.ask_as(token(), Request::get("/?token=correct%20horse%20battery").header("host", "example.org")).status, 401);
}

#[test]
fn in_public_there_are_pages_and_no_sql() {
    let site = demo();
    let ask = |address: &str| site.ask_as(Access::Public, Request::get(address).header("host", "example.org"));
    for address in ["/", "/country/XA", "/measurements", "/api/v1/counts", "/download/counts/csv"] {
        assert_eq!(ask(address).status, 200, "{address}");
    }
    for address in ["/query", "/query?sql=SELECT%201", "/api/v1/query?sql=SELECT%201", "/download/query/csv?sql=SELECT%201"] {
        assert_eq!(ask(address).status, 403, "{address}");
    }
    assert!(!ask("/").text().contains("\"/query"), "a page links to what is not there");
}

#[test]
fn other_sites_can_link_and_not_embed() {
    let site = demo();
    let ask = |mode: &str| {
        site.ask(Request::get("/").header("host", "localhost").header("sec-fetch-site", "cross-site").header("sec-fetch-mode", mode))
    };
    assert_eq!(ask("navigate").status, 200);
    for mode in ["no-cors", "cors", "websocket"] {
        assert_eq!(ask(mode).status, 403, "{mode}");
    }
}

#[test]
fn nothing_is_written_through_the_web() {
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let reply = demo().ask(Request::builder().method(method).uri("/query").header("host", "localhost"));
        assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, "GET, HEAD"), "{method}");
    }
    for sql in [
        "DROP TABLE judgements",
        "COPY judgements TO '/tmp/parallax_web.csv'",
        "SELECT * FROM '/etc/passwd'",
        "SET datafusion.execution.batch_size = 1",
    ] {
        let reply = demo().at(&format!("/query?sql={}", parallax_serve::urls::segment(sql)));
        assert_eq!(reply.status, 400, "{sql}");
        assert!(reply.text().contains("role=\"alert\""), "{sql}");
    }
    assert!(!std::path::Path::new("/tmp/parallax_web.csv").exists());
}

#[test]
fn a_query_ends_at_its_limits() {
    let site = Site::new(simulated, Options { query_time: Duration::from_millis(300), query_rows: 10, ..Options::default() });
    let page = site.page("/query?sql=SELECT%20*%20FROM%20judgements");
    assert_eq!(page.matches("<tr>").count(), 11, "ten rows and their head");
    assert!(page.contains("the first of more"));
    let endless = "SELECT%20count(*)%20FROM%20generate_series(1,100000000000)%20AS%20a(x)%20WHERE%20x%20%25%207=3";
    for address in ["/query", "/api/v1/query"] {
        let reply = site.at(&format!("{address}?sql={endless}"));
        assert_eq!(reply.status, 422, "{address}");
        assert!(reply.text().contains("it took longer than 0.3 s"), "{}", reply.text());
    }
}

#[test]
fn who_comes_to_a_full_house_is_told_to_come_back() {
    let site = Site::new(simulated, Options { threads: 1, query_time: Duration::from_secs(3), ..Options::default() });
    let slow = "/api/v1/query?sql=SELECT%20count(*)%20FROM%20generate_series(1,100000000000)%20AS%20a(x)%20WHERE%20x%20%25%207=3";
    let replies: Vec<_> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..16).map(|_| scope.spawn(|| site.at(slow))).collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let turned_away: Vec<_> = replies.iter().filter(|reply| reply.status == 503).collect();
    assert!(!turned_away.is_empty() && turned_away.iter().all(|reply| !reply.header("retry-after").is_empty()));
    assert!(replies.iter().all(|reply| matches!(reply.status.as_u16(), 422 | 503)));
    assert_eq!(site.at("/").status, 200, "pages have a turn of their own");
    assert_eq!(site.at("/api/v1/query?sql=SELECT%201").status, 200, "and queries have one again");
}
