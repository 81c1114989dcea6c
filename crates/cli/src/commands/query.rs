//! `parallax query`: SQL that only reads.

use std::io::Read;
use std::path::PathBuf;

use parallax_engine::Limits;

use super::Info;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{self, plural};

/// Ask the archive in SQL; nothing can be changed
///
/// All tables and views of `parallax tables` can be asked, with the SQL of DataFusion: SELECT, EXPLAIN, SHOW TABLES, DESCRIBE.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The query, or `-` to read it from standard input
    #[arg(value_name = "SQL")]
    pub sql: String,
    /// Write the rows to a file; needed for `--format parquet`
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax query \"SELECT state, count(*) AS n FROM judgements GROUP BY state ORDER BY n DESC\"", "how often each state was found"),
        ("parallax query --format csv \"SELECT * FROM anomalies\"", "every accusation, for a spreadsheet"),
        ("parallax query --format parquet --output all.parquet \"SELECT * FROM observations\"", "a whole table, for another program"),
        ("echo \"DESCRIBE judgements\" | parallax query -", "a query from a pipe or file"),
    ],
    exit_codes: &[
        (ExitCode::Ok, "done"),
        (ExitCode::Usage, "the query is not SQL, names what is not there, or would do more than read"),
        (ExitCode::Archive, "there is no archive, it cannot be read, or the output cannot be written"),
    ],
};

/// Longest query that is read from standard input, a little more than the engine takes.
const MAX_SQL_BYTES: u64 = 1 << 20;

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let sql = text(arguments.sql)?;
    let mut result = context.engine()?.query(&sql, &Limits::default()).or_fail("answer the query")?;
    let schema = result.schema();
    match arguments.output {
        None => drop(output::print_rows(&mut result, &schema, context.format)?),
        Some(path) => {
            let rows = output::save_rows(&mut result, &schema, context.format, &path)?;
            eprintln!("wrote {} to {}", plural(rows as u64, "row"), path.display());
        }
    }
    Ok(ExitCode::Ok)
}

fn text(typed: String) -> Result<String, Failure> {
    if typed != "-" {
        return Ok(typed);
    }
    let mut sql = String::new();
    std::io::stdin().take(MAX_SQL_BYTES).read_to_string(&mut sql).or_fail("read the query from standard input")?;
    Ok(sql)
}
