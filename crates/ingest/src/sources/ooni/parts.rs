//! Parts of a record that each hold arrays of operations: the members of an object or of an array.

use super::controls::escaped;
use super::writer::Writer;
use crate::json::Value;

/// Parts of one record. The longest real ones, tests of all bridges, have some hundreds.
const MAX_PARTS: usize = 5_000;

/// Calls `read` with every part, the pointer to it and its key; an element of an array has an empty key.
pub fn each<'a, 'r>(
    list: Value<'a>,
    pointer: &str,
    writer: &mut Writer<'r>,
    mut read: impl FnMut(Value<'a>, &str, &'a str, &mut Writer<'r>),
) {
    let members = list.members().map(|(key, part)| (escaped(key).into_owned(), key, part));
    let items = list.items().enumerate().map(|(index, part)| (index.to_string(), "", part));
    for (count, (place, key, part)) in members.chain(items).enumerate() {
        let pointer = format!("{pointer}/{place}");
        if count >= MAX_PARTS {
            let message = format!("from here on left out: more than {MAX_PARTS} parts");
            return writer.part(&pointer, "too_many_parts", message, "");
        }
        if part.is_object() {
            read(part, &pointer, key, writer);
        } else if !part.is_null() {
            let message = format!("a part of a record is a JSON object, and this is {}", part.kind());
            writer.part(&pointer, "not_a_part", message, &part.excerpt());
        }
    }
}
