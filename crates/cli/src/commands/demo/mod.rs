//! `parallax demo`: the whole way once, through a world whose truth is known.

mod folder;
mod score;
mod stories;

use std::io::IsTerminal;
use std::path::PathBuf;

use parallax_archive::Archive;
use parallax_engine::{Engine, Options};
use parallax_ingest::input;
use parallax_simulate::World;

use super::{Info, detect, ingest, judge, refdata, serve, simulate};
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{Format, quoted, stdout};
use folder::DemoFolder;
use score::{Example, Score};

/// See it work: a small simulated world is read, judged and searched for events, and compared with its truth
///
/// Everything is made in one folder and nothing is sent anywhere. A second run starts afresh, and only in a folder that an earlier
/// demo made. On a terminal it ends with the demo's archive as pages for a browser on this machine, until Ctrl-C.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folder for the demo
    #[arg(long, value_name = "DIR", default_value = "parallax-demo")]
    pub dir: PathBuf,
    /// Do not open it in a browser at the end. That happens on a terminal only
    #[arg(long)]
    pub no_serve: bool,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax demo", "some seconds; ends with commands to try next"),
        ("parallax demo --dir /tmp/demo", "the same elsewhere"),
        ("parallax demo --format json", "only what was found beside the truth, for a program"),
    ],
    exit_codes: &[
        (ExitCode::Ok, "done"),
        (ExitCode::Usage, "the folder holds something that no demo made"),
        (ExitCode::Archive, "the disk is full, or somebody else is writing there"),
    ],
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let folder = DemoFolder::prepare(&arguments.dir)?;
    let tell = |line: &str| if context.format == Format::Table { say(line) } else { Ok(()) };
    let world = World::builtin("demo", None).or_fail("make the demo world")?;

    let simulated = simulate::write(&world, &folder.world(), context)?;
    tell(&simulate::sentence(&world, &folder.world(), &simulated))?;

    let archive = Archive::open_or_create(folder.archive()).or_fail("make the demo archive")?;
    let added = refdata::add(&archive, &folder.refdata_files()?)?;
    tell(&format!("added {} files of reference data", added.len()))?;

    let inputs = input::expand(&[folder.measurements()]).or_fail("find the measurements")?;
    let read = ingest::ingest(&archive, &inputs, true, context)?;
    tell(&ingest::sentence(&read))?;

    let judged = judge::judge(&archive, context)?;
    tell(&judge::sentence(&judged))?;

    let detected = detect::detect(&archive, context)?;
    tell(&detect::sentence(&detected))?;

    let options = Options { threads: context.threads.get(), ..Options::default() };
    let engine = Engine::open(&archive, &options).or_fail("open the demo archive")?;
    let score = Score::of(&engine, &folder.truth())?;
    show(&score, context)?;
    if context.format == Format::Table {
        let program = format!("{} --archive {}", quoted(&context.program), quoted(&folder.archive().display().to_string()));
        say(&stories::tell(&archive, &engine, &program)?)?;
        say(&next(&score.examples(), &program))?;
        if !arguments.no_serve && std::io::stdout().is_terminal() {
            say("")?;
            serve::show(&archive, context)?;
        }
    }
    Ok(ExitCode::Ok)
}

fn say(text: &str) -> Result<(), Failure> {
    let mut out = stdout();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

fn show(score: &Score, context: &Context) -> Result<(), Failure> {
    if context.format != Format::Table {
        score.listing().print(context.format)?;
        return Ok(());
    }
    say("\nInterference in this world, and whether Parallax accused somebody:\n")?;
    score.interference().print(context.format)?;
    say("\nInnocent measurements, and whether Parallax accused somebody falsely:\n")?;
    score.innocent().print(context.format)?;
    say(&format!("\n{}", score.sentence()))
}

/// What to try next. Every line works when it is pasted.
fn next(examples: &[Example], program: &str) -> String {
    let mut text =
        format!("What to try next:\n\n  # all of it in a browser: pages to read and to cite; Ctrl-C ends it\n  {program} serve\n");
    for example in examples {
        text += &format!("\n  # {}\n  {program} explain {}\n", example.what, quoted(&example.measurement_uid));
    }
    for (what, command) in NEXT {
        text += &format!("\n  # {what}\n  {program} {command}\n");
    }
    text.trim_end().to_owned()
}

const NEXT: &[(&str, &str)] = &[
    ("all events again, those with an innocent explanation too", "events --all"),
    ("how much was measured, and what would have been seen", "coverage --cc XA"),
    ("what was done where, with how many measurements behind it", "query \"SELECT * FROM mechanisms_by_network ORDER BY n DESC LIMIT 10\""),
    ("the tables and views to ask", "tables"),
    ("the rules that verdicts are made with", "rules"),
    ("the archive against its manifest", "verify"),
];
