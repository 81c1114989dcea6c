//! Keeps the names of events when the data change under them.
//!
//! Detection is done anew each time; what it finds is compared with what was said before. An event that overlaps one said before in time and scope
//! is that event and keeps its name. Where two of before are now one, the older name stays and the other points to it. What is not found any more
//! is not forgotten: it stays, retracted, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use parallax_model::tables::Event;
use parallax_model::{EventState, Timestamp};

/// Two events whose times are this far apart are not the same, even where their scope is.
const SLACK_MICROSECONDS: i64 = 48 * 3_600_000_000;

/// The events of now under the names of before, with what became of the others. `reconcile(&before, before.clone())` gives `before` back.
pub fn reconcile(previous: &[Event<'static>], now: Vec<Event<'static>>) -> Vec<Event<'static>> {
    let mut by_country: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, event) in previous.iter().enumerate() {
        if !is_closed(event) {
            by_country.entry(&event.probe_cc).or_default().push(index);
        }
    }
    // Each event of now with those of before that it covers, the oldest first.
    let mut heirs: Vec<Vec<usize>> = Vec::with_capacity(now.len());
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for event in &now {
        let candidates = by_country.get(event.probe_cc.as_ref()).map_or(&[][..], Vec::as_slice);
        let mut covers: Vec<usize> =
            candidates.iter().copied().filter(|index| !taken.contains(index) && is_same(&previous[*index], event)).collect();
        // The name that detection gives by itself is the best sign; then the one that began first.
        covers
            .sort_by_key(|index| (previous[*index].event_id != event.event_id, previous[*index].onset_latest, &previous[*index].event_id));
        taken.extend(&covers);
        heirs.push(covers);
    }
    let mut names: BTreeSet<String> = previous.iter().map(|event| event.event_id.to_string()).collect();
    let mut all: Vec<Event<'static>> = Vec::with_capacity(now.len() + previous.len());
    for (mut event, covers) in now.into_iter().zip(heirs) {
        match covers.split_first() {
            Some((first, rest)) => {
                event.event_id = previous[*first].event_id.clone();
                all.extend(rest.iter().map(|index| superseded(&previous[*index], &event)));
            }
            None => event.event_id = free_name(&event.event_id, &mut names).into(),
        }
        all.push(event);
    }
    for (index, event) in previous.iter().enumerate().filter(|(index, _)| !taken.contains(index)) {
        all.push(if is_closed(event) { event.clone() } else { retracted(&previous[index]) });
    }
    all.sort_by(|a, b| (&a.probe_cc, a.onset_latest, &a.event_id).cmp(&(&b.probe_cc, b.onset_latest, &b.event_id)));
    all
}

/// Said for the last time: nothing that is found now can be this event again.
fn is_closed(event: &Event<'_>) -> bool {
    matches!(event.state, EventState::Superseded | EventState::Retracted)
}

fn is_same(before: &Event<'_>, now: &Event<'_>) -> bool {
    let end = |event: &Event<'_>| event.end_latest.map_or(i64::MAX, |end| end.microseconds().saturating_add(SLACK_MICROSECONDS));
    let begin =
        |event: &Event<'_>| event.onset_earliest.unwrap_or(event.onset_latest).microseconds().saturating_sub(SLACK_MICROSECONDS / 2);
    let overlap = begin(before) <= end(now) && begin(now) <= end(before);
    let targets = before.targets.is_empty() && now.targets.is_empty() || before.targets.iter().any(|target| now.targets.contains(target));
    let networks =
        before.networks.is_empty() || now.networks.is_empty() || before.networks.iter().any(|network| now.networks.contains(network));
    let scheduled = before.schedule.is_some() == now.schedule.is_some() || before.networks == now.networks;
    before.kind == now.kind && before.probe_cc == now.probe_cc && overlap && targets && networks && scheduled
}

fn superseded(before: &Event<'static>, by: &Event<'static>) -> Event<'static> {
    Event {
        state: EventState::Superseded,
        superseded_by: Some(by.event_id.clone()),
        reason: Some("more data showed that it is one incident with another event".into()),
        ..before.clone()
    }
}

fn retracted(before: &Event<'static>) -> Event<'static> {
    let since = Timestamp::format(before.onset_latest, "%Y-%m-%d %H:00");
    let reason = format!(
        "with the data as they are now, the counts since {since} UTC no longer show it ({} of {} before)",
        before.n_interfered, before.n_measurements
    );
    Event { state: EventState::Retracted, reason: Some(reason.into()), ..before.clone() }
}

/// The name, or with a number after it when it was given away before.
fn free_name(name: &str, names: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !names.contains(name)).expect("numbers do not end");
    names.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &'static str, onset: &str, target: &'static str) -> Event<'static> {
        Event {
            event_id: id.into(),
            probe_cc: "XA".into(),
            networks: vec![64500],
            targets: vec![target.into()],
            onset_latest: onset.parse().unwrap(),
            ..Event::default()
        }
    }

    #[test]
    fn data_that_change_nothing_change_nothing() {
        let events = vec![event("XA-1", "2024-01-10 05:00:00", "a.example"), event("XA-2", "2024-03-10 05:00:00", "b.example")];
        assert_eq!(reconcile(&events, events.clone()), events);
    }

    #[test]
    fn an_onset_that_shifts_keeps_its_name() {
        let after =
            reconcile(&[event("XA-1", "2024-01-10 23:00:00", "a.example")], vec![event("XA-9", "2024-01-11 02:00:00", "a.example")]);
        assert_eq!(after.len(), 1);
        assert_eq!(after[0].event_id, "XA-1");
    }

    #[test]
    fn two_that_turn_out_to_be_one_point_to_it() {
        let before = [event("XA-1", "2024-01-10 05:00:00", "a.example"), event("XA-2", "2024-01-10 09:00:00", "b.example")];
        let mut both = event("XA-1", "2024-01-10 05:00:00", "a.example");
        both.targets.push("b.example".into());
        let after = reconcile(&before, vec![both]);
        let old = after.iter().find(|event| event.event_id == "XA-2").unwrap();
        assert_eq!((old.state, old.superseded_by.as_deref()), (EventState::Superseded, Some("XA-1")));
    }

    #[test]
    fn what_is_gone_is_retracted_once_and_its_name_is_never_given_again() {
        let before = [event("XA-1", "2024-01-10 05:00:00", "a.example")];
        let gone = reconcile(&before, Vec::new());
        assert_eq!(gone[0].state, EventState::Retracted);
        assert!(gone[0].reason.as_ref().is_some_and(|reason| reason.contains("2024-01-10")));
        assert_eq!(reconcile(&gone, Vec::new()), gone);
        let back = reconcile(&gone, before.to_vec());
        assert!(back.iter().any(|event| event.event_id == "XA-1-2" && event.state == EventState::Ongoing));
    }
}
