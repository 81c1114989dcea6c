//! Rules about QUIC, which does in one step over UDP what TCP and TLS do in two.
//!
//! Most servers do not speak it, and many networks let no UDP out at all: that QUIC fails where TCP and TLS work accuses nobody.

pub mod control_fails_too;
pub mod timeout_for_probe_only;
