//! Parameters of addresses: every route says which it knows. An endpoint refuses a number that it cannot use; pages forgive that.

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

const fn filtered(place: usize, kind: Kind) -> Parameter {
    Parameter { name: Filter::PARAMETERS[place].0, about: Filter::PARAMETERS[place].1, kind }
}

pub const CC: Parameter = filtered(0, Kind::Text);
pub const ASN: Parameter = filtered(1, Kind::Asn);
const TARGET: Parameter = filtered(2, Kind::Text);
const FROM: Parameter = filtered(3, Kind::Day);
const TO: Parameter = filtered(4, Kind::Day);
const STATE: Parameter = filtered(5, Kind::Word(states));
const LAYER: Parameter = filtered(6, Kind::Word(|| Layer::ALL.iter().map(|layer| layer.as_str()).collect()));
const MECHANISM: Parameter = filtered(7, Kind::Word(|| Mechanism::all().map(Mechanism::as_str).collect()));

/// The parameters of [`Filter`], in its order.
pub const FILTER: &[Parameter] = &[CC, ASN, TARGET, FROM, TO, STATE, LAYER, MECHANISM];
/// Of a page that has the rest in its path, or is about everything.
pub const DAYS: &[Parameter] = &[FROM, TO];

fn states() -> Vec<&'static str> {
    State::ALL.iter().map(|state| state.as_str()).chain(["interference"]).collect()
}

fn event_states() -> Vec<&'static str> {
    EventState::ALL.iter().map(|state| state.as_str()).chain(["all"]).collect()
}

/// `unknown`, or a number that fits 32 bits.
const ASN_PATTERN: &str = "^(unknown|(AS)?([0-9]{1,9}|[1-3][0-9]{9}|4[01][0-9]{8}|42[0-8][0-9]{7}|429[0-3][0-9]{6}|4294[0-8][0-9]{5}|42949[0-5][0-9]{4}\
                   |429496[0-6][0-9]{3}|4294967[01][0-9]{2}|42949672[0-8][0-9]|429496729[0-5]))$";

const fn of_events(place: usize, kind: Kind) -> Parameter {
    Parameter { name: EventFilter::PARAMETERS[place].0, about: EventFilter::PARAMETERS[place].1, kind }
}

/// The parameters of [`EventFilter`], in its order.
pub const EVENT_FILTER: &[Parameter] = &[
    of_events(0, Kind::Text),
    of_events(1, Kind::Asn),
    of_events(2, Kind::Text),
    of_events(3, Kind::Word(|| EventKind::ALL.iter().map(|kind| kind.as_str()).collect())),
    of_events(4, Kind::Word(event_states)),
    of_events(5, Kind::Day),
    of_events(6, Kind::Day),
];

/// What is searched for, and a query.
pub const SEARCHED: Parameter = Parameter { name: "q", about: "the text", kind: Kind::Text };
pub const SQL: Parameter = Parameter { name: "sql", about: "the query", kind: Kind::Needed };

pub const LIMIT: Parameter = Parameter { name: "limit", about: "most rows", kind: Kind::Number { otherwise: 100, most: 1000 } };
pub const PAGE: Parameter =
    Parameter { name: "page", about: "which rows, counted in limits from 1", kind: Kind::Number { otherwise: 1, most: 200 } };

impl Parameter {
    pub const fn text(name: &'static str, about: &'static str) -> Self {
        Self { name, about, kind: Kind::Text }
    }

    /// Whether it stands behind the `?`, and not in the path.
    pub fn is_asked(&self) -> bool {
        !matches!(self.kind, Kind::Path)
    }

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
            Kind::Asn => json!({ "type": "string", "pattern": ASN_PATTERN }),
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
