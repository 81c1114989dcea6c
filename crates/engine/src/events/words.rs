//! The facts of an event in words; lists, stories and pages use the same.

use parallax_model::figures::{count, plural};
use parallax_model::tables::Event;
use parallax_model::visible::visible;
use parallax_model::{EventKind, EventState, Timestamp};

/// `2024-02-14 05:00`; hours are whole.
pub fn time(time: Timestamp) -> String {
    time.format("%Y-%m-%d %H:%M")
}

/// `48 of 50 measurements (96.0%)`.
pub fn hit(event: &Event<'_>) -> String {
    match event.kind {
        EventKind::Blocking => {
            format!("{} of {} ({:.1}%)", count(event.n_interfered), plural(event.n_measurements, "measurement"), 100.0 * event.share)
        }
        EventKind::Shutdown => {
            format!("{:.1}% of the usual measurements missing, {} left", 100.0 * event.share, count(event.n_measurements))
        }
    }
}

/// What to say of an event whose end the data do not show. Only what is told goes on.
pub fn no_end(event: &Event<'_>) -> &'static str {
    match event.state {
        EventState::Ongoing | EventState::Ended => "no end has been seen",
        EventState::Explained => "the data show no end, which does not say that it went on",
        EventState::Superseded => "its end is told with the event that it is a part of",
        EventState::Retracted => "no end had been seen when it was retracted",
    }
}

/// `AS64500, AS64501 and 3 more`.
pub fn networks(event: &Event<'_>, most: usize) -> String {
    let unknown = (event.n_networks > event.networks.len() as u64).then(|| "a network that is not known".to_owned());
    let known: Vec<String> = event.networks.iter().map(|network| format!("AS{network}")).chain(unknown).collect();
    some(&known, most)
}

/// `www.example.org and 3 more`; a shutdown hits all.
pub fn targets(event: &Event<'_>, most: usize) -> String {
    match event.kind {
        EventKind::Shutdown => "all measuring".to_owned(),
        EventKind::Blocking => some(&event.targets.iter().map(|target| visible(target).into_owned()).collect::<Vec<_>>(), most),
    }
}

/// `tls.reset.sni, http.timeout`; nothing where nobody could tell.
pub fn mechanisms(event: &Event<'_>) -> String {
    event.mechanisms.iter().map(|mechanism| mechanism.as_str()).collect::<Vec<_>>().join(", ")
}

fn some(all: &[String], most: usize) -> String {
    // To say "and 1 more" instead of the one helps nobody.
    let named = if all.len() <= most + 1 { all.len() } else { most };
    let more = all.len() - named;
    let list = all[..named].join(", ");
    if more == 0 { list } else { format!("{list} and {} more", count(more as u64)) }
}
