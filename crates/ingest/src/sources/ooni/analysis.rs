//! What the probe itself concluded, in its own words: kept to compare, never used for a verdict.

use std::fmt::Write;

use parallax_model::Text;

use super::context::Context;
use crate::json::Value;
use crate::text::{clip, clip_cow};

/// One word of a conclusion, in bytes.
const MAX_WORD_BYTES: usize = 64;
const MAX_ANALYSIS_BYTES: usize = 512;

/// `blocking=dns accessible=false`: the keys that the nettest's table names, where the record has them.
pub fn probe_analysis<'a>(test_keys: Value<'a>, context: &Context<'_>) -> Option<Text<'a>> {
    let mut words = String::new();
    for name in context.nettest.analysis {
        let Some((_, value)) = test_keys.members().find(|(key, _)| key == name) else { continue };
        let space = if words.is_empty() { "" } else { " " };
        let _ = write!(words, "{space}{name}={}", word(value));
    }
    (!words.is_empty()).then(|| context.scrub(clip_cow(words.into(), MAX_ANALYSIS_BYTES)))
}

fn word(value: Value<'_>) -> String {
    match (value.text(), value.boolean(), value.whole_number()) {
        (Some(text), ..) => clip(text, MAX_WORD_BYTES).split_whitespace().collect::<Vec<_>>().join("_"),
        (_, Some(boolean), _) => boolean.to_string(),
        (.., Some(number)) => number.to_string(),
        _ => "null".to_owned(),
    }
}
