//! Why something in a stream is no record.

use std::io::Read;

use parallax_model::RejectScope;

use super::framer::{Found, Framer, MAX_RECORD_BYTES, Mode};
use super::table::MAX_ROWS_OF_RECORD;
use crate::text::visible_excerpt;
use Trouble::{DamagedStream, Foreign, Lost, NoUid, NotARecord, TooLong, TooManyRows, Truncated, Unbalanced, UnclosedQuote, Yaml};

/// Something that cannot be read as a record.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameReject {
    pub line: u64,
    pub offset: u64,
    pub scope: RejectScope,
    pub reason: &'static str,
    pub message: String,
    pub excerpt: String,
}

impl FrameReject {
    /// For a stream that cannot even be opened.
    pub fn unopened(damage: &str) -> Self {
        let (scope, reason, message) = DamagedStream(damage).told();
        Self { line: 1, offset: 0, scope, reason, message, excerpt: String::new() }
    }
}

/// Why something is rejected.
pub enum Trouble<'a> {
    TooLong(u64),
    NotARecord,
    Unbalanced,
    Truncated,
    Lost(u64),
    DamagedStream(&'a str),
    Foreign,
    Yaml,
    TooManyRows(usize),
    NoUid,
    UnclosedQuote,
}

impl Trouble<'_> {
    /// How much is concerned, the stable name of the reason, and the reason in a sentence.
    fn told(self) -> (RejectScope, &'static str, String) {
        match self {
            TooLong(length) => {
                let message = format!("the record has {length} bytes; records of more than {MAX_RECORD_BYTES} are not read");
                (RejectScope::Record, "too_long", message)
            }
            NotARecord => (RejectScope::Record, "not_a_record", "something that is no JSON object stands where a record should".into()),
            Unbalanced => (RejectScope::Record, "unbalanced", "brackets or quotes of the record do not balance".into()),
            Truncated => (RejectScope::Record, "truncated", "the file ends in the middle of the record".into()),
            Lost(length) => {
                let message = format!(
                    "brackets or quotes of the record do not balance, and no other record could be found in the {length} bytes from here to the end"
                );
                (RejectScope::File, "unbalanced", message)
            }
            DamagedStream(damage) => (RejectScope::File, "damaged_stream", format!("the stream {damage}; the records before it were read")),
            Yaml => {
                let message = "a YAML report, as OONI wrote them until 2016: what was measured and by whom stand in different documents of it, so that no record can be read alone; take the same report as JSON, which OONI publishes too".into();
                (RejectScope::File, "yaml_report", message)
            }
            TooManyRows(rows) => {
                let message = format!("the measurement has {rows} rows; measurements of more than {MAX_ROWS_OF_RECORD} are not read");
                (RejectScope::Record, "too_many_rows", message)
            }
            NoUid => {
                let message = "the row has no measurement_uid, so nobody knows which measurement it belongs to".into();
                (RejectScope::Record, "no_measurement_uid", message)
            }
            UnclosedQuote => (
                RejectScope::Record,
                "unbalanced",
                "a quote of the row is never closed; the measurement is left out up to the end of that line".into(),
            ),
            Foreign => {
                let message = "no line begins like a JSON object: this is no file of measurements".into();
                (RejectScope::File, "not_measurements", message)
            }
        }
    }
}

impl<R: Read> Framer<R> {
    pub(super) fn reject(&self, offset: u64, trouble: Trouble<'_>, excerpt: String) -> FrameReject {
        let (scope, reason, message) = trouble.told();
        FrameReject { line: self.line, offset, scope, reason, message, excerpt }
    }

    pub(super) fn rest_is_damaged(&mut self, damage: &str) -> Found {
        self.line += 1;
        let reject = self.reject(self.window.offset(), DamagedStream(damage), visible_excerpt(self.window.held()));
        self.window.release(self.window.held().len());
        Found::Reject(reject)
    }

    pub(super) fn foreign(&mut self) -> Option<Found> {
        self.mode = Mode::Finished;
        if let Some(damage) = self.window.take_damage() {
            return Some(self.rest_is_damaged(&damage));
        }
        self.line = 1;
        let trouble = if self.window.held().trim_ascii_start().starts_with(b"---") { Yaml } else { Foreign };
        Some(Found::Reject(self.reject(self.window.offset(), trouble, visible_excerpt(self.window.held()))))
    }
}
