//! The measurements behind a count: every judgement that a filter lets through, the newest first.

use askama::Template;
use parallax_engine::Limits;
use parallax_model::tables::Judgement;

use super::counted::Files;
use crate::counts::{self, Tally};
use crate::filter::Filter;
use crate::observatory::Edition;
use crate::parameter::{self, FILTER};
use crate::parts::{Form, Frame, Pager, count, plural, sentence};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::{rows, urls};

pub const ROUTE: Route = Route { path: "/measurements", load: Load::Page, parameters: &[FILTER, &[parameter::PAGE]], answer };

/// Judgements of a page.
const PAGE: usize = 50;
/// Pages that can be turned: further back, choose days.
const MOST_PAGES: usize = 200;

struct Line {
    uid: String,
    link: String,
    when: String,
    network: String,
    network_link: String,
    country: String,
    country_link: String,
    target: String,
    target_link: String,
    state: &'static str,
    meaning: &'static str,
    how: String,
    rule: Option<String>,
}

#[derive(Template)]
#[template(path = "measurements.html")]
struct Page {
    frame: Frame,
    form: Form,
    sentence: String,
    n: String,
    lines: Vec<Line>,
    pager: Pager,
    files: Files,
}

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let filter = asked.filter()?;
    let number = asked.parameters.number("page", 1, MOST_PAGES);
    let batches = page(&asked.edition, &filter, (number - 1) * PAGE, PAGE + 1)?;
    let judgements: Vec<Judgement<'_>> = rows::typed(&batches);
    let total = total(&asked.edition, &filter);
    let has_more = judgements.len() > PAGE && number < MOST_PAGES;
    let link = |page: usize| {
        let mut parameters = filter.parameters();
        parameters.push(("page", page.to_string()));
        format!("/measurements{}", urls::query(&parameters))
    };
    Answer::html(&Page {
        frame: Frame::new(asked, "Measurements").with_feed(format!("/feed.atom{}", urls::query(&filter.parameters()))),
        form: Form::of_everything(&filter, "/measurements"),
        sentence: said(&total, &filter),
        n: count(total.n()),
        lines: judgements.iter().take(PAGE).map(|judgement| line(asked, judgement)).collect(),
        pager: Pager::new(number, has_more, link),
        files: Files::of(&filter, asked),
    })
}

/// Everything that a filter lets through.
pub fn total(edition: &Edition, filter: &Filter) -> Tally {
    match *filter == Filter::default() {
        true => edition.overview().total.clone(),
        false => counts::total(&edition.counts, filter),
    }
}

/// A share says something only where the filter did not choose what the judgements say.
fn said(total: &Tally, filter: &Filter) -> String {
    match filter.chooses_outcomes() {
        false => sentence(total),
        true => {
            format!("{} with what the filter asks for. It chooses what they say, so there is no share.", plural(total.n(), "judgement"))
        }
    }
}

/// Some judgements of a filter, the newest first.
pub fn page(edition: &Edition, filter: &Filter, offset: usize, limit: usize) -> Result<Vec<arrow::array::RecordBatch>, Trouble> {
    let narrowed = narrowed(edition, filter, offset + limit);
    let rest = format!(
        "WHERE {} ORDER BY measurement_start_time DESC, measurement_uid, raw_digest, target LIMIT {limit} OFFSET {offset}",
        narrowed.condition()
    );
    Ok(rows::select::<Judgement<'_>>(&edition.engine, &rest, &Limits::default())?)
}

/// The same filter from a later day on, where the days from there hold enough judgements: then a query opens a few files instead of all.
fn narrowed(edition: &Edition, filter: &Filter, wanted: usize) -> Filter {
    let found;
    let days = match *filter == Filter::default() {
        true => &edition.overview().days,
        false => {
            found = counts::n_by_day(&edition.counts, filter);
            &found
        }
    };
    let mut n = 0;
    for (day, of_day) in days.iter().rev() {
        n += of_day;
        if n >= wanted as u64 {
            return Filter { from: Some(*day), ..filter.clone() };
        }
    }
    filter.clone()
}

fn line(asked: &Asked, judgement: &Judgement<'_>) -> Line {
    let asn = judgement.probe_asn;
    let name = asn.and_then(|asn| asked.edition.network_name(asn)).unwrap_or_default();
    let number = asn.map_or("unknown network".to_owned(), |asn| format!("AS{asn}"));
    Line {
        uid: judgement.measurement_uid.to_string(),
        link: urls::measurement(&judgement.measurement_uid),
        when: judgement.measurement_start_time.to_string(),
        network: format!("{number} {name}").trim_end().to_owned(),
        network_link: urls::network(asn),
        country: judgement.probe_cc.to_string(),
        country_link: urls::country(&judgement.probe_cc),
        target: rows::clip(&judgement.target),
        target_link: urls::target(&judgement.target),
        state: judgement.state.as_str(),
        meaning: judgement.state.meaning(),
        how: judgement.mechanisms.iter().map(|mechanism| mechanism.as_str()).collect::<Vec<_>>().join(", "),
        rule: judgement.deciding_rule.as_ref().map(ToString::to_string),
    }
}
