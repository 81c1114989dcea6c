//! OONI's fingerprints: `fingerprints_dns.csv` and `fingerprints_http.csv` of <https://github.com/ooni/blocking-fingerprints>.

use std::collections::BTreeSet;

use csv::StringRecord;
use parallax_model::refdata::{Fingerprint, FingerprintLocation, FingerprintPattern};

use super::table::{Table, column};
use crate::Error;

/// What OONI takes where the list does not say how sure it is.
const DEFAULT_CONFIDENCE: u8 = 5;

pub fn is_header(row: &StringRecord) -> bool {
    Columns::of(row).is_some()
}

/// Reads all fingerprints of a file.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Vec<Fingerprint>, Error> {
    let mut table = Table::new(name, bytes);
    let header = table.next().transpose()?.and_then(|(_, header)| Columns::of(&header));
    let columns = header.ok_or_else(|| Error::UnknownRefdata { name: name.to_owned() })?;
    let mut fingerprints = Vec::new();
    for row in table {
        let (line, row) = row?;
        fingerprints.push(columns.read(&row).map_err(|reason| Table::error(name, line, reason))?);
    }
    Ok(fingerprints)
}

/// Where the columns stand that are read.
struct Columns {
    name: usize,
    scope: usize,
    location: usize,
    pattern_type: usize,
    pattern: usize,
    confidence: Option<usize>,
    expected_countries: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord) -> Option<Self> {
        Some(Self {
            name: column(header, &["name"])?,
            scope: column(header, &["scope"])?,
            location: column(header, &["location_found"])?,
            pattern_type: column(header, &["pattern_type"])?,
            pattern: column(header, &["pattern"])?,
            confidence: column(header, &["confidence_no_fp"]),
            expected_countries: column(header, &["expected_countries"]),
        })
    }

    fn read(&self, row: &StringRecord) -> Result<Fingerprint, String> {
        let field = |column: usize| row.get(column).unwrap_or_default();
        let countries = self.expected_countries.map(field).unwrap_or_default();
        let name = field(self.name).trim().to_owned();
        if name.is_empty() {
            return Err("the fingerprint has no name".to_owned());
        }
        Ok(Fingerprint {
            name,
            scope: field(self.scope).trim().to_owned(),
            location: location(field(self.location).trim())?,
            pattern: pattern(field(self.pattern_type).trim(), field(self.pattern))?,
            confidence: confidence(self.confidence.map(field).unwrap_or_default().trim())?,
            expected_countries: countries
                .split(',')
                .map(str::trim)
                .filter(|code| !code.is_empty())
                .map(str::to_owned)
                .collect::<BTreeSet<_>>(),
        })
    }
}

fn location(text: &str) -> Result<FingerprintLocation, String> {
    match text {
        "dns" => Ok(FingerprintLocation::Dns),
        "body" => Ok(FingerprintLocation::Body),
        _ => match text.strip_prefix("header.") {
            Some(header) if !header.is_empty() => Ok(FingerprintLocation::Header(header.to_ascii_lowercase())),
            _ => Err(format!("location_found is {text:?} and not dns, body or header.…")),
        },
    }
}

fn pattern(kind: &str, text: &str) -> Result<FingerprintPattern, String> {
    if text.is_empty() {
        return Err("the pattern is empty and would match everything".to_owned());
    }
    match kind {
        "full" => Ok(FingerprintPattern::Full(text.to_owned())),
        "prefix" => Ok(FingerprintPattern::Prefix(text.to_owned())),
        "contains" => Ok(FingerprintPattern::Contains(text.to_owned())),
        "regexp" => Ok(FingerprintPattern::Regex(text.to_owned())),
        _ => Err(format!("pattern_type is {kind:?} and not full, prefix, contains or regexp")),
    }
}

fn confidence(text: &str) -> Result<u8, String> {
    if text.is_empty() {
        return Ok(DEFAULT_CONFIDENCE);
    }
    text.parse().ok().filter(|confidence| *confidence <= 10).ok_or_else(|| format!("confidence_no_fp is {text:?} and not 0 to 10"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "name,scope,other_names,location_found,pattern_type,pattern,confidence_no_fp,expected_countries,source,exp_url,notes\n";

    #[test]
    fn a_row_is_read_with_all_that_rules_ask() {
        let text =
            format!("{HEADER}xa_gate,nat,,header.Server,prefix,\"Gate, \"\"X\"\"\",10,\"XA, XB\",test,,\nx,fp,,body,regexp,a.*b,,,,,\n");
        let found = parse("fingerprints_http.csv", text.as_bytes()).unwrap();
        assert_eq!(
            found[0],
            Fingerprint {
                name: "xa_gate".into(),
                scope: "nat".into(),
                location: FingerprintLocation::Header("server".into()),
                pattern: FingerprintPattern::Prefix("Gate, \"X\"".into()),
                confidence: 10,
                expected_countries: ["XA".to_owned(), "XB".to_owned()].into(),
            }
        );
        assert_eq!((found[1].confidence, found[1].is_artefact()), (5, false));
    }

    #[test]
    fn a_bad_row_is_named_by_its_line() {
        for (row, reason) in [
            ("x,nat,,nowhere,full,a,5", "location_found is \"nowhere\""),
            ("x,nat,,body,like,a,5", "pattern_type is \"like\""),
            ("x,nat,,body,contains,,5", "the pattern is empty"),
            ("x,nat,,body,contains,a,11", "confidence_no_fp is \"11\""),
            (",nat,,body,contains,a,5", "the fingerprint has no name"),
        ] {
            let error =
                parse("f.csv", format!("{HEADER}ok,nat,,body,contains,\"two\nlines\",5\n{row}\n").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("f.csv, line 4: {reason}")), "{error}");
        }
    }
}
