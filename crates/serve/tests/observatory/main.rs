//! The observatory through its real router, over a simulated archive whose truth is known.

mod addresses;
mod agreement;
mod api;
mod browser;
mod bundle;
mod charts;
mod event_charts;
mod events;
mod files;
mod hostile;
mod openapi;
mod pages;
mod record;
mod safety;
mod world;
