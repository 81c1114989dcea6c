//! Every format that can be read: one module each, plus one line in [`ALL`].

use crate::source::Source;

pub mod censored_planet;
pub mod ooni;
pub mod ooni_tables;
mod origin;

/// In the order in which they are documented.
pub const ALL: &[&dyn Source] = &[&ooni::Ooni, &ooni_tables::OoniTables, &censored_planet::CensoredPlanet];

/// The source that reads a record: the one that recognises it, or else OONI's raw measurements, which also say what a record lacks that
/// is no measurement at all.
pub fn of(record: &[u8]) -> &'static dyn Source {
    ALL.iter().copied().find(|source| source.recognises(record)).unwrap_or(ALL[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_documented_under_a_name_of_its_own() {
        let mut names: Vec<_> = ALL.iter().map(|source| source.info().name).collect();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for info in ALL.iter().map(|source| source.info()) {
            assert!(info.specification.starts_with("https://") && info.doc.ends_with('.'), "{}", info.name);
        }
    }

    #[test]
    fn a_record_finds_its_source_by_how_it_begins() {
        for (record, name) in [
            (r#"{"annotations": {}, "test_name": "telegram"}"#, "ooni"),
            (r#"{"anomaly": true, "raw_measurement": "{}", "vp": 1}"#, "ooni"),
            ("", "ooni"),
            ("---", "ooni"),
            (r#"{"measurement_uid,": 1}"#, "ooni"),
            (r#" { "vp": "192.0.2.1"}"#, "censored_planet"),
            (r#"{"Server": "192.0.2.1"}"#, "censored_planet"),
            (r#"{"anomaly": true, "vp": "192.0.2.1"}"#, "censored_planet"),
            ("test_name,measurement_uid\ntelegram,u1", "ooni_tables"),
        ] {
            assert_eq!(of(record.as_bytes()).info().name, name, "{record}");
        }
    }
}
