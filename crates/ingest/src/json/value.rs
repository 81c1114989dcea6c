//! A value of a parsed document, read leniently: every question has an answer, and the answer to a wrong question is "nothing".
//!
//! **Invariant:** of a key that an object holds twice the last one counts, as for the parsers that wrote and checked the record.

use simd_json::{Node, StaticNode};

use crate::text::clip;

/// One value of a document. A missing one is the same as null.
#[derive(Clone, Copy)]
pub struct Value<'a>(&'a [Node<'a>]);

/// Characters of a value that a reject quotes.
const MAX_EXCERPT: usize = 80;

impl<'a> Value<'a> {
    pub const NULL: Value<'static> = Value(&[Node::Static(StaticNode::Null)]);

    pub(super) fn of_tape(nodes: &'a [Node<'a>]) -> Self {
        Self(nodes)
    }

    pub fn is_null(self) -> bool {
        matches!(self.0.first(), None | Some(Node::Static(StaticNode::Null)))
    }

    pub fn is_object(self) -> bool {
        matches!(self.0.first(), Some(Node::Object { .. }))
    }

    pub fn is_array(self) -> bool {
        matches!(self.0.first(), Some(Node::Array { .. }))
    }

    /// What it is, in words that fit after "is".
    pub fn kind(self) -> &'static str {
        match self.0.first() {
            None | Some(Node::Static(StaticNode::Null)) => "null",
            Some(Node::Static(StaticNode::Bool(_))) => "true or false",
            Some(Node::Static(_)) => "a number",
            Some(Node::String(_)) => "a text",
            Some(Node::Array { .. }) => "an array",
            Some(Node::Object { .. }) => "an object",
        }
    }

    /// The beginning of a text or a number, for whoever reads a reject.
    pub fn excerpt(self) -> String {
        match self.0.first() {
            Some(Node::String(text)) => clip(text, MAX_EXCERPT).to_owned(),
            Some(Node::Static(node)) => node.to_string(),
            _ => self.kind().to_owned(),
        }
    }

    pub fn text(self) -> Option<&'a str> {
        match self.0.first() {
            Some(Node::String(text)) => Some(text),
            _ => None,
        }
    }

    /// A text that says something.
    pub fn filled_text(self) -> Option<&'a str> {
        self.text().filter(|text| !text.is_empty())
    }

    pub fn boolean(self) -> Option<bool> {
        match self.0.first() {
            Some(Node::Static(StaticNode::Bool(value))) => Some(*value),
            _ => None,
        }
    }

    /// A finite number.
    pub fn number(self) -> Option<f64> {
        match self.0.first() {
            Some(Node::Static(StaticNode::F64(value))) => Some(*value).filter(|value| value.is_finite()),
            Some(Node::Static(StaticNode::I64(value))) => Some(*value as f64),
            Some(Node::Static(StaticNode::U64(value))) => Some(*value as f64),
            _ => None,
        }
    }

    /// A whole number from 0, also where it is written as `443.0` or as a text.
    pub fn whole_number(self) -> Option<u64> {
        match self.0.first() {
            Some(Node::Static(StaticNode::U64(value))) => Some(*value),
            Some(Node::Static(StaticNode::I64(value))) => u64::try_from(*value).ok(),
            Some(Node::Static(StaticNode::F64(value))) if value.fract() == 0.0 && (0.0..9e15).contains(value) => Some(*value as u64),
            Some(Node::String(text)) => text.parse().ok(),
            _ => None,
        }
    }

    /// A whole number that fits the type asked for.
    pub fn fitting<N: TryFrom<u64>>(self) -> Option<N> {
        self.whole_number().and_then(|number| N::try_from(number).ok())
    }

    /// The elements of an array; none of anything else.
    pub fn items(self) -> Items<'a> {
        match self.0.split_first() {
            Some((Node::Array { .. }, rest)) => Items(rest),
            _ => Items(&[]),
        }
    }

    /// The keys and values of an object, in order; none of anything else.
    pub fn members(self) -> Members<'a> {
        match self.0.split_first() {
            Some((Node::Object { .. }, rest)) => Members(rest),
            _ => Members(&[]),
        }
    }

    /// The value of one key.
    pub fn get(self, name: &str) -> Value<'a> {
        self.members().filter(|(key, _)| *key == name).last().map_or(Value::NULL, |(_, value)| value)
    }

    /// The values of several keys in one pass. It is fastest when the names stand in the order in which records have them.
    pub fn fields<const N: usize>(self, names: [&str; N]) -> [Value<'a>; N] {
        let mut found = [Value::NULL; N];
        let mut expected = 0;
        for (key, value) in self.members() {
            let position = (expected..N).chain(0..expected).find(|position| names[*position] == key);
            if let Some(position) = position {
                found[position] = value;
                expected = position + 1;
            }
        }
        found
    }
}

/// See [`Value::items`].
pub struct Items<'a>(&'a [Node<'a>]);

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let (value, rest) = split_value(self.0)?;
        self.0 = rest;
        Some(value)
    }
}

/// See [`Value::members`].
pub struct Members<'a>(&'a [Node<'a>]);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Value<'a>);

    fn next(&mut self) -> Option<(&'a str, Value<'a>)> {
        let (Node::String(key), rest) = self.0.split_first()? else { return None };
        let (value, rest) = split_value(rest)?;
        self.0 = rest;
        Some((key, value))
    }
}

/// Takes the first value, with everything in it, off a run of nodes.
fn split_value<'a>(nodes: &'a [Node<'a>]) -> Option<(Value<'a>, &'a [Node<'a>])> {
    let length = match nodes.first()? {
        Node::Object { count, .. } | Node::Array { count, .. } => count + 1,
        _ => 1,
    };
    let (value, rest) = nodes.split_at_checked(length)?;
    Some((Value(value), rest))
}

#[cfg(test)]
mod tests {
    use crate::json::parse;

    fn with<R>(json: &str, read: impl FnOnce(super::Value<'_>) -> R) -> R {
        parse(json.as_bytes(), |document| read(document.expect("the test's JSON is good").value))
    }

    #[test]
    fn wrong_questions_are_answered_with_nothing() {
        with(r#"{"a": [1, "x", {"b": null}], "c": -1}"#, |value| {
            assert_eq!(value.get("a").text(), None);
            assert!(value.get("missing").get("deeper").is_null());
            assert_eq!(value.get("c").whole_number(), None);
            assert_eq!(value.get("a").items().count(), 3);
            assert_eq!(value.items().count(), 0);
        });
    }

    #[test]
    fn of_a_key_that_stands_twice_the_last_counts() {
        with(r#"{"a": 1, "b": 2, "a": 3}"#, |value| {
            assert_eq!(value.get("a").whole_number(), Some(3));
            let [b, a] = value.fields(["b", "a"]);
            assert_eq!((a.whole_number(), b.whole_number()), (Some(3), Some(2)));
        });
    }

    #[test]
    fn fields_are_found_in_any_order_past_nested_values() {
        with(r#"{"z": [[1],[2]], "y": {"x": "no"}, "x": "yes"}"#, |value| {
            let [x, y, z, w] = value.fields(["x", "y", "z", "w"]);
            assert_eq!(x.text(), Some("yes"));
            assert!(y.is_object() && z.is_array() && w.is_null());
        });
    }

    #[test]
    fn numbers_are_read_however_they_are_written() {
        with(r#"["443", 443.0, 443, 443.5, 65536]"#, |value| {
            let ports: Vec<Option<u16>> = value.items().map(|item| item.fitting()).collect();
            assert_eq!(ports, [Some(443), Some(443), Some(443), None, None]);
        });
    }
}
