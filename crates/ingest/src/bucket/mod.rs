//! OONI's public bucket: what its keys say, and how an S3 server lists them.
//!
//! It is here and not beside `parallax fetch`, because a listing is foreign bytes like a measurement is: here its reader is fuzzed without
//! the program and its query engine. Nothing in this module touches a network or a disk.
//!
//! Layout and access: <https://docs.ooni.org/data>. Listings: the S3 API's `ListObjectsV2`.

mod etag;
mod key;
mod listing;
mod xml;

pub use etag::ETag;
pub use key::{BadKey, FIRST_DAY, Key, Kind, prefix, recognise};
pub use listing::{MAX_OBJECTS, Object, Page, error_code, parse};
pub use xml::BadXml;
