//! SQL over the archive, and the detectors that run on it. The only crate that names DataFusion.
//!
//! A newcomer meets the parts in this order: [`Engine`] opens one state of an archive and answers SQL; [`catalog`] says which names a
//! query may use: the archive's tables ([`table`]) and the [`views`] over them; [`read_only`] turns away every statement that does more
//! than read; [`QueryResult`] hands the rows out batch by batch, within [`Limits`]; [`mod@write`] turns them into JSON, CSV or Parquet.
//!
//! **Invariant:** every public function is synchronous. Async bodies stay inside this crate, so that an edit elsewhere never compiles
//! DataFusion again.

mod catalog;
mod config;
pub mod documentation;
mod engine;
mod error;
pub mod events;
pub mod explain;
pub mod judge;
mod limits;
mod literal;
mod pruning;
mod query_result;
mod read_only;
mod runtime;
mod table;
#[cfg(test)]
mod testing;
pub mod views;
pub mod write;

pub use engine::{Engine, Options};
pub use error::Error;
pub use limits::Limits;
pub use literal::literal;
pub use query_result::QueryResult;
