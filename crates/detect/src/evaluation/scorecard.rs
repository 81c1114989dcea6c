//! The scorecard: counts of what was said right and wrong, by everything that a reader may ask for.

use std::collections::{BTreeMap, BTreeSet};

use parallax_model::{Layer, Mechanism, State};

use super::figure::{Figure, Section};
use super::truth::{Guilt, Said, Truth};
use super::weights::RuleTally;

/// Counts over many targets of measurements. What is added in another order gives the same figures.
#[derive(Clone, Debug, Default)]
pub struct Scorecard {
    groups: BTreeMap<(Section, String), Tally>,
    /// What is neither right nor wrong to accuse, as if it were right.
    beside_trouble: Tally,
    confusion: BTreeMap<String, BTreeMap<State, u64>>,
    depth: BTreeMap<Depth, u64>,
    rules: RuleTally,
}

/// Accusations in one group.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    interfered: u64,
    found: u64,
    innocent: u64,
    falsely: u64,
}

/// A named mechanism beside the true ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    Same,
    Shallower,
    Deeper,
    Other,
}

/// Whoever had no trouble.
const NO_TROUBLE: &str = "none";

impl Scorecard {
    pub fn new() -> Self {
        Self::default()
    }

    /// Compares one target. What nobody judged counts as `insufficient`.
    pub fn add(&mut self, truth: &Truth, said: Option<&Said>) {
        let nothing = Said::default();
        let said = said.unwrap_or(&nothing);
        let (guilt, accused) = (truth.guilt(), said.state.accuses());
        for cause in causes(truth) {
            *self.confusion.entry(cause).or_default().entry(said.state).or_default() += 1;
        }
        if guilt == Guilt::BesideTrouble {
            self.beside_trouble.count(true, accused);
            return;
        }
        let guilty = guilt == Guilt::Interference;
        self.group(Section::Overall, "all").count(guilty, accused);
        if truth.fully_blocked && guilty {
            self.group(Section::Overall, "fully_blocked").count(guilty, accused);
        }
        self.group(Section::Nettest, &truth.test_name).count(guilty, accused);
        for trouble in troubles(truth) {
            self.group(Section::Trouble, trouble).count(guilty, accused);
        }
        self.add_layers(truth, said);
        if guilty && accused {
            said.mechanisms.iter().for_each(|named| *self.depth.entry(depth(*named, truth)).or_default() += 1);
        }
        self.rules.add(truth, said);
    }

    fn add_layers(&mut self, truth: &Truth, said: &Said) {
        for layer in Layer::ALL {
            let (is_true, is_said) = (truth.layers.contains(layer), said.state.accuses() && said.layers.contains(layer));
            if truth.may_also.contains(layer) && !is_true {
                continue;
            }
            self.group(Section::Layer, layer.as_str()).count(is_true, is_said);
        }
    }

    fn group(&mut self, section: Section, of: &str) -> &mut Tally {
        self.groups.entry((section, of.to_owned())).or_default()
    }

    /// Every figure, in a fixed order.
    pub fn figures(&self) -> Vec<Figure> {
        let mut figures: Vec<Figure> = self.groups.iter().flat_map(|((section, of), tally)| tally.figures(*section, of)).collect();
        figures.push(Figure {
            section: Section::Overall,
            of: "beside_trouble".to_owned(),
            figure: "accused",
            count: self.beside_trouble.found,
            n: self.beside_trouble.interfered,
        });
        for (cause, states) in &self.confusion {
            let n = states.values().sum();
            figures.extend(State::ALL.iter().rev().map(|state| Figure {
                section: Section::Confusion,
                of: cause.clone(),
                figure: state.as_str(),
                count: states.get(state).copied().unwrap_or_default(),
                n,
            }));
        }
        let n = self.depth.values().sum();
        figures.extend([Depth::Same, Depth::Shallower, Depth::Deeper, Depth::Other].map(|depth| Figure {
            section: Section::Depth,
            of: "mechanisms".to_owned(),
            figure: depth.as_str(),
            count: self.depth.get(&depth).copied().unwrap_or_default(),
            n,
        }));
        figures.sort_by(|one, other| (one.section, &one.of).cmp(&(other.section, &other.of)));
        figures
    }

    /// What the rules that accuse did.
    pub fn rules(&self) -> &RuleTally {
        &self.rules
    }
}

impl Tally {
    fn count(&mut self, guilty: bool, accused: bool) {
        let (all, some) = if guilty { (&mut self.interfered, &mut self.found) } else { (&mut self.innocent, &mut self.falsely) };
        *all += 1;
        *some += u64::from(accused);
    }

    fn figures(&self, section: Section, of: &str) -> [Figure; 3] {
        let figure = |figure, count, n| Figure { section, of: of.to_owned(), figure, count, n };
        [
            figure("precision", self.found, self.found + self.falsely),
            figure("recall", self.found, self.interfered),
            figure("falsely_accused", self.falsely, self.innocent),
        ]
    }
}

impl Depth {
    const fn as_str(self) -> &'static str {
        match self {
            Depth::Same => "same",
            Depth::Shallower => "shallower",
            Depth::Deeper => "deeper",
            Depth::Other => "other",
        }
    }
}

/// Compares with whichever true mechanism is nearest.
fn depth(named: Mechanism, truth: &Truth) -> Depth {
    let to = |actual: &Mechanism| match () {
        () if named == *actual => Depth::Same,
        () if named.is_prefix_of(*actual) => Depth::Shallower,
        () if actual.is_prefix_of(named) => Depth::Deeper,
        () => Depth::Other,
    };
    truth.mechanisms.iter().map(to).min().unwrap_or(Depth::Other)
}

fn troubles(truth: &Truth) -> Vec<&str> {
    match truth.troubles.is_empty() {
        true => vec![NO_TROUBLE],
        false => truth.troubles.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect(),
    }
}

/// What a row of the confusion matrix stands for: a true mechanism, or an innocent trouble.
fn causes(truth: &Truth) -> Vec<String> {
    match truth.guilt() {
        Guilt::Interference => truth.mechanisms.iter().map(ToString::to_string).collect(),
        Guilt::BesideTrouble => vec!["interference beside a trouble".to_owned()],
        Guilt::None => troubles(truth).into_iter().map(|trouble| format!("innocent: {trouble}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn truth(state: State, mechanisms: &[&'static str], troubles: &[&str]) -> Truth {
        let mechanisms: Vec<Mechanism> = mechanisms.iter().map(|path| Mechanism::of(path)).collect();
        Truth {
            test_name: "web_connectivity".to_owned(),
            state,
            fully_blocked: state == State::Blocked,
            layers: mechanisms.iter().filter_map(|mechanism| mechanism.layer()).collect(),
            may_also: Vec::new(),
            mechanisms,
            behind_trouble: Vec::new(),
            troubles: troubles.iter().map(|trouble| (*trouble).to_owned()).collect(),
        }
    }

    fn said(state: State, mechanisms: &[&'static str]) -> Said {
        let mechanisms: Vec<Mechanism> = mechanisms.iter().map(|path| Mechanism::of(path)).collect();
        Said { state, layers: mechanisms.iter().filter_map(|mechanism| mechanism.layer()).collect(), mechanisms, rules_fired: Vec::new() }
    }

    fn figure(scorecard: &Scorecard, section: Section, of: &str, name: &str) -> (u64, u64) {
        let found =
            scorecard.figures().into_iter().find(|figure| (figure.section, figure.of.as_str(), figure.figure) == (section, of, name));
        found.map(|figure| (figure.count, figure.n)).unwrap_or_else(|| panic!("no {name} of {of}"))
    }

    #[test]
    fn a_false_accusation_costs_precision_and_a_miss_costs_recall() {
        let mut scorecard = Scorecard::new();
        scorecard.add(&truth(State::Blocked, &["tls.reset.sni"], &[]), Some(&said(State::LikelyBlocked, &["tls.reset"])));
        scorecard.add(&truth(State::Blocked, &["tls.reset.sni"], &[]), None);
        scorecard.add(&truth(State::Impaired, &[], &["transient"]), Some(&said(State::LikelyBlocked, &["tcp.timeout"])));
        assert_eq!(figure(&scorecard, Section::Overall, "all", "precision"), (1, 2));
        assert_eq!(figure(&scorecard, Section::Overall, "fully_blocked", "recall"), (1, 2));
        assert_eq!(figure(&scorecard, Section::Trouble, "transient", "falsely_accused"), (1, 1));
        assert_eq!(figure(&scorecard, Section::Layer, "tls", "recall"), (1, 2));
        assert_eq!(figure(&scorecard, Section::Layer, "tcp", "precision"), (0, 1));
        assert_eq!(figure(&scorecard, Section::Confusion, "tls.reset.sni", "insufficient"), (1, 2));
        assert_eq!(figure(&scorecard, Section::Depth, "mechanisms", "shallower"), (1, 1));
    }

    #[test]
    fn a_mechanism_that_says_more_than_the_truth_is_deeper() {
        let truth = truth(State::Blocked, &["dns.injection", "tcp.reset"], &[]);
        assert_eq!(depth(Mechanism::of("dns.injection.bogon"), &truth), Depth::Deeper);
        assert_eq!(depth(Mechanism::of("dns"), &truth), Depth::Shallower);
        assert_eq!(depth(Mechanism::of("tcp.reset"), &truth), Depth::Same);
        assert_eq!(depth(Mechanism::of("http.close"), &truth), Depth::Other);
    }

    #[test]
    fn a_layer_off_the_users_way_is_right_to_name_and_right_to_leave_out() {
        let mut scorecard = Scorecard::new();
        let truth = Truth { may_also: vec![Layer::Tls], ..truth(State::Blocked, &["dns.nxdomain"], &[]) };
        scorecard.add(&truth, Some(&said(State::Blocked, &["dns.nxdomain", "tls.reset"])));
        assert!(!scorecard.figures().iter().any(|figure| figure.section == Section::Layer && figure.of == "tls"));
    }

    proptest! {
        #[test]
        fn order_does_not_matter(picks in prop::collection::vec((0_usize..4, 0_usize..4), 0..30)) {
            let truths = [truth(State::Blocked, &["tcp.reset"], &[]), truth(State::Ok, &[], &[]), truth(State::Down, &[], &["site_down"]), truth(State::Interfered, &["dns"], &["transient"])];
            let saids = [None, Some(said(State::Ok, &[])), Some(said(State::Blocked, &["tcp.reset"])), Some(said(State::Interfered, &["dns.nxdomain"]))];
            let (mut there, mut back) = (Scorecard::new(), Scorecard::new());
            picks.iter().for_each(|(truth, said)| there.add(&truths[*truth], saids[*said].as_ref()));
            picks.iter().rev().for_each(|(truth, said)| back.add(&truths[*truth], saids[*said].as_ref()));
            prop_assert_eq!(there.figures(), back.figures());
        }
    }
}
