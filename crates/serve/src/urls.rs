//! Addresses of pages: read and written in one place, so that every link leads where a route is.

use url::form_urlencoded;

use crate::event_filter::EventFilter;
use crate::filter::{Asn, Filter};

/// The parameters of a request, as they were given.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Bytes that are no UTF-8 become the sign for that.
    pub fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The first value of a name; nothing where it is empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether a name is given, and nothing with it.
    pub fn is_empty(&self, name: &str) -> bool {
        self.0.iter().any(|(known, value)| known == name && value.trim().is_empty())
    }

    /// The names that are given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The first value as a number from 1, or a default for what is none.
    pub fn number(&self, name: &str, otherwise: usize, most: usize) -> usize {
        self.text(name).and_then(|text| text.parse().ok()).filter(|number| *number > 0).unwrap_or(otherwise).min(most)
    }
}

/// `?a=1&b=2`, or nothing.
pub fn query(pairs: &[(&'static str, String)]) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("?{written}")
}

/// One segment of a path: everything but letters, digits and `*-._` is escaped.
pub fn segment(text: &str) -> String {
    let escaped: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    escaped.replace('+', "%20")
}

pub fn country(code: &str) -> String {
    match code.len() > LONGEST_NAME {
        true => search(code),
        false => format!("/country/{}", segment(code)),
    }
}

pub fn network(asn: Option<u32>) -> String {
    format!("/network/{}", Asn::of(asn))
}

/// Bytes of the longest name that is put into an address: longer ones, which only strangers make up, are searched for by their beginning.
const LONGEST_NAME: usize = 1000;

pub fn target(name: &str) -> String {
    match name.len() > LONGEST_NAME {
        true => search(name),
        false => format!("/target/{}", segment(name)),
    }
}

fn search(name: &str) -> String {
    let beginning: String = name.chars().take(60).collect();
    format!("/search{}", query(&[("q", beginning)]))
}

pub fn measurement(uid: &str) -> String {
    format!("/measurement/{}", segment(uid))
}

/// The raw record of a measurement, without what is the volunteer's.
pub fn record(uid: &str, digest: &str) -> String {
    format!("/measurement/{}/record/{}", segment(uid), segment(digest))
}

pub fn event(id: &str) -> String {
    format!("/event/{}", segment(id))
}

pub fn events(filter: &EventFilter) -> String {
    match &filter.target {
        Some(name) if name.len() > LONGEST_NAME => search(name),
        _ => format!("/events{}", query(&filter.parameters())),
    }
}

pub fn rule(id: &str) -> String {
    format!("/rules/{id}")
}

pub fn table(name: &str) -> String {
    format!("/tables/{name}")
}

pub fn measurements(filter: &Filter) -> String {
    match &filter.target {
        Some(name) if name.len() > LONGEST_NAME => search(name),
        _ => format!("/measurements{}", query(&filter.parameters())),
    }
}

pub fn sql(sql: &str) -> String {
    format!("/query{}", query(&[("sql", sql.to_owned())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_segment() {
        assert_eq!(target("telegram/dc_pool"), "/target/telegram%2Fdc_pool");
        assert_eq!(target("a b?c#d&e\"<>'\u{202e}"), "/target/a%20b%3Fc%23d%26e%22%3C%3E%27%E2%80%AE");
    }

    #[test]
    fn an_empty_parameter_is_none() {
        let parameters = Parameters::parse("a=&b=%20x%20&b=y&n=0&m=7&huge=99");
        assert_eq!((parameters.text("a"), parameters.text("b"), parameters.text("c")), (None, Some("x"), None));
        assert_eq!((parameters.number("n", 3, 9), parameters.number("m", 3, 9), parameters.number("huge", 3, 9)), (3, 7, 9));
    }
}
