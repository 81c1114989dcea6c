//! One measurement: the proof of what is said about it, as `parallax explain` writes it; what was tried, step by step, beside the control;
//! the certificates that were shown; and the raw record, without what is the volunteer's, with the fields marked that rules looked at.

use askama::Template;
use parallax_engine::explain::{Proof, ProvenTarget, ShownChain, SourceState, Weighing};
use parallax_engine::{Limits, literal};
use parallax_model::tables::{Control, Observation};

use crate::parts::{Frame, Hops, PartOf, bytes, commands, plural};
use crate::record::{self, Lines, Missing, Piece, Scrubbed, Secrets, lines};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::rows::{clip, select, typed};
use crate::{countries, urls};

pub const ROUTE: Route = Route { path: "/measurement/{uid}", load: Load::Heavy, parameters: &[], answer };
pub const RECORD: Route = Route { path: "/measurement/{uid}/record/{digest}", load: Load::Heavy, parameters: &[], answer: download };

/// Steps of one measurement that are shown.
const MOST_STEPS: usize = 400;

struct Record {
    proof: Proof,
    country: String,
    events: Vec<PartOf>,
    /// What repeats it, each with what it must print.
    commands: Vec<(String, String)>,
    hops: Hops,
    chains: Vec<ShownChain>,
    raw: Raw,
}

/// The raw record, as far as it is shown.
struct Raw {
    lines: Lines,
    /// Why it is not shown.
    missing: Option<&'static str>,
    was_in_envelope: bool,
    length: String,
    /// Where the whole of it is.
    link: String,
}

#[derive(Template)]
#[template(path = "measurement.html")]
struct Page {
    frame: Frame,
    uid: String,
    records: Vec<Record>,
    api: String,
    /// What to say of the folder in commands.
    folder: &'static str,
}

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let uid = asked.segment("uid");
    let proofs = asked.edition.prove(uid)?;
    if proofs.is_empty() {
        return Err(Trouble::NotFound { what: "measurement", name: uid.to_owned() });
    }
    let mut secrets = Vec::new();
    let mut records = Vec::new();
    for (number, proof) in proofs.into_iter().enumerate() {
        let read = record::read(&proof.source);
        let (raw, found) = raw(&proof, read, number);
        secrets.extend(found);
        records.push(shown(asked, proof, raw, number)?);
    }
    let api = format!("/api/v1/measurements/{}", urls::segment(uid));
    let page = Page {
        frame: Frame::new(asked, format!("Measurement {}", clip(uid))),
        uid: uid.to_owned(),
        records,
        api,
        folder: commands::about_folder(asked),
    };
    let text = page.render().map_err(|error| Trouble::Bug(error.to_string()))?;
    // Tables hold nothing of the volunteer's that they know of; what only the raw record betrays is taken out of all of the page.
    Ok(Answer::html_text(&secrets.iter().fold(text, |text, secrets| secrets.blot_plain(&text))))
}

/// The raw record without what is the volunteer's, whole, as a file.
fn download(asked: &Asked) -> Result<Answer, Trouble> {
    let (uid, digest) = (asked.segment("uid"), asked.segment("digest"));
    let proofs = asked.edition.prove(uid)?;
    let Some(proof) = proofs.iter().find(|proof| proof.source.record_sha256 == digest) else {
        return Err(Trouble::NotFound { what: "measurement with a record of that digest", name: uid.to_owned() });
    };
    match record::read(&proof.source) {
        Ok(scrubbed) => Ok(Answer::new("application/json", scrubbed.text + "\n")),
        Err(_) => Err(Trouble::NotFound { what: "raw record that can be shown of measurement", name: uid.to_owned() }),
    }
}

fn raw(proof: &Proof, read: Result<Scrubbed, Missing>, number: usize) -> (Raw, Option<Secrets>) {
    let link = urls::record(&proof.measurement_uid, &proof.source.record_sha256);
    let length = bytes(proof.source.length);
    match read {
        Ok(scrubbed) => {
            let evidence = proof.targets.iter().flat_map(|target| &target.rules).flat_map(|rule| &rule.evidence);
            let pointers = evidence.map(|evidence| evidence.json_pointer.as_str()).filter(|pointer| !pointer.is_empty()).collect();
            let lines = lines(&scrubbed.text, &pointers, &format!("field-{number}"));
            (Raw { lines, missing: None, was_in_envelope: scrubbed.was_in_envelope, length, link }, Some(scrubbed.secrets))
        }
        Err(missing) => {
            let why = missing.why(&proof.source);
            (Raw { lines: Lines::default(), missing: Some(why), was_in_envelope: false, length, link }, None)
        }
    }
}

fn shown(asked: &Asked, mut proof: Proof, raw: Raw, number: usize) -> Result<Record, Trouble> {
    let edition = &asked.edition;
    let commands = commands::of_proof(asked, &proof);
    // Folders of this machine are nobody else's business.
    proof.source.path = None;
    // The country and the time are named too, so that the files of one week are opened.
    let time = proof.measurement_start_time.trim_end_matches(" UTC").replace(' ', "T");
    let rest = format!(
        "WHERE measurement_uid = {} AND raw_digest = {} AND probe_cc = {} AND measurement_start_time >= TIMESTAMP '{time}Z' \
         AND measurement_start_time < TIMESTAMP '{time}Z' + INTERVAL '1 second' ORDER BY ordinal LIMIT {}",
        literal(&proof.measurement_uid),
        literal(&proof.source.record_sha256),
        literal(&proof.probe_cc),
        MOST_STEPS + 1
    );
    let observations = select::<Observation<'_>>(&edition.engine, &rest, &Limits::default())?;
    let controls = select::<Control<'_>>(&edition.engine, &rest, &Limits::default())?;
    let (mut observations, mut controls): (Vec<Observation<'_>>, Vec<Control<'_>>) = (typed(&observations), typed(&controls));
    let is_cut = observations.len() > MOST_STEPS || controls.len() > MOST_STEPS;
    observations.truncate(MOST_STEPS);
    controls.truncate(MOST_STEPS);
    let chains = edition.prover.chains(&edition.engine, &observations)?;
    let hops = Hops::new(format!("steps-{number}"), &observations, &controls, is_cut);
    let events = PartOf::all(&proof, edition);
    Ok(Record { country: countries::label(&proof.probe_cc), events, commands, proof, hops, chains, raw })
}

/// What the template asks of a proof.
impl Record {
    /// The mark of a field, where the record is shown with it.
    fn mark(&self, pointer: &str) -> Option<&String> {
        self.raw.lines.ids.get(pointer)
    }

    fn network(&self) -> String {
        let asn = self.proof.probe_asn.map_or("unknown network".to_owned(), |asn| format!("AS{asn}"));
        format!("{asn} {}", self.proof.probe_as_org_name.as_deref().unwrap_or_default()).trim_end().to_owned()
    }

    fn state_of_source(&self) -> &'static str {
        match self.proof.source.state {
            SourceState::Kept => "a copy of the file is in the archive",
            SourceState::Unchanged => "the file lies where it was read, unchanged",
            SourceState::Changed => "the file has changed since it was read",
            SourceState::Gone => "the file is gone from where it was read",
            SourceState::Unknown => "the archive does not know where the file lies",
        }
    }
}

fn observers(target: &ProvenTarget) -> String {
    plural(u64::from(target.control_observers), "independent observer")
}

fn is_outdated(target: &ProvenTarget) -> bool {
    target.stored_state.is_some_and(|stored| stored != target.state)
}

/// What the same network's other occasions and other countries add to a lost connection, in a sentence.
fn weighing(weighing: &Weighing) -> String {
    format!(
        "{}: this network reached the target on {} and lost it on {} other occasions within {} hours; in other countries {} reached it and {} lost it at the time. \
         The rule's weight {:.2} and these neighbours {:+.2} make {:.2}; an accusation stands from {:.1}.",
        weighing.operation,
        weighing.before.reached + weighing.same_hour.reached + weighing.after.reached,
        weighing.before.lost + weighing.same_hour.lost + weighing.after.lost,
        weighing.within_hours,
        plural(u64::from(weighing.elsewhere.networks_reached), "network"),
        weighing.elsewhere.networks_lost,
        weighing.weight,
        weighing.neighbours(),
        weighing.sum,
        weighing.stands_from
    )
}
