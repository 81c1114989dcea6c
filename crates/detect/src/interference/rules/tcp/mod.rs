//! Rules about connecting to an address.

pub mod broken_ipv6;
pub mod control_fails_too;
pub mod lost_by_chance;
pub mod lost_by_release;
pub mod lost_everywhere;
pub mod lost_here_reached_elsewhere;
pub mod no_network;
pub mod pool_partly_reachable;
pub mod pool_unreachable;
pub mod unreachable_for_probe_only;

use parallax_model::Mechanism;

/// The deepest mechanism that all failures of a set of connects share.
pub(super) fn common_mechanism<'a>(failures: impl Iterator<Item = &'a str>) -> Option<Mechanism> {
    failures.map(mechanism_of).reduce(|one, other| one.common_prefix(other).unwrap_or(TCP))
}

const TCP: Mechanism = Mechanism::of("tcp");

fn mechanism_of(failure: &str) -> Mechanism {
    match failure {
        "connection_refused" => Mechanism::of("tcp.refused"),
        "connection_reset" => Mechanism::of("tcp.reset"),
        "generic_timeout_error" | "tcp_timed_out_error" => Mechanism::of("tcp.timeout"),
        "host_unreachable" | "network_unreachable" => Mechanism::of("ip.unreachable"),
        _ => TCP,
    }
}
