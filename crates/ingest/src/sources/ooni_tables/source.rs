//! The reader itself: the rows of one measurement in, rows of the archive out.

use std::borrow::Cow;

use memchr::memchr;
use parallax_model::tables::Measurement;
use parallax_model::{RejectScope, Text, Timestamp};

use super::operations;
use super::table::{OddRow, Row, Table};
use crate::address::{canonical_ip, is_public_text};
use crate::framing::is_table_header;
use crate::source::{Info, RawRecord, Rows, Source};
use crate::sources::ooni::is_sound_uid;
use crate::sources::ooni::writer::{Place, Writer};
use crate::sources::origin::{Origin, country};
use crate::text::{clip, visible_excerpt};

/// OONI's observation tables.
pub struct OoniTables;

const NAME: &str = "ooni_tables";

static INFO: Info = Info {
    name: NAME,
    title: "OONI observation tables",
    specification: "https://github.com/ooni/data/blob/main/docs/Tables.md",
    doc: "CSV with a header, one row for each way to an address, as OONI's data pipeline exports its observations. Consecutive rows of \
          one measurement_uid are one measurement. Lookups, connects, handshakes and requests are read; controls and certificates are \
          not in such tables.",
};

/// Without these columns nobody knows who measured what, where and when.
const REQUIRED: &[&str] = &["measurement_uid", "test_name", "measurement_start_time", "probe_cc", "probe_asn"];
/// What must be the same in all rows of a measurement.
const SHARED: &[&str] = &["test_name", "measurement_start_time", "probe_cc", "probe_asn", "report_id", "input"];
const MAX_NAME_BYTES: usize = 256;
const MAX_TEST_NAME_BYTES: usize = 128;
const MAX_INPUT_BYTES: usize = 4096;

impl Source for OoniTables {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn recognises(&self, record: &[u8]) -> bool {
        record.first().is_some_and(u8::is_ascii_lowercase) && memchr(b'\n', record).is_some_and(|end| is_table_header(&record[..end]))
    }

    fn read(&self, record: RawRecord<'_>, rows: &mut Rows) {
        let RawRecord { bytes, raw_digest, source_file, source_digest, line, offset, fingerprints } = record;
        let text = String::from_utf8_lossy(bytes);
        let (header, table) = text.split_once('\n').unwrap_or((&text, ""));
        let rows_begin = memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1);
        let length = (bytes.len() - rows_begin) as u64;
        let mut writer = Writer::new(rows, Place { raw_digest, source_file, source_digest, line, offset, length, fingerprints });
        if let Err(Refusal { reason, message }) = read_rows(header, table, &mut writer) {
            writer.reject(RejectScope::Record, "", reason, message, &visible_excerpt(&bytes[rows_begin..]));
        }
    }
}

/// Why the rows are no measurement.
struct Refusal {
    reason: &'static str,
    message: String,
}

fn refuse<T>(reason: &'static str, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { reason, message: message.into() })
}

fn read_rows(header: &str, rows: &str, writer: &mut Writer<'_>) -> Result<(), Refusal> {
    let table = match Table::read(header, rows) {
        Ok(table) => table,
        Err(OddRow { number, fields, columns }) => {
            let message = format!("row {} has {fields} fields where the header has {columns}: the measurement is incomplete", number + 1);
            return refuse("damaged_row", message);
        }
    };
    if let Some(missing) = REQUIRED.iter().find(|name| !table.has_column(name)) {
        return refuse("missing_column", format!("the table has no column {missing}, so it is no table of OONI's observations"));
    }
    let Some(first) = table.rows().next() else { return refuse("empty", "a header without a row") };
    for row in table.rows() {
        if let Some(column) = SHARED.iter().find(|column| row.text(column) != first.text(column)) {
            return refuse("rows_disagree", format!("rows of one measurement_uid differ in {column}: they are not of one measurement"));
        }
    }
    let origin = origin(first, writer.place().raw_digest)?;
    writer.measurement(&measurement(first, &origin, writer));
    operations::write(&table, &origin, writer);
    Ok(())
}

fn origin<'r>(first: Row<'r>, raw_digest: &'r str) -> Result<Origin<'r>, Refusal> {
    let Some(uid) = first.text("measurement_uid").filter(|uid| is_sound_uid(uid)) else {
        return refuse(
            "unusable_uid",
            "a measurement_uid has up to 128 letters, digits, dots, dashes and underscores, and this has others",
        );
    };
    let Some(test_name) = first.text("test_name") else { return refuse("no_test_name", "the row does not say which test it is of") };
    let start: Option<Timestamp> = first.text("measurement_start_time").filter(|text| text.len() <= 64).and_then(|text| text.parse().ok());
    let Some(start) = start else {
        return refuse("no_start_time", "measurement_start_time is no date and time between 1970 and 2200");
    };
    Ok(Origin {
        measurement_uid: uid,
        raw_digest,
        start,
        probe_cc: country(first.text("probe_cc").unwrap_or_default()),
        probe_asn: first.whole("probe_asn").filter(|asn| *asn != 0),
        test_name: clip(test_name, MAX_TEST_NAME_BYTES),
    })
}

fn measurement<'r>(first: Row<'r>, origin: &'r Origin<'r>, writer: &Writer<'r>) -> Measurement<'r> {
    let name = |column| name_of(first, column);
    Measurement {
        test_version: name("test_version"),
        software_name: name("software_name"),
        software_version: name("software_version"),
        platform: name("platform"),
        input: first.text("input").map(|text| Cow::Borrowed(clip(text, MAX_INPUT_BYTES))),
        report_id: name("report_id"),
        test_runtime: first.number("test_runtime"),
        probe_as_org_name: name("probe_as_org_name"),
        network_type: name("network_type"),
        resolver_asn: first.whole("resolver_asn").filter(|asn| *asn != 0),
        resolver_as_org_name: name("resolver_as_org_name"),
        resolver_ip: first.text("resolver_ip").filter(|ip| is_public_text(ip)).and_then(canonical_ip),
        probe_analysis: name("probe_analysis"),
        ..origin.measurement(NAME, writer.place())
    }
}

fn name_of<'r>(row: Row<'r>, column: &str) -> Option<Text<'r>> {
    row.text(column).map(|text| Cow::Borrowed(clip(text, MAX_NAME_BYTES)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sources::ooni::testing::{Read, read_with};

    const SAMPLE: &str = include_str!("../../../tests/samples/ooni_tables.csv");

    fn read(table: &str) -> Read {
        read_with(&OoniTables, table)
    }

    /// The header of the sample, and its measurements.
    fn records() -> Vec<String> {
        let (header, rows) = SAMPLE.split_once('\n').unwrap();
        let mut records: Vec<String> = Vec::new();
        for row in rows.lines() {
            let uid = |row: &str| row.split(',').nth(4).map(str::to_owned);
            match records.last_mut() {
                Some(record) if uid(record.lines().last().unwrap()) == uid(row) => *record += &format!("\n{row}"),
                _ => records.push(format!("{header}\n{row}")),
            }
        }
        records
    }

    #[test]
    fn telegram_rows_become_the_operations_that_they_hold() {
        insta::assert_snapshot!(read(&records()[0]).show());
    }

    #[test]
    fn a_website_is_its_own_target() {
        insta::assert_snapshot!(read(&records()[1]).show());
    }

    #[test]
    fn the_length_is_that_of_the_rows() {
        let record = &records()[0];
        let rows = record.split_once('\n').unwrap().1;
        assert_eq!(read(record).measured("source_length"), rows.len().to_string());
    }

    #[test]
    fn what_is_no_measurement_is_rejected_with_its_reason() {
        let with = |before: &str, after: &str| records()[1].replace(before, after);
        let start = "2024-02-12 20:33:47+00:00";
        for (record, reason) in [
            (with(start, "yesterday"), "no_start_time"),
            (with(start, ""), "no_start_time"),
            (with("20240212203350", "../20240212203350"), "unusable_uid"),
            (with("web_connectivity,", ","), "no_test_name"),
            (with("probe_cc", "country"), "missing_column"),
            (format!("{}\nx,y", records()[1]), "damaged_row"),
            (format!("{}\n{}", records()[1], records()[0].lines().nth(1).unwrap()), "rows_disagree"),
            (records()[1].lines().next().unwrap().to_owned() + "\n", "empty"),
        ] {
            let read = read(&record);
            assert_eq!((read.measurements.num_rows(), read.reasons()), (0, vec![reason.to_owned()]), "{record}");
        }
    }

    #[test]
    fn a_country_and_a_network_are_known_or_not_known() {
        let read = read(&records()[1].replace(",XA,64501,", ",xa,0,"));
        assert_eq!((read.measured("probe_cc"), read.measured("probe_asn")), ("ZZ".to_owned(), "-".to_owned()));
    }

    proptest! {
        #[test]
        fn a_damaged_record_is_read_or_rejected(
            which in 0_usize..2, damage in prop::collection::vec((0_usize..6000, prop::sample::select(b",\"\n\r\xff0x".to_vec())), 0..6), cut in 0_usize..9000,
        ) {
            let mut bytes = records()[which].clone().into_bytes();
            for (position, byte) in damage {
                if let Some(place) = bytes.get_mut(position) { *place = byte; }
            }
            bytes.truncate(cut.max(1200));
            let read = read_with(&OoniTables, &bytes);
            let refused = read.column(&read.rejects, "scope").iter().filter(|scope| *scope == "record").count();
            prop_assert_eq!(read.measurements.num_rows() + refused, 1);
            prop_assert!(refused == 0 || read.observations.num_rows() == 0);
        }
    }
}
