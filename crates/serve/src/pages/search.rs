//! Search: a country, a network, a target, an event, a rule or a measurement, by name or number. What is meant for sure is gone to at once.

use askama::Template;
use parallax_detect::interference::rules;

use crate::observatory::Edition;
use crate::parameter::SEARCHED;
use crate::parts::Frame;
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::search::{self, Found};
use crate::{countries, urls};

pub const ROUTE: Route = Route { path: "/search", load: Load::Page, parameters: &[&[SEARCHED]], answer };

#[derive(Template)]
#[template(path = "search.html")]
struct Page {
    frame: Frame,
    searched: String,
    found: Vec<Found>,
    has_more: bool,
}

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let searched = asked.parameters.text("q").unwrap_or_default();
    if let Some(address) = exactly(&asked.edition, searched)? {
        return Ok(Answer::at(address));
    }
    let (found, has_more) = search::search(&asked.edition, searched);
    let frame = Frame { searched: searched.to_owned(), ..Frame::new(asked, "Search") };
    Answer::html(&Page { frame, searched: searched.to_owned(), found, has_more })
}

/// The page that can only be meant.
fn exactly(edition: &Edition, searched: &str) -> Result<Option<String>, Trouble> {
    let counts = &edition.counts;
    let has_country = |code: &str| counts.countries().binary_search_by(|known| (**known).cmp(code)).is_ok();
    let upper = searched.to_uppercase();
    if searched.len() == 2 && has_country(&upper) {
        return Ok(Some(urls::country(&upper)));
    }
    if let Some(code) = countries::called(searched).filter(|code| has_country(code)) {
        return Ok(Some(urls::country(code)));
    }
    let number = upper.strip_prefix("AS").unwrap_or(&upper).parse::<u32>().ok();
    if let Some(asn) = number.filter(|asn| counts.places().iter().any(|place| place.asn == Some(*asn))) {
        return Ok(Some(urls::network(Some(asn))));
    }
    if counts.has_target(searched) {
        return Ok(Some(urls::target(searched)));
    }
    if let Some(event) = edition.events.iter().find(|event| event.event_id.eq_ignore_ascii_case(searched)) {
        return Ok(Some(urls::event(&event.event_id)));
    }
    if rules::find(searched).is_some() {
        return Ok(Some(urls::rule(searched)));
    }
    Ok(search::is_measurement(edition, searched)?.then(|| urls::measurement(searched)))
}
