//! Asks every rule about every target of a case, and sums up.
//!
//! A layer takes the strongest thing that is said of it; a target takes its state from its layers and from whether it was reached.

use std::collections::BTreeSet;

use parallax_model::{Instrument, Layer, Locus, Mechanism, State, TargetRole};

use super::address::is_bogon;
use super::case::Case;
use super::neighbours::{Weighing, weighings};
use super::rule::{Compared, Firing, Rule};
use super::rules;
use super::target::{Attempt, Lookup, Target};

/// What one layer of one target's evidence says.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerVerdict {
    pub layer: Layer,
    pub state: State,
    pub mechanism: Option<Mechanism>,
    pub locus: Locus,
    pub instrument: Vec<Instrument>,
    /// Indices into [`TargetJudgement::fired`], in the order of the rule book.
    pub fired: Vec<usize>,
    /// Index of the firing that decided.
    pub deciding: Option<usize>,
}

/// A rule and what it fired on.
#[derive(Clone)]
pub struct Fired {
    pub rule: &'static Rule,
    pub firing: Firing,
    /// Another rule knows better why the connection was lost (see [`Rule::lost`]): it is named, and decides nothing.
    pub is_overruled: bool,
}

/// Everything that is said about one target of a measurement.
#[derive(Clone)]
pub struct TargetJudgement {
    pub target: String,
    /// For hostnames, the domain that somebody registered, by the public suffix list.
    pub registrable_domain: Option<String>,
    pub role: TargetRole,
    pub state: State,
    pub reached: bool,
    pub layers: Vec<LayerVerdict>,
    pub locus: Locus,
    pub instrument: Vec<Instrument>,
    pub fired: Vec<Fired>,
    pub deciding: Option<usize>,
    pub compared: Compared,
    /// The accusations that rest on a lost connection, each beside its neighbours.
    pub weighings: Vec<Weighing>,
}

impl TargetJudgement {
    /// The layers where interference was found.
    pub fn accused_layers(&self) -> impl Iterator<Item = &LayerVerdict> {
        self.layers.iter().filter(|verdict| verdict.state.accuses())
    }
}

/// Judges every target of a case, in the order of their names.
pub fn judge(case: &Case<'_>) -> Vec<TargetJudgement> {
    judge_with(case, rules::ALL)
}

/// Judges by some of the rules only.
pub fn judge_with(case: &Case<'_>, rules: &[&'static Rule]) -> Vec<TargetJudgement> {
    let mut judgements: Vec<_> = Target::all_of(case).iter().map(|target| judge_target(target, rules)).collect();
    if let Some(untested) = untested_input(case, &judgements) {
        judgements.push(untested);
        judgements.sort_by(|one, other| one.target.cmp(&other.target));
    }
    judgements
}

/// A web test that holds nothing about its own input says too little about it, and it says so: silence would look like no test at all.
fn untested_input(case: &Case<'_>, judgements: &[TargetJudgement]) -> Option<TargetJudgement> {
    let input = case.measurement.input.as_deref().filter(|_| case.measurement.test_name == "web_connectivity")?;
    let host = url::Url::parse(input).ok()?.host_str()?.trim_end_matches('.').to_owned();
    let is_known = judgements.iter().any(|judgement| judgement.target == host || judgement.role == TargetRole::Input);
    (!is_known).then(|| TargetJudgement {
        registrable_domain: psl::domain_str(&host).map(str::to_owned),
        target: host,
        role: TargetRole::Input,
        state: State::Insufficient,
        reached: false,
        layers: Vec::new(),
        locus: Locus::Unknown,
        instrument: Vec::new(),
        fired: Vec::new(),
        deciding: None,
        compared: Compared::None,
        weighings: Vec::new(),
    })
}

fn judge_target(target: &Target<'_>, rules: &[&'static Rule]) -> TargetJudgement {
    let fired = fired(target, rules);
    let layers: Vec<_> = Layer::ALL.iter().filter_map(|layer| judge_layer(target, *layer, &fired)).collect();
    let reached = is_reached(target, &fired);
    let state = state_of(target, reached, &layers, &fired);
    let deciding = deciding_of(state, &layers, &fired);
    TargetJudgement {
        target: target.name.to_owned(),
        registrable_domain: registrable_domain(target),
        role: target.role,
        state,
        reached,
        locus: locus_of(state, &fired),
        instrument: instruments(&fired),
        compared: deciding.map_or(Compared::None, |index| fired[index].firing.compared).max(available_control(target)),
        layers,
        deciding,
        weighings: weighings(target, &fired),
        fired,
    }
}

/// Asks every rule; then marks the accusations that rest on a lost connection for which another rule has a better reason.
fn fired(target: &Target<'_>, rules: &[&'static Rule]) -> Vec<Fired> {
    let fires = |rule: &&'static Rule| (rule.fires)(target).map(|firing| Fired { rule, firing, is_overruled: false });
    let mut fired: Vec<Fired> = rules.iter().filter_map(fires).collect();
    let explained: Vec<_> = fired.iter().filter(|fired| !fired.rule.says.accuses()).filter_map(|fired| fired.rule.lost).collect();
    for fired in fired.iter_mut().filter(|fired| fired.rule.says.accuses()) {
        fired.is_overruled = fired.rule.lost.is_some_and(|operation| explained.contains(&operation));
    }
    fired
}

fn judge_layer(target: &Target<'_>, layer: Layer, fired: &[Fired]) -> Option<LayerVerdict> {
    let here: Vec<usize> = (0..fired.len()).filter(|index| fired[*index].rule.layer == layer).collect();
    let seen = seen(target, layer);
    if seen == Seen::Nothing && here.is_empty() {
        return None;
    }
    let deciding = here.iter().copied().filter(|index| counts(&fired[*index], seen)).max_by(|one, other| {
        let rank = |index: usize| (fired[index].rule.says, fired[index].rule.weight);
        rank(*one).partial_cmp(&rank(*other)).expect("weights are numbers").then(other.cmp(one))
    });
    let own = match seen {
        Seen::Success => State::Ok,
        Seen::Failure => State::Impaired,
        Seen::Nothing => State::Insufficient,
    };
    let said = deciding.map(|index| fired[index].rule);
    let state = said.map_or(own, |rule| if rule.says == State::Insufficient { own } else { rule.says });
    Some(LayerVerdict {
        layer,
        state,
        mechanism: deciding.filter(|_| state.accuses()).and_then(|index| fired[index].firing.mechanism.or(fired[index].rule.mechanism)),
        locus: said.map_or(Locus::Unknown, |rule| rule.locus),
        instrument: instruments(here.iter().map(|index| &fired[*index])),
        fired: here,
        deciding,
    })
}

/// Whether what a rule says may decide, given what happened. What works is not down, whatever happened to a part of it.
fn counts(fired: &Fired, seen: Seen) -> bool {
    let says = fired.rule.says;
    !fired.is_overruled && (says.accuses() || seen != Seen::Success || says == State::Ok)
}

/// What happened on the user's path, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    Nothing,
    Failure,
    Success,
}

fn seen(target: &Target<'_>, layer: Layer) -> Seen {
    let of = |attempts: &[Attempt<'_>]| sum_up(attempts.iter().filter(|attempt| attempt.on_user_path).map(Attempt::succeeded));
    match layer {
        Layer::Dns => sum_up(target.user_lookups().filter(|lookup| !lookup.only_lacks_this_type()).map(has_answer)),
        Layer::Tcp => of(&target.tcp),
        Layer::Tls => of(&target.tls),
        Layer::Quic => of(&target.quic),
        Layer::Http => sum_up(target.ends_of_redirects().map(Attempt::succeeded)),
    }
}

/// An address that cannot be a public site is no answer to work with.
fn has_answer(lookup: &Lookup<'_>) -> bool {
    lookup.answers.iter().any(|(ip, _)| !is_bogon(*ip))
}

fn sum_up(successes: impl Iterator<Item = bool>) -> Seen {
    successes.fold(Seen::Nothing, |seen, success| match (seen, success) {
        (Seen::Success, _) | (_, true) => Seen::Success,
        _ => Seen::Failure,
    })
}

/// A web page is reached when it is given on the user's path; anything else when the last thing that was tried succeeded, of
/// which a pool needs one member only.
fn is_reached(target: &Target<'_>, fired: &[Fired]) -> bool {
    if fired.iter().any(|fired| rules::WRONG_PAGE.contains(&fired.rule.id)) {
        return false;
    }
    let is_web = target.role != TargetRole::Service && target.case.measurement.test_name == "web_connectivity";
    if is_web {
        return target.reached_with_page();
    }
    // A lookup alone reaches nobody, and a forged answer is an answer as well.
    if target.case.measurement.test_name == "satellite" {
        return target.is_answered_like_the_control();
    }
    last_step(target) == Some(Seen::Success)
}

/// How the last thing that was tried ended. A session is made of all that lies below it; QUIC and TLS are two ways to the same.
fn last_step(target: &Target<'_>) -> Option<Seen> {
    let steps: [&[Layer]; 4] = [&[Layer::Http], &[Layer::Quic, Layer::Tls], &[Layer::Tcp], &[Layer::Dns]];
    let best_of = |layers: &[Layer]| layers.iter().map(|layer| seen(target, *layer)).max().unwrap_or(Seen::Nothing);
    let session = sum_up(target.sessions.iter().map(Attempt::succeeded));
    std::iter::once(session).chain(steps.into_iter().map(best_of)).find(|seen| *seen != Seen::Nothing)
}

fn state_of(target: &Target<'_>, reached: bool, layers: &[LayerVerdict], fired: &[Fired]) -> State {
    let strongest = layers.iter().map(|verdict| verdict.state).max().unwrap_or_default();
    let nothing_worked = fired.iter().any(|fired| fired.rule.instrument == Some(Instrument::NoNetwork));
    match strongest {
        _ if nothing_worked => State::Insufficient,
        strongest if strongest.accuses() && reached => State::Interfered,
        strongest if strongest.accuses() => strongest,
        _ if reached => State::Ok,
        // A server without QUIC is not down.
        _ if layers.iter().any(|verdict| verdict.state == State::Down && verdict.layer != Layer::Quic) => State::Down,
        _ if layers.iter().any(|verdict| verdict.state == State::Impaired) || wrong_page(fired) => State::Impaired,
        _ if !target.sessions.is_empty() => State::Impaired,
        _ if layers.is_empty() || target.user_lookups().next().is_none() => State::Insufficient,
        _ => State::Impaired,
    }
}

fn wrong_page(fired: &[Fired]) -> bool {
    fired.iter().any(|fired| rules::WRONG_PAGE.contains(&fired.rule.id))
}

/// The firing that decides a target is that of the layer with the strongest word; for a target that was reached, whichever accuses.
fn deciding_of(state: State, layers: &[LayerVerdict], fired: &[Fired]) -> Option<usize> {
    let relevant = |verdict: &&LayerVerdict| verdict.state == state || (state.accuses() && verdict.state.accuses());
    layers
        .iter()
        .filter(relevant)
        .filter_map(|verdict| Some((verdict.state, verdict.deciding?)))
        .filter(|(_, index)| !state.accuses() || fired[*index].rule.says.accuses())
        .max_by(|one, other| {
            let rank = |(state, index): &(State, usize)| (*state, fired[*index].rule.weight);
            rank(one).partial_cmp(&rank(other)).expect("weights are numbers").then(other.1.cmp(&one.1))
        })
        .map(|(_, index)| index)
}

fn locus_of(state: State, fired: &[Fired]) -> Locus {
    let server = fired.iter().any(|fired| fired.rule.locus == Locus::Server && fired.rule.says != State::Down);
    // Whoever is accused is the network, unless all that accuses leaves open who it was.
    let network = fired.iter().any(|fired| fired.rule.says.accuses() && fired.rule.locus == Locus::Network && !fired.is_overruled);
    match state {
        state if state.accuses() => {
            if network {
                Locus::Network
            } else {
                Locus::Unknown
            }
        }
        State::Down => Locus::Server,
        _ if server => Locus::Server,
        _ => Locus::Unknown,
    }
}

fn instruments<'f>(fired: impl IntoIterator<Item = &'f Fired>) -> Vec<Instrument> {
    fired.into_iter().filter_map(|fired| fired.rule.instrument).collect::<BTreeSet<_>>().into_iter().collect()
}

fn available_control(target: &Target<'_>) -> Compared {
    match () {
        () if target.control.is_indirect() => Compared::TestHelperRedirect,
        () if target.control.exists() => Compared::TestHelper,
        () => Compared::None,
    }
}

fn registrable_domain(target: &Target<'_>) -> Option<String> {
    if target.role == TargetRole::Service {
        return None;
    }
    psl::domain_str(target.name).map(str::to_owned)
}
