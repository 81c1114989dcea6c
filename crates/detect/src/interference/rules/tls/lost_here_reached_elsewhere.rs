//! A target that this network loses again and again, and that others reach.

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::neighbours;
use crate::interference::rule::{Firing, Rule};
use crate::interference::rules::tls::mechanism_of;
use crate::interference::target::{Target, evidence};

pub const RULE: Rule = Rule {
    id: "tls/lost_here_reached_elsewhere",
    layer: Layer::Tls,
    condition: "No handshake on the user's path succeeded, and at least one, to an address that something independent vouches for, was lost; the same network lost it on at least two other occasions, all of which together are ten times likelier under interference, without a break or at the same time of other days, than under chance; and the target works: the record's own control reached it or, where the record has none, at least two other networks did, more than lost it: of other countries within three hours, of the same country within one.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tls")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Tls),
    weight: 1.2,
    why: "Whoever reaches the target shows that it is alive, and the network's other occasions that the loss is no chance: together they say what a control of this very connection would have said.",
    innocent: "A service that refuses visitors from this country itself. Losses that one forger of this network made up.",
    source: "Filastò, Appelbaum: OONI (FOCI 2012): a control from elsewhere; OONI nettest specification ts-020 (telegram)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let attempts: Vec<_> = target.usable(&target.tls).filter(|attempt| attempt.on_user_path).collect();
    if attempts.iter().any(|attempt| attempt.succeeded()) {
        return None;
    }
    let lost: Vec<_> = attempts.iter().filter(|attempt| attempt.is_vouched() && !target.control_failed_too(attempt)).collect();
    let failures = lost.iter().filter_map(|attempt| attempt.failure());
    let how = failures.map(|failure| mechanism_of(Some(failure))).reduce(|one, other| one?.common_prefix(other?))??;
    let own = lost.iter().map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default()));
    Some(neighbours::lost_only_here(target, Operation::Tls, own)?.how(how))
}
