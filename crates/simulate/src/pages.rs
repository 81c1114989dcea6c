//! The pages of the world: what sites say, and what block pages, portals and refusing servers say instead.

use rand::Rng;

use crate::rng;

const SYLLABLES: [&str; 24] = [
    "ka", "ro", "mi", "ten", "sol", "vi", "dar", "lu", "pe", "nor", "as", "qui", "ber", "to", "lan", "fe", "gri", "mo", "sta", "ul", "ven",
    "zo", "hi", "cor",
];

/// A page of about `bytes` with words that nobody reads, the same for the same name.
pub(crate) fn site(seed: u64, host: &str, title: &str, bytes: usize) -> (String, String) {
    let head = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    let mut rest = String::with_capacity(bytes + 128);
    let mut rng = rng::stream(seed, &["page", host]);
    while head.len() + rest.len() < bytes {
        rest.push_str("<p>");
        for _ in 0..rng.random_range(20..60) {
            for _ in 0..rng.random_range(1..4) {
                rest.push_str(SYLLABLES[rng.random_range(0..SYLLABLES.len())]);
            }
            rest.push(' ');
        }
        rest.push_str("</p>\n");
    }
    rest.push_str("</body>\n</html>\n");
    (head, rest)
}

/// The sentence that a country's block page is known by, and that the world's fingerprint looks for.
pub(crate) fn block_marker(country: &str) -> String {
    format!("withheld by order of the {country} Board of Sites")
}

pub(crate) fn block_page(country: &str, reference: u64) -> String {
    format!(
        "<html><head><title>Page withheld</title></head><body><h1>Page withheld</h1><p>The page you asked for is {}.</p>\
         <p>Reference {reference:08x}.</p></body></html>\n",
        block_marker(country)
    )
}

/// What a captive portal answers to everything.
pub(crate) fn portal() -> String {
    "<html><head><title>Coffeehouse Wi-Fi</title></head><body><h1>Welcome</h1><p>Accept the terms of this hotspot to go online.</p>\
     <form action=\"/login\"><button>Accept</button></form></body></html>\n"
        .into()
}

/// What a server says that does not serve a country.
pub(crate) fn geo_refusal(host: &str) -> String {
    format!(
        "<html><head><title>Not available in your region</title></head><body><h1>451</h1>\
         <p>{host} has chosen not to serve visitors from your country.</p></body></html>\n"
    )
}

/// A server that has nothing to do with the site that was asked for.
pub(crate) fn stray() -> String {
    "<html><head><title>Elsewhere Shop</title></head><body><h1>Elsewhere Shop</h1><p>Kettles, lamps, twine.</p></body></html>\n".into()
}
