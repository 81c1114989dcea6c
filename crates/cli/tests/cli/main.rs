//! The program as people run it: the real binary, in a folder of its own.

mod demo;
mod dependencies;
mod errors;
mod events;
mod fetch;
mod formats;
mod ingest;
mod program;
mod query;
mod reference;
mod serve;
