//! A target that nothing in the record is compared with: this network loses it again and again, and other countries reach it.

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::neighbours;
use crate::interference::rule::{Firing, Rule};
use crate::interference::rules::tls::mechanism_of;
use crate::interference::target::{Target, evidence};

pub const RULE: Rule = Rule {
    id: "tls/lost_here_reached_abroad",
    layer: Layer::Tls,
    condition: "The record has no control of the target. No handshake on the user's path succeeded, and at least one, to an address that something independent vouches for, was lost; the same network lost it on at least two other occasions, all of which together are ten times likelier under interference than under chance; and within three hours at least two networks of other countries, more than lost it, reached the target.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tls")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Tls),
    weight: 1.2,
    why: "Other countries show that the target is alive, and the network's other occasions that the loss is no chance: together they say what a control would have said.",
    innocent: "A service that refuses visitors from this country itself. Losses that one forger of this network made up.",
    source: "Filastò, Appelbaum: OONI (FOCI 2012): a control from elsewhere; OONI nettest specification ts-020 (telegram)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let attempts: Vec<_> = target.usable(&target.tls).filter(|attempt| attempt.on_user_path).collect();
    if attempts.iter().any(|attempt| attempt.succeeded()) {
        return None;
    }
    let lost: Vec<_> = attempts.iter().filter(|attempt| attempt.is_vouched()).collect();
    let failures = lost.iter().filter_map(|attempt| attempt.failure());
    let how = failures.map(|failure| mechanism_of(Some(failure))).reduce(|one, other| one?.common_prefix(other?))??;
    let mut firing = neighbours::lost_only_here(target, Operation::Tls)?.how(how);
    let own = lost.iter().map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default()));
    firing.evidence.splice(0..0, own);
    Some(firing)
}
