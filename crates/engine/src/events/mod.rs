//! Finds events in the archive: cells out of it, the detector over them, what it found under the names of before back into it.
//!
//! [`reach`] says how far the archive's measurements reach; [`cells`] hands the view `cells` to the detector, which [`walk`] makes country
//! by country and week by week; [`detect`] writes the table `events`; [`said`] keeps a log of what was said first, and on which data. To tell
//! of them, [`Wanted`] chooses some, [`Story`] puts one into sentences, and [`Timeline`] counts what was measured around it.
//!
//! **Invariant:** the same archive twice changes nothing. What was found depends on the verdicts and measurements alone; under which name it is
//! told depends also on what the table said before.

pub mod cells;
mod reach;
pub mod said;
pub mod story;
pub mod timeline;
mod walk;
mod wanted;
pub mod words;

use std::collections::BTreeMap;
use std::time::Instant;

use parallax_archive::{Archive, Manifest, Snapshot};
use parallax_detect::interference::events::{self, Hour};
use parallax_model::table::Row;
use parallax_model::tables::{Event, EventRows, Measurement, Observation, Verdict};
use parallax_model::{EventState, Timestamp, sha256};
use serde::Serialize;

pub use cells::{Loaded, Scope};
pub use said::Said;
pub use story::Story;
pub use timeline::Timeline;
pub use wanted::{States, Wanted};

use crate::{Error, Options};

/// Goes up when the same cells give other events than before.
const DETECTOR: &str = "events 3";
/// What the manifest notes the inputs of the table under.
const DERIVED: &str = "events";
/// ... and how far the measurements reached then.
const WATERMARK: &str = "events/watermark";
/// The one partition of the table.
const PARTITION: &str = "all";

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Nothing had changed since the last run, so nothing was looked at.
    pub unchanged: bool,
    /// Rows of the view `cells` that were looked at, and those left out because their hour is in doubt.
    pub cells: u64,
    pub cells_left_out: u64,
    /// How far the archive's measurements reach.
    pub watermark: Option<Timestamp>,
    /// Events by state, those of before among them.
    pub events: BTreeMap<EventState, u64>,
    /// Events that were not there before, and those that were and are told otherwise now.
    pub new: u64,
    pub changed: u64,
    pub seconds: f64,
}

/// Looks for events wherever verdicts have changed, and writes the table `events`.
pub fn detect(archive: &Archive, options: &Options) -> Result<Summary, Error> {
    let started = Instant::now();
    let mut writer = archive.write("parallax detect")?;
    let snapshot = archive.snapshot()?;
    let key = made_from(snapshot.manifest());
    let before = load(&snapshot)?;
    let mut summary = Summary::default();
    let mut events = before.clone();
    if snapshot.manifest().derived.get(DERIVED) == Some(&key) {
        summary.unchanged = true;
        summary.watermark = watermark(&snapshot);
    } else {
        let loaded = cells::load(&snapshot, &Scope::default(), options)?;
        events = events::reconcile(&before, loaded.events());
        (summary.cells, summary.cells_left_out) = (loaded.cells.len() as u64, loaded.left_out);
        summary.watermark = loaded.watermark.map(Hour::start);
        let mut stage = writer.stage()?;
        writer.replace_partition(&mut stage, Event::TABLE_INFO, PARTITION, std::iter::once(Ok::<_, Error>(rows(&events))))?;
        drop(snapshot);
        let watermark = summary.watermark.map(|time| time.format("%Y-%m-%d %H:%M:%S")).unwrap_or_default();
        writer.commit(stage, |manifest| {
            manifest.derived.insert(DERIVED.to_owned(), key);
            manifest.derived.insert(WATERMARK.to_owned(), watermark);
        })?;
    }
    // Also when nothing changed: a run that was killed after its commit has said it, and did not note it.
    said::note(archive, &events, summary.watermark)?;
    count(&before, &events, &mut summary);
    summary.seconds = started.elapsed().as_secs_f64();
    Ok(summary)
}

/// The events that the archive tells, in the order of the table.
pub fn load(snapshot: &Snapshot) -> Result<Vec<Event<'static>>, Error> {
    let mut events = Vec::new();
    for batch in snapshot.read(Event::TABLE_INFO, PARTITION)? {
        let batch = batch?;
        events.extend(Event::all(&batch).map(Event::into_owned));
    }
    Ok(events)
}

/// How far the measurements reached when events were last looked for.
pub fn watermark(snapshot: &Snapshot) -> Option<Timestamp> {
    snapshot.manifest().derived.get(WATERMARK)?.parse().ok()
}

/// Whether verdicts or measurements have changed since events were looked for.
pub fn is_out_of_date(snapshot: &Snapshot) -> bool {
    snapshot.partitions(Verdict::TABLE_INFO).next().is_some()
        && snapshot.manifest().derived.get(DERIVED) != Some(&made_from(snapshot.manifest()))
}

/// Events as rows of their table.
pub fn rows<'e>(events: impl IntoIterator<Item = &'e Event<'e>>) -> arrow::array::RecordBatch {
    let mut rows = EventRows::default();
    events.into_iter().for_each(|event| rows.push(event));
    rows.finish()
}

/// Names everything that the events depend on, beside what was said before.
fn made_from(manifest: &Manifest) -> String {
    let mut parts = vec![DETECTOR];
    for table in [Measurement::TABLE_INFO, Observation::TABLE_INFO, Verdict::TABLE_INFO] {
        let files = manifest.tables.get(table.name).into_iter().flat_map(BTreeMap::values).flatten();
        parts.extend(files.map(|file| file.sha256.as_str()));
    }
    sha256::of_texts(parts)
}

fn count(before: &[Event<'_>], after: &[Event<'_>], summary: &mut Summary) {
    let known: BTreeMap<&str, &Event<'_>> = before.iter().map(|event| (event.event_id.as_ref(), event)).collect();
    for event in after {
        *summary.events.entry(event.state).or_default() += 1;
        match known.get(event.event_id.as_ref()) {
            None => summary.new += 1,
            Some(before) if *before != event => summary.changed += 1,
            Some(_) => {}
        }
    }
}
