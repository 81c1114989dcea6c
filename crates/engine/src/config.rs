//! The one place where the query engine's options are set, each with its reason. What is not here is DataFusion's default.

use datafusion::config::ConfigOptions;
use datafusion::execution::context::SessionConfig;

/// Names that a query may write in front of a table: `parallax.archive.judgements`.
pub const CATALOG: &str = "parallax";
pub const SCHEMA: &str = "archive";

pub fn session(threads: usize) -> SessionConfig {
    let mut config =
        SessionConfig::new().with_default_catalog_and_schema(CATALOG, SCHEMA).with_information_schema(true).with_target_partitions(threads);
    // The catalog is ours: see `catalog`.
    config = config.with_create_default_catalog_and_schema(false);
    set_text_types(config.options_mut());
    set_scan(config.options_mut());
    config
}

/// Text is `Utf8` everywhere, as in the model: a detector tested on rows made by hand must meet the same type in a real file.
fn set_text_types(options: &mut ConfigOptions) {
    options.execution.parquet.schema_force_view_types = false;
    options.sql_parser.map_string_types_to_utf8view = false;
}

fn set_scan(options: &mut ConfigOptions) {
    // `table` lists the files itself and knows their row counts from the manifest; opening every footer to learn more would cost a
    // query on a large archive more than it saves.
    options.execution.collect_statistics = false;
    // The planner asks for statistics of many plan nodes at once on as many tasks; small plans are the rule here.
    options.execution.planning_concurrency = 1;
}
