//! Values as bytes that compare as the values do, and can be read again without knowing where they end.
//!
//! Null comes before everything. A text ends with `00 01`, and a zero byte in it is `00 FF`, so that a text comes before all that it is
//! the beginning of.

use memchr::memchr;

use super::unpack::{Cursor, Malformed};
use crate::column::Column;

const ZERO: u8 = 0x00;
const END: [u8; 2] = [ZERO, 0x01];
const ESCAPED_ZERO: [u8; 2] = [ZERO, 0xff];

/// Whether a value that may be null follows.
pub fn known(is_known: bool, to: &mut Vec<u8>) {
    to.push(is_known.into());
}

/// A value that may be null.
pub fn perhaps<'a, C: Column<'a>>(value: Option<&C>, to: &mut Vec<u8>) {
    known(value.is_some(), to);
    if let Some(value) = value {
        value.pack_in_order(to);
    }
}

pub fn bytes(mut value: &[u8], to: &mut Vec<u8>) {
    while let Some(zero) = memchr(ZERO, value) {
        to.extend_from_slice(&value[..zero]);
        to.extend_from_slice(&ESCAPED_ZERO);
        value = &value[zero + 1..];
    }
    to.extend_from_slice(value);
    to.extend_from_slice(&END);
}

/// A time, which may lie before 1970.
pub fn time(microseconds: i64, to: &mut Vec<u8>) {
    to.extend_from_slice(&((microseconds as u64) ^ (1 << 63)).to_be_bytes());
}

/// Reads what [`bytes`] wrote.
pub(super) fn read_bytes(from: &mut Cursor<'_>, mut take: impl FnMut(&[u8])) -> Result<(), Malformed> {
    loop {
        let zero = memchr(ZERO, from.rest()).ok_or(Malformed)?;
        take(from.take(zero)?);
        match from.array()? {
            END => return Ok(()),
            ESCAPED_ZERO => take(&[ZERO]),
            _ => return Err(Malformed),
        }
    }
}

pub(super) fn read_time(from: &mut Cursor<'_>) -> Result<i64, Malformed> {
    Ok((u64::from_be_bytes(from.array()?) ^ (1 << 63)) as i64)
}
