//! Packing loses nothing, says the same of a row wherever it comes from, and keeps the order of keys.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Float64Array, ListBuilder, RecordBatch, StringArray, StringBuilder,
    TimestampMicrosecondArray, UInt16Array, UInt32Array, UInt64Array,
};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use arrow::row::{RowConverter, SortField};
use proptest::prelude::*;

use super::layout::{Column, Kind};
use super::{FrontCoder, Malformed, PackedRows, Packer, Peek, Unpacker};
use crate::column::UTC;
use crate::table::Row;
use crate::tables::{
    self, Certificate, CertificateRows, Control, ControlRows, Event, EventRows, Judgement, JudgementRows, Measurement, MeasurementRows,
    Observation, ObservationRows, ProvenAddress, ProvenAddressRows, Reachability, ReachabilityRows, Reject, RejectRows, SharedAnswer,
    SharedAnswerRows, Verdict, VerdictRows,
};
use crate::{Table, Timestamp};

/// Texts whose order is easily got wrong.
const TEXTS: &[&str] =
    &["", "\0", "\0\0", "\0\u{1}", "a", "a\0", "a\0b", "a\u{1}", "ab", "\u{7f}", "ä", "\u{10ffff}", "a text that is longer"];
const NUMBERS: &[u64] = &[0, 1, 127, 128, 255, 256, 65_535, 1 << 32, u64::MAX - 1, u64::MAX];

/// A small generator with a seed: the same numbers everywhere (SplitMix64; Steele, Lea, Flood 2014).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[(self.next() % items.len() as u64) as usize]
    }

    /// Values of a column, some of them null where that may be.
    fn values<T>(&mut self, rows: usize, nullable: bool, value: impl Fn(&mut Self) -> T) -> Vec<Option<T>> {
        (0..rows).map(|_| if nullable && self.next().is_multiple_of(3) { None } else { Some(value(self)) }).collect()
    }

    fn column(&mut self, column: &Column, rows: usize) -> ArrayRef {
        let null = column.nullable;
        let number = |numbers: &mut Self| numbers.one_of(NUMBERS);
        match column.kind {
            Kind::Text => Arc::new(StringArray::from(self.values(rows, null, |numbers| numbers.one_of(TEXTS)))),
            Kind::Binary => Arc::new(BinaryArray::from(self.values(rows, null, |numbers| numbers.one_of(TEXTS).as_bytes()))),
            Kind::Flag => Arc::new(BooleanArray::from(self.values(rows, null, |numbers| numbers.next().is_multiple_of(2)))),
            Kind::U16 => Arc::new(UInt16Array::from(self.values(rows, null, |numbers| number(numbers) as u16))),
            Kind::U32 => Arc::new(UInt32Array::from(self.values(rows, null, |numbers| number(numbers) as u32))),
            Kind::U64 => Arc::new(UInt64Array::from(self.values(rows, null, number))),
            Kind::F64 => Arc::new(Float64Array::from(self.values(rows, null, |numbers| numbers.one_of(&[0.0, -0.0, 1.5, f64::MIN])))),
            Kind::Time => {
                let times = self.values(rows, null, |numbers| number(numbers) as i64 >> (number(numbers) % 8));
                Arc::new(TimestampMicrosecondArray::from(times).with_timezone(UTC))
            }
            Kind::Texts => {
                let mut lists = ListBuilder::new(StringBuilder::new());
                for _ in 0..rows {
                    (0..self.next() % 3).for_each(|_| lists.values().append_value(self.one_of(TEXTS)));
                    lists.append(true);
                }
                Arc::new(lists.finish())
            }
            Kind::Numbers => {
                let mut lists = ListBuilder::new(arrow::array::UInt32Builder::new());
                for _ in 0..rows {
                    (0..self.next() % 3).for_each(|_| lists.values().append_value(number(self) as u32));
                    lists.append(true);
                }
                Arc::new(lists.finish())
            }
        }
    }

    fn batch(&mut self, table: &'static Table, rows: usize) -> RecordBatch {
        let mut columns: Vec<&Column> = table.layout().ordered.iter().chain(&table.layout().rest).collect();
        columns.sort_by_key(|column| column.index);
        let arrays = columns.iter().map(|column| self.column(column, rows)).collect();
        RecordBatch::try_new(table.schema(), arrays).unwrap()
    }
}

fn packed(table: &'static Table, batch: &RecordBatch) -> PackedRows {
    let packer = Packer::of(table.layout(), batch);
    let mut rows = PackedRows::of(table);
    (0..batch.num_rows()).for_each(|row| packer.pack(row, &mut rows));
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_packed_comes_back(seed in any::<u64>(), rows in 0usize..40) {
        for table in tables::ALL {
            let batch = Numbers(seed).batch(table, rows);
            prop_assert_eq!(packed(table, &batch).to_batch(), batch, "{}", table.name);
        }
    }

    #[test]
    fn keys_compare_as_their_columns_do(seed in any::<u64>()) {
        for table in tables::ALL {
            let batch = Numbers(seed).batch(table, 40);
            let order = |columns: &[Column]| {
                let columns: Vec<ArrayRef> = columns.iter().map(|column| batch.column(column.index).clone()).collect();
                let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
                RowConverter::new(fields).unwrap().convert_columns(&columns).unwrap()
            };
            let ordered = &table.layout().ordered;
            let (expected, with_place) = (order(&ordered[..table.sort_key.len()]), order(ordered));
            let rows = packed(table, &batch);
            for one in 0..40 {
                for other in 0..one {
                    let found = rows.key(one).cmp(rows.key(other));
                    prop_assert_eq!(found, expected.row(one).cmp(&expected.row(other)), "{}: {} and {}", table.name, one, other);
                    let by_place = with_place.row(one).cmp(&with_place.row(other));
                    prop_assert!(by_place.is_eq() || rows.row(one).cmp(rows.row(other)) == by_place, "{}: {one} and {other}", table.name);
                }
            }
        }
    }

    #[test]
    fn rows_come_back_from_what_they_do_not_share(seed in any::<u64>(), rows in 0usize..40, cut in any::<usize>()) {
        for table in tables::ALL {
            let rows = packed(table, &Numbers(seed).batch(table, rows));
            let mut coder = FrontCoder::default();
            (0..rows.len()).for_each(|row| coder.push(rows.row(row), rows.key(row).len()));
            let decode = |encoded| PackedRows::decode(table, coder.rows(), coder.bytes(), encoded);
            let again = decode(coder.encoded()).unwrap();
            prop_assert!((0..rows.len()).all(|row| (rows.row(row), rows.key(row)) == (again.row(row), again.key(row))));
            if !rows.is_empty() {
                prop_assert!(decode(&coder.encoded()[..cut % coder.encoded().len()]).is_err());
            }
        }
    }

    #[test]
    fn single_columns_are_found(seed in any::<u64>()) {
        for table in tables::ALL {
            let batch = Numbers(seed).batch(table, 5);
            let rows = packed(table, &batch);
            for (info, array) in table.columns.iter().zip(batch.columns()) {
                let peek = Peek::of(table.layout(), info.name).unwrap();
                for row in 0..5 {
                    let is_known = array.is_valid(row);
                    match array.data_type() {
                        DataType::Utf8 => {
                            let expected = if is_known { array.as_string::<i32>().value(row) } else { "" };
                            prop_assert_eq!(&*peek.text(&rows, row).unwrap(), expected.as_bytes());
                        }
                        DataType::Timestamp(..) => {
                            let expected = if is_known { array.as_primitive::<TimestampMicrosecondType>().value(row) } else { 0 };
                            prop_assert_eq!(peek.time(&rows, row), Ok(expected));
                        }
                        _ => prop_assert_eq!(peek.text(&rows, row).map(|text| text.is_empty()).unwrap_or(true), true),
                    }
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(seed in any::<u64>(), cut in any::<usize>(), changed in any::<usize>(), to in any::<u8>()) {
        for table in tables::ALL {
            let rows = packed(table, &Numbers(seed).batch(table, 1));
            let whole = rows.row(0);
            let mut unpacker = Unpacker::of(table.layout());
            prop_assert_eq!(unpacker.push(&whole[..cut % whole.len()]), Err(Malformed));
            let mut damaged = whole.to_vec();
            damaged[changed % whole.len()] = to;
            let mut unpacker = Unpacker::of(table.layout());
            // A text that is none any more is found out when the column is made.
            let _ = unpacker.push(&damaged).map(|()| unpacker.finish());
        }
    }
}

#[test]
fn a_row_has_the_same_bytes_from_its_fields_and_from_its_columns() {
    let mut observations = ObservationRows::default();
    let observation = Observation {
        measurement_uid: "m\0".into(),
        measurement_start_time: Timestamp::from_microseconds(-5),
        ordinal: 3,
        probe_asn: Some(0),
        target: Some("".into()),
        tags: vec!["classic".into(), "".into()],
        fetch_body: Some(false),
        dns_is_late: true,
        t: Some(0.5),
        tls_handshake_read_bytes: Some(1 << 40),
        ..Observation::default()
    };
    observations.push(&Observation::default());
    observations.push(&observation);
    let rows = observations.take();
    assert!(observations.is_empty());
    let batch = rows.to_batch();
    assert_eq!(Observation::all(&batch).collect::<Vec<_>>(), [Observation::default(), observation]);
    let again = packed(Observation::TABLE_INFO, &batch);
    assert!((0..2).all(|row| (rows.row(row), rows.key(row)) == (again.row(row), again.key(row))));
}

/// Reads rows of chance, packs them from their fields, and again from the columns that those make.
macro_rules! same_bytes {
    ($($row:ident, $rows:ident;)+) => {
        $({
            let batch = Numbers(5).batch($row::TABLE_INFO, 50);
            let mut rows = $rows::default();
            $row::all(&batch).for_each(|row| rows.push(&row));
            let rows = rows.take();
            let again = packed($row::TABLE_INFO, &rows.to_batch());
            assert!((0..50).all(|row| (rows.row(row), rows.key(row)) == (again.row(row), again.key(row))), "{}", stringify!($row));
        })+
        assert_eq!([$(stringify!($row)),+].len(), tables::ALL.len());
    };
}

#[test]
fn rows_of_every_table_have_the_same_bytes_from_fields_and_from_columns() {
    same_bytes! {
        Measurement, MeasurementRows;
        Observation, ObservationRows;
        Control, ControlRows;
        Certificate, CertificateRows;
        Reject, RejectRows;
        ProvenAddress, ProvenAddressRows;
        Reachability, ReachabilityRows;
        SharedAnswer, SharedAnswerRows;
        Verdict, VerdictRows;
        Judgement, JudgementRows;
        Event, EventRows;
    }
}

#[test]
fn every_sort_key_has_an_order() {
    for table in tables::ALL {
        assert!(table.layout().ordered.iter().all(|column| column.kind.can_be_ordered()), "{}", table.name);
    }
}

#[test]
fn what_a_row_does_not_know_costs_a_bit() {
    let mut rows = ObservationRows::default();
    rows.push(&Observation::default());
    let rows = rows.take();
    let rest = rows.bytes() - rows.key(0).len();
    assert!(rest < 40, "{rest} bytes");
}
