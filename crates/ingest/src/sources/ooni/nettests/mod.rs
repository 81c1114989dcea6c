//! Every nettest that is not like all others: one file each, or one for a family, plus one line in [`ALL`].

use super::nettest::Nettest;

mod browser_web;
mod dnscheck;
mod echcheck;
mod facebook_messenger;
mod http_header_field_manipulation;
mod http_invalid_request_line;
mod openvpn;
mod pings;
mod psiphon;
mod quicping;
mod riseupvpn;
mod signal;
mod sni_blocking;
mod speed;
mod stunreachability;
mod telegram;
mod tor;
mod tor_bootstrap;
mod urlgetter;
mod web_connectivity;
mod whatsapp;

pub const ALL: &[&Nettest] = &[
    &web_connectivity::NETTEST,
    &telegram::NETTEST,
    &whatsapp::NETTEST,
    &signal::NETTEST,
    &facebook_messenger::NETTEST,
    &tor::NETTEST,
    &tor_bootstrap::VANILLA_TOR,
    &tor_bootstrap::TORSF,
    &psiphon::NETTEST,
    &riseupvpn::NETTEST,
    &openvpn::NETTEST,
    &dnscheck::NETTEST,
    &stunreachability::NETTEST,
    &sni_blocking::NETTEST,
    &echcheck::NETTEST,
    &http_header_field_manipulation::NETTEST,
    &http_invalid_request_line::NETTEST,
    &urlgetter::URLGETTER,
    &urlgetter::HTTP_REQUESTS,
    &browser_web::NETTEST,
    &quicping::NETTEST,
    &pings::TCPPING,
    &pings::TLSPING,
    &pings::SIMPLEQUICPING,
    &pings::DNSPING,
    &speed::NDT,
    &speed::DASH,
];
