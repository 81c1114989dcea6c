//! What was done, and how it is told: the same, whatever thread came first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use parallax_ingest::bucket::Object;

use super::here::State;
use super::work::Task;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Format, Listing, bytes, plural, quoted, stdout, visible};

/// Keys that are named when something is wrong with them; the rest are counted.
const NAMED: usize = 10;
/// Files in a row that cannot be downloaded, before any could.
const HOPELESS: u64 = 20;
/// Names of tests that are kept; there are about 30.
const TESTS: usize = 100;

#[derive(Default)]
pub struct Amount {
    pub files: u64,
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

#[derive(Default)]
pub struct Done {
    /// Of what was asked for, in the bucket.
    listed: Amount,
    /// Of that, here before.
    present: Amount,
    pub fetched: Amount,
    /// Over the line; less than `fetched` where earlier parts were of use.
    came: u64,
    replaced: Wrongs,
    refused: Wrongs,
    missed: Wrongs,
    tests: BTreeSet<String>,
}

/// Keys with a remark: the first ones in their order, and how many there are.
#[derive(Default)]
struct Wrongs {
    count: u64,
    first: BTreeMap<String, String>,
}

impl Wrongs {
    fn add(&mut self, key: &str, why: &dyn Display) {
        self.count += 1;
        self.first.insert(key.to_owned(), why.to_string());
        if self.first.len() > NAMED {
            self.first.pop_last();
        }
    }

    fn note(&self, what: &str) {
        for (key, why) in &self.first {
            eprintln!("note: {what} {}: {}", visible(key), visible(why));
        }
        let more = self.count.saturating_sub(self.first.len() as u64);
        if more > 0 {
            eprintln!("note: {what} {} more", plural(more, "key"));
        }
    }
}

impl Done {
    pub fn list(&mut self, bytes: u64, state: State) {
        self.listed.add(bytes);
        if state == State::Complete {
            self.present.add(bytes);
        }
    }

    pub fn fetch(&mut self, object: &Object, came: u64, state: State) {
        self.fetched.add(object.size);
        self.came += came;
        if state == State::Other {
            self.replaced.add(&object.key, &"what lay here was not what the server has");
        }
    }

    pub fn refuse(&mut self, key: &str, why: &dyn Display) {
        self.refused.add(key, why);
    }

    pub fn miss(&mut self, key: &str, why: &dyn Display) {
        self.missed.add(key, why);
    }

    pub fn saw_test(&mut self, test: &str) {
        if self.tests.len() < TESTS && !self.tests.contains(test) {
            self.tests.insert(test.to_owned());
        }
    }

    /// Whether a server lists files and gives none of them: asking for thousands more would be no use and no kindness.
    pub fn is_hopeless(&self) -> bool {
        self.fetched.files == 0 && self.missed.count >= HOPELESS
    }

    fn is_whole(&self) -> bool {
        self.listed.files > 0 && self.refused.count == 0 && self.missed.count == 0
    }

    fn missing(&self) -> Amount {
        Amount { files: self.listed.files - self.present.files, bytes: self.listed.bytes - self.present.bytes }
    }
}

pub fn tell(done: &Done, task: &Task<'_>, context: &Context) -> Result<ExitCode, Failure> {
    match context.format {
        Format::Table => {
            let mut out = stdout();
            writeln!(out, "{}", sentence(done, task))?;
            if !task.dry_run && done.listed.files > 0 {
                writeln!(out, "\n{}", next(task, context))?;
            }
            out.flush()?;
        }
        format => drop(row(done, task).print(format)?),
    }
    done.replaced.note("replaced");
    done.refused.note("refused");
    done.missed.note("could not download");
    Ok(if done.is_whole() { ExitCode::Ok } else { ExitCode::Found })
}

fn sentence(done: &Done, task: &Task<'_>) -> String {
    let wanted = task.wanted;
    let asked = format!("{} from {} to before {}", wanted.countries.join(", "), wanted.since, wanted.until);
    let folder = visible(&task.folder.to_string_lossy()).into_owned();
    if done.listed.files == 0 {
        let tests: Vec<_> = done.tests.iter().map(String::as_str).collect();
        let others = if tests.is_empty() { String::new() } else { format!("; of other tests there are {}", tests.join(", ")) };
        return format!("the bucket has no file of {asked}{others}");
    }
    if task.dry_run {
        let (all, missing) = (amount(&done.listed), amount(&done.missing()));
        return format!("{asked}: {all}; {missing} of them are not in {folder} yet");
    }
    let present = match done.present.files {
        0 => String::new(),
        n => format!("; {} {} there already", plural(n, "file"), if n == 1 { "was" } else { "were" }),
    };
    format!("{asked}: downloaded {} to {folder}{present}", amount(&done.fetched))
}

fn amount(amount: &Amount) -> String {
    format!("{} ({})", plural(amount.files, "file"), bytes(amount.bytes))
}

/// Every line works when it is pasted.
fn next(task: &Task<'_>, context: &Context) -> String {
    let program = context.typed();
    format!("What to do next:\n\n  {program} ingest {}\n  {program} judge", quoted(&task.folder.to_string_lossy()))
}

fn row(done: &Done, task: &Task<'_>) -> Listing {
    Listing::new()
        .text("output", [task.folder.to_string_lossy()])
        .truth("dry_run", [task.dry_run])
        .number("files", [done.listed.files])
        .number("bytes", [done.listed.bytes])
        .number("present_files", [done.present.files])
        .number("present_bytes", [done.present.bytes])
        .number("downloaded_files", [done.fetched.files])
        .number("downloaded_bytes", [done.fetched.bytes])
        .number("transferred_bytes", [done.came])
        .number("replaced_files", [done.replaced.count])
        .number("refused_keys", [done.refused.count])
        .number("failed_files", [done.missed.count])
}
