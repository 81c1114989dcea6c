//! `reachability`: how often each network got through to each target, hour by hour.

use crate::column::Text;
use crate::table::table;
use crate::time::Timestamp;
use crate::vocabulary::Operation;

table! {
    /// One row per target, operation, network, hour and release of the software in which it was tried: on how many occasions, and how they ended. It is made of observations alone, no rule is asked, so it can serve as a control of every measurement: the same network before and after, other networks in the same hours, and other releases of the software.
    /// An occasion is what one report saw in that hour, or one minute of a network where the record names no report: it counts once, however many connections it made.
    Reachability, ReachabilityRows, ReachabilityColumns = "reachability",
    sorted by &["target", "operation", "over_tls", "probe_asn", "measurement_start_time", "software"], partitioned by CountryWeek
    {
        /// The target: the hostname, or the service of an app.
        target: Text<'a>,
        /// What was tried.
        operation: Operation,
        /// Whether a request was made over TLS; `false` for everything that is no request.
        over_tls: bool,
        /// Country of the network.
        probe_cc: Text<'a>,
        /// The network. Measurements from an unknown network are left out.
        probe_asn: u32,
        /// The hour, at its first minute.
        measurement_start_time: Timestamp,
        /// The probe's software and its version, with a space between.
        software: Text<'a>,
        /// Occasions on which it was tried.
        occasions: u32,
        /// Occasions on which it succeeded at least once.
        reached: u32,
        /// Occasions on which connections were lost (no answer, reset, closed, refused, unreachable; of requests, also a server error) and none succeeded. The rest failed otherwise.
        lost: u32,
        /// Occasions on which any connection was lost, whether or not another succeeded.
        lost_any: u32,
    }
}
