//! Censored Planet's scans: Hyperquack (v1 and v2) and Satellite (v1, v2.0 and v2.2), one JSON object a measurement.
//!
//! One machine asks thousands of servers and resolvers in other people's networks for names, and looks at whether they answer as they
//! should. The *vantage* is the remote server or resolver (its address is `dns_engine_resolver_address` or `ip`, its country `probe_cc`);
//! the machine, with what else it asked, is the *control* ([`parallax_model::ControlKind::Scanner`]). `docs/sources.md` says what this
//! does to the meaning of a verdict.
//!
//! [`shape`] tells the formats and their side files apart; [`hyperquack`] and [`satellite`] make rows; [`failures`] brings the words of
//! the scanner's language to OONI's. The network of a vantage stands in no record: `probe_asn` stays unknown.
//!
//! **Invariant:** controls are written only where the record says that they worked.

mod failures;
mod hyperquack;
mod raw_http;
mod satellite;
mod shape;
mod source;
mod trial;

pub use source::CensoredPlanet;
