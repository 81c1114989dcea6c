//! `proven_addresses`: which addresses have shown, to several networks, that they speak for a name.

use crate::column::Text;
use crate::table::table;
use crate::time::Timestamp;

table! {
    /// One row per name, address and network that completed a TLS handshake in a week. An address counts as proven only when enough *distinct* networks agree.
    /// Handshakes whose chain is in the record and not valid here are left out.
    ProvenAddress, ProvenAddressRows, ProvenAddressColumns = "proven_addresses",
    sorted by &["hostname", "ip", "probe_asn", "validated"], partitioned by Week
    {
        /// The name in the handshake.
        hostname: Text<'a>,
        /// The address.
        ip: Text<'a>,
        /// The network that connected.
        probe_asn: u32,
        /// Whether the certificate chain was in the record and was validated here again; else the probe's word is all there is.
        validated: bool,
        /// The Monday of the week, at 00:00 UTC.
        measurement_start_time: Timestamp,
        /// One measurement of this network that says so, to open.
        witness: Text<'a>,
    }
}
