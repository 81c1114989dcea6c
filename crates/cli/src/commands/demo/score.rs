//! What Parallax said, beside what is true.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use arrow::array::{AsArray, RecordBatch};
use parallax_engine::{Engine, Limits};
use parallax_model::{Mechanism, State};
use serde::Deserialize;

use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{Listing, count};

/// One line of the truth, as far as it is compared.
#[derive(Deserialize)]
struct Truth {
    measurement_uid: String,
    target: String,
    state: String,
    mechanisms: Vec<String>,
    trouble: Vec<String>,
}

/// What was said about one target of one measurement.
struct Said {
    state: State,
    mechanisms: Vec<Mechanism>,
}

/// Targets of measurements with one cause.
#[derive(Default)]
struct Tally {
    n: u64,
    accused: u64,
    /// Accused, and with this mechanism or a prefix of it.
    named: u64,
    states: BTreeMap<State, u64>,
    /// A measurement that shows it.
    witness: Option<String>,
}

/// A measurement worth opening.
pub struct Example {
    pub what: String,
    pub measurement_uid: String,
}

/// Everything compared, by cause.
#[derive(Default)]
pub struct Score {
    interference: BTreeMap<String, Tally>,
    innocent: BTreeMap<String, Tally>,
    /// Each target once, whatever number of causes it is counted under above.
    all_interference: Total,
    all_innocent: Total,
}

#[derive(Clone, Copy, Default)]
struct Total {
    n: u64,
    accused: u64,
}

/// The cause of measurements in which nothing went wrong.
const NOTHING: &str = "(none)";

impl Score {
    pub fn of(engine: &Engine, truth: &Path) -> Result<Self, Failure> {
        let said = said(engine)?;
        let mut score = Self::default();
        let lines = BufReader::new(File::open(truth).or_fail("read the truth")?).lines();
        for line in lines {
            let truth: Truth = serde_json::from_str(&line.or_fail("read the truth")?)
                .map_err(|error| Failure::new(ExitCode::Bug, "read the truth", error.to_string()))?;
            let found = said.get(&(truth.measurement_uid.clone(), truth.target.clone()));
            score.add(truth, found);
        }
        Ok(score)
    }

    fn add(&mut self, truth: Truth, said: Option<&Said>) {
        let guilty = matches!(truth.state.as_str(), "blocked" | "interfered");
        let causes = match (guilty, truth.trouble.is_empty()) {
            (true, _) => &truth.mechanisms,
            (false, false) => &truth.trouble,
            (false, true) => &vec![NOTHING.to_owned()],
        };
        let (tallies, total) = match guilty {
            true => (&mut self.interference, &mut self.all_interference),
            false => (&mut self.innocent, &mut self.all_innocent),
        };
        total.n += 1;
        total.accused += u64::from(said.is_some_and(|said| said.state.accuses()));
        for cause in causes {
            tallies.entry(cause.clone()).or_default().add(cause, &truth.measurement_uid, said);
        }
    }

    /// One row per mechanism.
    pub fn interference(&self) -> Listing {
        let each = || self.interference.iter();
        Listing::new()
            .text("mechanism", each().map(|(cause, _)| cause.as_str()))
            .number("n", each().map(|(_, tally)| tally.n))
            .number("accused", each().map(|(_, tally)| tally.accused))
            .text("recall", each().map(|(_, tally)| percent(tally.accused, tally.n)))
            .number("mechanism_named", each().map(|(_, tally)| tally.named))
    }

    /// One row per innocent trouble, and one for no trouble at all.
    pub fn innocent(&self) -> Listing {
        let each = || self.innocent.iter();
        let states = [State::Ok, State::Down, State::Impaired, State::Insufficient];
        let listing = Listing::new()
            .text("trouble", each().map(|(cause, _)| cause.as_str()))
            .number("n", each().map(|(_, tally)| tally.n))
            .number("falsely_accused", each().map(|(_, tally)| tally.accused));
        let said = |state: State| each().map(move |(_, tally)| tally.states.get(&state).copied().unwrap_or_default());
        states.into_iter().fold(listing, |listing, state| listing.number(state.as_str(), said(state)))
    }

    /// Both in one table, for programs.
    pub fn listing(&self) -> Listing {
        let guilty = self.interference.iter().map(|(cause, tally)| (cause, tally, true));
        let rows: Vec<_> = guilty.chain(self.innocent.iter().map(|(cause, tally)| (cause, tally, false))).collect();
        Listing::new()
            .text("cause", rows.iter().map(|(cause, ..)| cause.as_str()))
            .truth("interference", rows.iter().map(|(.., guilty)| *guilty))
            .number("n", rows.iter().map(|(_, tally, _)| tally.n))
            .number("accused", rows.iter().map(|(_, tally, _)| tally.accused))
            .number("mechanism_named", rows.iter().map(|(_, tally, _)| tally.named))
            .optional_text("witness", rows.iter().map(|(_, tally, _)| tally.witness.clone()))
    }

    pub fn sentence(&self) -> String {
        let (guilty, innocent) = (self.all_interference, self.all_innocent);
        format!(
            "Of {} targets that somebody interfered with, Parallax accused somebody of {} ({}); of {} innocent ones, of {}.\n\
             One with two causes stands under both above. A connection lost by chance looks cut in a single measurement: no\n\
             single measurement is a finding.\n",
            count(guilty.n),
            count(guilty.accused),
            percent(guilty.accused, guilty.n),
            count(innocent.n),
            count(innocent.accused)
        )
    }

    /// The interference and the innocent trouble with the most measurements, and a miss where there is one.
    pub fn examples(&self) -> Vec<Example> {
        let most = |tallies: &BTreeMap<String, Tally>| {
            let known = tallies.iter().filter(|(cause, tally)| *cause != NOTHING && tally.witness.is_some());
            known.max_by_key(|(_, tally)| tally.n).map(|(cause, tally)| (cause.clone(), tally.witness.clone().unwrap_or_default()))
        };
        let found = most(&self.interference).map(|(cause, uid)| Example { what: format!("why it says {cause}"), measurement_uid: uid });
        let spared = most(&self.innocent)
            .map(|(cause, uid)| Example { what: format!("a case of {cause} that it accuses nobody of"), measurement_uid: uid });
        found.into_iter().chain(spared).collect()
    }
}

impl Tally {
    fn add(&mut self, cause: &str, uid: &str, said: Option<&Said>) {
        let state = said.map_or(State::Insufficient, |said| said.state);
        let named = said.is_some_and(|said| said.mechanisms.iter().any(|mechanism| is_same_or_less(*mechanism, cause)));
        self.n += 1;
        self.accused += u64::from(state.accuses());
        self.named += u64::from(state.accuses() && named);
        *self.states.entry(state).or_default() += 1;
        // The example shows what is usual: an accusation that names the cause, or an innocent one that was spared.
        let usual = if cause.parse::<Mechanism>().is_ok() { named } else { !state.accuses() && said.is_some() };
        if usual && self.witness.is_none() {
            self.witness = Some(uid.to_owned());
        }
    }
}

/// A weaker answer is right as well: `tls.reset` for `tls.reset.sni`.
fn is_same_or_less(said: Mechanism, cause: &str) -> bool {
    cause.parse::<Mechanism>().is_ok_and(|cause| said.is_prefix_of(cause))
}

fn percent(part: u64, whole: u64) -> String {
    match whole {
        0 => "-".to_owned(),
        _ => format!("{:.1}%", 100.0 * part as f64 / whole as f64),
    }
}

/// What the archive says, by measurement and target.
fn said(engine: &Engine) -> Result<HashMap<(String, String), Said>, Failure> {
    let sql = "SELECT measurement_uid, target, state, mechanisms FROM judgements";
    let mut said = HashMap::new();
    for batch in engine.query(sql, &Limits::default()).or_fail("read the judgements")? {
        add_rows(&batch.or_fail("read the judgements")?, &mut said);
    }
    Ok(said)
}

fn add_rows(batch: &RecordBatch, said: &mut HashMap<(String, String), Said>) {
    let text = |column: usize, row: usize| batch.column(column).as_string::<i32>().value(row).to_owned();
    let mechanisms = batch.column(3).as_list::<i32>();
    for row in 0..batch.num_rows() {
        let paths = mechanisms.value(row);
        let mechanisms = paths.as_string::<i32>().iter().flatten().filter_map(|path| path.parse().ok()).collect();
        let state = text(2, row).parse().unwrap_or_default();
        said.insert((text(0, row), text(1, row)), Said { state, mechanisms });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(state: &str, mechanisms: &[&str], trouble: &[&str]) -> Truth {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Truth {
            measurement_uid: "m1".into(),
            target: "t".into(),
            state: state.into(),
            mechanisms: list(mechanisms),
            trouble: list(trouble),
        }
    }

    #[test]
    fn a_weaker_mechanism_counts_as_named_and_a_missing_judgement_as_missed() {
        let mut score = Score::default();
        let said = Said { state: State::LikelyBlocked, mechanisms: vec![Mechanism::of("tls.reset")] };
        score.add(truth("blocked", &["tls.reset.sni"], &[]), Some(&said));
        score.add(truth("blocked", &["tls.reset.sni"], &[]), None);
        let tally = &score.interference["tls.reset.sni"];
        assert_eq!((tally.n, tally.accused, tally.named), (2, 1, 1));
        assert!(score.sentence().contains("of 1 (50.0%)"));
    }

    #[test]
    fn an_accusation_of_an_innocent_is_counted_by_its_trouble() {
        let mut score = Score::default();
        let said = Said { state: State::Blocked, mechanisms: vec![Mechanism::of("dns")] };
        score.add(truth("down", &[], &["site_down"]), Some(&said));
        score.add(truth("ok", &[], &[]), None);
        assert_eq!(score.innocent["site_down"].accused, 1);
        assert_eq!(score.innocent[NOTHING].accused, 0);
    }
}
