//! What the words on the pages mean.

use askama::Template;
use parallax_model::{Instrument, Layer, Locus, Mechanism, State};

use crate::filter::Filter;
use crate::parts::Frame;
use crate::route::{Answer, Asked, Load, Route, Trouble};

pub const ROUTE: Route = Route { path: "/help", load: Load::Page, parameters: &[], answer };

#[derive(Template)]
#[template(path = "help.html")]
struct Page {
    frame: Frame,
    states: Vec<&'static State>,
    layers: &'static [Layer],
    loci: &'static [Locus],
    instruments: &'static [Instrument],
    mechanisms: Vec<Mechanism>,
    parameters: &'static [(&'static str, &'static str)],
}

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    Answer::html(&Page {
        frame: Frame::new(asked, "Help"),
        states: State::ALL.iter().rev().collect(),
        layers: Layer::ALL,
        loci: Locus::ALL,
        instruments: Instrument::ALL,
        mechanisms: Mechanism::all().collect(),
        parameters: Filter::PARAMETERS,
    })
}
