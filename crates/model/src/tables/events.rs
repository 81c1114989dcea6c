//! `events`: one row for one incident in the world.

use crate::Mechanism;
use crate::column::Text;
use crate::table::table;
use crate::time::Timestamp;
use crate::vocabulary::{EventKind, EventState, Layer};

table! {
    /// One row per incident: where and when connections were interfered with or cut off, how, and what innocent reasons were tried.
    Event, EventRows, EventColumns = "events",
    sorted by &["probe_cc", "onset_latest", "event_id"], partitioned by Whole
    {
        /// Name of the event: country, day of its onset and a short digest. Late data do not change it.
        event_id: Text<'a>,
        /// Interference with targets, or a collapse of all measuring.
        kind: EventKind,
        /// What became of it.
        state: EventState,
        /// The event that this one turned out to be a part of.
        superseded_by: Option<Text<'a>>,
        /// Why it was retracted or explained, in a sentence.
        reason: Option<Text<'a>>,
        /// Country in which it happened.
        probe_cc: Text<'a>,
        /// Networks (autonomous system numbers) in which it was seen.
        networks: Vec<u32>,
        /// Targets that were hit; empty for a shutdown, which hits all.
        targets: Vec<Text<'a>>,
        /// Layers on which interference was found.
        layers: Vec<Layer>,
        /// How it was done: each path that was seen in at least a tenth of the measurements that were hit, the most frequent first.
        mechanisms: Vec<Mechanism>,
        /// The last time before it at which it was seen to work; null when it never was.
        onset_earliest: Option<Timestamp>,
        /// The end of the hour in which it was first seen.
        onset_latest: Timestamp,
        /// The beginning of the hour in which it was last seen, when it ended.
        end_earliest: Option<Timestamp>,
        /// The first time after it at which it was seen to work again, when it ended.
        end_latest: Option<Timestamp>,
        /// Days and hours at which it happens, in the country's local time, when it recurs: `Mon-Fri 07:00-11:00, 13:00-17:00 (UTC+03:00)`.
        schedule: Option<Text<'a>>,
        /// Share of connections that were hit while it lasted (within its schedule), from 0 to 1.
        share: f64,
        /// Measurements while it lasted (within its schedule) that say whether there was interference.
        n_measurements: u64,
        /// Of these, how many were interfered with.
        n_interfered: u64,
        /// Distinct probes among them; null when too few measurements name their probe.
        n_probes: Option<u64>,
        /// In how many networks it was seen.
        n_networks: u64,
        /// log10 of how much likelier the counts are under interference than without.
        strength: f64,
        /// What that number means, in words.
        strength_reading: Text<'a>,
        /// Innocent explanations, each as `name: holds`, `does not hold` or `cannot be told`, and why.
        explanations: Vec<Text<'a>>,
        /// A few measurements to open, spread over networks and time.
        witnesses: Vec<Text<'a>>,
    }
}

impl Event<'_> {
    /// The same, apart from the batch that it was read from.
    pub fn into_owned(self) -> Event<'static> {
        Event {
            event_id: owned(self.event_id),
            superseded_by: self.superseded_by.map(owned),
            reason: self.reason.map(owned),
            probe_cc: owned(self.probe_cc),
            targets: self.targets.into_iter().map(owned).collect(),
            schedule: self.schedule.map(owned),
            strength_reading: owned(self.strength_reading),
            explanations: self.explanations.into_iter().map(owned).collect(),
            witnesses: self.witnesses.into_iter().map(owned).collect(),
            kind: self.kind,
            state: self.state,
            networks: self.networks,
            layers: self.layers,
            mechanisms: self.mechanisms,
            onset_earliest: self.onset_earliest,
            onset_latest: self.onset_latest,
            end_earliest: self.end_earliest,
            end_latest: self.end_latest,
            share: self.share,
            n_measurements: self.n_measurements,
            n_interfered: self.n_interfered,
            n_probes: self.n_probes,
            n_networks: self.n_networks,
            strength: self.strength,
        }
    }
}

fn owned(text: Text<'_>) -> Text<'static> {
    Text::Owned(text.into_owned())
}
