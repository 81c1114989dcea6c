//! SQL over the archive, read-only and with limits. The query is in the URL.

use askama::Template;
use axum::http::StatusCode;
use parallax_engine::Limits;
use parallax_engine::documentation::Entry;

use super::tables;
use crate::download::Form as FileForm;
use crate::parts::{Frame, count, plural};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::rows::Texts;
use crate::urls;

pub const ROUTE: Route = Route { path: "/query", load: Load::Sql, answer };

struct Found {
    texts: Texts,
    n: String,
    is_truncated: bool,
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
    let page = Page {
        frame: Frame::new(asked, "Query"),
        sql: sql.to_owned(),
        found,
        trouble,
        entries: tables::entries()?,
        examples: EXAMPLES.iter().map(|(what, sql)| (*what, urls::sql(sql))).collect(),
        files: FileForm::ALL.iter().map(|form| (form.name(), format!("/download/query/{}{parameters}", form.ending()))).collect(),
        seconds: asked.options.query_time.as_secs(),
        rows: count(asked.options.query_rows as u64),
    };
    Ok(Answer::html(&page)?.with_status(status))
}

fn run(asked: &Asked, sql: &str) -> Result<Found, Trouble> {
    let limits = Limits { rows: Some(asked.options.query_rows), time: Some(asked.options.query_time) };
    let mut result = asked.edition.engine.query(sql, &limits)?;
    let batches = result.by_ref().collect::<Result<Vec<_>, _>>()?;
    let texts = Texts::of(&result.schema(), &batches)?;
    Ok(Found { n: plural(texts.rows.len() as u64, "row"), texts, is_truncated: result.is_truncated() })
}
