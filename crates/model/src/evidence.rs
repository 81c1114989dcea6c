//! Evidence: the very fields and values that made a rule fire, and where they stand in the raw record.

use serde::Serialize;

/// One field with its value, as a person would look it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Where it stands in the raw record (RFC 6901); empty for what does not come from the record.
    pub json_pointer: String,
    /// The field, in the words of the `observations` or `controls` table.
    pub field: &'static str,
    pub value: String,
}
