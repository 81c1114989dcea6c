//! `shared_answers`: addresses that a network's resolvers gave for unrelated names, though no connection of the network proved them.

use crate::column::Text;
use crate::table::table;
use crate::time::Timestamp;

table! {
    /// One row per network, address and name of a week, where the system's resolver gave one address for names of different domains, and no handshake of that network showed that the address speaks for the name. Who forges answers often uses one address for all that is blocked; so does a captive portal, for all that there is. What the network reached of these and of other names in the same time tells them apart.
    /// A name is *reached* on an occasion when a TLS handshake with it succeeded at an address that the system's resolver gave for it. No rule is asked.
    SharedAnswer, SharedAnswerRows, SharedAnswerColumns = "shared_answers",
    sorted by &["probe_asn", "ip", "hostname"], partitioned by CountryWeek
    {
        /// Country of the network.
        probe_cc: Text<'a>,
        /// The network. Measurements from an unknown network are left out.
        probe_asn: u32,
        /// The address that was given.
        ip: Text<'a>,
        /// One of the names that it was given for.
        hostname: Text<'a>,
        /// The first hour in which the network's resolvers gave the address for any of the names, at its first minute.
        measurement_start_time: Timestamp,
        /// The last such hour, at its first minute.
        last_seen: Timestamp,
        /// Hours in which this name was answered with the address.
        hours: u32,
        /// Days (UTC) in which this name was answered with the address.
        days: u32,
        /// Measurements in which this name was answered with the address.
        answers: u32,
        /// Measurements between the first and the last hour in which this name was reached.
        reached: u32,
        /// Hours in which any of the names was answered with the address.
        hours_of_address: u32,
        /// Of these, hours in which the network reached a name that was never answered with the address.
        hours_others_reached: u32,
        /// Names that were never answered with the address and that the network reached between the first and the last hour; counting ends at 100.
        other_names_reached: u32,
    }
}
