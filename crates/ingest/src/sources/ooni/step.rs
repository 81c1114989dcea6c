//! What every operation of a record says in the same words: where it stands, its tags, its connection and its times.

use std::borrow::Cow;

use parallax_model::Text;
use parallax_model::tables::Observation;

use crate::json::Value;
use crate::text::clip;

/// Where, when and on which way something was done.
pub struct Step<'a> {
    pub pointer: String,
    pub tags: Vec<Text<'a>>,
    /// Redirects before it; nothing where the record has no such tag.
    pub depth: Option<u32>,
    pub fetch_body: Option<bool>,
    /// Number that the operations of one connection share; 0 in a record means that there is none.
    pub transaction_id: Option<u64>,
    pub t0: Option<f64>,
    pub t: Option<f64>,
}

/// Tags of one operation; probes write up to five.
const MAX_TAGS: usize = 32;
const MAX_TAG_BYTES: usize = 64;

impl<'a> Step<'a> {
    /// Reads the fields `t0`, `t`, `tags` and `transaction_id` of an operation.
    pub fn new(pointer: String, t0: Value<'a>, t: Value<'a>, tags: Value<'a>, transaction_id: Value<'a>) -> Self {
        let tags: Vec<&str> = tags.items().filter_map(Value::text).take(MAX_TAGS).map(|tag| clip(tag, MAX_TAG_BYTES)).collect();
        Self {
            pointer,
            depth: tags.iter().find_map(|tag| tag.strip_prefix("depth=")?.parse().ok()),
            fetch_body: tags.iter().find_map(|tag| tag.strip_prefix("fetch_body=")?.parse().ok()),
            tags: tags.into_iter().map(Cow::Borrowed).collect(),
            transaction_id: transaction_id.whole_number().filter(|id| *id != 0),
            t0: t0.number(),
            t: t.number(),
        }
    }

    pub fn fill<'r>(&'r self, row: &mut Observation<'r>) {
        row.depth = self.depth.unwrap_or_default();
        row.tags = self.tags.iter().map(|tag| Cow::Borrowed(tag.as_ref())).collect();
        row.fetch_body = self.fetch_body;
        row.transaction_id = self.transaction_id;
        row.t0 = self.t0;
        row.t = self.t;
    }
}
