//! The one way out for rows: it numbers them, sets limits, and says where a reject lies.
//!
//! **Invariant:** a record makes at most [`MAX_ROWS`] observations, as many controls, and [`MAX_PART_REJECTS`] rejects of parts, and
//! says so when it would make more.

use std::borrow::Cow;

use parallax_model::RejectScope;
use parallax_model::tables::{Certificate, Control, Measurement, Observation, Reject};

use super::context::scrub;
use crate::certificates::Described;
use crate::fingerprints::FingerprintMatcher;
use crate::source::Rows;
use crate::text::{clip, visible};

/// Where a record lies, and what it is searched for.
#[derive(Clone, Copy)]
pub struct Place<'r> {
    pub raw_digest: &'r str,
    pub source_file: &'r str,
    pub source_digest: &'r str,
    pub line: u64,
    pub offset: u64,
    pub length: u64,
    pub fingerprints: &'r FingerprintMatcher,
}

/// Observations of one record. The largest real ones, with hundreds of addresses each tried several ways, have some thousands.
pub const MAX_ROWS: u32 = 20_000;
/// Rejects of parts of one record: enough to see what is wrong with it.
const MAX_PART_REJECTS: u32 = 100;
const MAX_MESSAGE_BYTES: usize = 512;
const MAX_POINTER_BYTES: usize = 512;

pub struct Writer<'r> {
    rows: &'r mut Rows,
    place: Place<'r>,
    observations: u32,
    controls: u32,
    part_rejects: u32,
    /// Which part of the record is being written: connections are numbered anew in each.
    part: u64,
    /// Queries of the parts written so far.
    queries: u32,
    /// An address that no reject may quote.
    hidden: Option<String>,
}

impl<'r> Writer<'r> {
    pub fn new(rows: &'r mut Rows, place: Place<'r>) -> Self {
        Self { rows, place, observations: 0, controls: 0, part_rejects: 0, part: 0, queries: 0, hidden: None }
    }

    pub fn place(&self) -> &Place<'r> {
        &self.place
    }

    /// From here on no reject quotes this address.
    pub fn hide(&mut self, address: Option<&str>) {
        self.hidden = address.map(str::to_owned);
    }

    /// From here on numbers of connections mean others than before.
    pub fn begin_part(&mut self) {
        self.part += 1;
    }

    /// The number of the first of so many queries, so that no two of a record share theirs.
    pub fn number_queries(&mut self, count: usize) -> u32 {
        let first = self.queries;
        self.queries = first.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        first
    }

    pub fn measurement(&mut self, row: &Measurement<'_>) {
        self.rows.measurements.push(row);
    }

    pub fn certificate(&mut self, row: &Certificate<'_>) {
        self.rows.certificates.push(row);
    }

    /// Which certificates another record has brought already.
    pub fn described(&mut self) -> &mut Described {
        &mut self.rows.described
    }

    /// Adds an observation under the next number.
    pub fn observation(&mut self, row: &mut Observation<'_>) {
        if self.observations < MAX_ROWS {
            row.ordinal = self.observations;
            row.transaction_id = row.transaction_id.map(|id| self.in_part(id));
            self.rows.observations.push(row);
        } else if self.observations == MAX_ROWS {
            self.part(&row.json_pointer, "too_many_observations", format!("from here on left out: more than {MAX_ROWS} observations"), "");
        }
        self.observations = self.observations.saturating_add(1);
    }

    /// A number that no other part of the record uses. Probes count connections from 1, far below the limit.
    fn in_part(&self, id: u64) -> u64 {
        if self.part == 0 { id } else { (self.part << 32) | (id & u64::from(u32::MAX)) }
    }

    /// Adds a control under the next number.
    pub fn control(&mut self, row: &mut Control<'_>) {
        if self.controls < MAX_ROWS {
            row.ordinal = self.controls;
            self.rows.controls.push(row);
        } else if self.controls == MAX_ROWS {
            self.part(&row.json_pointer, "too_many_controls", format!("from here on left out: more than {MAX_ROWS} controls"), "");
        }
        self.controls = self.controls.saturating_add(1);
    }

    /// Says that a part of the record could not be read.
    pub fn part(&mut self, json_pointer: &str, reason: &str, message: impl Into<String>, excerpt: &str) {
        self.part_rejects = self.part_rejects.saturating_add(1);
        if self.part_rejects < MAX_PART_REJECTS {
            self.reject(RejectScope::Part, json_pointer, reason, message.into(), excerpt);
        } else if self.part_rejects == MAX_PART_REJECTS {
            let message = "further parts that could not be read are not listed".to_owned();
            self.reject(RejectScope::Part, json_pointer, "too_many_unreadable_parts", message, "");
        }
    }

    pub fn reject(&mut self, scope: RejectScope, json_pointer: &str, reason: &str, message: String, excerpt: &str) {
        let excerpt = visible(&scrub(Cow::Borrowed(excerpt), self.hidden.as_deref()));
        self.rows.rejects.push(&Reject {
            source_file: Cow::Borrowed(self.place.source_file),
            source_digest: Cow::Borrowed(self.place.source_digest),
            source_line: self.place.line,
            source_offset: self.place.offset,
            scope,
            json_pointer: Cow::Borrowed(clip(json_pointer, MAX_POINTER_BYTES)),
            reason: Cow::Borrowed(reason),
            message: Cow::Borrowed(clip(&message, MAX_MESSAGE_BYTES)),
            excerpt: Cow::Borrowed(&excerpt),
        });
    }
}
