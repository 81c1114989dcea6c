//! Which files a query can leave out by what the manifest says about them, before any of them is opened.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::SchemaRef;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};
use datafusion::error::Result;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::PhysicalExpr;

use crate::catalog::File;

/// The files that can hold a row for which `predicate` is true.
pub fn keep<'a>(files: &'a [File], predicate: Arc<dyn PhysicalExpr>, schema: &SchemaRef) -> Result<Vec<&'a File>> {
    let predicate = PruningPredicateBuilder::new().with_file_schema(schema.clone()).try_build(predicate)?;
    let kept = predicate.prune(&Bounds(files))?;
    Ok(files.iter().zip(kept).filter_map(|(file, kept)| kept.then_some(file)).collect())
}

/// The manifest's knowledge in the shape that DataFusion asks for. What is not known is null, and null leaves nothing out.
struct Bounds<'a>(&'a [File]);

impl Bounds<'_> {
    fn value(&self, column: &Column, moment: fn(&File) -> Option<i64>) -> Option<ArrayRef> {
        match column.name() {
            "probe_cc" => Some(Arc::new(self.0.iter().map(|file| file.country.as_deref()).collect::<StringArray>())),
            "measurement_start_time" => Some(self.moments(moment)),
            _ => None,
        }
    }

    fn moments(&self, moment: fn(&File) -> Option<i64>) -> ArrayRef {
        Arc::new(self.0.iter().map(moment).collect::<TimestampMicrosecondArray>().with_timezone("+00:00"))
    }
}

impl PruningStatistics for Bounds<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.value(column, |file| file.earliest)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.value(column, |file| file.latest)
    }

    fn num_containers(&self) -> usize {
        self.0.len()
    }

    fn null_counts(&self, _column: &Column) -> Option<ArrayRef> {
        None
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        None
    }

    fn contained(&self, _column: &Column, _values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::logical_expr::Operator;
    use datafusion::physical_expr::expressions::{binary, col, lit};
    use parallax_model::Timestamp;
    use parallax_model::tables::Judgement;

    fn moment(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().microseconds()
    }

    fn file(country: Option<&str>, earliest: &str, latest: &str) -> File {
        File { country: country.map(str::to_owned), earliest: Some(moment(earliest)), latest: Some(moment(latest)), ..File::default() }
    }

    /// The numbers of the files that are kept of three.
    fn kept(column: &str, operator: Operator, value: ScalarValue) -> Vec<usize> {
        let files = [
            file(Some("XA"), "2024-02-12 00:00:01", "2024-02-18 23:59:59"),
            file(Some("XB"), "2024-02-12 00:00:01", "2024-02-13 12:00:00"),
            File { earliest: None, ..file(None, "2024-02-12 00:00:00", "2024-02-12 00:00:00") },
        ];
        let schema = Judgement::TABLE_INFO.schema();
        let predicate = binary(col(column, &schema).unwrap(), operator, lit(value), &schema).unwrap();
        let kept = keep(&files, predicate, &schema).unwrap();
        (0..files.len()).filter(|index| kept.iter().any(|file| std::ptr::eq(*file, &files[*index]))).collect()
    }

    #[test]
    fn a_country_opens_its_own_files_and_those_that_vouch_for_none() {
        assert_eq!(kept("probe_cc", Operator::Eq, ScalarValue::from("XB")), [1, 2]);
    }

    #[test]
    fn the_last_moment_of_a_file_is_still_in_it() {
        let at = |text| ScalarValue::TimestampMicrosecond(Some(moment(text)), Some("+00:00".into()));
        assert_eq!(kept("measurement_start_time", Operator::GtEq, at("2024-02-18 23:59:59")), [0]);
        assert_eq!(kept("measurement_start_time", Operator::Lt, at("2024-02-12 00:00:01")), [2]);
    }

    #[test]
    fn a_filter_on_another_column_keeps_every_file() {
        assert_eq!(kept("target", Operator::Eq, ScalarValue::from("example.com")), [0, 1, 2]);
    }
}
