//! The few URLs that a world needs: a scheme, a host, a path.

use std::fmt;
use std::net::IpAddr;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WebAddress {
    pub https: bool,
    pub host: String,
    pub path: String,
}

impl WebAddress {
    /// Nothing but `http[s]://host/path` with a plain lower-case name: what is not needed here is not understood. A name with letters beyond
    /// ASCII is kept as the DNS has it (`xn--…`).
    pub fn parse(text: &str) -> Option<Self> {
        let (https, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://")?),
        };
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = in_ascii(host)?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        let named = host.len() <= 253
            && host.contains('.')
            && host.bytes().all(plain)
            && host.split('.').all(|label| (1..=63).contains(&label.len()));
        let printable = path.bytes().all(|byte| byte.is_ascii_graphic());
        (named && printable).then(|| Self { https, host, path: path.into() })
    }

    pub fn port(&self) -> u16 {
        if self.https { 443 } else { 80 }
    }

    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

fn in_ascii(host: &str) -> Option<String> {
    match host.is_ascii() {
        true => Some(host.into()),
        false => url::Host::parse(host).ok().map(|host| host.to_string()),
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{}://{}{}", if self.https { "https" } else { "http" }, self.host, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_reads_back_as_itself() {
        for url in ["https://www.a.example/", "http://a.example/b?c=d"] {
            assert_eq!(WebAddress::parse(url).unwrap().to_string(), url);
        }
    }

    #[test]
    fn a_name_in_other_letters_is_kept_as_the_dns_has_it() {
        assert_eq!(WebAddress::parse("https://пример.example/").unwrap().host, "xn--e1afmkfd.example");
        assert_eq!(WebAddress::parse("https://a\u{ad}.b c.example/"), None);
    }

    #[test]
    fn what_is_not_needed_is_not_understood() {
        for url in [
            "ftp://a.example/",
            "https://A.example/",
            "https://user@a.example/",
            "https://a.example:8443/",
            "https://nodots/",
            "https://a..example/",
        ] {
            assert_eq!(WebAddress::parse(url), None, "{url}");
        }
    }
}
