//! The elements of the arrays of `test_keys`, each with the pointer to it; what is no operation is rejected and passed over.

use super::writer::{MAX_ROWS, Writer};
use crate::json::Value;

/// Calls `read` with every object of an array. A lone object is taken for an array of one, as some tests write it.
pub fn each<'a, 'r>(list: Value<'a>, pointer: &str, writer: &mut Writer<'r>, mut read: impl FnMut(Value<'a>, String, &mut Writer<'r>)) {
    if list.is_object() {
        return read(list, pointer.to_owned(), writer);
    }
    if !list.is_array() {
        if !list.is_null() {
            let message = format!("an array of operations is expected here, and this is {}", list.kind());
            writer.part(pointer, "not_an_array", message, &list.excerpt());
        }
        return;
    }
    for (index, entry) in list.items().enumerate() {
        let pointer = [pointer, "/", &index.to_string()].concat();
        if index >= MAX_ROWS as usize {
            let message = format!("from here on left out: more than {MAX_ROWS} operations in one array");
            return writer.part(&pointer, "too_many_operations", message, "");
        }
        if entry.is_object() {
            read(entry, pointer, writer);
        } else {
            let message = format!("an operation is a JSON object, and this is {}", entry.kind());
            writer.part(&pointer, "not_an_operation", message, &entry.excerpt());
        }
    }
}
