//! Foreign bytes in, rows of the archive out.

mod address;
mod base64_text;
pub mod bucket;
mod certificates;
mod dns_wire;
mod error;
pub mod fingerprints;
mod framing;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod hostname;
mod html;
pub mod input;
mod json;
pub mod pipeline;
mod queue;
pub mod refdata;
mod sha256;
pub mod source;
pub mod sources;
mod text;
mod text_search;

pub use error::Error;
