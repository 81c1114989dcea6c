//! OONI's raw measurements: one JSON object each, with what the probe saw in `test_keys`.
//!
//! A record goes through four stations: [`source`] parses it and opens API envelopes ([`envelope`]); [`metadata`] says who measured
//! what and when, and makes the [`context`] that every row needs; [`test_keys`] reads the arrays of operations ([`dns`], [`tcp`],
//! [`tls`], [`http`]) and what the test helper saw ([`controls`]); [`names`], [`endpoints`] and [`redirects`] find
//! out which name and address an operation was about and how many redirects lay before it. Rows leave
//! through one [`writer`], which numbers them and sets limits. What differs from nettest to nettest is in [`nettests`].
//!
//! **Where rows point.** A JSON pointer is one into the measurement itself: in an API envelope, into the document that
//! `raw_measurement` holds.
//!
//! **What is left out.** The volunteer's address, wherever it stands in a text that is kept; what the probe did to find its own
//! resolvers (`x_doh`, `x_do53`, `x_dns_whoami`), which is about no target; requests through Tor, which were made from elsewhere.

mod analysis;
mod context;
mod controls;
mod dns;
mod endpoints;
mod entries;
mod envelope;
mod events;
pub(super) mod failures;
pub(super) mod http;
mod metadata;
mod names;
pub(super) mod nettest;
mod nettests;
mod networks;
mod parts;
mod redirects;
mod session;
mod source;
mod step;
mod tcp;
mod test_keys;
#[cfg(test)]
pub(crate) mod testing;
mod tls;
pub(super) mod writer;

pub(super) use context::is_sound_uid;
pub use source::Ooni;
