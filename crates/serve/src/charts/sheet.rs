//! The data of a chart as CSV (RFC 4180), with every text made visible.

use parallax_model::visible::visible;
use serde_json::{Map, Value, json};

/// A table with named columns, some of numbers.
pub struct Sheet {
    columns: Vec<(String, Type)>,
    text: String,
}

/// What a column's values are. What stands in no such form is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Text,
    Number,
    Time,
}

impl Sheet {
    pub fn new(columns: impl IntoIterator<Item = (impl Into<String>, Type)>) -> Self {
        let columns: Vec<(String, Type)> = columns.into_iter().map(|(name, kind)| (name.into(), kind)).collect();
        let mut sheet = Self { columns, text: String::new() };
        let names: Vec<String> = sheet.columns.iter().map(|(name, _)| name.clone()).collect();
        sheet.row(names);
        sheet
    }

    pub fn row(&mut self, values: impl IntoIterator<Item = impl AsRef<str>>) {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.value(value.as_ref());
        }
        self.text.push('\n');
    }

    fn value(&mut self, value: &str) {
        let value = visible(value);
        match value.contains([',', '"']) {
            true => self.text += &format!("\"{}\"", value.replace('"', "\"\"")),
            false => self.text += &value,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// How Vega-Lite has to read the columns; it would guess otherwise.
    pub fn parse(&self) -> Value {
        let kind = |kind: Type| match kind {
            Type::Text => "string",
            Type::Number => "number",
            Type::Time => "date",
        };
        Value::Object(self.columns.iter().map(|(name, of)| (name.clone(), json!(kind(*of)))).collect::<Map<_, _>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_one_value_and_acts_on_nothing() {
        let mut sheet = Sheet::new([("name", Type::Text), ("n", Type::Number)]);
        sheet.row(["a,\"b\"\n\u{202e}c", "1"]);
        assert_eq!(sheet.text(), "name,n\n\"a,\"\"b\"\"\\n\\u{202e}c\",1\n");
        assert_eq!(sheet.parse(), json!({ "name": "string", "n": "number" }));
    }
}
