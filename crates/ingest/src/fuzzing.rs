//! The readers inside this crate, for the fuzz targets in `fuzz/` and for nobody else: no promise is made about them.

pub use crate::certificates::{MAX_CERTIFICATE_BYTES, describe as describe_certificate};
pub use crate::dns_wire::{WireAnswer, answers as dns_answers};
pub use crate::framing::{Frame, FrameReject, Framer, Record, is_table_header};
