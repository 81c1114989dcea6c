//! Reads a single column of packed rows.

use std::borrow::Cow;

use super::layout::{Column, Kind, Layout};
use super::ordered;
use super::rows::PackedRows;
use super::unpack::{Cursor, Malformed};

/// Where a column stands in the packed rows of its table.
pub struct Peek {
    layout: &'static Layout,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    Ordered(usize),
    Rest(usize),
}

impl Peek {
    /// `None` when the table has no such column.
    pub fn of(layout: &'static Layout, name: &str) -> Option<Self> {
        let is_named = |column: &Column| layout.table.columns[column.index].name == name;
        let ordered = layout.ordered.iter().position(is_named).map(Place::Ordered);
        let place = ordered.or_else(|| layout.rest.iter().position(is_named).map(Place::Rest))?;
        Some(Self { layout, place })
    }

    /// The bytes of a text; none where there is no text.
    pub fn text<'r>(&self, rows: &'r PackedRows, row: usize) -> Result<Cow<'r, [u8]>, Malformed> {
        let Some((column, mut from)) = self.find(rows, row)? else { return Ok(Cow::Borrowed(&[])) };
        match (column.kind, self.place) {
            (Kind::Text, Place::Rest(_)) => from.long().map(Cow::Borrowed),
            (Kind::Text, Place::Ordered(_)) => {
                let mut text = Vec::new();
                ordered::read_bytes(&mut from, |part| text.extend_from_slice(part))?;
                Ok(Cow::Owned(text))
            }
            _ => Err(Malformed),
        }
    }

    /// Microseconds since 1970; 0 where there is no time.
    pub fn time(&self, rows: &PackedRows, row: usize) -> Result<i64, Malformed> {
        let Some((column, mut from)) = self.find(rows, row)? else { return Ok(0) };
        match (column.kind, self.place) {
            (Kind::Time, Place::Rest(_)) => from.array().map(i64::from_le_bytes),
            (Kind::Time, Place::Ordered(_)) => ordered::read_time(&mut from),
            _ => Err(Malformed),
        }
    }

    /// Where the value begins, if there is one.
    fn find<'r>(&self, rows: &'r PackedRows, row: usize) -> Result<Option<(Column, Cursor<'r>)>, Malformed> {
        let mut from = Cursor::of(rows.row(row));
        let above = match self.place {
            Place::Ordered(above) => above,
            Place::Rest(_) => self.layout.ordered.len(),
        };
        // Where the key ends is known without reading it.
        let is_behind_key = above >= self.layout.keys;
        from.take(if is_behind_key { rows.key(row).len() } else { 0 })?;
        self.layout.ordered[if is_behind_key { self.layout.keys } else { 0 }..above]
            .iter()
            .try_for_each(|column| skip_ordered(*column, &mut from))?;
        let Place::Rest(place) = self.place else {
            let column = self.layout.ordered[above];
            let is_there = !column.nullable || from.array()? != [0];
            return Ok(is_there.then_some((column, from)));
        };
        let marks = from.take(self.layout.mark_bytes())?;
        let is_there = |place: usize| marks[place / 8] & (1 << (place % 8)) != 0;
        for (_, column) in self.layout.rest[..place].iter().enumerate().filter(|(place, _)| is_there(*place)) {
            skip(*column, &mut from)?;
        }
        Ok(is_there(place).then_some((self.layout.rest[place], from)))
    }
}

fn skip_ordered(column: Column, from: &mut Cursor<'_>) -> Result<(), Malformed> {
    if column.nullable && from.array()? == [0] {
        return Ok(());
    }
    match column.kind {
        Kind::Text | Kind::Binary => ordered::read_bytes(from, |_| {}),
        Kind::Flag => from.take(1).map(|_| ()),
        Kind::U16 => from.take(2).map(|_| ()),
        Kind::U32 => from.take(4).map(|_| ()),
        Kind::U64 | Kind::Time => from.take(8).map(|_| ()),
        Kind::F64 | Kind::Texts | Kind::Numbers => Err(Malformed),
    }
}

fn skip(column: Column, from: &mut Cursor<'_>) -> Result<(), Malformed> {
    match column.kind {
        Kind::Text | Kind::Binary => from.long().map(|_| ()),
        Kind::Flag if column.nullable => from.take(1).map(|_| ()),
        Kind::Flag => Ok(()),
        Kind::U16 | Kind::U32 | Kind::U64 => from.number().map(|_| ()),
        Kind::F64 | Kind::Time => from.take(8).map(|_| ()),
        Kind::Texts => (0..from.number()?).try_for_each(|_| from.long().map(|_| ())),
        Kind::Numbers => (0..from.number()?).try_for_each(|_| from.number().map(|_| ())),
    }
}
