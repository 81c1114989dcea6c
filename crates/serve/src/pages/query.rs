//! SQL over the archive, read-only and with limits, as a table and as a chart. The query and the choice of the chart are in the URL.

use askama::Template;
use axum::http::StatusCode;
use parallax_engine::Limits;
use parallax_engine::documentation::Entry;

use super::tables;
use crate::charts::{About, MARKS, Plot, Wanted};
use crate::download::Form as FileForm;
use crate::parameter::{Parameter, SQL};
use crate::parts::{Frame, count, plural};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::rows::Texts;
use crate::urls;

pub const ROUTE: Route = Route { path: "/query", load: Load::Sql, parameters: &[&[SQL], CHART], answer };

/// What may be chosen about the chart.
const CHART: &[Parameter] = &[
    Parameter::text("mark", "what is drawn"),
    Parameter::text("x", "the column across"),
    Parameter::text("y", "the column up"),
    Parameter::text("colour", "the column of the colour"),
];

struct Found {
    texts: Texts,
    n: String,
    is_truncated: bool,
    chart: Option<Chart>,
    choices: Vec<Choice>,
    /// What was asked of the chart and cannot be.
    remark: Option<String>,
}

/// A chart of the result.
struct Chart {
    spec: String,
    mark: &'static str,
}

/// One thing about the chart that a reader may choose.
struct Choice {
    name: &'static str,
    label: &'static str,
    values: Vec<String>,
    chosen: String,
}

#[derive(Template)]
#[template(path = "query.html")]
struct Page {
    frame: Frame,
    sql: String,
    found: Option<Found>,
    trouble: Option<String>,
    entries: &'static [Entry],
    examples: Vec<(&'static str, String)>,
    files: Vec<(&'static str, String)>,
    seconds: u64,
    rows: String,
}

const EXAMPLES: &[(&str, &str)] = &[
    ("how often each state was found", "SELECT state, count(*) AS n FROM judgements GROUP BY state ORDER BY n DESC"),
    ("what was done where", "SELECT * FROM mechanisms_by_network ORDER BY n DESC LIMIT 20"),
    ("which rules decide", "SELECT rule, state, n, decided FROM rules_by_state ORDER BY decided DESC LIMIT 20"),
    ("how much was measured", "SELECT * FROM coverage_by_day ORDER BY 1, 2 LIMIT 50"),
    (
        "what was found on each day",
        "SELECT date_trunc('day', measurement_start_time) AS day, state, count(*) AS n FROM judgements GROUP BY 1, 2 ORDER BY 1, 2",
    ),
];

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let sql = asked.parameters.text("sql").unwrap_or_default();
    let (found, trouble, status) = match sql.is_empty() {
        true => (None, None, StatusCode::OK),
        false => match run(asked, sql) {
            Ok(found) => (Some(found), None, StatusCode::OK),
            Err(trouble) if trouble.status().is_client_error() => (None, Some(trouble.to_string()), trouble.status()),
            Err(trouble) => return Err(trouble),
        },
    };
    let parameters = urls::query(&[("sql", sql.to_owned())]);
    let has_charts = found.as_ref().is_some_and(|found| found.chart.is_some());
    let page = Page {
        frame: Frame { has_charts, ..Frame::new(asked, "Query") },
        sql: sql.to_owned(),
        found,
        trouble,
        entries: tables::entries()?,
        examples: EXAMPLES.iter().map(|(what, sql)| (*what, urls::sql(sql))).collect(),
        files: FileForm::ALL.iter().map(|form| (form.name(), format!("/download/query/{}{parameters}", form.ending()))).collect(),
        seconds: asked.options.query_time.as_secs(),
        rows: count(asked.options.query_rows as u64),
    };
    Ok(Answer::html(&page)?.with_status(status).with_charts(has_charts))
}

fn run(asked: &Asked, sql: &str) -> Result<Found, Trouble> {
    let limits = Limits { rows: Some(asked.options.query_rows), time: Some(asked.options.query_time) };
    let mut result = asked.edition.engine.query(sql, &limits)?;
    let batches = result.by_ref().collect::<Result<Vec<_>, _>>()?;
    let texts = Texts::of(&result.schema(), &batches)?;
    let n = plural(texts.rows.len() as u64, "row");
    let mut found = Found { n, is_truncated: result.is_truncated(), chart: None, choices: Vec::new(), remark: None, texts };
    if !found.texts.rows.is_empty() {
        found.draw(asked);
    }
    Ok(found)
}

impl Found {
    /// Makes the chart that is asked for, or one that suits the columns.
    fn draw(&mut self, asked: &Asked) {
        let text = |name: &str| asked.parameters.text(name);
        let wanted = Wanted { x: text("x"), y: text("y"), colour: text("colour"), mark: text("mark") };
        let columns = self.texts.columns();
        let plot = Plot::choose(&columns, wanted);
        let missing =
            [wanted.x, wanted.y, wanted.colour].into_iter().flatten().find(|name| !self.texts.columns.iter().any(|known| known == name));
        self.remark = missing.map(|name| format!("The result has no column {name:?}, so the chart shows another."));
        self.chart = plot
            .as_ref()
            .map(|plot| Chart { spec: plot.spec(&self.about(asked), &columns, &self.texts.rows).to_string(), mark: plot.mark });
        self.choices = choices(&self.texts.columns, plot.as_ref());
    }

    fn about(&self, asked: &Asked) -> About {
        let n = format!("n = {}{}", self.n, if self.is_truncated { ", the first of more" } else { "" });
        About {
            title: "Result of a query".to_owned(),
            lines: vec![n, Frame::new(asked, "Query").source()],
            file: "parallax-query".to_owned(),
        }
    }
}

fn choices(columns: &[String], plot: Option<&Plot>) -> Vec<Choice> {
    let name = |index: Option<usize>| index.map_or(String::new(), |index| columns[index].clone());
    let choice = |name, label, values: &[String], chosen| Choice { name, label, values: values.to_vec(), chosen };
    let marks: Vec<String> = MARKS.iter().map(|mark| (*mark).to_owned()).collect();
    vec![
        choice("mark", "Chart", &marks, plot.map_or("none", |plot| plot.mark).to_owned()),
        choice("x", "Across", columns, name(plot.map(|plot| plot.x))),
        choice("y", "Up", columns, name(plot.map(|plot| plot.y))),
        choice("colour", "Colour", columns, name(plot.and_then(|plot| plot.colour))),
    ]
}
