//! The vocabulary of Parallax and the columns of every table.
//!
//! A newcomer meets the nouns in this order: a *measurement* is one raw record of one test run by one volunteer; an *observation* is
//! one thing that happened in it (one DNS answer, one TCP connect, one TLS handshake, one HTTP transaction); a *control* says what
//! the same target looks like from where the censor is not; a *verdict* says what the observations of one layer mean; a *judgement*
//! sums the verdicts on one target up.
//!
//! **Invariant:** no I/O, no async, no query engine. Everything here is a value.

pub mod column;
pub mod evidence;
pub mod figures;
pub mod mechanism;
pub mod packed;
pub mod refdata;
pub mod sha256;
pub mod table;
pub mod tables;
pub mod time;
pub mod visible;
pub mod vocabulary;

pub use column::Text;
pub use mechanism::Mechanism;
pub use table::{Partitioning, Table};
pub use time::Timestamp;
pub use vocabulary::{
    ControlKind, EventKind, EventState, Explanation, Instrument, Layer, Locus, Operation, RejectScope, State, TargetRole,
};
