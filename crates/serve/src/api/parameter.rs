//! Parameters of endpoints. Unlike pages, which forgive, an endpoint refuses a number that it cannot use.

use parallax_model::{EventKind, EventState, Layer, Mechanism, State};
use serde_json::{Value, json};

use crate::event_filter::EventFilter;
use crate::filter::Filter;
use crate::route::{Asked, Trouble};

pub struct Parameter {
    pub name: &'static str,
    pub about: &'static str,
    pub kind: Kind,
}

pub enum Kind {
    Text,
    /// Needed: there is no answer without it.
    Needed,
    /// Part of the path.
    Path,
    Number {
        otherwise: usize,
        most: usize,
    },
    /// One of these.
    Word(fn() -> Vec<&'static str>),
    /// A network.
    Asn,
    Day,
}

/// The parameters of [`Filter`], in its order.
pub const FILTER: &[Parameter] = &[
    Parameter { name: "cc", about: Filter::PARAMETERS[0].1, kind: Kind::Text },
    Parameter { name: "asn", about: Filter::PARAMETERS[1].1, kind: Kind::Asn },
    Parameter { name: "target", about: Filter::PARAMETERS[2].1, kind: Kind::Text },
    Parameter { name: "from", about: Filter::PARAMETERS[3].1, kind: Kind::Day },
    Parameter { name: "to", about: Filter::PARAMETERS[4].1, kind: Kind::Day },
    Parameter { name: "state", about: Filter::PARAMETERS[5].1, kind: Kind::Word(states) },
    Parameter {
        name: "layer",
        about: Filter::PARAMETERS[6].1,
        kind: Kind::Word(|| Layer::ALL.iter().map(|layer| layer.as_str()).collect()),
    },
    Parameter { name: "mechanism", about: Filter::PARAMETERS[7].1, kind: Kind::Word(|| Mechanism::all().map(Mechanism::as_str).collect()) },
];

fn states() -> Vec<&'static str> {
    State::ALL.iter().map(|state| state.as_str()).chain(["interference"]).collect()
}

fn event_states() -> Vec<&'static str> {
    EventState::ALL.iter().map(|state| state.as_str()).chain(["all"]).collect()
}

/// `unknown`, or a number that fits 32 bits.
const ASN: &str = "^(unknown|(AS)?([0-9]{1,9}|[1-3][0-9]{9}|4[01][0-9]{8}|42[0-8][0-9]{7}|429[0-3][0-9]{6}|4294[0-8][0-9]{5}|42949[0-5][0-9]{4}\
                   |429496[0-6][0-9]{3}|4294967[01][0-9]{2}|42949672[0-8][0-9]|429496729[0-5]))$";

/// The parameters of [`EventFilter`], in its order.
pub const EVENT_FILTER: &[Parameter] = &[
    Parameter { name: "cc", about: EventFilter::PARAMETERS[0].1, kind: Kind::Text },
    Parameter { name: "asn", about: EventFilter::PARAMETERS[1].1, kind: Kind::Asn },
    Parameter { name: "target", about: EventFilter::PARAMETERS[2].1, kind: Kind::Text },
    Parameter {
        name: "kind",
        about: EventFilter::PARAMETERS[3].1,
        kind: Kind::Word(|| EventKind::ALL.iter().map(|kind| kind.as_str()).collect()),
    },
    Parameter { name: "state", about: EventFilter::PARAMETERS[4].1, kind: Kind::Word(event_states) },
    Parameter { name: "since", about: EventFilter::PARAMETERS[5].1, kind: Kind::Day },
    Parameter { name: "until", about: EventFilter::PARAMETERS[6].1, kind: Kind::Day },
];

pub const LIMIT: Parameter = Parameter { name: "limit", about: "most rows", kind: Kind::Number { otherwise: 100, most: 1000 } };
pub const PAGE: Parameter =
    Parameter { name: "page", about: "which rows, counted in limits from 1", kind: Kind::Number { otherwise: 1, most: 200 } };

impl Parameter {
    /// The number that was given, or the one that stands for none.
    pub fn number(&self, asked: &Asked) -> Result<usize, Trouble> {
        let Kind::Number { otherwise, most } = self.kind else { return Ok(0) };
        let Some(text) = asked.parameters.text(self.name) else { return Ok(otherwise) };
        let number = text.parse().ok().filter(|number| (1..=most).contains(number));
        number.ok_or_else(|| Trouble::BadParameter { name: self.name, value: text.to_owned(), wanted: "a number from 1, within its limit" })
    }

    /// Refuses what is there and empty, apart from texts, of which an empty one is as good as none.
    pub fn check(&self, asked: &Asked) -> Result<(), Trouble> {
        let is_refused = !matches!(self.kind, Kind::Text | Kind::Path) && asked.parameters.is_empty(self.name);
        match is_refused {
            true => Err(Trouble::BadParameter { name: self.name, value: String::new(), wanted: "left out or filled in" }),
            false => Ok(()),
        }
    }

    /// The parameter in OpenAPI.
    pub fn document(&self) -> Value {
        let schema = match &self.kind {
            Kind::Text | Kind::Path => json!({ "type": "string" }),
            Kind::Needed => json!({ "type": "string", "minLength": 1 }),
            Kind::Asn => json!({ "type": "string", "pattern": ASN }),
            Kind::Number { otherwise, most } => json!({ "type": "integer", "minimum": 1, "maximum": most, "default": otherwise }),
            Kind::Word(words) => json!({ "type": "string", "enum": words() }),
            Kind::Day => json!({ "type": "string", "format": "date" }),
        };
        let is_path = matches!(self.kind, Kind::Path);
        json!({
            "name": self.name,
            "in": if is_path { "path" } else { "query" },
            "required": is_path || matches!(self.kind, Kind::Needed),
            "description": self.about,
            "schema": schema,
        })
    }
}
