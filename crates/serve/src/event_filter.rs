//! Which events a page, a download or a feed is about. Like the filter of judgements it is read from a URL and written to one.

use parallax_engine::events::{States, Wanted};
use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState};

use crate::day::Day;
use crate::filter::{Asn, BadParameter, Filter, in_order, parse};
use crate::observatory::Edition;
use crate::urls::Parameters;

/// `None` lets everything through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventFilter {
    pub country: Option<String>,
    pub asn: Option<Asn>,
    /// A target, or `*.` and a domain for every name below it.
    pub target: Option<String>,
    pub kind: Option<EventKind>,
    pub states: States,
    /// The first and the last day on which an event may have gone on, both included, in UTC.
    pub since: Option<Day>,
    pub until: Option<Day>,
}

/// The word for events of every state.
const ALL: &str = "all";

impl EventFilter {
    /// Names of the parameters, each with what it means.
    pub const PARAMETERS: &[(&str, &str)] = &[
        ("cc", "country, two letters"),
        ("asn", "network: its number, or `unknown`"),
        ("target", "hostname, or service of an app; `*.example.org` takes in every name below"),
        ("kind", "`blocking` or `shutdown`"),
        ("state", "a state such as `ongoing`, or `all`; without it, what goes on or has ended"),
        ("since", "began, went on or ended on this day or later, in UTC"),
        ("until", "may have begun on this day or earlier"),
    ];

    pub fn read(parameters: &Parameters) -> Result<Self, BadParameter> {
        let states = parse(parameters, "state", "a state of an event such as `ongoing`, or `all`", states)?;
        let filter = Self {
            country: parameters.text("cc").map(str::to_owned),
            asn: parse(parameters, "asn", "a number, or `unknown`", Asn::read)?,
            target: parameters.text("target").map(str::to_owned),
            kind: parse(parameters, "kind", "`blocking` or `shutdown`", |text| text.parse().ok())?,
            states: states.unwrap_or_default(),
            since: parse(parameters, "since", "a day such as 2024-03-04", |text| text.parse().ok())?,
            until: parse(parameters, "until", "a day such as 2024-03-04", |text| text.parse().ok())?,
        };
        in_order("since", filter.since, filter.until, "a day that is not after `until`")?;
        Ok(filter)
    }

    /// What a page about judgements asks of events.
    pub fn of(filter: &Filter) -> Self {
        Self {
            country: filter.country.clone(),
            asn: filter.asn,
            target: filter.target.clone(),
            since: filter.from,
            until: filter.to,
            ..Self::default()
        }
    }

    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let pairs = [
            ("cc", self.country.clone()),
            ("asn", self.asn.map(|asn| asn.to_string())),
            ("target", self.target.clone()),
            ("kind", self.kind.map(|kind| kind.to_string())),
            ("state", word(self.states).map(str::to_owned)),
            ("since", self.since.map(|day| day.to_string())),
            ("until", self.until.map(|day| day.to_string())),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    pub fn wanted(&self) -> Wanted {
        Wanted {
            country: self.country.clone(),
            network: self.asn.map(Asn::option),
            target: self.target.clone(),
            kind: self.kind,
            since: self.since.map(Day::begins),
            until: self.until.map(|day| day.next().begins()),
            states: self.states,
        }
    }

    /// The events that it lets through, those that began last first.
    pub fn events<'e>(&self, edition: &'e Edition) -> Vec<&'e Event<'static>> {
        let wanted = self.wanted();
        let mut events: Vec<&Event<'static>> = edition.events.iter().filter(|event| wanted.has(event)).collect();
        events.sort_by(|one, other| other.onset_latest.cmp(&one.onset_latest).then_with(|| one.event_id.cmp(&other.event_id)));
        events
    }
}

fn states(text: &str) -> Option<States> {
    match text {
        ALL => Some(States::All),
        state => state.parse::<EventState>().ok().map(States::Only),
    }
}

/// None for what is shown without asking.
fn word(states: States) -> Option<&'static str> {
    match states {
        States::Told => None,
        States::All => Some(ALL),
        States::Only(state) => Some(state.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<EventFilter, BadParameter> {
        EventFilter::read(&Parameters::parse(query))
    }

    #[test]
    fn a_filter_is_written_as_it_is_read() {
        let query = "cc=XA&asn=64500&target=*.example&kind=shutdown&state=explained&since=2024-03-04&until=2024-03-05";
        let filter = read(query).unwrap();
        assert_eq!(filter.parameters().len(), EventFilter::PARAMETERS.len());
        assert_eq!(crate::urls::query(&filter.parameters()), format!("?{query}"));
        assert_eq!(read("cc=&state=&since=").unwrap(), EventFilter::default());
        assert_eq!(read("state=all").unwrap().states, States::All);
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        for (query, name) in [
            ("asn=x", "asn"),
            ("kind=war", "kind"),
            ("state=blocked", "state"),
            ("since=yesterday", "since"),
            ("until=2024-02-30", "until"),
        ] {
            assert_eq!(read(query).unwrap_err().name, name);
        }
    }

    #[test]
    fn the_last_day_is_included() {
        let wanted = read("since=2024-03-04&until=2024-03-04").unwrap().wanted();
        assert_eq!(
            (wanted.since.unwrap().to_string(), wanted.until.unwrap().to_string()),
            ("2024-03-04 00:00:00 UTC".into(), "2024-03-05 00:00:00 UTC".into())
        );
    }
}
