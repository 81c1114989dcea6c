//! What can go wrong with a query, sorted by whose fault it is: the text of the query, its size, the archive, or a bug.

use std::time::Duration;

use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;

use crate::config::{CATALOG, SCHEMA};

/// Each message fits after "could not answer the query: ".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The statement would do more than read.
    #[error("{statement} is not a statement that only reads")]
    NotReadOnly { statement: String },
    /// The text is not SQL, or names things that do not exist, or computes what cannot be computed.
    #[error("{message}")]
    Sql { message: String },
    #[error("it took longer than {} s", .limit.as_secs_f64())]
    OutOfTime { limit: Duration },
    #[error("it needs more memory than the {} MB it may have, even when it spills to disk: {message}", .limit_bytes / 1_000_000)]
    OutOfMemory { limit_bytes: usize, message: String },
    /// A file of the archive is missing or damaged, or the disk fails.
    #[error("a file of the archive could not be read: {message}")]
    Unreadable { message: String },
    #[error(transparent)]
    Archive(#[from] parallax_archive::Error),
    #[error("the result could not be written: {0}")]
    Write(#[from] std::io::Error),
    #[error("the engine failed: {message}")]
    Bug { message: String },
}

impl Error {
    pub(crate) fn bug(message: impl ToString) -> Self {
        Error::Bug { message: message.to_string() }
    }

    /// Sorts one of DataFusion's errors. While a query is being planned nothing is wrong but its text; while it runs, the files can be.
    pub(crate) fn from_datafusion(error: &DataFusionError, memory_bytes: usize) -> Self {
        let message = message(error);
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => Error::OutOfMemory { limit_bytes: memory_bytes, message },
            DataFusionError::IoError(_) | DataFusionError::ObjectStore(_) | DataFusionError::ParquetError(_) => {
                Error::Unreadable { message }
            }
            DataFusionError::Internal(_) | DataFusionError::ExecutionJoin(_) => Error::Bug { message },
            _ => Error::Sql { message },
        }
    }
}

/// The innermost message, without DataFusion's prefixes and back traces: what a person who typed the query can use.
fn message(error: &DataFusionError) -> String {
    match error.find_root() {
        DataFusionError::SQL(parser, _) => match &**parser {
            ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.trim().to_owned(),
            ParserError::RecursionLimitExceeded => "it is nested too deeply".to_owned(),
        },
        DataFusionError::Plan(text) | DataFusionError::Execution(text) | DataFusionError::NotImplemented(text) => first_part(text),
        DataFusionError::SchemaError(schema, _) => schema.to_string(),
        root => with_hint(root.strip_backtrace()),
    }
}

/// A time with a blank and no seconds is none for Arrow, whose message does not say what would be.
fn with_hint(message: String) -> String {
    match message.contains("arsing timestamp") || message.contains("imestamp from") {
        true => format!("{message}; write times as `2024-03-05T02:00:00`"),
        false => message,
    }
}

/// The message without the back trace that DataFusion may append, and names as they were typed.
fn first_part(text: &str) -> String {
    text.split(DataFusionError::BACK_TRACE_SEP).next().unwrap_or(text).replace(&format!("{CATALOG}.{SCHEMA}."), "")
}
