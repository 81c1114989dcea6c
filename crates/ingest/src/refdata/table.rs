//! Comma- and tab-separated tables, with the line of each row for whoever has to mend one.

use csv::{ReaderBuilder, StringRecord};

use crate::Error;

/// Rows of one file. Rows may have more or fewer fields than the first.
pub struct Table<'a> {
    name: &'a str,
    reader: csv::Reader<&'a [u8]>,
}

impl<'a> Table<'a> {
    /// A table with tabs when its first line has one, and with commas otherwise.
    pub fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let first_line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let has_tabs = first_line.contains(&b'\t');
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // In a table with tabs a quote is a letter: names of networks hold single ones.
            .quoting(!has_tabs)
            .delimiter(if has_tabs { b'\t' } else { b',' })
            .from_reader(bytes);
        Self { name, reader }
    }

    /// The fields of the first row; none when it cannot be read.
    pub fn first_row(bytes: &'a [u8]) -> StringRecord {
        Self::new("", bytes).next().and_then(Result::ok).map_or_else(StringRecord::new, |(_, row)| row)
    }

    /// An error about one row.
    pub fn error(name: &str, line: u64, reason: impl Into<String>) -> Error {
        Error::BadRefdata { name: name.to_owned(), line, reason: reason.into() }
    }
}

/// Rows with the line on which each begins.
impl Iterator for Table<'_> {
    type Item = Result<(u64, StringRecord), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = StringRecord::new();
        match self.reader.read_record(&mut row) {
            Ok(false) => None,
            Ok(true) => Some(Ok((row.position().map_or(0, csv::Position::line), row))),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                Some(Err(Self::error(self.name, line, error.to_string())))
            }
        }
    }
}

/// Where a column stands, by any of its names.
pub fn column(header: &StringRecord, names: &[&str]) -> Option<usize> {
    header.iter().position(|field| names.contains(&field.trim()))
}
