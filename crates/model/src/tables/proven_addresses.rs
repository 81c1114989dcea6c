//! `proven_addresses`: which addresses have shown, to several networks, that they speak for a name.

use crate::column::Text;
use crate::table::table;
use crate::time::Timestamp;

table! {
    /// One row per name, address and network that completed a TLS handshake in a week. An address counts as proven only when enough *distinct* networks agree.
    ProvenAddress, ProvenAddressRows = "proven_addresses",
    sorted by &["hostname", "ip", "probe_cc", "probe_asn"], partitioned by Week
    {
        /// The name in the handshake.
        hostname: Text<'a>,
        /// The address.
        ip: Text<'a>,
        /// Country of the network that connected.
        probe_cc: Text<'a>,
        /// The network that connected.
        probe_asn: u32,
        /// The Monday of the week, at 00:00 UTC.
        measurement_start_time: Timestamp,
        /// Whether the certificate chain was validated here again, not only by the probe.
        validated: bool,
        /// How many measurements of this network say so.
        measurement_count: u64,
        /// One measurement that says so, to open.
        witness: Text<'a>,
    }
}
