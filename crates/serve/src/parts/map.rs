//! The world as it was in the last days: each country in the colour and the pattern of what was found there. Countries that are too small
//! to see are dots, and those on no map, such as simulated ones, are tiles; the table has them all.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use parallax_engine::events::States;
use parallax_model::{EventState, State};

use super::count;
use super::figures::share_text;
use super::window::{Window, wrong_clocks};
use crate::charts::{self, About, FEW, level, level_of};
use crate::countries;
use crate::counts::Tally;
use crate::day::Day;
use crate::event_filter::EventFilter;
use crate::filter::Filter;
use crate::observatory::Edition;
use crate::overview::Overview;
use crate::urls;
use crate::world::{Land, WORLD, World};

/// Days that the map is about, back from the last one.
const DAYS: u16 = 7;

/// A country that was measured at some time.
pub struct Country {
    pub code: String,
    pub label: String,
    pub link: String,
    pub level: &'static str,
    /// What the colour says, in words.
    pub says: &'static str,
    pub share: String,
    pub unclear: String,
    pub n: String,
    /// Its last day with a measurement.
    pub last: String,
    /// Events that are told and go on, with where they are.
    pub events: u64,
    pub events_link: String,
    pub land: Option<&'static Land>,
    tally: Tally,
}

impl Country {
    fn title(&self) -> String {
        let found = match self.level {
            "none" => format!("{}: not measured in these days, the last time on {}", self.label, self.last),
            _ => format!("{}: {}; {}, {} with too little evidence", self.label, self.says, self.share, self.unclear),
        };
        found + &self.going_on("; ")
    }

    /// `; 2 events go on`, or nothing.
    fn going_on(&self, before: &str) -> String {
        match self.events {
            0 => String::new(),
            1 => format!("{before}1 event goes on"),
            n => format!("{before}{} events go on", count(n)),
        }
    }

    /// What a tile says.
    fn in_short(&self) -> String {
        let found = match self.level {
            "none" => "not measured in these days".to_owned(),
            _ => format!("{}, {}", self.says, self.share),
        };
        found + &self.going_on("; ")
    }

    /// Classes of whatever stands for it: a few judgements are pale.
    fn class(&self, plain: &str) -> String {
        let few = if (1..FEW).contains(&self.tally.telling()) { " few" } else { "" };
        let pattern = match self.level {
            "much" => " striped",
            "some" => " dotted",
            "trouble" => " banded",
            _ => "",
        };
        format!("{plain} {}{}{few}", self.level, if plain == "mark" { pattern } else { "" })
    }

    /// The pattern that fills it, where a colour alone would not do.
    fn pattern(&self) -> Option<&'static str> {
        ["insufficient", "much", "some", "trouble"].into_iter().find(|pattern| *pattern == self.level)
    }

    /// The outline of what is drawn as a land.
    fn outline(&self) -> Option<&'static str> {
        self.land?.outline
    }

    /// The place of what is drawn as a dot.
    fn dot(&self) -> Option<&'static Land> {
        self.land.filter(|land| land.outline.is_none())
    }
}

#[derive(Template)]
#[template(path = "parts/map.html")]
pub struct Map {
    world: &'static World,
    pub countries: Vec<Country>,
    /// Outlines of lands that were never measured.
    pub blank: Vec<&'static str>,
    pub first: Day,
    pub last: Day,
    /// Judgements that are of no day, because the probe's clock is known to be wrong.
    pub wrong_clocks: u64,
    pub spec: Option<String>,
}

impl Map {
    /// None where no day is known.
    pub fn of(edition: &Edition, overview: &Overview, filter: &Filter) -> Option<Self> {
        let mut measured: BTreeMap<Day, u64> = BTreeMap::new();
        overview.country_days.iter().for_each(|((_, day), tally)| *measured.entry(*day).or_default() += tally.n());
        let window = Window::of_all(&measured, overview.total.n());
        let last = *window.days.last()?;
        let first = last.minus(DAYS - 1);
        let mut current: HashMap<u32, Tally> = HashMap::new();
        let recent = overview.country_days.iter().filter(|((_, day), _)| first <= *day && *day <= last);
        recent.for_each(|((country, _), tally)| current.entry(*country).or_default().absorb(tally));
        let known = edition.counts.countries();
        let number = |code: &str| known.binary_search_by(|known| (**known).cmp(code)).ok();
        let tally = |code: &str| number(code).and_then(|number| current.remove(&u32::try_from(number).ok()?));
        let mut tally = tally;
        let events = going_on(edition, filter);
        let events = |code: &str| events.get(code).copied().unwrap_or_default();
        let countries: Vec<Country> = overview
            .by_country
            .iter()
            .map(|(code, all)| country(code, tally(code).unwrap_or_default(), all, events(code), filter))
            .collect();
        let is_blank = |land: &&Land| number(land.code).is_none();
        let blank = WORLD.lands.iter().filter(is_blank).filter_map(|land| land.outline).collect();
        Some(Self { world: &WORLD, countries, blank, first, last, wrong_clocks: window.wrong_clocks, spec: None })
    }

    /// Makes the chart that the script offers as files; the drawing of the server stays on the page.
    pub fn charted(&mut self, about: &About) -> bool {
        let land = |country: &Country| charts::Land {
            code: country.code.clone(),
            label: country.label.clone(),
            level: country.level,
            interference: country.tally.accused(),
            telling: country.tally.telling(),
            unclear: country.tally.of(State::Insufficient),
            events: country.events,
            land: country.land,
        };
        let lands: Vec<charts::Land> = self.countries.iter().map(land).collect();
        let n = self.countries.iter().map(|country| country.tally.n()).sum();
        let about = about.of("The world", "map").resting_on(n, Some(self.first), Some(self.last));
        let about = if self.wrong_clocks > 0 { about.with_line(wrong_clocks(self.wrong_clocks)) } else { about };
        self.spec = Some(charts::map(&about, &lands, &self.blank).to_string());
        true
    }

    /// Countries on no map.
    fn tiles(&self) -> impl Iterator<Item = &Country> {
        self.countries.iter().filter(|country| country.land.is_none())
    }
}

/// How many events of each country are told and go on, of the days that are chosen.
fn going_on<'e>(edition: &'e Edition, filter: &Filter) -> HashMap<&'e str, u64> {
    let mut found = HashMap::new();
    for event in ongoing(filter).events(edition) {
        *found.entry(event.probe_cc.as_ref()).or_default() += 1;
    }
    found
}

fn ongoing(filter: &Filter) -> EventFilter {
    EventFilter { states: States::Only(EventState::Ongoing), ..EventFilter::of(filter) }
}

fn country(code: &str, tally: Tally, all: &Tally, events: u64, filter: &Filter) -> Country {
    let level = level(level_of(Some(&tally)));
    Country {
        code: crate::rows::clip(code),
        label: crate::rows::clip(&countries::label(code)),
        link: filter.at(urls::country(code)),
        level: level.name,
        says: level.says,
        share: share_text(&tally),
        unclear: count(tally.of(State::Insufficient)),
        n: count(tally.n()),
        last: all.last.map_or("a day that is not known".to_owned(), |day| day.to_string()),
        events,
        events_link: urls::events(&EventFilter { country: Some(code.to_owned()), ..ongoing(filter) }),
        land: WORLD.land(code),
        tally,
    }
}
