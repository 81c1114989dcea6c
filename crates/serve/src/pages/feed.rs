//! New findings as an Atom feed (RFC 4287): for each network and target, the day on which interference was first found.

use askama::Template;
use parallax_model::sha256;

use crate::countries;
use crate::counts::{self, Tally};
use crate::day::Day;
use crate::filter::{Asn, Filter, States};
use crate::parameter::FILTER;
use crate::parts::{network_label, sentence};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::rows::clip;
use crate::urls;

pub const ROUTE: Route = Route { path: "/feed.atom", load: Load::Page, parameters: &[FILTER], answer };

/// Entries of a feed.
const MOST: usize = 50;

pub struct Entry {
    pub id: String,
    pub title: String,
    pub updated: String,
    pub link: String,
    pub summary: String,
}

#[derive(Template)]
#[template(path = "feed.xml")]
pub struct Feed {
    pub id: String,
    pub title: &'static str,
    pub address: String,
    pub updated: String,
    pub entries: Vec<Entry>,
}

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let filter = asked.filter()?;
    let counts = &asked.edition.counts;
    // Without a state of its own the feed is about interference.
    let wanted = Filter { state: filter.state.or(Some(States::Interference)), ..filter.clone() };
    let mut firsts: Vec<(Day, u32, u32)> = counts::group(counts, &wanted, |row| (row.place, row.target), |row| row.target)
        .into_iter()
        .filter_map(|((place, target), tally)| Some((tally.first?, place, target)))
        .collect();
    firsts.sort_unstable_by(|one, other| other.0.cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2))));
    firsts.truncate(MOST);
    let parameters = urls::query(&filter.parameters());
    let feed = Feed {
        id: format!("urn:parallax:feed:{}", parameters.trim_start_matches('?')),
        title: "Parallax: interference found for the first time",
        address: format!("/feed.atom{parameters}"),
        updated: firsts.first().map_or("1970-01-01T00:00:00Z".to_owned(), |(day, _, _)| format!("{day}T00:00:00Z")),
        entries: firsts.into_iter().map(|first| entry(asked, &filter, first)).collect(),
    };
    let text = feed.render().map_err(|error| Trouble::Bug(error.to_string()))?;
    Ok(Answer::new("application/atom+xml; charset=utf-8", text))
}

fn entry(asked: &Asked, filter: &Filter, (day, place, target): (Day, u32, u32)) -> Entry {
    let counts = &asked.edition.counts;
    let (place, target) = (&counts.places()[place as usize], counts.target(target));
    let here = Filter {
        country: Some(place.country.to_string()),
        asn: Some(Asn::of(place.asn)),
        target: Some(target.to_owned()),
        state: None,
        layer: None,
        mechanism: None,
        ..filter.clone()
    };
    let tally: Tally = counts::total(counts, &here);
    Entry {
        id: id(&place.country, Asn::of(place.asn), target),
        title: format!(
            "{} in {}, {}: first found on {day}",
            clip(target),
            countries::label(&place.country),
            network_label(&asked.edition, place)
        ),
        updated: format!("{day}T00:00:00Z"),
        link: here.at(urls::target(target)),
        summary: sentence(&tally),
    }
}

/// The same for the same finding as long as there are feeds, and short however long the names are.
fn id(country: &str, asn: Asn, target: &str) -> String {
    let digest = sha256::of(format!("{country}\n{asn}\n{target}").as_bytes());
    format!("urn:parallax:first:{}", &digest[..32])
}
