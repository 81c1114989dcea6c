//! What the whole archive says: countries, and the targets that are interfered with most.

use super::counted::{Counted, days_of};
use crate::countries;
use crate::filter::{Filter, States};
use crate::observatory::Edition;
use crate::overview::Overview;
use crate::parameter::DAYS;
use crate::parts::{Line, Map, Shares, Strip, TallyTable, plural};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::urls;

pub const ROUTE: Route = Route { path: "/", load: Load::Page, parameters: &[DAYS], answer };

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let filter = days_of(&asked.filter()?);
    let edition = &asked.edition;
    let computed;
    let overview = match filter == Filter::default() {
        true => edition.overview(),
        false => {
            computed = Overview::of(&edition.counts, &filter);
            &computed
        }
    };
    let mut page = Counted::new(asked, "", "What networks do to connections", &filter, &overview.total, "/".to_owned());
    let (countries, networks) = (plural(overview.by_country.len() as u64, "country"), plural(overview.networks as u64, "network"));
    page.remarks.push(format!("Measured in {countries} and {networks}. A judgement is what one measurement says about one target."));
    page.map = Map::of(edition, overview, &filter);
    page.tables.push(countries_table(overview, &filter));
    page.shares = Some(Shares::of(&overview.by_day(), &overview.total));
    page.strips.push(strip(edition, overview));
    page.mechanisms = Some(crate::parts::MechanismTable::new(overview.mechanisms.clone(), &filter));
    page.tables.push(targets_table(edition, overview, &filter));
    page.answer()
}

fn countries_table(overview: &Overview, filter: &Filter) -> TallyTable {
    let about = "Each country with the networks in which interference was found, of those that were measured.";
    let lines = overview.by_country.iter().map(|(code, tally)| {
        let here = Filter { country: Some(code.clone()), ..filter.clone() };
        Line::new(countries::label(code), "", filter.at(urls::country(code)), urls::measurements(&here), tally)
    });
    TallyTable::new("countries", "Countries", about, "Country", "Networks").with(lines)
}

fn targets_table(edition: &Edition, overview: &Overview, filter: &Filter) -> TallyTable {
    let about = "The targets with the most findings of interference, over all countries.";
    let lines = overview.worst_targets.iter().map(|(target, tally)| {
        let name = edition.counts.target(*target);
        let here = Filter { target: Some(name.to_owned()), state: Some(States::Interference), ..filter.clone() };
        Line::new(name, "", filter.at(urls::target(name)), urls::measurements(&here), tally)
    });
    TallyTable::new("targets", "What is interfered with most", about, "Target", "Networks").with(lines)
}

fn strip(edition: &Edition, overview: &Overview) -> Strip {
    let number = |code: &str| edition.counts.countries().iter().position(|known| **known == *code).unwrap_or_default() as u32;
    let lines =
        overview.by_country.iter().map(|(code, tally)| (number(code), tally.n(), countries::label(code), urls::country(code))).collect();
    Strip::of("days", "Countries day by day", lines, &overview.country_days)
}
