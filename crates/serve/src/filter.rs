//! Which judgements a page, a download or a feed is about. A filter is read from a URL and written to one, so that what is seen can be
//! cited; and it is a condition in SQL, so that the same judgements can be had by a query.

use parallax_engine::literal;
use parallax_model::{Layer, Mechanism, State};

use crate::counts::{Outcome, Place};
use crate::day::Day;
use crate::urls::Parameters;

/// `None` and an empty list let everything through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Two capital letters, or whatever a record says instead.
    pub country: Option<String>,
    pub asn: Option<Asn>,
    pub target: Option<String>,
    /// The first and the last day, both included, in UTC.
    pub from: Option<Day>,
    pub to: Option<Day>,
    pub state: Option<States>,
    pub layer: Option<Layer>,
    /// A mechanism or the beginning of one.
    pub mechanism: Option<Mechanism>,
}

/// A network as a filter names it: a number, or `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asn {
    Unknown,
    Number(u32),
}

/// One state, or all that accuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum States {
    Interference,
    Only(State),
}

/// A parameter whose value is none that it can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadParameter {
    pub name: &'static str,
    pub value: String,
    pub wanted: &'static str,
}

/// The word for all states that accuse.
const INTERFERENCE: &str = "interference";

impl Filter {
    /// Names of the parameters that a filter reads, each with what it means.
    pub const PARAMETERS: &[(&str, &str)] = &[
        ("cc", "country of the probes, two letters"),
        ("asn", "network of the probes: its number, or `unknown`"),
        ("target", "hostname, or service of an app"),
        ("from", "first day, such as 2024-03-04, in UTC"),
        ("to", "last day, included"),
        ("state", "state of the judgement; `interference` for all that accuse"),
        ("layer", "layer where interference was found"),
        ("mechanism", "how it was done, or the beginning of it, such as `dns.injection`"),
    ];

    /// Reads a filter from the parameters of a URL; an empty value is as good as none.
    pub fn read(parameters: &Parameters) -> Result<Self, BadParameter> {
        let mechanism = |text: &str| text.parse::<Mechanism>().ok();
        let filter = Self {
            country: parameters.text("cc").map(str::to_owned),
            asn: parse(parameters, "asn", "a number, or `unknown`", Asn::read)?,
            target: parameters.text("target").map(str::to_owned),
            from: parse(parameters, "from", "a day such as 2024-03-04", |text| text.parse().ok())?,
            to: parse(parameters, "to", "a day such as 2024-03-04", |text| text.parse().ok())?,
            state: parse(parameters, "state", "a state such as `blocked`, or `interference`", States::read)?,
            layer: parse(parameters, "layer", "dns, tcp, tls, quic or http", |text| text.parse().ok())?,
            mechanism: parse(parameters, "mechanism", "a mechanism such as `dns.injection`", mechanism)?,
        };
        in_order("from", filter.from, filter.to, "a day that is not after `to`")?;
        Ok(filter)
    }

    /// The filter as parameters of a URL, in one order.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let pairs = [
            ("cc", self.country.clone()),
            ("asn", self.asn.map(|asn| asn.to_string())),
            ("target", self.target.clone()),
            ("from", self.from.map(|day| day.to_string())),
            ("to", self.to.map(|day| day.to_string())),
            ("state", self.state.map(|states| states.as_str().to_owned())),
            ("layer", self.layer.map(|layer| layer.to_string())),
            ("mechanism", self.mechanism.map(|mechanism| mechanism.to_string())),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The address of a page with this filter, as far as the page knows it: the rest is in the path, or is not what the page is about.
    pub fn at(&self, path: String) -> String {
        // What could not be addressed is searched for.
        if path.contains('?') {
            return path;
        }
        let knows = |name: &str| crate::pages::parameters(&path).any(|parameter| parameter.name == name);
        let rest: Vec<_> = self.parameters().into_iter().filter(|(name, _)| knows(name)).collect();
        let query = crate::urls::query(&rest);
        path + &query
    }

    /// Whether the filter chooses judgements by what they say: a share among them would say nothing.
    pub fn chooses_outcomes(&self) -> bool {
        self.state.is_some() || self.layer.is_some() || self.mechanism.is_some()
    }

    pub fn lets_place(&self, place: &Place) -> bool {
        self.country.as_deref().is_none_or(|country| *country == *place.country) && self.asn.is_none_or(|asn| asn.option() == place.asn)
    }

    pub fn lets_outcome(&self, outcome: &Outcome) -> bool {
        self.state.is_none_or(|states| states.has(outcome.state))
            && self.layer.is_none_or(|layer| outcome.layers.contains(&layer))
            && self.mechanism.is_none_or(|wanted| outcome.mechanisms.iter().any(|mechanism| wanted.is_prefix_of(*mechanism)))
    }

    /// The same filter over `judgements` in SQL.
    pub fn condition(&self) -> String {
        let mut conditions: Vec<String> = Vec::new();
        let mut and = |condition: String| conditions.push(condition);
        if let Some(country) = &self.country {
            and(format!("probe_cc = {}", literal(country)));
        }
        match self.asn {
            Some(Asn::Number(asn)) => and(format!("probe_asn = {asn}")),
            Some(Asn::Unknown) => and("probe_asn IS NULL".to_owned()),
            None => {}
        }
        if let Some(target) = &self.target {
            and(format!("target = {}", literal(target)));
        }
        if let Some(from) = self.from {
            and(format!("measurement_start_time >= TIMESTAMP '{from}T00:00:00Z'"));
        }
        if let Some(to) = self.to {
            and(format!("measurement_start_time < TIMESTAMP '{}T00:00:00Z'", to.next()));
        }
        match self.state {
            Some(States::Only(state)) => and(format!("state = '{state}'")),
            Some(States::Interference) => and("state IN ('interfered', 'likely_blocked', 'blocked')".to_owned()),
            None => {}
        }
        if let Some(layer) = self.layer {
            and(format!("array_has(layers, '{layer}')"));
        }
        if let Some(mechanism) = self.mechanism {
            // A dot after each, so that a beginning ends where a word ends.
            and(format!("strpos(' ' || replace(array_to_string(mechanisms, ' '), ' ', '. ') || '.', ' {mechanism}.') > 0"));
        }
        match conditions.is_empty() {
            true => "true".to_owned(),
            false => conditions.join(" AND "),
        }
    }
}

impl Asn {
    pub fn read(text: &str) -> Option<Self> {
        let number = text.strip_prefix("AS").or_else(|| text.strip_prefix("as")).unwrap_or(text);
        match number {
            "unknown" => Some(Self::Unknown),
            number => number.parse().ok().map(Self::Number),
        }
    }

    pub fn of(asn: Option<u32>) -> Self {
        asn.map_or(Self::Unknown, Self::Number)
    }

    pub fn option(self) -> Option<u32> {
        match self {
            Self::Unknown => None,
            Self::Number(asn) => Some(asn),
        }
    }

    pub fn parse(text: &str) -> Result<Self, BadParameter> {
        Self::read(text).ok_or_else(|| BadParameter { name: "asn", value: text.to_owned(), wanted: "a number, or `unknown`" })
    }
}

impl std::fmt::Display for Asn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Number(asn) => write!(f, "{asn}"),
        }
    }
}

impl States {
    fn read(text: &str) -> Option<Self> {
        match text {
            INTERFERENCE => Some(Self::Interference),
            state => state.parse().ok().map(Self::Only),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Interference => INTERFERENCE,
            Self::Only(state) => state.as_str(),
        }
    }

    fn has(self, state: State) -> bool {
        match self {
            Self::Interference => state.accuses(),
            Self::Only(only) => only == state,
        }
    }
}

/// A parameter whose value must be one of some kind.
pub fn parse<T>(
    parameters: &Parameters,
    name: &'static str,
    wanted: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, BadParameter> {
    let Some(text) = parameters.text(name) else { return Ok(None) };
    match read(text) {
        Some(value) => Ok(Some(value)),
        None => Err(BadParameter { name, value: text.to_owned(), wanted }),
    }
}

/// Refuses days that end before they begin: nothing would be found, and that would look like a finding.
pub fn in_order(name: &'static str, first: Option<Day>, last: Option<Day>, wanted: &'static str) -> Result<(), BadParameter> {
    match first.zip(last).filter(|(first, last)| first > last) {
        None => Ok(()),
        Some((first, _)) => Err(BadParameter { name, value: first.to_string(), wanted }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Filter, BadParameter> {
        Filter::read(&Parameters::parse(query))
    }

    #[test]
    fn a_filter_is_written_as_it_is_read() {
        let query = "cc=XA&asn=64500&target=a%26b%2Fc&from=2024-03-04&to=2024-03-05&state=interference&layer=dns&mechanism=dns.injection";
        let filter = read(query).unwrap();
        let pairs: Vec<_> = filter.parameters();
        assert_eq!(pairs.len(), Filter::PARAMETERS.len());
        assert_eq!(crate::urls::query(&pairs), format!("?{query}"));
        assert_eq!(read("").unwrap(), Filter::default());
        assert_eq!(read("cc=&asn=&from=&state=").unwrap(), Filter::default());
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        for (query, name) in [
            ("asn=x", "asn"),
            ("from=yesterday", "from"),
            ("to=2024-02-30", "to"),
            ("state=bad", "state"),
            ("layer=ip", "layer"),
            ("mechanism=x", "mechanism"),
        ] {
            assert_eq!(read(query).unwrap_err().name, name);
        }
    }

    #[test]
    fn the_condition_holds_a_text_and_no_more() {
        assert_eq!(read("target=a'%20OR%201=1").unwrap().condition(), "target = 'a'' OR 1=1'");
        assert_eq!(Filter::default().condition(), "true");
    }
}
