//! What is on the pages as files: counts, judgements, and the rows of a query.

use parallax_engine::Limits;
use parallax_model::tables::Judgement;

use crate::counts::table;
use crate::download::{Download, Form};
use crate::filter::Filter;
use crate::parameter::{FILTER, SQL};
use crate::route::{Answer, Asked, Load, Route, Trouble};

pub const COUNTS: Route = Route { path: "/download/counts/{ending}", load: Load::Heavy, parameters: &[FILTER], answer: counts };
pub const JUDGEMENTS: Route = Route { path: "/download/judgements/{ending}", load: Load::Heavy, parameters: &[FILTER], answer: judgements };
pub const QUERY: Route = Route { path: "/download/query/{ending}", load: Load::Sql, parameters: &[&[SQL]], answer: query };

fn counts(asked: &Asked) -> Result<Answer, Trouble> {
    let batches = table::batches(asked.edition.clone(), asked.filter()?);
    Ok(Answer::rows(Download::of_batches("counts", form(asked)?, table::schema(), batches)))
}

fn judgements(asked: &Asked) -> Result<Answer, Trouble> {
    let result = asked.edition.engine.query(&judgements_sql(&asked.filter()?), &Limits::default())?;
    Ok(Answer::rows(Download::of_query("judgements", form(asked)?, result)))
}

/// In one order, so that the same archive gives the same bytes.
fn judgements_sql(filter: &Filter) -> String {
    let columns: Vec<_> = Judgement::TABLE_INFO.columns.iter().map(|column| column.name).collect();
    let (columns, condition) = (columns.join(", "), filter.condition());
    format!("SELECT {columns} FROM judgements WHERE {condition} ORDER BY {}", Judgement::TABLE_INFO.sort_key.join(", "))
}

fn query(asked: &Asked) -> Result<Answer, Trouble> {
    let sql = asked.parameters.text("sql").unwrap_or_default();
    let limits = Limits { rows: None, time: Some(asked.options.query_time) };
    Ok(Answer::rows(Download::of_query("query", form(asked)?, asked.edition.engine.query(sql, &limits)?)))
}

fn form(asked: &Asked) -> Result<Form, Trouble> {
    let ending = asked.segment("ending");
    Form::of_ending(ending).ok_or_else(|| Trouble::NotFound { what: "file that ends in", name: ending.to_owned() })
}
