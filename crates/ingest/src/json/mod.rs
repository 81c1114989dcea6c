//! JSON that strangers wrote: parsed whole, then read leniently, so that one odd field never costs a record.
//!
//! [`parse`] turns bytes into a flat *tape* of values (no recursion, so hostile depth is harmless) and mends what other parsers let
//! pass; [`Value`] walks the tape and answers "is there a text here?" instead of insisting on a type.

mod parse;
mod repair;
mod value;

pub use parse::{Document, Fault, parse};
pub use value::Value;
