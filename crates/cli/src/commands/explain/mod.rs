//! `parallax explain`: the proof of a verdict.

mod prose;

use parallax_engine::explain::{self, Proof};
use parallax_engine::{Engine, Options};
use parallax_ingest::refdata;

use super::Info;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{Format, stdout, visible};

pub(crate) use prose::prose;

/// Prove a verdict: its evidence, its control, and what speaks against it
///
/// The rules are asked again about the record, so a proof also shows whether the verdict in the archive still stands. Measurements
/// worth a look are in the view `anomalies`: `parallax query "SELECT measurement_uid, target FROM anomalies LIMIT 5"`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A measurement, by its `measurement_uid`
    #[arg(value_name = "UID")]
    pub uid: String,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax explain 20240304101500.123456_XA_webconnectivity_0123456789abcdef", "the proof, to read"),
        ("parallax explain --format json 20240304101500.123456_XA_webconnectivity_0123456789abcdef > proof.json", "the same, to keep"),
    ],
    exit_codes: &[
        (ExitCode::Ok, "done"),
        (ExitCode::Found, "the archive has no measurement of that name"),
        (ExitCode::Usage, "a bad argument"),
        (ExitCode::Archive, "there is no archive, or it cannot be read"),
    ],
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let proofs = proofs(&arguments.uid, context)?;
    if proofs.is_empty() {
        let why = format!("the archive has no measurement {}", arguments.uid);
        let hint = "`parallax query \"SELECT measurement_uid FROM measurements LIMIT 5\"` shows some that it has";
        return Err(Failure::new(ExitCode::Found, "explain it", why).hint(hint));
    }
    print(&proofs, context)?;
    Ok(ExitCode::Ok)
}

fn proofs(uid: &str, context: &Context) -> Result<Vec<Proof>, Failure> {
    let archive = context.archive()?;
    let snapshot = archive.snapshot().or_fail("read the archive")?;
    let refdata = refdata::load_current(&archive, &snapshot).or_fail("read the reference data of the archive")?;
    let options = Options { threads: context.threads.get(), ..Options::default() };
    let engine = Engine::open(&archive, &options).or_fail("open the archive")?;
    explain::explain(&archive, &engine, refdata, uid).or_fail(format!("explain {uid}"))
}

/// A proof is a tree, so there is no CSV of it.
fn print(proofs: &[Proof], context: &Context) -> Result<(), Failure> {
    let bug = |error: serde_json::Error| Failure::new(ExitCode::Bug, "write the proof", error.to_string());
    let text = match context.format {
        Format::Table => {
            let program = context.typed();
            proofs.iter().map(|proof| prose(proof) + &repeated(proof, &program)).collect::<Vec<_>>().join("\n")
        }
        Format::Json => serde_json::to_string_pretty(proofs).map_err(bug)? + "\n",
        Format::Jsonl => {
            proofs.iter().map(|proof| Ok(serde_json::to_string(proof).map_err(bug)? + "\n")).collect::<Result<String, Failure>>()?
        }
        Format::Csv | Format::Parquet => {
            return Err(Failure::usage("write the proof as rows", "a proof is a tree", "use `--format json`"));
        }
    };
    let mut out = stdout();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Lines to paste, each followed by what it must print.
fn repeated(proof: &Proof, program: &str) -> String {
    let lines = explain::commands(proof, program).into_iter();
    let lines = lines.map(|(command, gives)| format!("  {}\n      gives {gives}\n", visible(&command)));
    format!("\nThe same with commands:\n{}", lines.collect::<String>())
}
