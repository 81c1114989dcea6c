//! What was asked for: countries, days, tests.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use parallax_ingest::bucket::{self, FIRST_DAY, Key};

use super::Arguments;
use crate::failure::Failure;

const HOURS: u64 = 24;

/// **Invariant:** there is at least one country and one day.
#[derive(Debug)]
pub struct Wanted {
    pub countries: Vec<String>,
    pub since: NaiveDate,
    /// Exclusive, as OONI's own tools have it.
    pub until: NaiveDate,
    /// As the bucket spells them; none means all.
    pub tests: BTreeSet<String>,
}

impl Wanted {
    pub fn understand(arguments: &Arguments) -> Result<Self, Failure> {
        let Arguments { since, until, .. } = *arguments;
        if since >= until {
            let hint = "`--until` is the first day that is not wanted any more: `--since 2024-02-01 --until 2024-03-01` is a month";
            return Err(Failure::usage("fetch measurements", format!("there is no day from {since} to before {until}"), hint));
        }
        if since < FIRST_DAY {
            let why = format!("the bucket has another layout before {FIRST_DAY}, which is not fetched");
            return Err(Failure::usage("fetch measurements", why, OLDER));
        }
        let countries: BTreeSet<_> = arguments.country.iter().cloned().collect();
        Ok(Self { countries: countries.into_iter().collect(), since, until, tests: arguments.test.iter().cloned().collect() })
    }

    /// Hours of countries: each is listed for itself, because the key begins with day, hour and country.
    pub fn hours(&self) -> u64 {
        let days = (self.until - self.since).num_days().unsigned_abs();
        days * HOURS * self.countries.len() as u64
    }

    /// What the keys of one of them begin with; with a single test its own, so that less is listed.
    pub fn prefix(&self, index: u64) -> String {
        let (hours, country) = (index / self.countries.len() as u64, index % self.countries.len() as u64);
        let day = self.since + Days::new(hours / HOURS);
        let prefix = bucket::prefix(day, (hours % HOURS) as u8, &self.countries[country as usize]);
        match (self.tests.len(), self.tests.first()) {
            (1, Some(test)) => format!("{prefix}{test}/"),
            _ => prefix,
        }
    }

    pub fn has(&self, key: &Key) -> bool {
        self.tests.is_empty() || self.tests.contains(key.test())
    }
}

const OLDER: &str = "older measurements lie under jsonl/TEST/CC/DAY/: download them with a tool for S3, then use `parallax ingest`";

/// Reads `--since` and `--until`.
pub fn day(typed: &str) -> Result<NaiveDate, &'static str> {
    // Years of more than four digits are days to chrono, and none of the bucket's.
    let day = NaiveDate::parse_from_str(typed, "%Y-%m-%d").ok().filter(|_| typed.len() == 10);
    day.ok_or("a day is written as 2024-02-12")
}

/// Reads `--country`, in either case.
pub fn country(typed: &str) -> Result<String, &'static str> {
    let good = typed.len() == 2 && typed.bytes().all(|byte| byte.is_ascii_alphabetic());
    if good { Ok(typed.to_ascii_uppercase()) } else { Err("a country is two letters: IT") }
}

/// Reads `--test`, with or without the underscores that the bucket leaves out.
pub fn test(typed: &str) -> Result<String, &'static str> {
    let test = typed.replace(['_', '-'], "").to_ascii_lowercase();
    let good = !test.is_empty() && test.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if good { Ok(test) } else { Err("a test is a name like web_connectivity") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(tests: &[&str]) -> Wanted {
        let day = |text| day(text).unwrap();
        let tests = tests.iter().map(|name| test(name).unwrap()).collect();
        Wanted { countries: vec!["IR".into(), "IT".into()], since: day("2024-02-28"), until: day("2024-03-01"), tests }
    }

    #[test]
    fn every_hour_of_every_country_is_asked_for_once() {
        let all = wanted(&[]);
        assert_eq!(all.hours(), 2 * 24 * 2);
        let prefixes: Vec<_> = (0..all.hours()).map(|index| all.prefix(index)).collect();
        assert_eq!((prefixes[0].as_str(), prefixes[1].as_str()), ("raw/20240228/00/IR/", "raw/20240228/00/IT/"));
        assert_eq!(prefixes.last().unwrap(), "raw/20240229/23/IT/");
        assert_eq!(prefixes.iter().collect::<BTreeSet<_>>().len(), prefixes.len());
        assert_eq!(wanted(&["Web_Connectivity"]).prefix(0), "raw/20240228/00/IR/webconnectivity/");
        assert_eq!(wanted(&["signal", "ndt"]).prefix(0), "raw/20240228/00/IR/");
    }

    #[test]
    fn what_is_no_day_country_or_test_is_refused() {
        assert!(["2024-2-1", "20240201", "+2024-02-01", "2024-02-30", "today"].iter().all(|text| day(text).is_err()));
        assert!(["I", "ITA", "é", "I1", "../"].iter().all(|text| country(text).is_err()));
        assert!(["", "_", "a/b", "..", "a b"].iter().all(|text| test(text).is_err()));
        assert_eq!((country("it"), test("web_connectivity")), (Ok("IT".into()), Ok("webconnectivity".into())));
    }
}
