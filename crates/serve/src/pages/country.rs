//! One country: what is interfered with there, in which networks, how, since when, and what was tested and found fine.

use super::counted::{Counted, days_of};
use crate::countries;
use crate::counts::{self, Tally};
use crate::filter::{Asn, Filter};
use crate::parameter::DAYS;
use crate::parts::{Line, MechanismTable, Shares, Strip, TallyTable, network_label};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::urls;

pub const ROUTE: Route = Route { path: "/country/{cc}", load: Load::Page, parameters: &[DAYS], answer };

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let (code, edition) = (asked.segment("cc"), &asked.edition);
    let is_known = |code: &str| edition.counts.countries().binary_search_by(|known| (**known).cmp(code)).is_ok();
    if !is_known(code) {
        let upper = code.to_uppercase();
        if is_known(&upper) {
            return Ok(Answer::at(asked.filter()?.at(urls::country(&upper))));
        }
        return Err(Trouble::NotFound { what: "judgement from country", name: code.to_owned() });
    }
    let filter = Filter { country: Some(code.to_owned()), ..days_of(&asked.filter()?) };
    let networks = counts::by_network(&edition.counts, &filter);
    let mut total = Tally::default();
    networks.iter().for_each(|(_, tally)| total.absorb(tally));
    let mut page = Counted::new(asked, "country", countries::label(code), &filter, &total, urls::country(code));
    let targets = counts::by_target(&edition.counts, &filter);
    page.tables = target_tables(&filter, &targets, |name| days_of(&filter).at(urls::target(name)));
    page.tables.insert(1, network_table(asked, &filter, &networks));
    let days = counts::by_day(&edition.counts, &filter).into_iter().collect();
    page.shares = Some(Shares::of(&days, &total));
    page.strips.push(Strip::by_layer(&edition.counts, &filter, &days, &total));
    page.strips.push(network_strip(asked, &filter, &networks));
    page.mechanisms = Some(MechanismTable::new(counts::by_mechanism(&edition.counts, &filter), &filter));
    page.answer()
}

/// Targets with interference, targets that were fine, and targets about which nothing can be said, each in a table of its own, so that none hides in
/// another.
pub fn target_tables(filter: &Filter, targets: &[(&str, Tally)], link: impl Fn(&str) -> String) -> Vec<TallyTable> {
    let table = |id, title: &str, about: &str, wanted: fn(&Tally) -> bool| {
        let lines = targets.iter().filter(|(_, tally)| wanted(tally)).map(|(name, tally)| {
            let here = Filter { target: Some((*name).to_owned()), ..filter.clone() };
            Line::new(*name, "", link(name), urls::measurements(&here), tally)
        });
        TallyTable::new(id, title, about, "Target", "Networks").with(lines)
    };
    vec![
        table("interfered", "Interference was found", FOUND, |tally| tally.accused() > 0),
        table("troubled", "Not working, and nobody is accused", TROUBLED, |tally| tally.accused() == 0 && mostly_fails(tally)),
        table("sometimes", "Sometimes not working, and nobody is accused", SOMETIMES, |tally| {
            tally.accused() == 0 && tally.troubled() > 0 && !mostly_fails(tally)
        }),
        table("fine", "Tested and found fine", FINE, |tally| tally.accused() == 0 && tally.troubled() == 0 && tally.telling() > 0),
        table("unclear", "Too little evidence", UNCLEAR, |tally| tally.telling() == 0),
    ]
}

/// At least half of what says something says that it does not work.
fn mostly_fails(tally: &Tally) -> bool {
    tally.troubled() > 0 && tally.troubled() * 2 >= tally.telling()
}

const FOUND: &str = "Targets with at least one judgement that finds interference. One alone proves little: look at the interval, and at how many networks see it.";
const TROUBLED: &str = "Half or more of the judgements that say something say that connections failed, and the evidence does not say that the network did it, or says that the site itself was down.";
const SOMETIMES: &str = "The same of less than half: mostly the target was reached.";
const FINE: &str = "Every judgement that says something says that the target was reached and nothing was found.";
const UNCLEAR: &str = "Nothing can be said about these, neither that they are blocked nor that they are fine.";

fn network_table(asked: &Asked, filter: &Filter, networks: &[(&counts::Place, Tally)]) -> TallyTable {
    let about = "The networks side by side. Different networks often do different things.";
    let lines = networks.iter().map(|(place, tally)| {
        let here = Filter { asn: Some(Asn::of(place.asn)), ..filter.clone() };
        Line::new(network_label(&asked.edition, place), "", filter.at(urls::network(place.asn)), urls::measurements(&here), tally)
    });
    TallyTable::new("networks", "Networks", about, "Network", "Targets").with(lines)
}

fn network_strip(asked: &Asked, filter: &Filter, networks: &[(&counts::Place, Tally)]) -> Strip {
    let edition = &asked.edition;
    let cells = counts::by_key_and_day(&edition.counts, filter, |row| Some(edition.counts.place(row).asn));
    let lines = networks
        .iter()
        .map(|(place, tally)| (place.asn, tally.n(), network_label(edition, place), filter.at(urls::network(place.asn))))
        .collect();
    Strip::of("networks-days", "Networks day by day", lines, &cells)
}
