//! The log of what was first said: a line for each event and each change of its state, with how far the data reached then.
//!
//! A finding that changes later is worth no more than the record of when it was said. The log is appended to and never rewritten; it depends on
//! when this program ran, so it belongs to no table and no comparison of bytes takes it in.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::time::SystemTime;

use parallax_archive::Archive;
use parallax_model::tables::Event;
use parallax_model::{EventState, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Error;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    pub event_id: String,
    pub state: EventState,
    /// How far the archive's measurements reached.
    pub watermark: Option<Timestamp>,
    /// When this program ran, by the clock of its machine.
    pub said: Timestamp,
    pub onset_latest: Timestamp,
    pub end_latest: Option<Timestamp>,
    pub n_interfered: u64,
    pub n_measurements: u64,
}

/// Longest line that is read; real ones have some hundred bytes.
const MAX_LINE_BYTES: u64 = 1 << 16;
/// Lines about one event that are read: it changes its state a few times.
const MAX_LINES: usize = 1000;

/// What was said of one event, the first line first; nothing where there is no log.
pub fn of(archive: &Archive, event_id: &str) -> Result<Vec<Said>, Error> {
    let mut lines = Vec::new();
    each(archive, |line| {
        if line.event_id == event_id && lines.len() < MAX_LINES {
            lines.push(line);
        }
    })?;
    Ok(lines)
}

/// When each event was last said to have changed.
pub fn last_changes(archive: &Archive) -> Result<HashMap<String, Timestamp>, Error> {
    let mut changes = HashMap::new();
    each(archive, |line| {
        changes.insert(line.event_id, line.said);
    })?;
    Ok(changes)
}

/// Appends what the log does not know yet. A line that a killed run left unfinished is passed over.
pub fn note(archive: &Archive, events: &[Event<'_>], watermark: Option<Timestamp>) -> Result<(), Error> {
    let path = archive.said_path();
    let mut known: HashMap<String, EventState> = HashMap::new();
    each(archive, |line| {
        known.insert(line.event_id, line.state);
    })?;
    let said = now();
    let new: Vec<&Event<'_>> = events.iter().filter(|event| known.get(event.event_id.as_ref()) != Some(&event.state)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for event in new {
        text += &serde_json::to_string(&line(event, watermark, said)).map_err(Error::bug)?;
        text.push('\n');
    }
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(&path)?;
    if !ends_with_a_line(&path)? {
        text.insert(0, '\n');
    }
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}

fn line(event: &Event<'_>, watermark: Option<Timestamp>, said: Timestamp) -> Said {
    Said {
        event_id: event.event_id.clone().into_owned(),
        state: event.state,
        watermark,
        said,
        onset_latest: event.onset_latest,
        end_latest: event.end_latest,
        n_interfered: event.n_interfered,
        n_measurements: event.n_measurements,
    }
}

/// Every line that can be read, in order. A line that a killed run left unfinished is passed over.
fn each(archive: &Archive, mut take: impl FnMut(Said)) -> Result<(), Error> {
    let file = match File::open(archive.said_path()) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let (mut reader, mut text) = (BufReader::new(file), Vec::new());
    loop {
        text.clear();
        if reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut text)? == 0 {
            return Ok(());
        }
        if let Ok(line) = serde_json::from_slice::<Said>(&text) {
            take(line);
        }
    }
}

fn ends_with_a_line(path: &std::path::Path) -> std::io::Result<bool> {
    use std::io::{Seek, SeekFrom};
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last[0] == b'\n')
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_microseconds(i64::try_from(since.as_micros()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(state: EventState) -> Event<'static> {
        Event { event_id: "XA-20240214-0a0a0a".into(), state, ..Event::default() }
    }

    #[test]
    fn each_state_is_noted_once_and_a_broken_line_does_no_harm() {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::open_or_create(dir.path().join("archive")).unwrap();
        let lines = || std::fs::read_to_string(archive.said_path()).unwrap().lines().count();
        note(&archive, &[event(EventState::Ongoing)], None).unwrap();
        note(&archive, &[event(EventState::Ongoing)], None).unwrap();
        assert_eq!(lines(), 1);
        OpenOptions::new().append(true).open(archive.said_path()).unwrap().write_all(b"{\"event_id\": \"XA-2024").unwrap();
        note(&archive, &[event(EventState::Ended)], None).unwrap();
        note(&archive, &[event(EventState::Ended)], None).unwrap();
        assert_eq!(lines(), 3);
        let said: Vec<EventState> = of(&archive, "XA-20240214-0a0a0a").unwrap().iter().map(|line| line.state).collect();
        assert_eq!(said, [EventState::Ongoing, EventState::Ended]);
        assert_eq!(last_changes(&archive).unwrap().len(), 1);
        assert!(of(&archive, "XA-20240215-0a0a0a").unwrap().is_empty());
        assert!(archive.verify(&mut |_, _| {}).unwrap().problems.is_empty(), "the log is no stray");
    }
}
