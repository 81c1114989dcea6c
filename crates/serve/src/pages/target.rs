//! One target: where it is interfered with and where it is fine, in which networks, how, and since when.

use super::counted::{Counted, days_of};
use crate::countries;
use crate::counts::{self, Tally};
use crate::filter::{Asn, Filter};
use crate::parameter::{ASN, CC, DAYS};
use crate::parts::{Line, MechanismTable, Shares, Strip, TallyTable, network_label};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::urls;

pub const ROUTE: Route = Route { path: "/target/{name}", load: Load::Page, parameters: &[&[CC, ASN], DAYS], answer };

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let (name, edition) = (asked.segment("name"), &asked.edition);
    if !edition.counts.has_target(name) {
        return Err(Trouble::NotFound { what: "judgement about target", name: name.to_owned() });
    }
    let asked_filter = asked.filter()?;
    let (country, asn) = (asked_filter.country.clone(), asked_filter.asn);
    let filter = Filter { target: Some(name.to_owned()), country, asn, ..days_of(&asked_filter) };
    let networks = counts::by_network(&edition.counts, &filter);
    let by_country = counts::by_country(&networks);
    let mut total = Tally::default();
    by_country.iter().for_each(|(_, tally)| total.absorb(tally));
    let mut page = Counted::new(asked, "target", name, &filter, &total, urls::target(name));
    page.tables.push(country_table(&filter, &by_country));
    page.tables.push(network_table(asked, &filter, &networks));
    let days = counts::by_day(&edition.counts, &filter).into_iter().collect();
    page.shares = Some(Shares::of(&days, &total));
    page.strips.push(Strip::by_layer(&edition.counts, &filter, &days, &total));
    page.strips.push(network_strip(asked, &filter, &networks));
    page.mechanisms = Some(MechanismTable::new(counts::by_mechanism(&edition.counts, &filter), &filter));
    page.answer()
}

fn country_table(filter: &Filter, by_country: &[(&str, Tally)]) -> TallyTable {
    let about = "Who else sees it: each country with the networks in which interference was found, of those that were measured.";
    let lines = by_country.iter().map(|(code, tally)| {
        let here = Filter { country: Some((*code).to_owned()), ..filter.clone() };
        Line::new(
            countries::label(code),
            "",
            Filter { target: None, ..filter.clone() }.at(urls::country(code)),
            urls::measurements(&here),
            tally,
        )
    });
    TallyTable::new("countries", "Countries", about, "Country", "Networks").with(lines)
}

fn network_table(asked: &Asked, filter: &Filter, networks: &[(&counts::Place, Tally)]) -> TallyTable {
    let lines = networks.iter().map(|(place, tally)| {
        let here = Filter { country: Some(place.country.to_string()), asn: Some(Asn::of(place.asn)), ..filter.clone() };
        let link = Filter { target: None, asn: None, ..filter.clone() }.at(urls::network(place.asn));
        Line::new(network_label(&asked.edition, place), countries::label(&place.country), link, urls::measurements(&here), tally)
    });
    TallyTable::new("networks", "Networks", "", "Network", "Targets").with(lines)
}

fn network_strip(asked: &Asked, filter: &Filter, networks: &[(&counts::Place, Tally)]) -> Strip {
    let counts = &asked.edition.counts;
    let number = |wanted: &counts::Place| counts.places().binary_search(wanted).unwrap_or_default() as u32;
    let cells = counts::by_key_and_day(counts, filter, |row| Some(row.place));
    let label = |place: &counts::Place| format!("{} {}", place.country, network_label(&asked.edition, place));
    let lines = networks.iter().map(|(place, tally)| (number(place), tally.n(), label(place), urls::network(place.asn))).collect();
    Strip::of("networks-days", "Networks day by day", lines, &cells)
}
