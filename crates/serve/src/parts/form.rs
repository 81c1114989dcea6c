//! The form that sets a page's filter. It is a plain form: what it sends is the URL of the page.

use askama::Template;
use parallax_model::{EventKind, EventState, Layer, Mechanism, State};

use crate::event_filter::EventFilter;
use crate::filter::Filter;

/// One field of the form.
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: &'static str,
    pub value: String,
    /// What can be chosen; empty for what is typed.
    pub choices: Vec<Choice>,
}

pub struct Choice {
    pub value: &'static str,
    pub is_chosen: bool,
}

#[derive(Template)]
#[template(path = "parts/form.html")]
pub struct Form {
    pub fields: Vec<Field>,
    /// Where the page without any filter is.
    pub plain: String,
    pub is_set: bool,
}

impl Form {
    /// The days of a page that has everything else in its path.
    pub fn of_days(filter: &Filter, plain: impl Into<String>) -> Self {
        let values = filter.parameters();
        let fields = vec![day("from", "First day (UTC)", &values), day("to", "Last day (UTC)", &values)];
        Self { is_set: filter.from.is_some() || filter.to.is_some(), fields, plain: plain.into() }
    }

    /// Every field there is.
    pub fn of_everything(filter: &Filter, plain: impl Into<String>) -> Self {
        let states = ["interference"].into_iter().chain(State::ALL.iter().rev().map(|state| state.as_str()));
        let layers = Layer::ALL.iter().map(|layer| layer.as_str());
        let mechanisms = Mechanism::all().map(Mechanism::as_str);
        let values = filter.parameters();
        let fields = vec![
            typed("cc", "Country", &values),
            typed("asn", "Network (ASN)", &values),
            typed("target", "Target", &values),
            day("from", "First day (UTC)", &values),
            day("to", "Last day (UTC)", &values),
            chosen("state", "State", states, &values),
            chosen("layer", "Layer", layers, &values),
            chosen("mechanism", "Mechanism", mechanisms, &values),
        ];
        Self { is_set: *filter != Filter::default(), fields, plain: plain.into() }
    }

    /// Every field that chooses events.
    pub fn of_events(filter: &EventFilter) -> Self {
        let kinds = EventKind::ALL.iter().map(|kind| kind.as_str());
        let states = ["all"].into_iter().chain(EventState::ALL.iter().map(|state| state.as_str()));
        let values = filter.parameters();
        let fields = vec![
            typed("cc", "Country", &values),
            typed("asn", "Network (ASN)", &values),
            typed("target", "Target", &values),
            chosen("kind", "Kind", kinds, &values),
            chosen("state", "State", states, &values),
            day("since", "Since (UTC)", &values),
            day("until", "Until (UTC)", &values),
        ];
        Self { is_set: *filter != EventFilter::default(), fields, plain: "/events".to_owned() }
    }
}

/// The values that fields show: the parameters of a filter.
type Values = Vec<(&'static str, String)>;

fn typed(name: &'static str, label: &'static str, values: &Values) -> Field {
    let value = values.iter().find(|(known, _)| *known == name).map_or(String::new(), |(_, value)| value.clone());
    Field { name, label, kind: "text", value, choices: Vec::new() }
}

fn day(name: &'static str, label: &'static str, values: &Values) -> Field {
    Field { kind: "date", ..typed(name, label, values) }
}

fn chosen(name: &'static str, label: &'static str, words: impl Iterator<Item = &'static str>, values: &Values) -> Field {
    let field = typed(name, label, values);
    let choices = words.map(|value| Choice { value, is_chosen: value == field.value }).collect();
    Field { choices, ..field }
}
