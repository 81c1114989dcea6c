//! The story of an event for a terminal, in the words that the pages use too; then what to open.

use parallax_engine::events::Story;
use parallax_model::tables::Event;

use crate::output::{count, paragraph, quoted, visible};

/// What fits every terminal.
const WIDTH: usize = 80;

/// What happened, and how sure it is.
pub fn story(event: &Event<'_>, story: &Story) -> String {
    let head = format!("{} ({}, {}: {})\n\n", visible(&event.event_id), event.kind, event.state, event.state.meaning());
    let told = format!("{} {} {}", story.what, story.when, story.how_much);
    let verdict = story.verdict.as_ref().map_or(String::new(), |verdict| "\n".to_owned() + &paragraph(verdict, 0, WIDTH));
    paragraph(&head, 0, WIDTH) + "\n" + &paragraph(&told, 0, WIDTH) + &verdict
}

/// What was tried, what was corrected, and what to open.
pub fn evidence(event: &Event<'_>, story: &Story, program: &str) -> String {
    let corrections = story.corrections.as_ref();
    let corrections = corrections.map_or(String::new(), |text| "\n".to_owned() + &paragraph(&format!("Corrections: {text}"), 0, WIDTH));
    explanations(story) + &corrections + &witnesses(event, program)
}

fn explanations(story: &Story) -> String {
    if story.explanations.is_empty() {
        return String::new();
    }
    let mut text = "\nInnocent explanations that were tried:\n".to_owned();
    for tried in &story.explanations {
        let block = paragraph(&format!("{} ({}) {}", tried.name, tried.meaning, tried.found), 4, WIDTH);
        text += &format!("  - {}", block.trim_start());
    }
    text
}

fn witnesses(event: &Event<'_>, program: &str) -> String {
    if event.witnesses.is_empty() {
        return "\nNo single measurement shows it: it is the measurements that are missing.\n".to_owned();
    }
    let n = format!("{} of {}", event.witnesses.len(), count(event.n_interfered.max(event.witnesses.len() as u64)));
    let mut text = format!("\nWitnesses to open ({n}):\n");
    for witness in &event.witnesses {
        text += &format!("  {program} explain {}\n", quoted(witness));
    }
    text
}
