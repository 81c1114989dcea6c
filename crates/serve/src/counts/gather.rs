//! Counts the judgements of an archive: one pass over eight of their columns.

use arrow::array::{Array, AsArray, BooleanArray, PrimitiveArray, RecordBatch, StringArray};
use arrow::datatypes::{TimestampMicrosecondType, UInt32Type};
use parallax_engine::{Engine, Error, Limits};
use parallax_model::{Mechanism, State};

use super::{Counts, Numbered, Outcome, Place, Row};
use crate::day::Day;

/// Lists come as texts, so that each distinct list is looked at once.
const SQL: &str = "SELECT probe_cc, probe_asn, target, measurement_start_time, state, array_to_string(layers, ' ') AS layers, \
                   array_to_string(mechanisms, ' ') AS mechanisms, array_has(instrument, 'clock') AS has_wrong_clock FROM judgements";

/// Rows that are gathered before equal ones are put together: 20 MB.
const RUN: usize = 1 << 20;

/// Rows that are kept: 2 GB, and what two hundred million judgements come to where networks and targets repeat.
const MOST_ROWS: usize = 100_000_000;

/// Counts all judgements of the archive that the engine was opened on.
pub fn gather(engine: &Engine) -> Result<Counts, Error> {
    let mut gatherer = Gatherer::default();
    for batch in engine.query(SQL, &Limits::default())? {
        gatherer.add(&batch?)?;
    }
    Ok(gatherer.finish())
}

#[derive(Default)]
struct Gatherer {
    places: Numbered<Place>,
    targets: Numbered<Box<str>>,
    outcomes: Numbered<Outcome>,
    rows: Vec<Row>,
    /// Rows at the front that are sorted and distinct.
    settled: usize,
}

/// The columns of one batch.
struct Columns<'b> {
    country: &'b StringArray,
    asn: &'b PrimitiveArray<UInt32Type>,
    target: &'b StringArray,
    time: &'b PrimitiveArray<TimestampMicrosecondType>,
    state: &'b StringArray,
    layers: &'b StringArray,
    mechanisms: &'b StringArray,
    has_wrong_clock: &'b BooleanArray,
}

impl<'b> Columns<'b> {
    fn of(batch: &'b RecordBatch) -> Self {
        let column = |index| batch.column(index);
        Self {
            country: column(0).as_string(),
            asn: column(1).as_primitive(),
            target: column(2).as_string(),
            time: column(3).as_primitive(),
            state: column(4).as_string(),
            layers: column(5).as_string(),
            mechanisms: column(6).as_string(),
            has_wrong_clock: column(7).as_boolean(),
        }
    }
}

impl Gatherer {
    fn add(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = Columns::of(batch);
        for row in 0..batch.num_rows() {
            let row = self.row(&columns, row);
            self.rows.push(row);
        }
        if self.rows.len() - self.settled >= RUN.max(self.settled / 2) {
            self.settle();
        }
        match self.settled > MOST_ROWS {
            true => {
                Err(Error::OutOfMemory { limit_bytes: MOST_ROWS * size_of::<Row>(), message: "too many judgements to count".to_owned() })
            }
            false => Ok(()),
        }
    }

    fn row(&mut self, columns: &Columns<'_>, row: usize) -> Row {
        let asn = (!columns.asn.is_null(row)).then(|| columns.asn.value(row));
        let place = Place { country: columns.country.value(row).into(), asn };
        let outcome = Outcome {
            state: columns.state.value(row).parse().unwrap_or(State::Insufficient),
            layers: words(columns.layers, row),
            mechanisms: words::<Mechanism>(columns.mechanisms, row),
            has_wrong_clock: !columns.has_wrong_clock.is_null(row) && columns.has_wrong_clock.value(row),
        };
        Row {
            place: self.places.add(place),
            target: self.targets.number(columns.target.value(row)),
            day: Day::of_microseconds(columns.time.value(row)),
            outcome: self.outcomes.add(outcome),
            n: 1,
        }
    }

    /// Sorts, and puts equal rows together.
    fn settle(&mut self) {
        self.rows.sort_unstable();
        self.rows.dedup_by(|next, kept| {
            let same = (next.place, next.target, next.day, next.outcome) == (kept.place, kept.target, kept.day, kept.outcome);
            if same {
                kept.n = kept.n.saturating_add(next.n);
            }
            same
        });
        self.settled = self.rows.len();
    }

    /// Gives names their final numbers, so that the result does not depend on the order in which rows came.
    fn finish(mut self) -> Counts {
        let (places, place_moved) = self.places.sorted();
        let (targets, target_moved) = self.targets.sorted();
        let (outcomes, outcome_moved) = self.outcomes.sorted();
        self.places = Numbered::default();
        self.targets = Numbered::default();
        self.outcomes = Numbered::default();
        for row in &mut self.rows {
            row.place = place_moved[row.place as usize];
            row.target = target_moved[row.target as usize];
            row.outcome = outcome_moved[row.outcome as usize];
        }
        self.settle();
        self.rows.shrink_to_fit();
        Counts::new(places, targets, outcomes, self.rows)
    }
}

/// The words of a list that was joined with spaces.
fn words<T: std::str::FromStr>(column: &StringArray, row: usize) -> Vec<T> {
    if column.is_null(row) {
        return Vec::new();
    }
    column.value(row).split(' ').filter_map(|word| word.parse().ok()).collect()
}
