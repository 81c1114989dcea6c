//! A proof as a page to read: the claim first, then what it rests on, then what speaks against it.

use std::fmt::Write;

use parallax_engine::explain::{InOtherHands, Proof, ProvenRule, ProvenTarget, Source, SourceState, Tally, Weighing};
use parallax_model::evidence::Evidence;

use crate::output::{count, paragraph, plural, visible};

/// Width of the page: what is comfortable to read.
const WIDTH: usize = 110;
/// Witnesses that are named; the rest are counted.
const WITNESSES: usize = 3;
/// Characters of a value that are shown: a header or a title can have megabytes.
const VALUE: usize = 160;

pub fn prose(proof: &Proof) -> String {
    let mut page = paragraph(&visible(&proof.claim), 0, WIDTH);
    page += "\n";
    page += &head(proof);
    for target in &proof.targets {
        page += "\n";
        // The claim of a single target is the claim of the whole.
        let claim = if proof.targets.len() > 1 { Some(target.claim.as_str()) } else { None };
        page += &section(target, claim, &proof.source);
    }
    page + "\n" + &repeat(proof)
}

fn head(proof: &Proof) -> String {
    let asn = proof.probe_asn.map_or("unknown network".to_owned(), |asn| format!("AS{asn}"));
    let name = proof.probe_as_org_name.as_ref().map_or(String::new(), |name| format!(" ({name})"));
    let version = proof.test_version.as_ref().map_or(String::new(), |version| format!(" {version}"));
    let input = proof.input.as_ref().map_or(String::new(), |input| format!(" of {input}"));
    let mut rows = vec![
        ("measurement", proof.measurement_uid.clone()),
        ("test", format!("{}{version}{input}, by {}", proof.test_name, proof.software)),
        ("where", format!("{} {asn}{name}", proof.probe_cc)),
        ("when", proof.measurement_start_time.clone()),
        ("record", record(&proof.source)),
    ];
    if let Some(analysis) = &proof.probe_analysis {
        rows.push(("the probe said", format!("{analysis} (no verdict rests on it)")));
    }
    rows.iter().map(|(name, value)| format!("{name:<15} {}\n", visible(value))).collect()
}

fn record(source: &Source) -> String {
    let state = match source.state {
        SourceState::Kept => "a copy is in the archive",
        SourceState::Unchanged => "it lies where it was read, unchanged",
        SourceState::Changed => "the file has CHANGED since it was read",
        SourceState::Gone => "the file is GONE from where it was read",
        SourceState::Unknown => "the archive does not know where it lies",
    };
    format!("{}:{} (byte {}, {}); {state}", source.file, source.line, source.offset, plural(source.length, "byte"))
}

fn section(target: &ProvenTarget, claim: Option<&str>, source: &Source) -> String {
    let mut text = format!("{} ({}): {}\n", visible(&target.target), target.role, target.state);
    text += &claim.map_or(String::new(), |claim| paragraph(&visible(claim), 2, WIDTH));
    if let Some(stored) = target.stored_state.filter(|stored| *stored != target.state) {
        let remark = format!("The archive still says {stored}: rules or reference data have changed; run `parallax judge`.");
        text += &paragraph(&remark, 2, WIDTH);
    }
    text += &facts(target);
    text += &rules(target, source);
    text += &list("other occasions", target.neighbours.iter().map(neighbours));
    text += &list("speaks against", target.against.iter().cloned());
    let changes = target.counterfactuals.iter().map(|other| format!("{} if {}", other.state, other.change));
    text + &list("would have been", changes)
}

fn facts(target: &ProvenTarget) -> String {
    let layers = target.layers.iter().map(|layer| match layer.mechanism {
        Some(mechanism) => format!("{} {} ({mechanism})", layer.layer, layer.state),
        None => format!("{} {}", layer.layer, layer.state),
    });
    let observers = plural(u64::from(target.control_observers), "independent observer");
    let mut rows = vec![
        ("layers", layers.collect::<Vec<_>>().join(", ")),
        ("reached", if target.reached { "yes, over the user's own path" } else { "no" }.to_owned()),
        ("who acts", format!("{}: {}", target.locus, target.locus.meaning())),
        ("control", format!("{} ({observers})", target.control.as_str())),
    ];
    if !target.instrument.is_empty() {
        rows.push(("instrument", target.instrument.iter().map(|defect| defect.as_str()).collect::<Vec<_>>().join(", ")));
    }
    if !target.witnesses.is_empty() {
        rows.push(("witnesses", witnesses(target)));
    }
    rows.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("  {name:<13} {}\n", visible(value))).collect()
}

/// An accusation that rests on a lost connection, beside what the same network and other countries saw of the target.
fn neighbours(weighing: &Weighing) -> String {
    let of = |tally: &Tally| format!("{} reached, {} lost", tally.reached, tally.lost);
    let elsewhere = &weighing.elsewhere;
    format!(
        "{}: {} before, {} in the same hour, {} after, within {} hours; chance loses {:.1} % in this hour; weight {:.2} and neighbours \
         {:+.2} make {:.2}, and an accusation stands from {:.1}; other networks at the time: {} abroad and {} of this \
         country reached it, {} and {} lost it{}{}",
        weighing.operation,
        of(&weighing.before),
        of(&weighing.same_hour),
        of(&weighing.after),
        weighing.within_hours,
        100.0 * weighing.chance,
        weighing.weight,
        weighing.neighbours(),
        weighing.sum,
        weighing.stands_from,
        elsewhere.networks_reached,
        elsewhere.compatriots_reached,
        elsewhere.networks_lost,
        elsewhere.compatriots_lost,
        daily(weighing),
        release(weighing),
    )
}

/// Only said where the clock may tell something.
fn daily(weighing: &Weighing) -> String {
    match weighing.daily {
        None => String::new(),
        Some(_) => format!(
            "; at this time on other days it was lost here {} and in other networks of the country {}",
            times(weighing.lost_on_other_days),
            times(weighing.compatriots_lost_on_other_days)
        ),
    }
}

fn times(number: u32) -> String {
    plural(u64::from(number), "time")
}

/// Only said where the software may be at fault.
fn release(weighing: &Weighing) -> String {
    let InOtherHands { networks_lost, networks_reached } = weighing.same_release;
    if networks_lost == 0 {
        return String::new();
    }
    format!(
        "; with this release of the software {} lost it where other releases got through, this one perhaps among them, and {} reached it",
        plural(u64::from(networks_lost), "network"),
        count(u64::from(networks_reached))
    )
}

fn witnesses(target: &ProvenTarget) -> String {
    let named = target.witnesses.iter().take(WITNESSES).map(|witness| {
        let validated = if witness.validated { "chain validated here" } else { "as its probe says" };
        format!("AS{} on {} ({validated}) in {}", witness.probe_asn, witness.ip, witness.measurement_uid)
    });
    let more = target.witnesses.len().saturating_sub(WITNESSES);
    let rest = if more == 0 { String::new() } else { format!("; and {more} more") };
    named.collect::<Vec<_>>().join("; ") + &rest
}

fn rules(target: &ProvenTarget, source: &Source) -> String {
    if target.rules.is_empty() {
        return "\n  no rule fired\n".to_owned();
    }
    target.rules.iter().map(|rule| self::rule(rule, source)).collect()
}

fn rule(rule: &ProvenRule, source: &Source) -> String {
    let decided = match (rule.decided, rule.overruled) {
        (true, _) => ", and decided",
        (false, true) => ", and was overruled",
        (false, false) => "",
    };
    let mechanism = rule.mechanism.map_or(String::new(), |mechanism| format!(" by {mechanism}"));
    let mut text = format!("\n  {} fired{decided}: says {}{mechanism}, weight {}\n", rule.rule, rule.says, rule.weight);
    text += &paragraph(rule.condition, 4, WIDTH);
    text += &paragraph(&format!("Why: {}", rule.why), 4, WIDTH);
    for evidence in &rule.evidence {
        text += &self::evidence(evidence, source);
    }
    text
}

/// `file:line pointer  field = value`: each can be looked up in the raw record.
fn evidence(evidence: &Evidence, source: &Source) -> String {
    let place = match evidence.json_pointer.as_str() {
        "" => String::new(),
        pointer => format!("  at {}:{} {}", visible(&source.file), source.line, visible(pointer)),
    };
    format!("    - {} = {}{place}\n", evidence.field, value(&evidence.value))
}

fn value(value: &str) -> String {
    match value.char_indices().nth(VALUE) {
        None => visible(value).into_owned(),
        Some((end, _)) => format!("{}… ({} bytes)", visible(&value[..end]), value.len()),
    }
}

fn list(title: &str, items: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for item in items {
        let _ = match text.is_empty() {
            true => write!(text, "\n  {title}\n"),
            false => Ok(()),
        };
        let block = paragraph(&visible(&item), 6, WIDTH);
        text += &format!("    - {}", block.trim_start());
    }
    text
}

fn repeat(proof: &Proof) -> String {
    let repeat = &proof.repeat;
    let rows = [
        ("to repeat it", format!("parallax {}, ruleset {}", repeat.parallax_version, repeat.ruleset_version)),
        ("record", format!("sha256 {}", proof.source.record_sha256)),
        ("file", format!("sha256 {}", proof.source.file_sha256)),
        ("reference data", repeat.refdata_digest.clone()),
        ("fingerprints", repeat.fingerprints_digest.clone().unwrap_or_else(|| "none".to_owned())),
    ];
    rows.iter().map(|(name, value)| format!("{name:<15} {}\n", visible(value))).collect()
}
