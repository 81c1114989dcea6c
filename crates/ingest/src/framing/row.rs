//! Finds where a row of CSV ends (RFC 4180), and one field of it.
//!
//! A quote counts at the beginning of a field only, as for the `csv` crate, which reads the same rows afterwards.

use std::ops::Range;

use memchr::{memchr, memchr2};

/// A row, in places of the bytes that were scanned.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    /// Without the line break.
    pub content: Range<usize>,
    /// Behind the line break.
    pub end: usize,
    /// The wanted field, without quotes around it; nothing where the row has no such field.
    pub field: Option<Range<usize>>,
}

/// Scans a row that may arrive in pieces. Every scan is given all bytes so far.
pub(super) struct RowScanner {
    start: usize,
    at: usize,
    state: State,
    field: usize,
    field_start: usize,
    wanted: usize,
    found: Option<Range<usize>>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote in a quoted field: its end, or one half of a doubled quote.
    Quote,
}

impl RowScanner {
    pub fn new(start: usize, wanted: usize) -> Self {
        Self { start, at: start, state: State::FieldStart, field: 0, field_start: start, wanted, found: None }
    }

    /// The row, if it ends within these bytes.
    pub fn scan(&mut self, bytes: &[u8]) -> Option<Row> {
        while self.at < bytes.len() {
            match self.state {
                State::Quoted => match memchr(b'"', &bytes[self.at..]) {
                    Some(skipped) => (self.at, self.state) = (self.at + skipped + 1, State::Quote),
                    None => self.at = bytes.len(),
                },
                State::Plain => match memchr2(b',', b'\n', &bytes[self.at..]) {
                    Some(skipped) => {
                        self.at += skipped;
                        if let Some(row) = self.end_of_field(bytes) {
                            return Some(row);
                        }
                    }
                    None => self.at = bytes.len(),
                },
                State::FieldStart | State::Quote => match bytes[self.at] {
                    b'"' => (self.at, self.state) = (self.at + 1, State::Quoted),
                    _ => self.state = State::Plain,
                },
            }
        }
        None
    }

    /// The field ends at a comma or a line break; with the latter the row does.
    fn end_of_field(&mut self, bytes: &[u8]) -> Option<Row> {
        self.keep_field(bytes[self.field_start] == b'"', self.at);
        let is_end = bytes[self.at] == b'\n';
        self.at += 1;
        (self.field, self.field_start, self.state) = (self.field + 1, self.at, State::FieldStart);
        is_end.then(|| {
            let content_end = self.at - 1;
            let content_end = if content_end > self.start && bytes[content_end - 1] == b'\r' { content_end - 1 } else { content_end };
            let found = self.found.take().map(|field| field.start..field.end.min(content_end).max(field.start));
            Row { content: self.start..content_end, end: self.at, field: found }
        })
    }

    fn keep_field(&mut self, is_quoted: bool, end: usize) {
        if self.field == self.wanted {
            let quote = usize::from(is_quoted);
            let start = self.field_start + quote;
            self.found = Some(start..(end - quote).max(start));
        }
    }

    /// Whether the bytes so far end inside quotes.
    pub fn is_quoted(&self) -> bool {
        self.state == State::Quoted
    }

    /// The row that ends with the stream, where no line break follows, and how many fields it has.
    pub fn last_row(mut self, bytes: &[u8]) -> (Row, usize) {
        self.keep_field(self.state == State::Quote, bytes.len());
        (Row { content: self.start..bytes.len(), end: bytes.len(), field: self.found }, self.field + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(text: &str, wanted: usize) -> Vec<(String, Option<String>)> {
        let mut rows = Vec::new();
        let mut start = 0;
        while let Some(row) = RowScanner::new(start, wanted).scan(text.as_bytes()) {
            rows.push((text[row.content].to_owned(), row.field.map(|field| text[field].to_owned())));
            start = row.end;
        }
        rows
    }

    #[test]
    fn a_line_break_in_quotes_ends_no_row() {
        let found = rows("a,\"b\nc\",d\r\n\"e\",\"\"\"\",f\n", 0);
        assert_eq!(found, [("a,\"b\nc\",d".into(), Some("a".into())), ("\"e\",\"\"\"\",f".into(), Some("e".into()))]);
    }

    #[test]
    fn a_quote_within_a_field_is_a_quote() {
        assert_eq!(rows("5\" disk,x\ny,z\n", 1), [("5\" disk,x".into(), Some("x".into())), ("y,z".into(), Some("z".into()))]);
    }

    #[test]
    fn a_row_may_lack_the_field() {
        assert_eq!(rows("a\n\nb,c\n", 1), [("a".into(), None), (String::new(), None), ("b,c".into(), Some("c".into()))]);
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(text in "[a\",\r\n]{0,30}", cut in 0usize..30) {
            let cut = cut.min(text.len());
            let mut scanner = RowScanner::new(0, 1);
            let in_pieces = scanner.scan(&text.as_bytes()[..cut]).or_else(|| scanner.scan(text.as_bytes()));
            prop_assert_eq!(in_pieces, RowScanner::new(0, 1).scan(text.as_bytes()));
        }

        #[test]
        fn rows_end_where_the_csv_crate_ends_them(text in "[ab\",\n]{0,40}") {
            let text = format!("{text}\n");
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<_> = reader.byte_records().map(|row| row.unwrap()).collect();
            let ours: Vec<_> = rows(&text, 0).into_iter().filter(|(row, _)| !row.is_empty()).collect();
            // An open quote swallows the rest: they take it for a row, we do not.
            prop_assert!(theirs.len() == ours.len() || theirs.len() == ours.len() + 1, "{:?} {:?}", theirs, ours);
        }
    }
}
