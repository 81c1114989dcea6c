//! OONI's JSON, as probes write it: the fields, their order, and what stands where there is nothing (`null`, nothing at all, `[]`).
//!
//! `frame` is what stands around `test_keys`; `place` says where and when in a measurement a record belongs; the others are the records that
//! many nettests have in common, by operation.

mod connections;
mod dns;
mod frame;
mod http;
mod place;

pub(crate) use connections::{NetworkEvent, TcpConnect, TcpStatus, TlsHandshake, endpoint};
pub(crate) use dns::{Answer, Query};
pub(crate) use frame::{Annotations, Backend, Extensions, Measurement, TestHelpers};
pub(crate) use http::{ACCEPT, ACCEPT_LANGUAGE, Asked, Request, USER_AGENT};
pub(crate) use place::{Place, Tags, tick};

/// Always `null`.
pub(crate) type Null = Option<()>;
