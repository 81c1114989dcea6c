//! Rows in, conclusions out: verdicts, and later cells, events and findings.
//!
//! **Invariant:** pure. No I/O, no clock, no database; the same rows give the same findings.

pub mod evaluation;
pub mod interference;
