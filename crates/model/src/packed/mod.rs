//! Rows as bytes: what rows are from the moment they are made until they stand in their order.
//!
//! A table has some sixty columns, and most rows know few of them. A row that is one piece of bytes is made, moved, kept in memory
//! and written to the disk and back for the price of what it knows, and sorted by comparing bytes. Columns are made of rows once, when
//! their order is known ([`Unpacker`]).
//!
//! A row begins with the columns of the table's sort key, then those that say where it was found, both written so that bytes compare
//! as values do (`ordered`). Then come a bit for each of the other columns, which says whether there is anything but null, nothing or
//! zero in it, and the values of those whose bit is set: whole numbers in LEB128, fractions and times in eight bytes, texts and lists
//! after their length.
//!
//! **Invariant:** equal rows are equal bytes, and no row begins with the key of another that is not its own.
//!
//! These bytes never outlive the process: nothing needs to read what another version wrote.

mod batch;
mod front_coded;
mod layout;
pub(crate) mod ordered;
mod peek;
mod rows;
mod unpack;
mod writer;

pub use batch::Packer;
pub use front_coded::FrontCoder;
pub use layout::Layout;
pub(crate) use layout::is_ordered;
pub use peek::Peek;
pub use rows::PackedRows;
pub use unpack::{Malformed, Unpacker};
pub use writer::RowWriter;

#[cfg(test)]
mod tests;
