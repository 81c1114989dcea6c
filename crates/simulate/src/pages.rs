//! The pages of the world: what sites say, and what block pages, portals and refusing servers say instead.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::rng;

pub(crate) const SYLLABLES: [&str; 24] = [
    "ka", "ro", "mi", "ten", "sol", "vi", "dar", "lu", "pe", "nor", "as", "qui", "ber", "to", "lan", "fe", "gri", "mo", "sta", "ul", "ven",
    "zo", "hi", "cor",
];

/// Words that one site knows.
const VOCABULARY: usize = 300;

fn word(rng: &mut ChaCha8Rng) -> String {
    (0..rng.random_range(1..4)).map(|_| SYLLABLES[rng.random_range(0..SYLLABLES.len())]).collect()
}

/// A page of about `bytes` with words that nobody reads, the same for the same name.
pub(crate) fn site(seed: u64, host: &str, title: &str, bytes: usize) -> (String, String) {
    let head = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    let mut rng = rng::stream(seed, &["page", host]);
    let words: Vec<String> = (0..VOCABULARY).map(|_| word(&mut rng)).collect();
    // Some words stand everywhere and most hardly anywhere.
    let next = |rng: &mut ChaCha8Rng| words[rng.random_range(0..VOCABULARY).min(rng.random_range(0..VOCABULARY))].as_str();
    let mut rest = String::with_capacity(bytes + 512);
    while head.len() + rest.len() < bytes {
        let (section, name) = (next(&mut rng), next(&mut rng));
        rest.push_str(&format!(
            "<article class=\"entry entry-text\">\n<h2><a href=\"https://{host}/{section}/{name}\" title=\"{section} {name}\">{name}</a></h2>\n<p class=\"lead\">"
        ));
        for _ in 0..rng.random_range(15..50) {
            rest.push_str(next(&mut rng));
            rest.push(' ');
        }
        rest.push_str("</p>\n</article>\n");
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

/// What a server asks that takes the visitor for a machine.
pub(crate) fn challenge() -> String {
    "<html><head><title>Just a moment...</title></head><body><h1>Checking that you are human</h1><p>Enable scripts and cookies to go on.\
     </p></body></html>\n"
        .into()
}

/// An error that some box on the way gives in the name of the site.
pub(crate) fn error() -> String {
    "<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>503 Service Temporarily Unavailable</h1></body></html>\n"
        .into()
}

/// What a proxy says to a line that is no proper request.
pub(crate) fn proxy_error(names_itself: bool) -> String {
    let page = "<html><head><title>ERROR: The requested URL could not be retrieved</title></head><body><h1>ERROR</h1><p>Invalid request.</p></body></html>\n";
    let own =
        if names_itself { "Server: squid/3.5.27\r\nX-Squid-Error: ERR_INVALID_REQ 0\r\nVia: 1.1 cache (squid/3.5.27)\r\n" } else { "" };
    format!("HTTP/1.1 400 Bad Request\r\n{own}Content-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}", page.len())
}

/// What a web server says to one.
pub(crate) fn bad_request() -> String {
    let page = "<html><head><title>400 Bad Request</title></head><body><h1>400 Bad Request</h1></body></html>\n";
    format!(
        "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    )
}

/// A server that has nothing to do with the site that was asked for.
pub(crate) fn stray() -> String {
    "<html><head><title>Elsewhere Shop</title></head><body><h1>Elsewhere Shop</h1><p>Kettles, lamps, twine.</p></body></html>\n".into()
}
