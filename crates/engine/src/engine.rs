//! The engine: one state of an archive, ready to answer SQL.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SessionContext;
use datafusion::execution::session_state::SessionState;
use parallax_archive::{Archive, Snapshot};
use tokio::runtime::Runtime;

use crate::catalog::{self, TableFiles};
use crate::{Error, Limits, QueryResult, read_only, runtime};

/// What all queries of one engine share.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub threads: usize,
    /// Memory for sorting, grouping and joining; what needs more spills to disk.
    pub memory_bytes: usize,
}

impl Default for Options {
    /// Every core, and a share of memory that leaves half of the 512 MB that a command may take to reading and writing.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        Self { threads, memory_bytes: 256 * 1024 * 1024 }
    }
}

/// Answers SQL over the archive as it was when the engine was opened; a writer at work changes nothing in it.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

impl Engine {
    pub fn open(archive: &Archive, options: &Options) -> Result<Self, Error> {
        Self::over_snapshot(&archive.snapshot()?, options)
    }

    pub(crate) fn over_snapshot(snapshot: &Snapshot, options: &Options) -> Result<Self, Error> {
        Self::over(catalog::files_of(snapshot), Some(snapshot.clone()), options)
    }

    /// An archive in which there is nothing yet: for what a query would give, wherever there is no archive.
    pub fn empty(options: &Options) -> Result<Self, Error> {
        Self::over(catalog::no_files(), None, options)
    }

    fn over(files: Vec<TableFiles>, snapshot: Option<Snapshot>, options: &Options) -> Result<Self, Error> {
        let threads = runtime::threads(options.threads.max(1))?;
        let session = catalog::session(files, options).map_err(|error| Error::from_datafusion(&error, options.memory_bytes))?;
        let shared = Shared { threads: Some(threads), session, memory_bytes: options.memory_bytes, _snapshot: snapshot };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Plans and starts one query that only reads; its rows are computed as they are taken.
    ///
    /// # Panics
    /// On a thread that drives async tasks: call it from a thread that may wait.
    pub fn query(&self, sql: &str, limits: &Limits) -> Result<QueryResult, Error> {
        let started = Instant::now();
        let stream = self.shared.plan(start(self.shared.session.clone(), sql.to_owned(), self.shared.memory_bytes), limits, started)?;
        Ok(QueryResult::new(self.shared.clone(), stream, *limits, started))
    }

    /// The columns that a query would give, without running it.
    pub fn schema_of(&self, sql: &str) -> Result<SchemaRef, Error> {
        let planning = columns(self.shared.session.clone(), sql.to_owned(), self.shared.memory_bytes);
        self.shared.plan(planning, &Limits::default(), Instant::now())
    }
}

/// What an engine and its running queries hold together.
pub struct Shared {
    /// Taken only when it is dropped.
    threads: Option<Runtime>,
    session: SessionState,
    memory_bytes: usize,
    /// Keeps the files of this state of the archive in place.
    _snapshot: Option<Snapshot>,
}

type Planning<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

impl Shared {
    pub fn threads(&self) -> &Runtime {
        self.threads.as_ref().expect("the threads live as long as the engine")
    }

    pub fn error(&self, error: &DataFusionError) -> Error {
        Error::from_datafusion(error, self.memory_bytes)
    }

    /// Plans on the engine's threads, whose stacks are made for it.
    fn plan<T: Send + 'static>(&self, planning: Planning<T>, limits: &Limits, started: Instant) -> Result<T, Error> {
        let mut task = self.threads().spawn(planning);
        let planned = self.wait(Box::pin(&mut task), limits.time, started);
        if planned.is_err() {
            task.abort();
        }
        planned?.map_err(Error::bug)?
    }

    /// Waits for what the engine's threads do, until `limit` has passed since `started`.
    pub fn wait<T>(&self, work: Pin<Box<dyn Future<Output = T> + '_>>, limit: Option<Duration>, started: Instant) -> Result<T, Error> {
        let Some(limit) = limit else { return Ok(self.threads().block_on(work)) };
        let left = limit.saturating_sub(started.elapsed());
        self.threads().block_on(async { tokio::time::timeout(left, work).await }).map_err(|_| Error::OutOfTime { limit })
    }
}

impl Drop for Shared {
    /// Does not wait for a query that is being given up: it ends at its next batch.
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

fn start(session: SessionState, sql: String, memory_bytes: usize) -> Planning<SendableRecordBatchStream> {
    Box::pin(async move {
        let frame = frame(session, &sql, memory_bytes).await?;
        frame.execute_stream().await.map_err(|error| Error::from_datafusion(&error, memory_bytes))
    })
}

fn columns(session: SessionState, sql: String, memory_bytes: usize) -> Planning<SchemaRef> {
    Box::pin(async move { Ok(frame(session, &sql, memory_bytes).await?.schema().inner().clone()) })
}

/// Parses and plans; nothing has run when it returns, and nothing that does more than read has been planned.
async fn frame(session: SessionState, sql: &str, memory_bytes: usize) -> Result<datafusion::dataframe::DataFrame, Error> {
    let to_error = |error: DataFusionError| Error::from_datafusion(&error, memory_bytes);
    read_only::check_size(sql)?;
    let dialect = session.config_options().sql_parser.dialect;
    let statement = session.sql_to_statement(sql, &dialect).map_err(to_error)?;
    read_only::check_statement(&statement, sql)?;
    let plan = session.statement_to_plan(statement).await.map_err(to_error)?;
    read_only::options().verify_plan(&plan).map_err(to_error)?;
    SessionContext::new_with_state(session).execute_logical_plan(plan).await.map_err(to_error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SmallArchive;

    fn answer(engine: &Engine, sql: &str) -> String {
        let batches: Vec<_> = engine.query(sql, &Limits::default()).unwrap().map(Result::unwrap).collect();
        arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string()
    }

    fn refusal(engine: &Engine, sql: &str) -> Error {
        match engine.query(sql, &Limits::default()) {
            Err(error) => error,
            Ok(mut result) => result.find_map(Result::err).unwrap_or_else(|| panic!("{sql} was answered")),
        }
    }

    #[test]
    fn tables_and_views_answer() {
        let small = SmallArchive::new();
        let engine = small.engine();
        insta::assert_snapshot!(answer(&engine, "SELECT measurement_uid, state FROM judgements WHERE probe_cc = 'XA' ORDER BY 1"));
        insta::assert_snapshot!(answer(
            &engine,
            "SELECT probe_cc, probe_asn, n, blocked, ok, insufficient, witness FROM states_by_network ORDER BY 1, 2"
        ));
        insta::assert_snapshot!(answer(&engine, "SELECT * FROM rules_by_state ORDER BY rule, state"));
    }

    #[test]
    fn an_empty_archive_answers_with_no_rows() {
        let engine = Engine::empty(&Options::default()).unwrap();
        for name in engine_names() {
            assert_eq!(engine.query(&format!("SELECT * FROM {name}"), &Limits::default()).unwrap().count(), 0, "{name}");
        }
    }

    fn engine_names() -> impl Iterator<Item = &'static str> {
        parallax_model::tables::ALL.iter().map(|table| table.name).chain(crate::views::ALL.iter().map(|view| view.name))
    }

    #[test]
    fn a_country_and_a_week_open_one_file_of_three() {
        let small = SmallArchive::new();
        let engine = small.engine();
        let sql = "EXPLAIN SELECT target FROM judgements WHERE probe_cc = 'XA' AND measurement_start_time < '2024-02-19'";
        let plan = answer(&engine, sql);
        assert!(plan.contains("XA/2024-02-12") && !plan.contains("XA/2024-02-19") && !plan.contains("XB"), "{plan}");
        assert!(answer(&engine, "EXPLAIN SELECT target FROM judgements").contains("XB/"));
    }

    #[test]
    fn counting_rows_opens_no_file() {
        let plan = answer(&SmallArchive::new().engine(), "EXPLAIN SELECT count(*) FROM judgements");
        assert!(plan.contains("lit(4)") || plan.contains("4 as count") || !plan.contains(".parquet"), "{plan}");
    }

    #[test]
    fn what_reads_is_answered() {
        let small = SmallArchive::new();
        let engine = small.engine();
        for sql in [
            "SHOW TABLES",
            "SHOW COLUMNS FROM judgements",
            "DESCRIBE judgements",
            "EXPLAIN ANALYZE SELECT * FROM judgements",
            "SELECT * FROM information_schema.columns",
            "WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION ALL SELECT 2",
            "VALUES (1), (2)",
            "SELECT date_trunc('day', measurement_start_time), count(*) FROM parallax.archive.judgements GROUP BY 1;",
        ] {
            let rows: usize =
                engine.query(sql, &Limits::default()).unwrap_or_else(|e| panic!("{sql}: {e}")).map(|b| b.unwrap().num_rows()).sum();
            assert!(rows > 0, "{sql}");
        }
    }

    #[test]
    fn nothing_but_reading_is_possible() {
        let small = SmallArchive::new();
        let engine = small.engine();
        for sql in [
            "COPY judgements TO '/tmp/parallax_test_copy.csv'",
            "EXPLAIN ANALYZE COPY judgements TO '/tmp/parallax_test_copy.csv'",
            "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
            "CREATE TABLE t AS SELECT 1",
            "EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1",
            "CREATE VIEW v AS SELECT 1",
            "DROP TABLE judgements",
            "INSERT INTO judgements SELECT * FROM judgements",
            "EXPLAIN ANALYZE INSERT INTO judgements SELECT * FROM judgements",
            "DELETE FROM judgements",
            "UPDATE judgements SET state = 'ok'",
            "TRUNCATE TABLE judgements",
            "SET datafusion.execution.batch_size = 1",
            "RESET datafusion.execution.batch_size",
            "PREPARE p AS SELECT 1",
            "EXECUTE p",
            "BEGIN",
            "SELECT 1 INTO t",
            "SELECT 1; DROP TABLE judgements",
            "SELECT * FROM '/etc/passwd'",
            "SELECT * FROM '/etc/passwd.csv'",
            "SELECT * FROM \"file:///etc/passwd\"",
            "SELECT * FROM read_csv('/etc/passwd')",
            "SELECT * FROM parquet_metadata('/etc/passwd')",
            "CREATE FUNCTION f AS 1",
        ] {
            let error = refusal(&engine, sql);
            assert!(matches!(error, Error::NotReadOnly { .. } | Error::Sql { .. }), "{sql}: {error:?}");
        }
        assert!(!std::path::Path::new("/tmp/parallax_test_copy.csv").exists());
        assert_eq!(answer(&engine, "SELECT count(*) AS n FROM judgements").lines().count(), 5);
    }

    #[test]
    fn rows_beyond_the_limit_are_cut_off_and_it_says_so() {
        let small = SmallArchive::new();
        let rows = |limit| {
            let limits = Limits { rows: Some(limit), time: None };
            let mut result = small.engine().query("SELECT * FROM generate_series(1, 100000)", &limits).unwrap();
            let rows: usize = result.by_ref().map(|batch| batch.unwrap().num_rows()).sum();
            (rows, result.is_truncated())
        };
        assert_eq!(rows(10), (10, true));
        assert_eq!(rows(99_999), (99_999, true));
        assert_eq!(rows(100_000), (100_000, false));
    }

    #[test]
    fn an_endless_query_ends_when_its_time_is_over() {
        let small = SmallArchive::new();
        let limits = Limits { rows: None, time: Some(Duration::from_millis(200)) };
        let started = Instant::now();
        let sql = "SELECT count(*) FROM generate_series(1, 100000000000) AS a(x) WHERE x % 7 = 3";
        let error = small.engine().query(sql, &limits).and_then(|mut result| result.next().unwrap()).unwrap_err();
        assert!(matches!(error, Error::OutOfTime { .. }), "{error}");
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_query_that_needs_too_much_memory_fails_and_takes_nothing_with_it() {
        let small = SmallArchive::new();
        let engine = Engine::open(&small.archive, &Options { threads: 1, memory_bytes: 1_000_000 }).unwrap();
        let error = refusal(&engine, "SELECT array_agg(x) FROM generate_series(1, 3000000) AS a(x)");
        assert!(matches!(error, Error::OutOfMemory { .. }), "{error:?}");
        assert!(answer(&engine, "SELECT 1 AS x").contains("1"));
    }

    #[test]
    fn no_query_is_deep_enough_to_crash() {
        let engine = SmallArchive::new().engine();
        let chains = [
            format!("SELECT {}1", "1+".repeat(999)),
            format!("SELECT * FROM judgements WHERE {}true", "probe_asn=1 OR ".repeat(490)),
            format!("SELECT probe_asn{}  FROM judgements", "::INT".repeat(490)),
            format!("SELECT probe_asn{}  FROM judgements", " IS NULL".repeat(490)),
            format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(320)),
            format!("SELECT * FROM judgements{}", " NATURAL JOIN judgements".repeat(30)),
            format!("SELECT {}", "-1 ".repeat(900)),
            format!("SELECT layers{} FROM judgements", "[1]".repeat(480)),
            format!("SELECT {}1{}", "(".repeat(5000), ")".repeat(5000)),
            format!("SELECT {}1{}", "abs(".repeat(45), ")".repeat(45)),
            format!("SELECT {}1{}", "(SELECT ".repeat(40), ")".repeat(40)),
            format!("SELECT 1 IN ({})", vec!["7"; 20_000].join(",")),
        ];
        for sql in chains {
            let limits = Limits { rows: Some(1), time: Some(Duration::from_secs(20)) };
            let outcome = engine.query(&sql, &limits).and_then(|mut result| result.next().transpose());
            assert!(!matches!(outcome, Err(Error::Bug { .. })), "{}: {outcome:?}", &sql[..60]);
        }
        let long = format!("SELECT {}1", "1+".repeat(3000));
        assert!(refusal(&engine, &long).to_string().contains("more than 1000"));
    }

    #[test]
    fn a_time_that_cannot_be_read_is_told_how_to_be_written() {
        let engine = Engine::empty(&Options::default()).unwrap();
        let of = |time: &str| format!("SELECT 1 FROM judgements WHERE measurement_start_time BETWEEN '{time}' AND '2024-03-06'");
        let told = refusal(&engine, &of("2024-03-05 02:00")).to_string();
        assert!(told.ends_with("; write times as `2024-03-05T02:00:00`"), "{told}");
        assert!(engine.query(&of("2024-03-05T02:00:00"), &Limits::default()).is_ok());
    }

    #[test]
    fn mistakes_are_explained_in_the_words_of_the_query() {
        let engine = Engine::empty(&Options::default()).unwrap();
        let messages: Vec<_> = [
            "SELEC 1",
            "",
            "SELECT nothing FROM judgements",
            "SELECT * FROM judgement",
            "SELECT measurement_uid + 'a' FROM judgements",
            "SELECT 1 / 0",
            "SELECT nosuch(1)",
            "SELECT 1; SELECT 2",
            "COPY judgements TO 'x.csv'",
        ]
        .iter()
        .map(|sql| format!("{sql}\n  {}", refusal(&engine, sql)))
        .collect();
        insta::assert_snapshot!(messages.join("\n"));
    }
}
