//! Every page: one file, and one line in the list below.
//!
//! A page is a [`Route`] whose answer is HTML: complete without scripts, with every filter in its URL and every figure with its n.

mod assets;
mod counted;
mod country;
mod data;
mod download;
mod event;
mod event_feed;
mod events;
mod feed;
mod help;
mod measurement;
mod measurements;
mod network;
mod overview;
mod query;
mod rules;
mod search;
mod tables;
mod target;
mod trouble;

pub use assets::script_address;
pub use measurements::{page as judgements, total};
pub use tables::entries;
pub use trouble::trouble;

use crate::parameter::Parameter;
use crate::route::Route;

pub const ALL: &[&Route] = &[
    &overview::ROUTE,
    &country::ROUTE,
    &network::ROUTE,
    &target::ROUTE,
    &events::ROUTE,
    &event::ROUTE,
    &measurements::ROUTE,
    &measurement::ROUTE,
    &measurement::RECORD,
    &rules::ROUTE,
    &rules::ONE,
    &tables::ROUTE,
    &tables::ONE,
    &data::ROUTE,
    &query::ROUTE,
    &search::ROUTE,
    &help::ROUTE,
    &feed::ROUTE,
    &event_feed::ROUTE,
    &download::COUNTS,
    &download::JUDGEMENTS,
    &download::QUERY,
    &events::DOWNLOAD,
    &assets::STYLE,
    &assets::ICON,
    &assets::OPENSEARCH,
    &assets::SCRIPT,
    &assets::LICENCES,
];

/// The parameters of the page with this address.
pub fn parameters(address: &str) -> impl Iterator<Item = &'static Parameter> {
    let is_at = |route: &&&Route| match route.path.split_once('{') {
        Some((before, _)) => address.starts_with(before),
        None => address == route.path,
    };
    ALL.iter().find(is_at).into_iter().flat_map(|route| route.parameters.iter()).flat_map(|list| list.iter())
}
