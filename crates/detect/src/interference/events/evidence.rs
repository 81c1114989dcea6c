//! What the rows behind an alarm say beside their counts: who saw it, with what, by which rules, and which measurements to open.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Hour;
use super::alarm::Alarm;
use super::background::Background;
use super::cell::{Cell, Cells};

/// What the rows of an alarm say beside their counts.
#[derive(Default)]
pub(super) struct Evidence {
    /// Failed and all occasions by software.
    pub software: BTreeMap<u32, (f64, f64)>,
    /// Of the failed ones, those that accuse somebody by themselves.
    pub accused: BTreeMap<u32, f64>,
    /// The same by probe; 0 are the probes that are not named.
    pub probes: BTreeMap<u32, (f64, f64)>,
    pub mechanisms: BTreeMap<u8, f64>,
    /// Those of its last two days: what replaced another method shows here long before it is a share of all.
    pub latest: BTreeMap<u8, f64>,
    pub witnesses: Vec<(Hour, u32)>,
    /// Witnesses met so far, and how often every second one was let go.
    passed: u64,
    halvings: u32,
    failing_hours: BTreeMap<Hour, f64>,
    pub failing_sessions: u32,
    pub failing_measurements: f64,
    pub control_failures: f64,
    pub ipv6_only: f64,
    pub stormy: f64,
    pub rulesets: BTreeMap<u16, f64>,
    pub rulesets_before: BTreeSet<u16>,
    pub failed: f64,
}

/// Rows before an onset in which the ruleset is looked up.
const ROWS_BEFORE: usize = 30;
/// The last hours of an alarm, in which a change of method shows.
const LATEST_HOURS: u32 = 48;
/// Witnesses remembered for one alarm.
const WITNESSES: usize = 64;

impl Evidence {
    pub fn of(alarm: &Alarm, cells: &Cells, background: &Background) -> Self {
        let mut evidence = Self::default();
        let onset = alarm.onset.1.minus(1);
        for series in &alarm.series {
            let all = cells.rows_of(*series as usize);
            let first = all.partition_point(|row| row.hour < onset);
            evidence.rulesets_before.extend(all[first.saturating_sub(ROWS_BEFORE)..first].iter().map(|row| row.ruleset));
            let lasting = rows(cells, *series, onset..alarm.last.plus(1));
            for row in lasting.iter().filter(|row| alarm.schedule.as_ref().is_none_or(|schedule| schedule.contains(row.hour))) {
                if row.mechanism > 0 && alarm.last.since(row.hour) < LATEST_HOURS {
                    *evidence.latest.entry(row.mechanism).or_default() += row.counts.occasions().0;
                }
                evidence.add(
                    row,
                    alarm.lost > 0.0,
                    (1..=super::sample::STORM_HOURS).contains(&background.storm_age(*series as usize, row.hour)),
                );
            }
        }
        evidence.witnesses.sort_unstable();
        evidence
    }

    fn add(&mut self, row: &Cell, lost_counts: bool, stormy: bool) {
        let (accused, worked, lost) = row.counts.occasions();
        let failed = if lost_counts { accused + lost } else { accused };
        let software = self.software.entry(row.software).or_default();
        *software = (software.0 + failed, software.1 + failed + worked);
        *self.accused.entry(row.software).or_default() += accused;
        let probe = self.probes.entry(row.probe).or_default();
        *probe = (probe.0 + failed, probe.1 + failed + worked);
        if failed == 0.0 {
            return;
        }
        self.failed += failed;
        *self.failing_hours.entry(row.hour).or_default() += failed;
        if row.mechanism > 0 {
            *self.mechanisms.entry(row.mechanism).or_default() += accused;
        }
        self.failing_sessions += u32::from(row.counts.sessions);
        self.failing_measurements += f64::from(row.counts.measurements);
        self.control_failures += f64::from(row.counts.control_failures);
        self.ipv6_only += f64::from(row.counts.ipv6_only.min(row.counts.measurements));
        self.stormy += if stormy { failed } else { 0.0 };
        *self.rulesets.entry(row.ruleset).or_default() += failed;
        self.remember(row);
    }

    /// Keeps witnesses from first to last at an even pace, however many there are.
    fn remember(&mut self, row: &Cell) {
        if row.witness == 0 {
            return;
        }
        if self.passed.is_multiple_of(1 << self.halvings) {
            self.witnesses.push((row.hour, row.witness));
        }
        self.passed += 1;
        if self.witnesses.len() > WITNESSES {
            let mut place = 0;
            self.witnesses.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.halvings += 1;
        }
    }

    /// The hour until which a twentieth of the failures was seen: what failed innocently before an onset does not move it far.
    pub fn bulk_onset(&self) -> Hour {
        let mut seen = 0.0;
        let found = self.failing_hours.iter().find(|(_, failed)| {
            seen += **failed;
            seen >= f64::max(self.failed * 0.05, 1.0)
        });
        found.map_or(Hour::default(), |(hour, _)| *hour)
    }

    /// Distinct probes that saw it; `None` when less than half of it comes from probes with a name.
    pub fn probes(&self) -> Option<BTreeSet<u32>> {
        let unknown = self.probes.get(&0).map_or(0.0, |counts| counts.0);
        let known: BTreeSet<u32> =
            self.probes.iter().filter(|(probe, counts)| **probe > 0 && counts.0 > 0.0).map(|(probe, _)| *probe).collect();
        (unknown * 2.0 < self.failed && !known.is_empty()).then_some(known)
    }
}

/// The rows of a series in a stretch of hours.
pub(super) fn rows(cells: &Cells, series: u32, hours: Range<Hour>) -> &[Cell] {
    let rows = cells.rows_of(series as usize);
    let from = rows.partition_point(|row| row.hour < hours.start);
    let to = rows.partition_point(|row| row.hour < hours.end);
    &rows[from..to.max(from)]
}
