//! The gate before the planner: only statements that read pass.
//!
//! It is a list of what is allowed, so that a statement which a later DataFusion learns is turned away until somebody thinks about it.
//! The plan is checked a second time, for what hides inside a statement (`EXPLAIN ANALYZE COPY …`).

use datafusion::execution::context::SQLOptions;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::Statement as SqlStatement;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::Error;

/// Longest text of a query.
const MAX_BYTES: usize = 256 * 1024;

/// Most operators and keywords in a query. DataFusion walks some trees by plain recursion (to print, compare and drop them), and
/// `1+1+1…` is a tree as deep as it is long: 3000 terms end the whole process. Lists of values do not count.
const MAX_OPERATORS: usize = 1000;

/// Looks at the text before anything recursive does.
pub fn check_size(sql: &str) -> Result<(), Error> {
    if sql.len() > MAX_BYTES {
        return Err(Error::Sql { message: format!("it has {} bytes, more than {MAX_BYTES}", sql.len()) });
    }
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().map_err(|error| Error::Sql { message: error.to_string() })?;
    let operators = tokens.iter().filter(|token| nests(token)).count();
    match operators > MAX_OPERATORS {
        true => Err(Error::Sql { message: format!("it has {operators} operators and keywords, more than {MAX_OPERATORS}") }),
        false => Ok(()),
    }
}

/// Whether a token can make the tree of the query deeper. Brackets need not count: the parser limits them itself.
fn nests(token: &Token) -> bool {
    match token {
        Token::Word(word) => word.keyword != Keyword::NoKeyword,
        Token::Number(..) | Token::SingleQuotedString(_) | Token::Whitespace(_) => false,
        Token::Comma | Token::Period | Token::LParen | Token::RParen => false,
        _ => true,
    }
}

pub fn check_statement(statement: &Statement, sql: &str) -> Result<(), Error> {
    match statement {
        Statement::Statement(sql) if reads(sql) => Ok(()),
        Statement::Explain(explain) => check_statement(&explain.statement, sql),
        _ => Err(Error::NotReadOnly { statement: keywords(sql) }),
    }
}

fn reads(statement: &SqlStatement) -> bool {
    match statement {
        SqlStatement::Query(_)
        | SqlStatement::ShowTables { .. }
        | SqlStatement::ShowColumns { .. }
        | SqlStatement::ShowFunctions { .. }
        | SqlStatement::ShowVariable { .. }
        | SqlStatement::ShowCreate { .. }
        | SqlStatement::ExplainTable { .. } => true,
        SqlStatement::Explain { statement, .. } => reads(statement),
        _ => false,
    }
}

/// What the planner checks again in the finished plan.
pub fn options() -> SQLOptions {
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false)
}

/// The keywords that a statement begins with, to name it: `CREATE EXTERNAL TABLE`.
fn keywords(sql: &str) -> String {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().unwrap_or_default();
    let words = tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).map_while(|token| match token {
        Token::Word(word) if word.keyword != Keyword::NoKeyword => Some(word.value.to_uppercase()),
        _ => None,
    });
    words.take(3).collect::<Vec<_>>().join(" ")
}
