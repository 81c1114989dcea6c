//! A scrubbed record as lines to read, with the fields marked that rules looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Token, Tokens};
use super::writer::{quoted, sound};

/// Characters of a text before the rest is left to the download.
const MOST_OF_TEXT: usize = 1000;
/// Bytes of a record that is shown whole, and of one marked part of a larger one.
const MOST_WHOLE: usize = 400_000;
const MOST_OF_PART: usize = 20_000;
/// Bytes of all parts together.
const MOST_OF_PARTS: usize = 400_000;
/// Levels that are indented: a line of blanks is no help.
const MOST_INDENT: usize = 40;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A mark begins; its id.
    Begin(String),
    End,
    Text(String),
}

pub type Line = Vec<Piece>;

/// What a page shows of a record.
#[derive(Debug, Default)]
pub struct Lines {
    pub whole: Vec<Line>,
    /// Of a record that is too large: each marked part, by its pointer.
    pub parts: Vec<(String, Vec<Line>)>,
    /// Ids of the marks that are on the page, by pointer.
    pub ids: BTreeMap<String, String>,
    /// Whether some text is shown by its beginning only.
    pub is_cut: bool,
}

/// Marks some pointers (RFC 6901) in a record. `prefix` begins the ids, so that they are apart from those of another record on the page.
pub fn lines(record: &str, pointers: &BTreeSet<&str>, prefix: &str) -> Lines {
    let ids: BTreeMap<String, String> =
        pointers.iter().enumerate().map(|(number, pointer)| ((*pointer).to_owned(), format!("{prefix}-{number}"))).collect();
    let mut printer = Printer::new(&ids, MOST_WHOLE);
    if !printer.print(record, None) {
        return parts(record, &ids);
    }
    let Printer { lines, met, is_cut, .. } = printer;
    let ids = ids.into_iter().filter(|(pointer, _)| met.contains(pointer)).collect();
    Lines { whole: lines, ids, is_cut, ..Lines::default() }
}

fn parts(record: &str, ids: &BTreeMap<String, String>) -> Lines {
    let (mut parts, mut met, mut left) = (Vec::new(), BTreeMap::new(), MOST_OF_PARTS);
    for (pointer, id) in ids {
        let only = BTreeMap::from([(pointer.clone(), id.clone())]);
        let mut printer = Printer::new(&only, MOST_OF_PART.min(left));
        printer.print(record, Some(pointer));
        if printer.met.is_empty() {
            continue;
        }
        left = left.saturating_sub(printer.length);
        met.insert(pointer.clone(), id.clone());
        parts.push((pointer.clone(), printer.lines));
        if left == 0 {
            break;
        }
    }
    Lines { parts, ids: met, is_cut: true, ..Lines::default() }
}

/// An object or an array that is open.
struct Open {
    is_object: bool,
    /// Length of the pointer to it.
    pointer: usize,
    index: usize,
    has_mark: bool,
}

struct Printer<'i> {
    ids: &'i BTreeMap<String, String>,
    most: usize,
    lines: Vec<Line>,
    length: usize,
    is_cut: bool,
    met: BTreeSet<String>,
    open: Vec<Open>,
    /// The pointer to the next value.
    pointer: String,
    /// The mark of a key whose value comes next.
    marks_value: bool,
    /// How deep the part lies that alone is printed, once it has begun.
    part: Option<usize>,
}

impl<'i> Printer<'i> {
    fn new(ids: &'i BTreeMap<String, String>, most: usize) -> Self {
        Self {
            ids,
            most,
            lines: vec![Vec::new()],
            length: 0,
            is_cut: false,
            met: BTreeSet::new(),
            open: Vec::new(),
            pointer: String::new(),
            marks_value: false,
            part: None,
        }
    }

    /// Prints everything, or what one pointer points to; says whether there was room for it.
    fn print(&mut self, record: &str, only: Option<&str>) -> bool {
        let mut tokens = Tokens::of(record.as_bytes()).filter_map(Result::ok).peekable();
        while let Some(token) = tokens.next() {
            let closes = matches!(token, Token::Close);
            if !closes && !matches!(token, Token::Key(_)) {
                self.enter();
            }
            let is_part = only.is_some_and(|only| !closes && self.pointer == only && !matches!(token, Token::Key(_)));
            if is_part && self.part.is_none() {
                self.part = Some(self.open.len());
            }
            let is_shown = only.is_none() || self.part.is_some();
            let is_last = matches!(tokens.peek(), None | Some(Token::Close));
            self.token(&token, is_shown, is_last);
            if is_shown && self.length > self.most {
                self.is_cut = true;
                self.end_marks();
                return false;
            }
            if self.part == Some(self.open.len()) && !matches!(token, Token::Key(_)) {
                break;
            }
        }
        true
    }

    /// The pointer of an element of an array follows from where it stands.
    fn enter(&mut self) {
        if let Some(open) = self.open.last_mut().filter(|open| !open.is_object) {
            self.pointer.truncate(open.pointer);
            self.pointer += &format!("/{}", open.index);
            open.index += 1;
        }
    }

    fn token(&mut self, token: &Token, is_shown: bool, is_last: bool) {
        match token {
            Token::Key(key) => {
                let open = self.open.last().map_or(0, |open| open.pointer);
                self.pointer.truncate(open);
                self.pointer.push('/');
                self.pointer += &key.replace('~', "~0").replace('/', "~1");
                if is_shown {
                    self.begin_mark();
                    let key = quoted(&clipped(key, &mut self.is_cut));
                    self.text(&format!("{key}: "));
                }
            }
            Token::OpenObject | Token::OpenArray => {
                let is_object = matches!(token, Token::OpenObject);
                let has_mark = is_shown && self.mark_of_value();
                self.open.push(Open { is_object, pointer: self.pointer.len(), index: 0, has_mark });
                if is_shown {
                    self.text(if is_object { "{" } else { "[" });
                    if !is_last {
                        self.new_line();
                    }
                }
            }
            Token::Close => self.close(is_shown, is_last),
            Token::Text(text) => {
                let text = quoted(&clipped(text, &mut self.is_cut));
                self.scalar(&text, is_shown, is_last);
            }
            Token::Plain(plain) => self.scalar(&sound(plain), is_shown, is_last),
        }
    }

    fn scalar(&mut self, text: &str, is_shown: bool, is_last: bool) {
        if !is_shown {
            return;
        }
        let has_mark = self.mark_of_value();
        self.text(text);
        if has_mark {
            self.piece(Piece::End);
        }
        self.end_of_value(is_last);
    }

    fn close(&mut self, is_shown: bool, is_last: bool) {
        let Some(open) = self.open.pop() else { return };
        self.pointer.truncate(open.pointer);
        if !is_shown {
            return;
        }
        if self.lines.last().is_some_and(Vec::is_empty) {
            self.indent();
        }
        self.text(if open.is_object { "}" } else { "]" });
        if open.has_mark {
            self.piece(Piece::End);
        }
        self.end_of_value(is_last);
    }

    fn end_of_value(&mut self, is_last: bool) {
        if self.open.is_empty() || self.part == Some(self.open.len()) {
            return;
        }
        if !is_last {
            self.text(",");
        }
        self.lines.push(Vec::new());
        self.length += 1;
        if !is_last {
            self.indent();
        }
    }

    fn new_line(&mut self) {
        self.lines.push(Vec::new());
        self.indent();
    }

    fn indent(&mut self) {
        let levels = self.open.len().min(MOST_INDENT);
        if levels > 0 {
            self.text(&"  ".repeat(levels));
        }
    }

    /// Of a key, so that it is inside of the mark of its value.
    fn begin_mark(&mut self) {
        if let Some(id) = self.ids.get(&self.pointer).cloned() {
            self.marks_value = true;
            self.begin(id);
        }
    }

    fn mark_of_value(&mut self) -> bool {
        if std::mem::take(&mut self.marks_value) {
            return true;
        }
        let id = self.ids.get(&self.pointer).cloned();
        let has_mark = id.is_some();
        id.into_iter().for_each(|id| self.begin(id));
        has_mark
    }

    /// An id stands once on a page: the second of two equal keys has a mark without one.
    fn begin(&mut self, id: String) {
        let is_first = self.met.insert(self.pointer.clone());
        self.piece(Piece::Begin(if is_first { id } else { String::new() }));
    }

    /// What is cut off ends its marks.
    fn end_marks(&mut self) {
        self.text(" …");
        let opened: i64 = self
            .lines
            .iter()
            .flatten()
            .map(|piece| match piece {
                Piece::Begin(_) => 1,
                Piece::End => -1,
                Piece::Text(_) => 0,
            })
            .sum();
        (0..opened).for_each(|_| self.piece(Piece::End));
    }

    fn piece(&mut self, piece: Piece) {
        if let Some(line) = self.lines.last_mut() {
            line.push(piece);
        }
    }

    fn text(&mut self, text: &str) {
        self.length += text.len();
        self.piece(Piece::Text(text.to_owned()));
    }
}

fn clipped(text: &str, is_cut: &mut bool) -> String {
    match text.char_indices().nth(MOST_OF_TEXT) {
        None => text.to_owned(),
        Some((end, _)) => {
            *is_cut = true;
            format!("{}… ({} bytes)", &text[..end], text.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(lines: &[Line]) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Begin(id) => format!("<{id}>"),
            Piece::End => "</>".to_owned(),
            Piece::Text(text) => text.clone(),
        };
        lines.iter().map(|line| line.iter().map(piece).collect::<String>()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn fields_are_marked_where_they_stand() {
        let record = r#"{"a":[1,{"b/c":"x"}],"d":null,"e":{}}"#;
        let found = lines(record, &BTreeSet::from(["/a/1/b~1c", "/a/0", "/d", "/nowhere"]), "m");
        assert_eq!(
            written(&found.whole),
            "{\n  \"a\": [\n    <m-0>1</>,\n    {\n      <m-1>\"b/c\": \"x\"</>\n    }\n  ],\n  <m-2>\"d\": null</>,\n  \"e\": {}\n}"
        );
        assert_eq!(found.ids.keys().collect::<Vec<_>>(), ["/a/0", "/a/1/b~1c", "/d"]);
    }

    #[test]
    fn of_a_large_record_the_marked_parts_are_shown() {
        let record = format!(r#"{{"a":[{}0],"b":{{"c":[1,2]}},"d":"{}"}}"#, "1,".repeat(200_000), "x".repeat(5000));
        let found = lines(&record, &BTreeSet::from(["/b", "/d", "/a", "/none"]), "m");
        assert!(found.whole.is_empty() && found.is_cut);
        assert_eq!(found.parts.iter().map(|part| part.0.as_str()).collect::<Vec<_>>(), ["/a", "/b", "/d"]);
        assert_eq!(written(&found.parts[1].1), "<m-1>{\n    \"c\": [\n      1,\n      2\n    ]\n  }</>");
        assert!(written(&found.parts[0].1).len() < 2 * MOST_OF_PART && written(&found.parts[0].1).ends_with(" …</>"));
        assert!(written(&found.parts[2].1).contains("… (5000 bytes)"));
    }
}
