//! The observatory: the archive in a browser, as HTML that is complete without scripts, and as JSON for programs.
//!
//! A newcomer meets the parts in this order. [`Observatory`] holds the archive and the current [`observatory::Edition`] of it: an engine
//! for SQL, and [`counts`] of all judgements in memory, which most pages are made of. A [`route::Route`] is a path with the function that
//! answers it; [`pages`] lists those for people, [`api`] those for programs. A [`Filter`] is which judgements a page is about, and is
//! always in the URL. [`router()`] puts them together behind [`access`] (who may ask) and [`gate`] (how many at once); [`server`] listens.
//!
//! **Invariant:** nothing that is shown comes from elsewhere than the archive, and no page makes a browser ask another host.
//!
//! **Invariant:** every text in a page passes through [`shown::Shown`], so that foreign text is text and nothing else.

pub mod access;
mod api;
mod charts;
mod countries;
pub mod counts;
pub mod day;
mod download;
mod error;
mod event_filter;
mod filter;
mod gate;
mod known;
mod observatory;
mod overview;
mod pages;
mod parameter;
mod parts;
mod record;
mod route;
mod router;
mod rows;
mod search;
mod server;
mod shown;
mod soft;
pub mod urls;
mod world;

pub use access::Access;
pub use error::Error;
pub use event_filter::EventFilter;
pub use filter::{Asn, Filter, States};
pub use observatory::{Edition, LoadRefData, Observatory, Options};
pub use router::router;
pub use server::serve;
