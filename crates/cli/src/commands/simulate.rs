//! `parallax simulate`: raw measurements of a world that is known in full.

use std::path::{Path, PathBuf};

use parallax_simulate::{Summary, World, write_to_dir};

use super::Info;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{Format, Listing, bytes, plural, stdout};
use crate::progress::Bar;

/// Make raw measurements of a described world, with the truth beside them
///
/// Nothing is sent anywhere: a world is a small TOML file with countries, networks, targets, censors and innocent troubles, and what
/// comes out are the records that probes would have submitted there, the truth about each and about every event, and the reference data of
/// that world. `docs/simulator.md` says what stands where.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A world that is built in, or a file that describes one
    #[arg(value_name = "WORLD", default_value = "demo")]
    pub world: String,
    /// Folder to write to, which must be empty or new [default: simulated-WORLD]
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Another seed than the world's own
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// About so many measurements, instead of as many as the world says
    #[arg(long, value_name = "N")]
    pub measurements: Option<u64>,
    /// Only list the worlds that are built in
    #[arg(long, conflicts_with_all = ["output", "seed", "measurements"])]
    pub list: bool,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax simulate --list", "the worlds that are built in"),
        ("parallax simulate demo --output demo-world", "one of them, in a folder"),
        (
            "parallax simulate field --seed 7 --measurements 100000 --output field-7",
            "a world of this size that is drawn from its seed: other places, other interference, other troubles",
        ),
        (
            "parallax simulate my-world.toml --seed 7 --output run-7",
            "a world of your own; `world.toml` in every output is one to begin with",
        ),
    ],
    exit_codes: &[
        (ExitCode::Ok, "done"),
        (ExitCode::Usage, "no such world, or its description is wrong"),
        (ExitCode::Archive, "the folder is not empty, or the disk is full"),
    ],
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    if arguments.list {
        Listing::new().text("world", World::builtin_names()).print(context.format)?;
        return Ok(ExitCode::Ok);
    }
    let mut world = world(&arguments.world, arguments.seed)?;
    if let Some(measurements) = arguments.measurements {
        world = world.with_measurements(measurements).or_fail("make a world of this size")?;
    }
    let folder = arguments.output.unwrap_or_else(|| PathBuf::from(format!("simulated-{}", world.name())));
    let summary = write(&world, &folder, context)?;
    match context.format {
        Format::Table => {
            let mut out = stdout();
            writeln!(out, "{}", sentence(&world, &folder, &summary))?;
            out.flush()?;
        }
        format => drop(row(&world, &summary).print(format)?),
    }
    Ok(ExitCode::Ok)
}

/// A path is told from a name by what a path has: an ending or a folder.
fn world(typed: &str, seed: Option<u64>) -> Result<World, Failure> {
    if !typed.ends_with(".toml") && !typed.contains('/') {
        return World::builtin(typed, seed).or_fail("make the world");
    }
    let text = std::fs::read_to_string(typed).map_err(|error| Failure::new(ExitCode::Usage, format!("read {typed}"), error.to_string()))?;
    World::parse(&text, seed).or_fail(format!("read {typed}"))
}

pub(crate) fn write(world: &World, folder: &Path, context: &Context) -> Result<Summary, Failure> {
    let bar = Bar::of_items("simulating");
    let total = world.measurements();
    write_to_dir(world, folder, context.threads, |done| bar.set(done, total)).or_fail("simulate the world")
}

pub(crate) fn sentence(world: &World, folder: &Path, summary: &Summary) -> String {
    let made = format!("{} in {} ({})", plural(summary.measurements, "measurement"), plural(summary.files, "file"), bytes(summary.bytes));
    format!("simulated world {} with seed {}: {made}; the truth is in {}", world.name(), world.seed(), folder.join("truth.jsonl").display())
}

fn row(world: &World, summary: &Summary) -> Listing {
    Listing::new()
        .text("world", [world.name()])
        .number("seed", [world.seed()])
        .number("files", [summary.files])
        .number("measurements", [summary.measurements])
        .number("truths", [summary.truths])
        .number("bytes", [summary.bytes])
}
