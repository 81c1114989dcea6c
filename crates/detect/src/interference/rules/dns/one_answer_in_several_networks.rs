//! Several networks of a country answer all names of an app with one address that is not its company's, day after day.

use parallax_model::{Layer, Locus, Mechanism, State};

use super::{answer_outside_operator, one_answer_for_unrelated_names};
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/one_answer_in_several_networks",
    layer: Layer::Dns,
    condition: "Nothing vouches for any of the addresses that the system's resolver gave, and no handshake on the user's path succeeded. The name is of an app whose company serves it from networks of its own; each address lies outside of them, and so does every address of those services that the company never serves from caches. In the same week three networks of the country, this one among them, were each given this one address in at least three hours of two days, for the name and for one of another domain. In seven of ten hours in which they were, each of them reached names that were never answered with it, of at least as many domains as were; those that were, it reached in at most one of twenty measurements.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 1.8,
    why: "A company does not move all services of an app to one address of somebody else's, in several networks of one country. A captive portal is the portal of one network and answers everything, and a filter that somebody has chosen at home is not the choice of three networks.",
    innocent: "A gateway through which several carriers of a country lead the app's users by their resolvers, for instance to count nothing of it. A table of networks in which a new network of the company is still somebody else's.",
    source: "Lowe et al.: The Great DNS Wall of China (2007), for few addresses that stand for many names in all networks of a country; OONI nettest specification ts-019 (facebook_messenger): answers outside of AS32934",
    fires,
};

/// Networks that must have been given the address: one more than somebody who forges two.
const FEWEST_NETWORKS: usize = 3;
/// More of them are not counted.
const MOST_NETWORKS: usize = 100;

fn fires(target: &Target<'_>) -> Option<Firing> {
    let answers = &target.case.neighbours.answers;
    let mut networks = MOST_NETWORKS;
    let (found, _) = one_answer_for_unrelated_names::answers_that_are(target, |shared, name, ip| {
        shared.others(name).next().is_some()
            && answer_outside_operator::is_outside(target, ip)
            && answers.networks_given(ip, &name.hostname, FEWEST_NETWORKS) == FEWEST_NETWORKS
    })?;
    for (lookup, ip) in target.user_lookups().flat_map(|lookup| lookup.answers.iter().map(move |(ip, _)| (lookup, *ip))) {
        networks = networks.min(answers.networks_given(ip, lookup.first.hostname.as_deref().unwrap_or_default(), MOST_NETWORKS));
    }
    let networks = u32::try_from(networks).unwrap_or(u32::MAX);
    Some(Firing::new(found).how(Mechanism::of("dns.injection")).against_other_networks(networks.saturating_sub(1)))
}
