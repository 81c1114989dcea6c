//! What pages are made of: the frame around each, tables of counts, strips of days, forms, links to files.
//!
//! A part that is a template of its own escapes what it shows, so the pages insert it with `|safe`. Nothing else may be.

pub mod behind;
pub mod commands;
mod course;
mod events;
mod figures;
mod form;
mod frame;
mod grid;
mod hops;
mod map;
mod mechanisms;
mod pager;
mod part_of;
mod shares;
mod strip;
mod tallies;
mod window;

pub use course::Course;
pub use events::{EventTable, event_networks};
pub use figures::sentence;
pub use form::Form;
pub use frame::Frame;
pub use grid::Grid;
pub use hops::Hops;
pub use map::Map;
pub use mechanisms::MechanismTable;
pub use pager::Pager;
pub use parallax_model::figures::{bytes, count, plural};
pub use part_of::PartOf;
pub use shares::Shares;
pub use strip::{Strip, network_label};
pub use tallies::{Line, TallyTable};
