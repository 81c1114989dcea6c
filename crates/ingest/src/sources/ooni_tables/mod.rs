//! OONI's observation tables as CSV: what OONI's pipeline made of raw measurements, one row for each way to an address.
//!
//! A record is the header of the table and the consecutive rows of one measurement ([`crate::framing`]). [`table`] reads it into rows
//! with named fields; [`operations`] takes each row apart into the operations that it holds: a lookup's answer, a connect, a handshake, a
//! request. Old tables repeat an answer in each row that used it: it becomes one observation.
//!
//! **What a table does not say.** It has no control, so nothing in it can be compared with one; of a certificate it has names but not the
//! bytes, so none is kept; most exports have no status codes and no bodies. `docs/sources.md` says what this means for a verdict.
//!
//! **Invariant:** a measurement is read whole or not at all: the row that is missing may be the one that worked.

mod operations;
mod source;
mod table;

pub use source::OoniTables;
