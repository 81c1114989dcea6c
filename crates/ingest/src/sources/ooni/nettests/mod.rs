//! Every nettest that is not like all others: one file each, plus one line in [`ALL`].

use super::nettest::Nettest;

mod facebook_messenger;
mod signal;
mod telegram;
mod web_connectivity;
mod whatsapp;

pub const ALL: &[&Nettest] =
    &[&web_connectivity::NETTEST, &telegram::NETTEST, &whatsapp::NETTEST, &signal::NETTEST, &facebook_messenger::NETTEST];
