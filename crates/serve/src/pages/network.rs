//! One network, with its name: what is interfered with there, how, and what it lets through.

use super::counted::{Counted, days_of};
use super::country::target_tables;
use crate::counts::{self, Tally};
use crate::filter::{Asn, Filter};
use crate::parameter::{CC, DAYS};
use crate::parts::{MechanismTable, Shares, Strip};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::urls;

pub const ROUTE: Route = Route { path: "/network/{asn}", load: Load::Page, parameters: &[&[CC], DAYS], answer };

/// Targets whose days are drawn.
const MOST_DRAWN: usize = 30;

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let (asn, edition) = (Asn::parse(asked.segment("asn"))?, &asked.edition);
    let country = asked.filter()?.country;
    let filter = Filter { asn: Some(asn), country, ..days_of(&asked.filter()?) };
    let Some(place) = edition.counts.places().iter().find(|place| filter.lets_place(place)) else {
        return Err(Trouble::NotFound { what: "judgement from network", name: asn.to_string() });
    };
    let targets = counts::by_target(&edition.counts, &filter);
    let mut total = Tally::default();
    targets.iter().for_each(|(_, tally)| total.absorb(tally));
    let name = match place.asn {
        Some(number) => format!("AS{number}"),
        None => "unknown".to_owned(),
    };
    let mut page = Counted::new(asked, "network", name, &filter, &total, urls::network(place.asn));
    page.note = place.asn.and_then(|asn| edition.network_name(asn)).unwrap_or_default().to_owned();
    page.remarks.push(countries(asked, &filter));
    let link = |name: &str| Filter { asn: None, ..filter.clone() }.at(urls::target(name));
    page.tables = target_tables(&filter, &targets, link);
    let days = counts::by_day(&edition.counts, &filter).into_iter().collect();
    page.shares = Some(Shares::of(&days, &total));
    page.strips.push(Strip::by_layer(&edition.counts, &filter, &days, &total));
    page.strips.push(target_strip(asked, &filter, &targets));
    page.mechanisms = Some(MechanismTable::new(counts::by_mechanism(&edition.counts, &filter), &filter));
    page.answer()
}

fn countries(asked: &Asked, filter: &Filter) -> String {
    let places = asked.edition.counts.places().iter().filter(|place| filter.lets_place(place));
    let names: Vec<_> = places.map(|place| crate::countries::label(&place.country)).collect();
    format!("Measured from {}. The name is the one that most probes give.", names.join(", "))
}

fn target_strip(asked: &Asked, filter: &Filter, targets: &[(&str, Tally)]) -> Strip {
    let counts = &asked.edition.counts;
    let drawn: Vec<&str> = targets.iter().take(MOST_DRAWN).map(|(name, _)| *name).collect();
    let cells = counts::by_key_and_day(counts, filter, |row| drawn.iter().position(|name| *name == counts.target(row.target)));
    let lines =
        targets.iter().enumerate().map(|(index, (name, tally))| (index, tally.n(), (*name).to_owned(), urls::target(name))).collect();
    Strip::of("targets-days", "Targets day by day", lines, &cells)
}
