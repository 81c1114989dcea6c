//! Censored Planet's signatures: `blockpage_signatures.json` and `false_positive_signatures.json` of
//! <https://github.com/censoredplanet/assets-censoredplanet>, one JSON object a line with a `fingerprint` (its name) and a `pattern` (a regular
//! expression for a body, in which a dot matches a newline).
//!
//! Block pages get the names and the scopes that OONI's list gives them (`cp.c_isp_…`), so that both lists speak of one thing by one name. The
//! class of a page stands in its name; what has none of these classes is a false positive, a page that only looks like one.

use std::collections::BTreeSet;

use parallax_model::refdata::{Fingerprint, FingerprintLocation, FingerprintPattern};
use regex_syntax::hir::HirKind;

use super::table::Table;
use crate::Error;
use crate::json;

/// As OONI takes all of them.
const CONFIDENCE: u8 = 5;

/// Classes of block pages. OONI takes pages of unknown origin (`e_unk`) for national ones; here they settle nothing alone, for a page that
/// nobody could place may be a server's own.
const SCOPES: [(&str, &str); 6] =
    [("a_prod_", "prod"), ("b_nat_", "nat"), ("c_isp_", "isp"), ("d_corp_", "inst"), ("e_unk_", "vbw"), ("f_gen_", "vbw")];
const FALSE_POSITIVE: &str = "fp";

/// Whether the first line that is not empty is a signature.
pub fn is_signatures(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty()).is_some_and(|line| read(line).is_ok())
}

/// Reads all signatures of a file.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Vec<Fingerprint>, Error> {
    let mut fingerprints = Vec::new();
    for (line, text) in (1..).zip(bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii)) {
        if !text.is_empty() {
            let (signature, pattern) = read(text).map_err(|reason| Table::error(name, line, reason))?;
            fingerprints.push(fingerprint(&signature, pattern));
        }
    }
    Ok(fingerprints)
}

/// Whether it is a page that only looks like a block page.
pub fn is_false_positive(fingerprint: &Fingerprint) -> bool {
    fingerprint.scope == FALSE_POSITIVE
}

/// The name and the pattern of one line.
fn read(line: &[u8]) -> Result<(String, String), String> {
    if !line.starts_with(b"{") {
        return Err("the line is no JSON object".to_owned());
    }
    json::parse(&mut line.to_vec(), |document| {
        let [name, pattern] = document.map_err(|_| "the line is no JSON object".to_owned())?.value.fields(["fingerprint", "pattern"]);
        let filled = |field: &str, text: Option<&str>| text.map(str::to_owned).ok_or_else(|| format!("the signature has no {field}"));
        Ok((filled("fingerprint", name.filled_text())?, filled("pattern", pattern.filled_text())?))
    })
}

fn fingerprint(signature: &str, pattern: String) -> Fingerprint {
    let class = SCOPES.iter().find(|(class, _)| signature.starts_with(class));
    let (name, scope) = match class {
        Some((_, scope)) => (format!("cp.{signature}"), *scope),
        None => (format!("cp.fp_{signature}"), FALSE_POSITIVE),
    };
    Fingerprint {
        name,
        scope: scope.to_owned(),
        location: FingerprintLocation::Body,
        pattern: literal(&pattern).map_or(FingerprintPattern::Regex(pattern), FingerprintPattern::Contains),
        confidence: CONFIDENCE,
        expected_countries: BTreeSet::new(),
    }
}

/// The text of a pattern that is nothing but one, as most are: to look for it costs less than an expression.
fn literal(pattern: &str) -> Option<String> {
    match regex_syntax::parse(pattern).ok()?.into_kind() {
        HirKind::Literal(literal) => String::from_utf8(literal.0.into_vec()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "{\"fingerprint\":\"c_isp_xa_gate\",\"pattern\":\"gate\\\\.example\"}\n\r\n\
        {\"fingerprint\":\"f_gen_1\",\"pattern\":\"blocked.*here\"}\n{\"pattern\":\"<h1>Parked</h1>\",\"fingerprint\":\"x_park\"}\n";

    #[test]
    fn the_class_of_a_page_stands_in_its_name() {
        let found = parse("signatures.json", LIST.as_bytes()).unwrap();
        let told: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.scope.as_str(), one.is_artefact())).collect();
        assert_eq!(told, [("cp.c_isp_xa_gate", "isp", true), ("cp.f_gen_1", "vbw", false), ("cp.fp_x_park", "fp", false)]);
        assert_eq!(found[0].pattern, FingerprintPattern::Contains("gate.example".into()));
        assert_eq!(found[1].pattern, FingerprintPattern::Regex("blocked.*here".into()));
    }

    #[test]
    fn a_class_that_is_not_known_accuses_nobody() {
        for name in ["g_new_1", "nat", "b_nat", "B_NAT_1", "xb_nat_1"] {
            let found = parse("s", format!("{{\"fingerprint\":\"{name}\",\"pattern\":\"page\"}}").as_bytes()).unwrap();
            assert!(is_false_positive(&found[0]) && !found[0].is_artefact(), "{name}");
        }
    }

    #[test]
    fn a_bad_line_is_named() {
        for (line, reason) in [
            ("x", "the line is no JSON object"),
            ("{\"fingerprint\":\"x\"}", "the signature has no pattern"),
            ("{\"fingerprint\":\"\",\"pattern\":\"x\"}", "the signature has no fingerprint"),
            ("{\"fingerprint\":7,\"pattern\":\"x\"}", "the signature has no fingerprint"),
        ] {
            assert!(!is_signatures(line.as_bytes()));
            let error = parse("s.json", format!("{LIST}\n{line}\n").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("s.json, line 6: {reason}")), "{error}");
        }
        assert!(is_signatures(format!("\n{LIST}").as_bytes()));
    }
}
