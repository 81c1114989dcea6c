//! What the archive says, by measurement and target.

use std::collections::HashMap;

use arrow::array::{AsArray, RecordBatch};
use parallax_detect::evaluation::Said;
use parallax_detect::interference::rules;
use parallax_engine::{Engine, Limits};

use super::truth::Labelled;
use crate::failure::{Failure, OrFail};

/// Every judgement of an archive. One name with two records (somebody forged it) gives the record whose digest comes first.
pub struct Judgements {
    by_name: HashMap<(String, String), Said>,
}

const SQL: &str = "SELECT measurement_uid, target, state, layers, mechanisms, rules_fired FROM judgements \
                   ORDER BY measurement_uid DESC, target DESC, raw_digest DESC";

impl Judgements {
    pub fn of(engine: &Engine) -> Result<Self, Failure> {
        let mut by_name = HashMap::new();
        for batch in engine.query(SQL, &Limits::default()).or_fail("read the judgements")? {
            add_rows(&batch.or_fail("read the judgements")?, &mut by_name);
        }
        Ok(Self { by_name })
    }

    /// What was said about a labelled target.
    pub fn take(&mut self, label: &Labelled) -> Option<Said> {
        self.by_name.remove(&(label.measurement_uid.clone(), label.target.clone()))
    }

    /// How many nobody asked for, and how many of them accuse.
    pub fn left(&self) -> (u64, u64) {
        let accused = self.by_name.values().filter(|said| said.state.accuses()).count();
        (self.by_name.len() as u64, accused as u64)
    }
}

fn add_rows(batch: &RecordBatch, by_name: &mut HashMap<(String, String), Said>) {
    let text = |column: usize, row: usize| batch.column(column).as_string::<i32>().value(row).to_owned();
    for row in 0..batch.num_rows() {
        let said = Said {
            state: text(2, row).parse().unwrap_or_default(),
            layers: list(batch, 3, row, |word| word.parse().ok()),
            mechanisms: list(batch, 4, row, |word| word.parse().ok()),
            rules_fired: list(batch, 5, row, rules::find),
        };
        by_name.insert((text(0, row), text(1, row)), said);
    }
}

/// The known words of a list.
fn list<T>(batch: &RecordBatch, column: usize, row: usize, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
    let words = batch.column(column).as_list::<i32>().value(row);
    words.as_string::<i32>().iter().flatten().filter_map(parse).collect()
}
