//! What addresses mean: the parameters that each knows, what is refused, and where search leads.

use parallax_model::State;
use parallax_serve::Options;

use crate::pages::{links, worst};
use crate::world::{Site, demo, judged, judgement};

#[test]
fn a_filter_that_cannot_be_meant_is_told() {
    let reply = demo().at("/measurements?from=yesterday");
    assert_eq!(reply.status, 400);
    assert!(reply.text().contains("it must be a day such as 2024-03-04"));
}

#[test]
fn what_an_address_does_not_know_is_refused_in_one_sentence() {
    let site = demo();
    for (address, said) in [
        ("/country/XA?since=2024-03-04", "There is no parameter &#34;since&#34; here; use `from`."),
        ("/measurements?until=2024-03-04", "use `to`."),
        ("/events?from=2024-03-04", "use `since`."),
        ("/help?x=1", "it takes none."),
        ("/help?page=2", "it takes none."),
        ("/?cc=XA", "There is no parameter &#34;cc&#34; here; it knows from, to."),
        ("/country/XA?page=2", "it knows from, to."),
        ("/country/XA?asn=64500", "it knows from, to."),
        ("/events.atom?page=2", "it knows cc, asn, target, kind, state, since, until."),
        (
            "/measurements?utm=1&sate=ok",
            "There is no parameter &#34;utm&#34; here; it knows cc, asn, target, from, to, state, layer, mechanism, page.",
        ),
        ("/api/v1/events?utm_source=a", "There is no parameter"),
        ("/api/v1/measurements/m1?uid=m1", "it takes none."),
        ("/download/counts/csv?contry=XA", "it knows cc, asn, target, from, to"),
        ("/target/www.harbour-news.example?from=2024-03-05&to=2024-03-04", "it must be a day that is not after `to`."),
        ("/events?since=2024-03-05&until=2024-03-04", "it must be a day that is not after `until`."),
        ("/api/v1/counts?since=2024-03-04", "use `from`."),
        ("/api/v1/status?x=1", "it takes none."),
        ("/api/v1/judgements?from=2024-03-05&to=2024-03-04", "it must be a day that is not after `to`."),
    ] {
        let reply = site.at(address);
        assert_eq!(reply.status, 400, "{address}");
        assert!(reply.text().contains(said), "{address}: {}", reply.text());
    }
    let reply = site.at("/country/xa?from=2024-03-04");
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/country/XA?from=2024-03-04"));
}

#[test]
fn what_other_sites_append_to_links_changes_nothing() {
    let site = demo();
    for address in
        ["/?", "/country/XA?from=2024-03-05&", "/measurements?cc=XA&state=blocked&", "/events?", "/help?", "/feed.atom?", "/query?"]
    {
        let plain = site.page(address.trim_end_matches(['?', '&']));
        let appended = format!("{address}utm_source=mail&UTM_Medium=x&fbclid=IwAR0&gclid=&mc_cid=1");
        assert_eq!(site.page(&appended), plain, "{address}");
    }
    // What is appended is not carried on.
    assert!(!site.page("/measurements?cc=XA&fbclid=IwAR0").contains("IwAR0"));
    assert_eq!(site.at("/country/xa?from=2024-03-04&utm_source=a").header("location"), "/country/XA?from=2024-03-04");
}

#[test]
fn a_filter_goes_on_as_far_as_the_next_page_knows_it() {
    let page = demo().page("/target/www.harbour-news.example?cc=XA&asn=64500&from=2024-03-05");
    let links = links(&page);
    assert!(links.contains("/country/XA?from=2024-03-05") && links.contains("/network/64500?cc=XA&from=2024-03-05"), "{links:?}");
    for link in links {
        let reply = demo().at(&link);
        assert!(reply.status.is_success() || reply.status.is_redirection(), "{link}: {}", reply.text());
    }
}

#[test]
fn a_country_is_found_by_its_name() {
    let rows = ["KE", "IR", "RU", "GB", "NE", "NG"].map(|country| judgement("m1", country, "a.example", "2024-03-04 10:00:00", State::Ok));
    let site = Site::new(|dir| judged(dir, &rows), Options::default());
    for (searched, country) in [
        ("Kenya", "KE"),
        ("Iran", "IR"),
        ("russia", "RU"),
        ("united%20kingdom", "GB"),
        ("UNITED+KINGDOM", "GB"),
        ("niger", "NE"),
        ("ke", "KE"),
    ] {
        let reply = site.at(&format!("/search?q={searched}"));
        assert_eq!((reply.status.as_u16(), reply.header("location").to_owned()), (303, format!("/country/{country}")), "{searched}");
    }
    let found = |searched: &str| site.at(&format!("/api/v1/search?q={searched}")).json()["found"].clone();
    assert_eq!(found("russ")[0]["name"], "Russia (RU)");
    assert_eq!((found("niger").as_array().unwrap().len(), found("France").as_array().unwrap().len()), (2, 0));
}

#[test]
fn search_goes_where_only_one_thing_can_be_meant() {
    let site = demo();
    let uid = worst(site);
    for (searched, address) in [
        ("xa", "/country/XA".to_owned()),
        ("AS64500", "/network/64500".to_owned()),
        ("64500", "/network/64500".to_owned()),
        ("www.harbour-news.example", "/target/www.harbour-news.example".to_owned()),
        ("dns/bogon_not_in_control", "/rules/dns/bogon_not_in_control".to_owned()),
        (uid.as_str(), format!("/measurement/{uid}")),
    ] {
        let reply = site.at(&format!("/search?q={}", parallax_serve::urls::segment(searched)));
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, address.as_str()), "{searched}");
    }
    assert!(site.page("/search?q=harbour").contains("/target/www.harbour-news.example"));
    assert!(site.page("/search?q=Alandia%20Tel").contains("AS64500 Alandia Telecom"));
    assert!(site.page("/search?q=nowhere-at-all").contains("Nothing in the archive"));
    assert!(site.page("/search").contains("Search for a country"));
}
