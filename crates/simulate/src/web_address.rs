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
    /// Nothing but `http[s]://host/path` with a plain lower-case name: what is not needed here is not understood.
    pub fn parse(text: &str) -> Option<Self> {
        let (https, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://")?),
        };
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        let named = host.len() <= 253
            && host.contains('.')
            && host.bytes().all(plain)
            && host.split('.').all(|label| (1..=63).contains(&label.len()));
        let printable = path.bytes().all(|byte| byte.is_ascii_graphic());
        (named && printable).then(|| Self { https, host: host.into(), path: path.into() })
    }

    pub fn port(&self) -> u16 {
        if self.https { 443 } else { 80 }
    }

    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
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
