//! Which events somebody asks for: the same filter for the list in the terminal, the pages, the files and, as a condition, for SQL.

use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState, Timestamp};

use crate::literal;

/// `None` lets everything through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    pub country: Option<String>,
    /// A network; `Some(None)` is one that is not known.
    pub network: Option<Option<u32>>,
    /// A target that was hit; `*.example.org` takes in every name below.
    pub target: Option<String>,
    pub kind: Option<EventKind>,
    /// Events that began, went on or ended since then.
    pub since: Option<Timestamp>,
    /// Events that may have begun before then.
    pub until: Option<Timestamp>,
    pub states: States,
}

/// Events of which states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum States {
    /// What is told as interference or as a shutdown: it goes on, or has ended.
    #[default]
    Told,
    All,
    Only(EventState),
}

impl States {
    pub fn has(self, state: EventState) -> bool {
        match self {
            Self::Told => matches!(state, EventState::Ongoing | EventState::Ended),
            Self::All => true,
            Self::Only(only) => only == state,
        }
    }
}

impl Wanted {
    pub fn has(&self, event: &Event<'_>) -> bool {
        self.states.has(event.state) && self.has_of_any_state(event)
    }

    /// All but the state: what is there beside what is shown.
    pub fn has_of_any_state(&self, event: &Event<'_>) -> bool {
        self.country.as_ref().is_none_or(|country| *country == event.probe_cc)
            && self.network.is_none_or(|network| is_in(event, network))
            && self.target.as_ref().is_none_or(|asked| event.targets.iter().any(|target| is_asked(asked, target)))
            && self.kind.is_none_or(|kind| kind == event.kind)
            && self.since.is_none_or(|since| event.end_latest.is_none_or(|end| end >= since))
            && self.until.is_none_or(|until| event.onset_earliest.unwrap_or(event.onset_latest) < until)
    }

    /// The same over the table `events` in SQL.
    pub fn condition(&self) -> String {
        let mut conditions: Vec<String> = Vec::new();
        match self.states {
            States::Told => conditions.push("state IN ('ongoing', 'ended')".to_owned()),
            States::Only(state) => conditions.push(format!("state = '{state}'")),
            States::All => {}
        }
        conditions.extend(self.country.as_ref().map(|country| format!("probe_cc = {}", literal(country))));
        conditions.extend(self.network.map(|network| match network {
            Some(number) => format!("array_has(networks, {number})"),
            None => "n_networks > cardinality(networks)".to_owned(),
        }));
        conditions.extend(self.target.as_deref().map(target_condition));
        conditions.extend(self.kind.map(|kind| format!("kind = '{kind}'")));
        let moment = |time: Timestamp| time.format("TIMESTAMP '%Y-%m-%dT%H:%M:%S%.6fZ'");
        conditions.extend(self.since.map(|since| format!("(end_latest IS NULL OR end_latest >= {})", moment(since))));
        conditions.extend(self.until.map(|until| format!("coalesce(onset_earliest, onset_latest) < {}", moment(until))));
        match conditions.is_empty() {
            true => "true".to_owned(),
            false => conditions.join(" AND "),
        }
    }
}

fn is_in(event: &Event<'_>, network: Option<u32>) -> bool {
    match network {
        Some(number) => event.networks.contains(&number),
        None => event.n_networks > event.networks.len() as u64,
    }
}

fn is_asked(asked: &str, target: &str) -> bool {
    match asked.strip_prefix("*.") {
        Some(domain) => target == domain || target.strip_suffix(domain).is_some_and(|below| below.ends_with('.')),
        None => asked == target,
    }
}

fn target_condition(asked: &str) -> String {
    match asked.strip_prefix("*.") {
        None => format!("array_has(targets, {})", literal(asked)),
        Some(domain) => {
            // A line for each target, so that a name ends where a line does; no target has a line break.
            let lines = "chr(10) || array_to_string(targets, chr(10)) || chr(10)";
            let at_end = |before: &str| format!("strpos({lines}, {before} || {} || chr(10)) > 0", literal(domain));
            format!("({} OR {})", at_end("chr(10)"), at_end("'.'"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(targets: &[&'static str]) -> Event<'static> {
        Event {
            probe_cc: "XA".into(),
            networks: vec![64500],
            n_networks: 2,
            targets: targets.iter().map(|target| (*target).into()).collect(),
            onset_latest: "2024-03-04 10:00:00".parse().unwrap(),
            end_latest: Some("2024-03-06 10:00:00".parse().unwrap()),
            state: EventState::Explained,
            ..Event::default()
        }
    }

    #[test]
    fn a_filter_lets_through_what_it_names() {
        let all = Wanted { states: States::All, ..Wanted::default() };
        let has = |wanted: &Wanted| wanted.has(&event(&["a.example.org"]));
        assert!(has(&all) && !has(&Wanted::default()));
        for (target, lets) in
            [("a.example.org", true), ("*.example.org", true), ("*.org", true), ("example.org", false), ("*.ple.org", false)]
        {
            assert_eq!(has(&Wanted { target: Some(target.to_owned()), ..all.clone() }), lets, "{target}");
        }
        for (network, lets) in [(Some(64500), true), (Some(64501), false), (None, true)] {
            assert_eq!(has(&Wanted { network: Some(network), ..all.clone() }), lets, "{network:?}");
        }
        let moment = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        for (since, until, lets) in [
            (moment("2024-03-06 10:00:00"), None, true),
            (moment("2024-03-06 10:00:01"), None, false),
            (None, moment("2024-03-04 10:00:00"), false),
            (None, moment("2024-03-04 10:00:01"), true),
        ] {
            assert_eq!(has(&Wanted { since, until, ..all.clone() }), lets, "{since:?} {until:?}");
        }
    }

    #[test]
    fn the_condition_holds_a_text_and_no_more() {
        let wanted = Wanted { states: States::All, country: Some("X' OR 1=1".to_owned()), ..Wanted::default() };
        assert_eq!(wanted.condition(), "probe_cc = 'X'' OR 1=1'");
        assert_eq!(Wanted { states: States::All, ..Wanted::default() }.condition(), "true");
    }
}
