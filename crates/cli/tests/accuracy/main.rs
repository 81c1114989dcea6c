//! How right the verdicts are, on labelled scenarios and on real measurements, as tables in `docs/` that this test keeps true.
//!
//! Reads `../shared/data` beside the checkout and says so when it is missing. `PARALLAX_WRITE=1` writes the tables anew; without it they
//! are compared, and a verdict that changed fails the test.

mod demo_world;
mod event_rows;
mod event_worlds;
mod events_world;
mod field_world;
mod forgers_world;
mod program;
mod real;
mod rule_weights;
mod scenarios;
mod table;
