//! The ways of interfering that the simulator knows, by the paths of Parallax's vocabulary.

use std::fmt;

/// How a censor interferes. The path says the layer where it shows; the simulator always knows it to its full depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mechanism {
    DnsInjectionBogon,
    DnsInjectionBlockpage,
    DnsInjectionOther,
    DnsNxdomain,
    DnsRefused,
    DnsTimeout,
    TcpReset,
    TcpTimeout,
    TcpRefused,
    IpUnreachable,
    TlsResetSni,
    TlsResetOther,
    TlsTimeout,
    TlsTimeoutSni,
    TlsClose,
    TlsMitmSelfSigned,
    TlsMitmCaSigned,
    TlsThrottleSni,
    QuicTimeout,
    HttpBlockpage,
    HttpRedirect,
    HttpError,
    HttpResetHost,
    HttpTimeout,
    HttpClose,
    HttpThrottleHost,
    HttpTamperingHeader,
    HttpTamperingRequestLine,
}

const PATHS: &[(Mechanism, &str)] = &[
    (Mechanism::DnsInjectionBogon, "dns.injection.bogon"),
    (Mechanism::DnsInjectionBlockpage, "dns.injection.blockpage"),
    (Mechanism::DnsInjectionOther, "dns.injection.other"),
    (Mechanism::DnsNxdomain, "dns.nxdomain"),
    (Mechanism::DnsRefused, "dns.refused"),
    (Mechanism::DnsTimeout, "dns.timeout"),
    (Mechanism::TcpReset, "tcp.reset"),
    (Mechanism::TcpTimeout, "tcp.timeout"),
    (Mechanism::TcpRefused, "tcp.refused"),
    (Mechanism::IpUnreachable, "ip.unreachable"),
    (Mechanism::TlsResetSni, "tls.reset.sni"),
    (Mechanism::TlsResetOther, "tls.reset.other"),
    (Mechanism::TlsTimeout, "tls.timeout"),
    (Mechanism::TlsTimeoutSni, "tls.timeout.sni"),
    (Mechanism::TlsClose, "tls.close"),
    (Mechanism::TlsMitmSelfSigned, "tls.mitm.self_signed"),
    (Mechanism::TlsMitmCaSigned, "tls.mitm.ca_signed"),
    (Mechanism::TlsThrottleSni, "tls.throttle.sni"),
    (Mechanism::QuicTimeout, "quic.timeout"),
    (Mechanism::HttpBlockpage, "http.blockpage"),
    (Mechanism::HttpRedirect, "http.redirect"),
    (Mechanism::HttpError, "http.error"),
    (Mechanism::HttpResetHost, "http.reset.host"),
    (Mechanism::HttpTimeout, "http.timeout"),
    (Mechanism::HttpClose, "http.close"),
    (Mechanism::HttpThrottleHost, "http.throttle.host"),
    (Mechanism::HttpTamperingHeader, "http.tampering.header"),
    (Mechanism::HttpTamperingRequestLine, "http.tampering.request_line"),
];

impl Mechanism {
    pub fn all() -> impl Iterator<Item = Mechanism> {
        PATHS.iter().map(|(mechanism, _)| *mechanism)
    }

    pub fn parse(path: &str) -> Option<Self> {
        PATHS.iter().find(|(_, known)| *known == path).map(|(mechanism, _)| *mechanism)
    }

    pub fn as_str(self) -> &'static str {
        PATHS.iter().find(|(mechanism, _)| *mechanism == self).map_or("", |(_, path)| path)
    }

    /// The layer where it shows. What is done to an address as a whole shows when a connection is opened.
    pub fn layer(self) -> &'static str {
        match self.as_str().split_once('.') {
            Some(("ip", _)) | None => "tcp",
            Some((layer, _)) => layer,
        }
    }

    /// Whether it is a proxy that takes requests apart, and not a censor: it shows only where a server sends back what it is sent.
    pub(crate) fn is_tampering(self) -> bool {
        matches!(self, Self::HttpTamperingHeader | Self::HttpTamperingRequestLine)
    }

    /// Whether nothing but the name in a handshake sets it off, wherever the handshake goes.
    pub(crate) fn minds_the_name_alone(self) -> bool {
        matches!(self, Self::TlsResetSni | Self::TlsTimeoutSni)
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_reads_back_as_itself() {
        for mechanism in Mechanism::all() {
            assert_eq!(Mechanism::parse(mechanism.as_str()), Some(mechanism));
        }
        assert_eq!(Mechanism::parse("dns"), None);
    }

    #[test]
    fn an_unreachable_address_shows_as_tcp() {
        assert_eq!(Mechanism::IpUnreachable.layer(), "tcp");
        assert_eq!(Mechanism::DnsInjectionBogon.layer(), "dns");
    }
}
