//! The form that sets a page's filter. It is a plain form: what it sends is the URL of the page.

use askama::Template;
use parallax_model::{Layer, Mechanism, State};

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
        let fields = vec![day("from", "First day (UTC)", filter), day("to", "Last day (UTC)", filter)];
        Self { is_set: filter.from.is_some() || filter.to.is_some(), fields, plain: plain.into() }
    }

    /// Every field there is.
    pub fn of_everything(filter: &Filter, plain: impl Into<String>) -> Self {
        let states = ["interference"].into_iter().chain(State::ALL.iter().rev().map(|state| state.as_str()));
        let layers = Layer::ALL.iter().map(|layer| layer.as_str());
        let mechanisms = Mechanism::all().map(Mechanism::as_str);
        let fields = vec![
            typed("cc", "Country", filter),
            typed("asn", "Network (ASN)", filter),
            typed("target", "Target", filter),
            day("from", "First day (UTC)", filter),
            day("to", "Last day (UTC)", filter),
            chosen("state", "State", states, filter),
            chosen("layer", "Layer", layers, filter),
            chosen("mechanism", "Mechanism", mechanisms, filter),
        ];
        Self { is_set: *filter != Filter::default(), fields, plain: plain.into() }
    }
}

fn value(name: &str, filter: &Filter) -> String {
    filter.parameters().into_iter().find(|(known, _)| *known == name).map_or(String::new(), |(_, value)| value)
}

fn typed(name: &'static str, label: &'static str, filter: &Filter) -> Field {
    Field { name, label, kind: "text", value: value(name, filter), choices: Vec::new() }
}

fn day(name: &'static str, label: &'static str, filter: &Filter) -> Field {
    Field { kind: "date", ..typed(name, label, filter) }
}

fn chosen(name: &'static str, label: &'static str, words: impl Iterator<Item = &'static str>, filter: &Filter) -> Field {
    let field = typed(name, label, filter);
    let choices = words.map(|value| Choice { value, is_chosen: value == field.value }).collect();
    Field { choices, ..field }
}
