//! Rows of a table by the names of their columns.

use std::collections::HashMap;

use csv::StringRecord;

/// The rows of one measurement.
pub struct Table<'t> {
    columns: HashMap<&'t str, usize>,
    rows: Vec<StringRecord>,
}

/// One row, read leniently: what is not there is empty, and what is empty is not known.
#[derive(Clone, Copy)]
pub struct Row<'t> {
    /// Its place among the rows of its measurement, from 0.
    pub number: usize,
    table: &'t Table<'t>,
    record: &'t StringRecord,
}

/// A row that has more or fewer fields than the header.
#[derive(Debug, PartialEq)]
pub struct OddRow {
    pub number: usize,
    pub fields: usize,
    pub columns: usize,
}

impl<'t> Table<'t> {
    /// Reads a header and the rows after it.
    pub fn read(header: &'t str, rows: &str) -> Result<Self, OddRow> {
        let columns: HashMap<_, _> = header.trim_end().split(',').enumerate().map(|(place, name)| (name, place)).collect();
        let width = header.trim_end().split(',').count();
        let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(rows.as_bytes());
        let mut table = Self { columns, rows: Vec::new() };
        // Text in memory that is UTF-8 cannot fail to be read.
        for (number, record) in reader.into_records().map_while(Result::ok).enumerate() {
            if record.len() != width {
                return Err(OddRow { number, fields: record.len(), columns: width });
            }
            table.rows.push(record);
        }
        Ok(table)
    }

    pub fn has_column(&self, name: &str) -> bool {
        self.columns.contains_key(name)
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().enumerate().map(|(number, record)| Row { number, table: self, record })
    }
}

impl<'t> Row<'t> {
    /// A field that says something.
    pub fn text(&self, column: &str) -> Option<&'t str> {
        let place = self.table.columns.get(column)?;
        self.record.get(*place).map(str::trim).filter(|text| !text.is_empty())
    }

    /// A number that may be written as `443.0`, as libraries do with a column where some are missing.
    pub fn number(&self, column: &str) -> Option<f64> {
        self.text(column)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// A whole number from 0 that fits the type asked for.
    pub fn whole<N: TryFrom<u64>>(&self, column: &str) -> Option<N> {
        let number = self.number(column).filter(|number| number.fract() == 0.0 && (0.0..9e15).contains(number))?;
        N::try_from(number as u64).ok()
    }

    /// `1.0`, `1`, `true` and `t`, or their opposites.
    pub fn boolean(&self, column: &str) -> Option<bool> {
        match self.text(column)? {
            "1.0" | "1" | "true" | "True" | "t" => Some(true),
            "0.0" | "0" | "false" | "False" | "f" => Some(false),
            _ => None,
        }
    }

    /// Where a field stands: the row's number and the column, as if the rows were an array of objects.
    pub fn pointer(&self, column: &str) -> String {
        format!("/{}/{column}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_however_they_are_written() {
        let table = Table::read("a,b,c,d", "443.0,\"x,\ny\",,true\n-1,443.5,inf,0.0\n").unwrap();
        let rows: Vec<_> = table.rows().collect();
        assert_eq!((rows[0].whole::<u16>("a"), rows[0].text("b"), rows[0].text("c")), (Some(443), Some("x,\ny"), None));
        assert_eq!((rows[0].boolean("d"), rows[1].boolean("d"), rows[1].boolean("c")), (Some(true), Some(false), None));
        assert_eq!((rows[1].whole::<u16>("a"), rows[1].whole::<u16>("b"), rows[1].number("c")), (None, None, None));
        assert_eq!((rows[1].text("no such column"), rows[1].pointer("b")), (None, "/1/b".to_owned()));
    }

    #[test]
    fn a_row_of_another_width_is_told() {
        assert_eq!(Table::read("a,b", "1,2\n3\n").err(), Some(OddRow { number: 1, fields: 1, columns: 2 }));
    }
}
