//! Values as SQL writes them.

/// A text as an SQL literal: the only character that can end it is doubled.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Limits, Options};

    #[test]
    fn no_text_gets_out_of_its_literal() {
        let engine = Engine::empty(&Options::default()).unwrap();
        for text in ["", "'", "''", "\\'", "a' OR 'a' = 'a", "\0", "--", "/*", "$1", "\u{2019}", "\n"] {
            let sql = format!("SELECT {} AS text", literal(text));
            let batch = engine.query(&sql, &Limits::default()).unwrap().next().unwrap().unwrap();
            assert_eq!(arrow::array::AsArray::as_string::<i32>(batch.column(0)).value(0), text);
        }
    }
}
