//! The path: what happens to one DNS query, TCP connect, TLS handshake or HTTP transaction between a probe and the world.
//!
//! A [`Path`] is one probe's way into the world during one measurement. Every nettest is written in terms of its four verbs, which is why
//! no nettest knows about any mechanism and no mechanism about any nettest. Whoever acts on the way (a censor, a trouble) leaves a
//! [`Touch`], from which the truth is made.
//!
//! **Invariant:** the outcome depends on the world, the moment and the measurement's own random stream, and on nothing else.
//!
//! In the order of a measurement: `way` is the path itself, `luck` what innocently goes wrong on it this time; `dns`, `tcp`, `tls`, `udp` and
//! `http` are what a probe does on it, each with what others do to it, and `echo` what it does with servers that send back what they are sent; `outcome` is what comes of it and `touch` what is remembered.

mod censors;
mod dns;
mod echo;
mod http;
mod http_answers;
mod luck;
mod outcome;
mod tcp;
mod tls;
mod touch;
mod udp;
mod way;

pub(crate) use censors::site_down;
pub(crate) use dns::is_false_answer;
pub(crate) use echo::Sender;
pub(crate) use outcome::{Dial, Handshake, Lookup, NO_ANSWER, NXDOMAIN, Response, TIMEOUT, Transaction};
pub(crate) use touch::{Cause, For, Resolver, Touch};
pub(crate) use way::Path;
