//! Questions that several rules ask about a target.

use std::net::IpAddr;

use parallax_model::evidence::Evidence;
use parallax_model::tables::Observation;

use super::{Attempt, Standing, Target, evidence, is_certificate_failure};
use crate::interference::address::is_bogon;
use crate::interference::case::Case;
use crate::interference::certificate::Chain;
use crate::interference::control::Site;
use crate::interference::page::is_the_very_page;
use crate::interference::page::leads_to_private_address;

impl<'a> Target<'a> {
    /// Whether the control found public addresses of the name, or a page behind it. A name with IPv6 addresses only does not count: a
    /// probe without IPv6 rightly finds nothing.
    pub fn name_exists_for_control(&self) -> bool {
        let mut addresses = self.control.addresses().peekable();
        match addresses.peek() {
            Some(_) => addresses.any(|(ip, _)| is_usable_anywhere(ip)),
            None => self.control.good_page().is_some(),
        }
    }

    /// Whether a resolver of another operator gave the same probe an address that it can use.
    pub fn other_resolver_found_the_name(&self) -> bool {
        let others = self.lookups.iter().filter(|lookup| !lookup.is_system());
        others.flat_map(|lookup| &lookup.answers).any(|(ip, _)| is_usable_anywhere(*ip))
    }

    /// Whether a resolver asked over an encrypted connection says that the name does not exist.
    pub fn encrypted_resolver_denies_the_name(&self) -> bool {
        self.encrypted_lookups().any(|lookup| lookup.failure() == Some("dns_nxdomain_error"))
    }

    /// Whether resolvers were asked over an encrypted connection and none of them found the name either: then it is not what lies on the
    /// way that fails it.
    pub fn encrypted_resolvers_fail_too(&self) -> bool {
        let mut asked = self.encrypted_lookups().filter(|lookup| !lookup.only_lacks_this_type()).peekable();
        asked.peek().is_some() && asked.all(|lookup| lookup.failure().is_some())
    }

    /// The evidence that every lookup by the system's resolver failed in one of these ways. A query for IPv6 addresses may lack them.
    pub fn user_lookups_failing_with(&self, failures: &[&str]) -> Option<Vec<Evidence>> {
        let about_ipv6 = |query_type: Option<&str>| query_type == Some("AAAA");
        let asked: Vec<_> = self
            .user_lookups()
            .filter(|lookup| !(lookup.only_lacks_this_type() && about_ipv6(lookup.first.dns_query_type.as_deref())))
            .collect();
        let all_fail = asked.iter().all(|lookup| lookup.failure().is_some_and(|failure| failures.contains(&failure)));
        let found: Vec<_> = asked.iter().map(|lookup| evidence(lookup.first, "failure", lookup.failure().unwrap_or_default())).collect();
        (all_fail && !found.is_empty()).then_some(found)
    }

    /// Whether the system's resolver gave this address, the control was given others in other networks, and nothing proves it.
    pub fn is_disputed_user_answer(&self, ip: IpAddr) -> bool {
        self.addresses.is_disputed(ip)
    }

    /// Whether a transaction went to an address that is itself in dispute. Old records do not say which address that was.
    pub fn came_from_disputed_lookup(&self, transaction: &Attempt<'_>) -> bool {
        match transaction.ip {
            Some(ip) => transaction.standing == Standing::Poisoned || self.is_disputed_user_answer(ip),
            None => self.addresses.every_user_answer_is_disputed(),
        }
    }

    /// Attempts that can say something about the site: without those over an IPv6 that does not work for anything.
    pub fn usable<'s>(&self, attempts: &'s [Attempt<'a>]) -> impl Iterator<Item = &'s Attempt<'a>> {
        let without_ipv6 = self.ipv6_is_broken();
        attempts.iter().filter(move |attempt| !(without_ipv6 && attempt.is_ipv6()))
    }

    /// Whether the whole measurement tried IPv6 and never got through with it.
    pub fn ipv6_is_broken(&self) -> bool {
        self.surroundings.ipv6_is_broken
    }

    /// Whether the control got through to where an attempt did not: to the same endpoint if it tried, else to the site. A control
    /// that could connect and was given no page found the site in trouble too.
    pub fn control_connects(&self, attempt: &Attempt<'_>) -> bool {
        if self.control.site() == Site::Fails {
            return false;
        }
        let same = attempt.row.ip.as_deref().zip(attempt.row.port).and_then(|(ip, port)| self.control.connect(ip, port));
        match same {
            Some(row) => row.failure.is_none(),
            None => self.control.good_page().is_some(),
        }
    }

    /// Whether the control tried the very same endpoint and did not get through either.
    pub fn control_failed_too(&self, attempt: &Attempt<'_>) -> bool {
        let same = attempt.row.ip.as_deref().zip(attempt.row.port).and_then(|(ip, port)| self.control.connect(ip, port));
        same.is_some_and(|row| row.failure.is_some())
    }

    /// Names of the block-page fingerprints that a response matches and that are expected where the probe is. A page that the control
    /// was given just the same is the site's own, whatever it says.
    pub fn block_pages<'s>(&'s self, transaction: &'s Attempt<'a>) -> impl Iterator<Item = &'s str> {
        let own = self.control.page().is_some_and(|page| is_the_very_page(transaction.row, page));
        block_pages(self.case, transaction.row).filter(move |_| !own)
    }

    /// Whether a page came on the user's path. A redirect that leads on within the target is no page: what follows it counts.
    pub fn reached_with_page(&self) -> bool {
        let leads_on = self.leads_on();
        let is_page = |attempt: &Attempt<'_>| attempt.succeeded() && self.brought_a_page(attempt.row) && !leads_on(attempt);
        self.user_path(&self.http).any(is_page)
    }

    /// OONI's tables keep no status codes: there, a request over TLS that did not fail was answered by the site.
    fn brought_a_page(&self, row: &Observation<'_>) -> bool {
        row.http_response_status_code.is_some() || (self.case.measurement.source == "ooni_tables" && is_encrypted(row))
    }

    /// Whether a scan found an answer like those that resolvers elsewhere were given: in its address, network, certificate or page.
    pub fn is_answered_like_the_control(&self) -> bool {
        let is_like = |row: &Observation<'_>| row.tags.iter().any(|tag| SIGNS_OF_LIKENESS.contains(&tag.as_ref()));
        self.user_lookups().flat_map(|lookup| &lookup.answers).any(|(_, row)| is_like(row))
    }

    /// Requests on the user's path, without the redirects that led to others of them.
    pub fn ends_of_redirects(&self) -> impl Iterator<Item = &Attempt<'a>> {
        let leads_on = self.leads_on();
        let all_lead_on = self.user_path(&self.http).all(&leads_on);
        self.user_path(&self.http).filter(move |attempt| all_lead_on || !leads_on(attempt))
    }

    /// Tells redirects that something on the user's path, deeper in the chain and still of this target, followed.
    fn leads_on(&self) -> impl Fn(&Attempt<'_>) -> bool {
        let attempts = [&self.tcp, &self.tls, &self.quic, &self.http].into_iter().flat_map(|attempts| self.user_path(attempts));
        let lookups = self.user_lookups().map(|lookup| lookup.first.depth);
        let deepest = attempts.map(|attempt| attempt.row.depth).chain(lookups).max().unwrap_or_default();
        move |attempt| {
            let is_redirect = attempt.row.http_response_status_code.is_some_and(|status| (300..400).contains(&status));
            is_redirect && attempt.succeeded() && attempt.row.depth < deepest
        }
    }

    /// Whether a handshake showed a certificate that somebody other than the site made, or has. What an old trust store or a wrong
    /// clock of the probe's can explain is not foreign.
    pub fn shows_foreign_certificate(&self, attempt: &Attempt<'a>) -> bool {
        let Some(failure) = attempt.failure().filter(|failure| is_certificate_failure(failure)) else { return false };
        match self.chain(attempt) {
            Chain::Valid | Chain::WrongTime => false,
            Chain::SelfSigned | Chain::UnknownIssuer | Chain::WrongName => true,
            Chain::Missing | Chain::Unreadable => failure == "ssl_invalid_hostname",
        }
    }

    /// Whether the connection that a request needs had been made, so that its failure is the request's own. Old records keep no
    /// handshakes: there, a failed request over TLS cannot be told from a failed handshake.
    pub fn was_connected(&self, transaction: &Attempt<'_>) -> bool {
        let below = if is_encrypted(transaction.row) { &self.handshakes } else { &self.connects };
        below.of_request(transaction).is_some()
    }

    /// Whether any connect to an address succeeded, on whatever port.
    pub fn has_connected_to(&self, ip: IpAddr) -> bool {
        self.connects.has_ip(ip)
    }

    /// Whether enough other networks proved any address of the target's name.
    pub fn is_proved_in_other_networks(&self) -> bool {
        self.addresses.is_proved()
    }

    /// Whether an address lies in a network that is known, and that is not the one of the company whose app asks for it.
    pub fn is_in_foreign_network(&self, ip: IpAddr, recorded: Option<u32>) -> bool {
        super::network_of(self.case, ip, recorded).is_some_and(|asn| !super::operators::runs(self.name, asn))
    }

    /// Whether the company behind the target serves it from networks of its own that are known.
    pub fn has_operator(&self) -> bool {
        super::operators::is_known(self.name)
    }

    /// Whether anything but resolvers in the clear vouches for an address that was given for a name.
    pub fn is_vouched_answer(&self, ip: IpAddr, hostname: &str) -> bool {
        !matches!(self.addresses.standing(ip, Some(hostname)), Standing::Poisoned | Standing::Unvouched | Standing::Agreed)
    }

    /// The network of an address of this target, as the record says or else as the reference data do.
    pub fn network_of(&self, ip: IpAddr) -> Option<u32> {
        self.addresses.network(ip)
    }
}

/// Tags of an answer in a Satellite scan that say in what it is like an answer to the control.
const SIGNS_OF_LIKENESS: &[&str] = &["matched=ip", "matched=http", "matched=cert", "matched=asnum", "matched=asname"];

/// Whether any probe can use an address: public, and of the kind of addresses that all networks have.
fn is_usable_anywhere(ip: IpAddr) -> bool {
    ip.is_ipv4() && !is_bogon(ip)
}

pub(super) fn is_encrypted(row: &Observation<'_>) -> bool {
    row.http_request_url.as_deref().is_some_and(|url| url.starts_with("https://"))
}

/// A filter that companies, schools and homes run themselves, at an address of the local network, is theirs and nobody else's. What
/// answers a test of middleboxes in the place of an echo is nobody's block page either: no site was asked for.
pub(super) fn block_pages<'s>(case: &'s Case<'_>, row: &'s Observation<'_>) -> impl Iterator<Item = &'s str> {
    let country = case.measurement.probe_cc.as_ref();
    let of_a_site = row.http_response_fingerprints.iter().filter(|_| row.http_request_changes.is_empty());
    of_a_site.map(AsRef::as_ref).filter(move |name| {
        case.refdata.fingerprints.get(*name).is_some_and(|fingerprint| {
            let expected = &fingerprint.expected_countries;
            let is_own = fingerprint.is_of_a_local_filter() && leads_to_private_address(row);
            fingerprint.is_artefact() && !is_own && (expected.is_empty() || expected.contains(country))
        })
    })
}
