//! Finds where a JSON value ends without parsing it: brackets are counted, strings are jumped over.
//!
//! It can stop after any byte and go on with the next chunk, holds no stack, and so costs the same for a value of any depth. It does
//! not tell `}` from `]`: whoever parses the record will.
//!
//! A missing bracket would make a record swallow all that follow it. Two things betray the damage: a line break inside a string,
//! which JSON forbids, and a line that begins like a record (`{` at the record's own indentation) inside a record whose second
//! line was indented deeper.

use memchr::memchr3;

/// Where a value ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// The value ends before this byte.
    End(usize),
    /// The value is broken at this byte: a line break inside a string, or the `{` with which the next record begins.
    Broken(usize),
    /// The value goes on after the bytes given.
    More,
}

/// The state of a scan between two chunks.
pub struct Scanner {
    depth: u64,
    in_string: bool,
    escaped: bool,
    /// Blanks seen since the last line break, until something else is.
    blanks: Option<usize>,
    indentation: usize,
    layout: Layout,
}

/// How a record of several lines is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Only its first line has been seen.
    OneLine,
    /// Its lines are indented deeper than its first.
    Indented,
    /// They are not, so a line that begins like a record may well belong to it.
    Flat,
}

impl Scanner {
    /// For a value whose first line begins after `indentation` blanks.
    pub fn new(indentation: usize) -> Self {
        Self { depth: 0, in_string: false, escaped: false, blanks: None, indentation, layout: Layout::OneLine }
    }

    /// Goes through the next chunk; positions in the answer count from its beginning.
    ///
    /// A value that is no object or array ends before the next comma, bracket or line break.
    pub fn scan(&mut self, chunk: &[u8]) -> Scan {
        let mut at = 0;
        while at < chunk.len() {
            if self.in_string {
                let Some(next) = self.skip_string(chunk, at) else { return Scan::More };
                at = next;
                if self.in_string {
                    return Scan::Broken(at);
                }
                continue;
            }
            if let Some(found) = self.step(chunk[at], at) {
                return found;
            }
            at += 1;
        }
        Scan::More
    }

    /// Takes one byte outside strings.
    fn step(&mut self, byte: u8, at: usize) -> Option<Scan> {
        if let Some(blanks) = self.blanks {
            if matches!(byte, b' ' | b'\t') {
                self.blanks = Some(blanks + 1);
                return None;
            }
            if !matches!(byte, b'\r' | b'\n') {
                self.blanks = None;
                if self.line_begins(byte, blanks) {
                    return Some(Scan::Broken(at));
                }
            }
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth <= 1 => return Some(Scan::End(at + self.depth as usize)),
            b'}' | b']' => self.depth -= 1,
            b',' | b'\n' if self.depth == 0 => return Some(Scan::End(at)),
            b'\n' => self.blanks = Some(0),
            _ => {}
        }
        None
    }

    /// Looks at the first byte of a line inside the value; true when the line is the next record.
    fn line_begins(&mut self, byte: u8, blanks: usize) -> bool {
        let like_a_record = byte == b'{' && blanks == self.indentation;
        match self.layout {
            Layout::OneLine if like_a_record => return true,
            Layout::OneLine => self.layout = if blanks > self.indentation { Layout::Indented } else { Layout::Flat },
            Layout::Indented => return like_a_record,
            Layout::Flat => {}
        }
        false
    }

    /// Jumps to behind the end of the string, or, still in the string, to a line break; `None` at the end of the chunk.
    fn skip_string(&mut self, chunk: &[u8], mut at: usize) -> Option<usize> {
        if std::mem::take(&mut self.escaped) {
            at += 1;
        }
        loop {
            at += memchr3(b'"', b'\\', b'\n', chunk.get(at..)?)?;
            match chunk[at] {
                b'"' => {
                    self.in_string = false;
                    return Some(at + 1);
                }
                b'\n' => return Some(at),
                _ if at + 1 == chunk.len() => {
                    self.escaped = true;
                    return None;
                }
                _ => at += 2,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scan(text: &str) -> Scan {
        Scanner::new(0).scan(text.as_bytes())
    }

    #[test]
    fn a_value_ends_where_its_brackets_balance() {
        assert_eq!(scan(r#"{"a":[1,{}],"b":"}"} x"#), Scan::End(20));
        assert_eq!(scan(r#"{"a":"\"}","b":"\\"}{"#), Scan::End(20));
        assert_eq!(scan("{\n \"a\": {\n }\n}\n{"), Scan::End(14));
        assert_eq!(scan("12,{}"), Scan::End(2));
        assert_eq!(scan("null]"), Scan::End(4));
        assert_eq!(scan(r#""a,b""#), Scan::More);
        assert_eq!(scan(r#"{"a":{}"#), Scan::More);
    }

    #[test]
    fn a_line_break_in_a_string_breaks_the_value() {
        assert_eq!(scan("{\"a\": \"b\n}\n"), Scan::Broken(8));
    }

    #[test]
    fn a_record_that_lacks_a_bracket_stops_where_the_next_begins() {
        assert_eq!(scan("{\n  \"a\": {\n}\n{\n"), Scan::Broken(13));
        assert_eq!(scan("{\"a\": {},\n{\"a\""), Scan::Broken(10));
        assert_eq!(Scanner::new(2).scan(b"{\n    \"a\": 1,\n  {"), Scan::Broken(16));
    }

    #[test]
    fn a_flat_layout_may_begin_lines_with_brackets() {
        let flat = "{\n\"a\": [\n{\n\"b\": 1\n}\n]\n}";
        assert_eq!(scan(flat), Scan::End(flat.len()));
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(text in "[{}\\[\\]\", \\\\a\n]{0,40}", cut in 0usize..40) {
            let cut = cut.min(text.len());
            let (front, back) = text.as_bytes().split_at(cut);
            let mut scanner = Scanner::new(0);
            let in_pieces = match scanner.scan(front) {
                Scan::More => match scanner.scan(back) {
                    Scan::End(at) => Scan::End(cut + at),
                    Scan::Broken(at) => Scan::Broken(cut + at),
                    Scan::More => Scan::More,
                },
                found => found,
            };
            prop_assert_eq!(in_pieces, scan(&text));
        }
    }
}
