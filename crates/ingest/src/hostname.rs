//! Hostnames in the one spelling in which they are compared: lower case, IDNA as ASCII, no trailing dot, no port.

use std::borrow::Cow;

use url::{Host, Url};

use crate::address::canonical_ip;

/// Longest name that DNS can carry, with its trailing dot (RFC 1035, section 2.3.4).
pub const MAX_HOSTNAME_BYTES: usize = 255;
/// Longest URL that is taken apart. Browsers stop earlier.
const MAX_URL_BYTES: usize = 64 << 10;

/// The host of a URL, and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlHost {
    pub hostname: String,
    pub port: Option<u16>,
    pub is_https: bool,
}

/// A name in its one spelling; nothing for what can be no name.
pub fn normalise(name: &str) -> Option<Cow<'_, str>> {
    if name.len() > MAX_HOSTNAME_BYTES * 4 {
        return None;
    }
    let bare = name.strip_suffix('.').unwrap_or(name);
    if let Some(ip) = canonical_ip(bare) {
        return Some(ip);
    }
    let spelled = if bare.is_ascii() { lower_case(bare)? } else { to_ascii(bare)? };
    (1..=MAX_HOSTNAME_BYTES).contains(&spelled.len()).then_some(spelled)
}

fn lower_case(name: &str) -> Option<Cow<'_, str>> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'/' | b':' | b'@' | b'?' | b'#' | b'[' | b']' | b'\\');
    if !name.bytes().all(is_plain) {
        return None;
    }
    Some(if name.bytes().any(|byte| byte.is_ascii_uppercase()) { name.to_ascii_lowercase().into() } else { name.into() })
}

/// IDNA (UTS 46), as browsers do it.
fn to_ascii(name: &str) -> Option<Cow<'_, str>> {
    match Host::parse(name).ok()? {
        Host::Domain(domain) => Some(Cow::Owned(domain)),
        Host::Ipv4(address) => Some(Cow::Owned(address.to_string())),
        Host::Ipv6(address) => Some(Cow::Owned(address.to_string())),
    }
}

/// The host of a URL.
pub fn of_url(url: &str) -> Option<UrlHost> {
    if url.len() > MAX_URL_BYTES {
        return None;
    }
    let parsed = Url::parse(url).ok()?;
    let hostname = normalise(parsed.host_str()?)?.into_owned();
    Some(UrlHost { hostname, port: parsed.port_or_known_default(), is_https: parsed.scheme() == "https" })
}

/// The host of what a test was asked to test: a URL, an endpoint or a name.
pub fn of_input(input: &str) -> Option<String> {
    if input.contains("://") {
        return of_url(input).map(|host| host.hostname);
    }
    of_host_and_port(input)
}

/// The host of `example.org:443`, as a `Host` header or an old test's input has it.
pub fn of_host_and_port(text: &str) -> Option<String> {
    let host = match text.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => text,
    };
    normalise(host.split('/').next()?).map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_spelling() {
        for name in ["Пример.РФ", "пример.рф.", "XN--E1AFMKFD.xn--p1ai"] {
            assert_eq!(normalise(name).as_deref(), Some("xn--e1afmkfd.xn--p1ai"), "{name}");
        }
        assert_eq!(normalise("_dns.Example.ORG."), Some(Cow::Borrowed("_dns.example.org")));
        assert_eq!(normalise("[2001:DB8::1]").as_deref(), Some("2001:db8::1"));
    }

    #[test]
    fn what_can_be_no_name_is_none() {
        for name in ["", ".", "a b", "http://example.org", "example.org:80", &"a".repeat(256), &"ä".repeat(1 << 20)] {
            assert_eq!(normalise(name), None, "{:.20}", name);
        }
    }

    #[test]
    fn urls_inputs_and_host_headers_name_their_host() {
        let host = of_url("https://user@Example.org:8443/path?a=b:c").unwrap();
        assert_eq!(host, UrlHost { hostname: "example.org".to_owned(), port: Some(8443), is_https: true });
        assert_eq!(of_url("http://[2001:db8::1]/").unwrap().hostname, "2001:db8::1");
        assert_eq!(of_input("example.org").as_deref(), Some("example.org"));
        assert_eq!(of_input("dot://192.0.2.1:853/").as_deref(), Some("192.0.2.1"));
        assert_eq!(of_host_and_port("192.0.2.1:443").as_deref(), Some("192.0.2.1"));
        assert_eq!(of_url("nonsense"), None);
    }
}
