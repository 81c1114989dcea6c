//! Which known fingerprints the headers and the body of a response match.
//!
//! A body is looked through once, whatever the number of fingerprints (see [`crate::text_search`]): for every text that has to be contained
//! and, for each regular expression, for one text without which it cannot match. An expression runs only on a body that holds that text, and all
//! the others without which it cannot match, one after the other.
//!
//! As in OONI's pipeline, texts are compared with their case, names of headers without it, and a dot in an expression matches
//! a newline.
//!
//! **Invariant:** what matches does not depend on the order of the fingerprints, and names come out sorted, each once.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem::Finder;
use parallax_model::refdata::{Fingerprint, FingerprintLocation, FingerprintPattern};
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

use crate::text_search::TextSearch;

/// Size in memory that one expression may compile to, and again that its lazily built automaton may take. The list comes from
/// outside, so an expression such as `(a{999}){999}` has to be refused; the largest of OONI's needs 20 kB.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// A fingerprint that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("fingerprint {name}: {reason}")]
pub struct BadFingerprint {
    pub name: String,
    pub reason: String,
}

/// All HTTP fingerprints of one snapshot of reference data, ready to be looked for.
pub struct FingerprintMatcher {
    digest: String,
    body: TextMatcher,
    headers: BTreeMap<String, TextMatcher>,
    /// Pages that only look like block pages, and the fingerprints that have nothing to say about them.
    false_positives: TextMatcher,
    overruled: BTreeSet<String>,
}

impl FingerprintMatcher {
    /// A matcher that knows nothing and finds nothing.
    pub fn empty() -> Self {
        Self {
            digest: NO_FINGERPRINTS.to_owned(),
            body: TextMatcher::default(),
            headers: BTreeMap::new(),
            false_positives: TextMatcher::default(),
            overruled: BTreeSet::new(),
        }
    }

    /// `digest` names the snapshot that the fingerprints are from. Fingerprints of DNS answers are passed over.
    pub fn new<'a>(digest: impl Into<String>, fingerprints: impl IntoIterator<Item = &'a Fingerprint>) -> Result<Self, BadFingerprint> {
        let mut by_location: BTreeMap<&FingerprintLocation, Vec<&Fingerprint>> = BTreeMap::new();
        for fingerprint in fingerprints {
            by_location.entry(&fingerprint.location).or_default().push(fingerprint);
        }
        let mut matcher = Self { digest: digest.into(), ..Self::empty() };
        for (location, fingerprints) in by_location {
            match location {
                FingerprintLocation::Dns => {}
                FingerprintLocation::Body => matcher.body = TextMatcher::new(&fingerprints)?,
                FingerprintLocation::Header(name) => {
                    matcher.headers.insert(name.clone(), TextMatcher::new(&fingerprints)?);
                }
            }
        }
        Ok(matcher)
    }

    /// The same, but on a body that any of `false_positives` matches the fingerprints that are named `overruled` match nothing. Which false
    /// positive it was is not told: it is no finding about the page.
    pub fn overruled_by(mut self, false_positives: &[Fingerprint], overruled: BTreeSet<String>) -> Result<Self, BadFingerprint> {
        self.false_positives = TextMatcher::new(&false_positives.iter().collect::<Vec<_>>())?;
        self.overruled = overruled;
        Ok(self)
    }

    /// Names the fingerprints: the same digest, the same matches.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The names of all fingerprints that a response matches, sorted, each once.
    pub fn matches(&self, headers: &[(&str, &str)], body: &[u8]) -> Vec<String> {
        let mut names = BTreeSet::new();
        for (header, value) in headers {
            if let Some(matcher) = self.headers.get(header.to_ascii_lowercase().as_str()) {
                matcher.find(value.as_bytes(), &mut names);
            }
        }
        self.body.find(body, &mut names);
        if names.iter().any(|name| self.overruled.contains(*name)) {
            let mut innocent = BTreeSet::new();
            self.false_positives.find(body, &mut innocent);
            names.retain(|name| innocent.is_empty() || !self.overruled.contains(*name));
        }
        names.into_iter().map(str::to_owned).collect()
    }
}

/// The digest of a matcher without fingerprints.
pub const NO_FINGERPRINTS: &str = "none";

/// The fingerprints of one place: of bodies, or of one header.
#[derive(Default)]
struct TextMatcher {
    full: Vec<(Vec<u8>, String)>,
    prefixes: Vec<(Vec<u8>, String)>,
    /// Finds the texts of `uses`, in the same order.
    texts: TextSearch,
    uses: Vec<Uses>,
    /// Expressions in which no required text could be found: they run always.
    unconditional: Vec<Expression>,
}

/// A regular expression, and the texts that follow each other in every match of it.
struct Expression {
    regex: Regex,
    required: Vec<Finder<'static>>,
    name: String,
}

/// What it means that one text was found.
#[derive(Default)]
struct Uses {
    /// The fingerprints that need nothing else.
    matched: Vec<String>,
    /// The expressions that may match now.
    possible: Vec<Expression>,
}

impl Expression {
    /// Looking for texts is some ten times as fast as running an expression, and many a page has one of them alone.
    fn is_match(&self, page: &[u8]) -> bool {
        let mut rest = page;
        let has_all = self.required.iter().all(|text| match text.find(rest) {
            Some(at) => {
                rest = &rest[at + text.needle().len()..];
                true
            }
            None => false,
        });
        has_all && self.regex.is_match(page)
    }
}

impl TextMatcher {
    fn new(fingerprints: &[&Fingerprint]) -> Result<Self, BadFingerprint> {
        let mut matcher = Self::default();
        let mut texts: BTreeMap<Vec<u8>, Uses> = BTreeMap::new();
        for fingerprint in fingerprints {
            matcher.add(fingerprint, &mut texts).map_err(|reason| BadFingerprint { name: fingerprint.name.clone(), reason })?;
        }
        let (texts, uses) = texts.into_iter().unzip();
        (matcher.texts, matcher.uses) = (TextSearch::new(texts), uses);
        Ok(matcher)
    }

    fn add(&mut self, fingerprint: &Fingerprint, texts: &mut BTreeMap<Vec<u8>, Uses>) -> Result<(), String> {
        let name = fingerprint.name.clone();
        match &fingerprint.pattern {
            FingerprintPattern::Full(text) => self.full.push((not_empty(text)?, name)),
            FingerprintPattern::Prefix(text) => self.prefixes.push((not_empty(text)?, name)),
            FingerprintPattern::Contains(text) => texts.entry(not_empty(text)?).or_default().matched.push(name),
            FingerprintPattern::Regex(expression) => {
                let expression = literal_braces(expression);
                let regex = compile(&expression)?;
                let required = required_texts(&expression)?;
                let longest = required.iter().max_by_key(|text| text.len()).cloned();
                let required = required.iter().map(|text| Finder::new(text).into_owned()).collect();
                let expression = Expression { regex, required, name };
                match longest {
                    Some(text) => texts.entry(text).or_default().possible.push(expression),
                    None => self.unconditional.push(expression),
                }
            }
        }
        Ok(())
    }

    fn find<'a>(&'a self, text: &[u8], names: &mut BTreeSet<&'a str>) {
        if text.is_empty() {
            return;
        }
        names.extend(self.full.iter().filter(|(full, _)| full == text).map(|(_, name)| name.as_str()));
        names.extend(self.prefixes.iter().filter(|(prefix, _)| text.starts_with(prefix)).map(|(_, name)| name.as_str()));
        names.extend(self.unconditional.iter().filter(|expression| expression.is_match(text)).map(|expression| expression.name.as_str()));
        for uses in self.texts.find(text).into_iter().map(|number| &self.uses[number]) {
            names.extend(uses.matched.iter().map(String::as_str));
            names.extend(uses.possible.iter().filter(|expression| expression.is_match(text)).map(|expression| expression.name.as_str()));
        }
    }
}

fn not_empty(text: &str) -> Result<Vec<u8>, String> {
    if text.is_empty() { Err("the pattern is empty and would match every page".to_owned()) } else { Ok(text.into()) }
}

/// The lists are written for Python, where a brace that begins no repetition stands for itself (`{"msg":.*`); here it would be an error.
fn literal_braces(expression: &str) -> String {
    let mut text = String::new();
    let mut in_class = false;
    let mut rest = expression.chars();
    while let Some(character) = rest.next() {
        match character {
            '{' if !in_class && !begins_repetition(rest.as_str()) => text.push_str(r"\{"),
            '\\' => text.extend([Some('\\'), rest.next()].into_iter().flatten()),
            other => {
                in_class = other == '[' || in_class && other != ']';
                text.push(other);
            }
        }
    }
    text
}

/// Whether what follows a brace is `3}`, `3,}` or `3,5}`.
fn begins_repetition(rest: &str) -> bool {
    rest.split_once('}').is_some_and(|(inside, _)| {
        let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
        !least.is_empty() && [least, most].iter().all(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

fn compile(expression: &str) -> Result<Regex, String> {
    RegexBuilder::new(expression)
        .dot_matches_new_line(true)
        .size_limit(MAX_REGEX_BYTES)
        .dfa_size_limit(MAX_REGEX_BYTES)
        .build()
        .map_err(|error| last_line(&error.to_string()))
}

/// Texts that occur in every match of the expression, one after the other.
fn required_texts(expression: &str) -> Result<Vec<Vec<u8>>, String> {
    let hir = regex_syntax::parse(expression).map_err(|error| last_line(&error.to_string()))?;
    let mut texts = Vec::new();
    add_required(&hir, &mut texts);
    Ok(texts)
}

/// Looks only where a text cannot be avoided: never into alternatives or repetitions. The parser limits how deep this goes.
fn add_required(hir: &Hir, texts: &mut Vec<Vec<u8>>) {
    match hir.kind() {
        HirKind::Literal(literal) => texts.push(literal.0.to_vec()),
        HirKind::Capture(capture) => add_required(&capture.sub, texts),
        HirKind::Concat(parts) => parts.iter().for_each(|part| add_required(part, texts)),
        _ => {}
    }
}

/// The regex crate explains itself in a drawing of several lines that ends with `error: …`.
fn last_line(message: &str) -> String {
    message.lines().last().unwrap_or(message).trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fingerprint(name: &str, location: FingerprintLocation, pattern: FingerprintPattern) -> Fingerprint {
        Fingerprint { name: name.into(), scope: "nat".into(), location, pattern, confidence: 5, expected_countries: BTreeSet::new() }
    }

    fn body(name: &str, pattern: FingerprintPattern) -> Fingerprint {
        fingerprint(name, FingerprintLocation::Body, pattern)
    }

    fn header(name: &str, header: &str, pattern: FingerprintPattern) -> Fingerprint {
        fingerprint(name, FingerprintLocation::Header(header.into()), pattern)
    }

    fn contains(text: &str) -> FingerprintPattern {
        FingerprintPattern::Contains(text.into())
    }

    fn regex(text: &str) -> FingerprintPattern {
        FingerprintPattern::Regex(text.into())
    }

    /// What the documentation says, without any cleverness.
    fn naive(fingerprints: &[Fingerprint], headers: &[(&str, &str)], body: &[u8]) -> Vec<String> {
        let matches = |pattern: &FingerprintPattern, text: &[u8]| match pattern {
            _ if text.is_empty() => false,
            FingerprintPattern::Full(full) => full.as_bytes() == text,
            FingerprintPattern::Prefix(prefix) => text.starts_with(prefix.as_bytes()),
            FingerprintPattern::Contains(part) => text.windows(part.len()).any(|window| window == part.as_bytes()),
            FingerprintPattern::Regex(expression) => Regex::new(&format!("(?s){expression}")).unwrap().is_match(text),
        };
        let names: BTreeSet<_> = fingerprints
            .iter()
            .filter(|fingerprint| match &fingerprint.location {
                FingerprintLocation::Dns => false,
                FingerprintLocation::Body => matches(&fingerprint.pattern, body),
                FingerprintLocation::Header(wanted) => {
                    headers.iter().any(|(name, value)| name.eq_ignore_ascii_case(wanted) && matches(&fingerprint.pattern, value.as_bytes()))
                }
            })
            .map(|fingerprint| fingerprint.name.clone())
            .collect();
        names.into_iter().collect()
    }

    #[test]
    fn texts_inside_each_other_are_all_found_and_each_once() {
        let list = [
            body("c", contains("blocked")),
            body("a", contains("site blocked by")),
            body("b", contains("lock")),
            body("a", contains("by")),
        ];
        let matcher = FingerprintMatcher::new("d", &list).unwrap();
        assert_eq!(matcher.matches(&[], b"site blocked by by law: blocked"), ["a", "b", "c"]);
        assert_eq!(matcher.matches(&[], b"Site Blocked"), ["b"]);
        assert!(matcher.matches(&[], b"SITE BLOCKED").is_empty());
    }

    #[test]
    fn a_header_is_found_by_name_in_any_case_and_its_value_in_one() {
        let list = [header("wf", "server", FingerprintPattern::Prefix("Protected by".into()))];
        let matcher = FingerprintMatcher::new("d", &list).unwrap();
        assert_eq!(matcher.matches(&[("SERVER", "Protected by WireFilter 8")], b""), ["wf"]);
        assert!(matcher.matches(&[("Server", "protected by WireFilter 8"), ("Via", "Protected by")], b"Protected by").is_empty());
    }

    #[test]
    fn a_dot_matches_a_newline() {
        let matcher = FingerprintMatcher::new("d", &[body("gate", regex("URL .* Sp.*er Gate"))]).unwrap();
        assert_eq!(matcher.matches(&[], b"<p>URL x\ny Spider Gate"), ["gate"]);
    }

    #[test]
    fn a_brace_that_repeats_nothing_stands_for_itself() {
        for (python, ours) in [
            (r#"{"msg":.*"id":"#, r#"\{"msg":.*"id":"#),
            ("a{2}b{2,}c{2,3}{x}", r"a{2}b{2,}c{2,3}\{x}"),
            (r"[{]\{{}", r"[{]\{\{}"),
            ("{,}", r"\{,}"),
        ] {
            assert_eq!(literal_braces(python), ours);
            compile(ours).unwrap();
        }
    }

    #[test]
    fn required_texts_are_those_that_no_match_can_avoid() {
        let texts = |expression| -> Vec<String> {
            required_texts(expression).unwrap().into_iter().map(|text| String::from_utf8(text).unwrap()).collect()
        };
        assert_eq!(texts("URL .* Sp.*er Gate"), ["URL ", " Sp", "er Gate"]);
        assert_eq!(texts(r"U\.S\..*Command"), ["U.S.", "Command"]);
        for none in ["(a(blocked)c)?d+", "blocked|censored", "(?i)blocked"] {
            assert!(texts(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn a_hostile_expression_is_refused_by_name() {
        for (expression, reason) in [("((a{999}){999}){9}", "size limit"), ("(", "unclosed group"), ("", "")] {
            let result = FingerprintMatcher::new("d", &[body("evil", regex(expression))]);
            match result {
                Err(error) => assert!(error.to_string().starts_with("fingerprint evil: ") && error.reason.contains(reason), "{error}"),
                Ok(_) => assert_eq!(expression, ""),
            }
        }
        assert!(FingerprintMatcher::new("d", &[body("all", contains(""))]).is_err());
    }

    fn any_pattern() -> impl Strategy<Value = FingerprintPattern> {
        prop_oneof![
            "[ab]{1,4}".prop_map(FingerprintPattern::Full),
            "[ab]{1,3}".prop_map(FingerprintPattern::Prefix),
            "[abc]{1,5}|[ab]{5,20}".prop_map(FingerprintPattern::Contains),
            "[abc]{1,2}(\\.\\*|c\\?|[ab]|)[abc]{0,2}(\\.[ab]{1,2})?".prop_map(|text| FingerprintPattern::Regex(text.replace('\\', ""))),
        ]
    }

    proptest! {
        #[test]
        fn the_matcher_agrees_with_the_naive_one(
            patterns in prop::collection::vec((any_pattern(), prop::option::of("(via|server)")), 0..12),
            headers in prop::collection::vec(("(Via|SERVER|other)", "[abc]{0,6}"), 0..4),
            text in "[abc\n]{0,40}[ab]{0,30}",
        ) {
            let list: Vec<_> = patterns
                .into_iter()
                .enumerate()
                .map(|(index, (pattern, place))| {
                    let location = place.map_or(FingerprintLocation::Body, FingerprintLocation::Header);
                    fingerprint(&format!("f{:02}", index % 10), location, pattern)
                })
                .collect();
            let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let matcher = FingerprintMatcher::new("d", &list).unwrap();
            prop_assert_eq!(matcher.matches(&headers, text.as_bytes()), naive(&list, &headers, text.as_bytes()));
        }
    }
}
