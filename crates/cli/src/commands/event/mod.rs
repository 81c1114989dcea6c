//! `parallax event ID`: the story of one event.

mod prose;
mod timeline;

use parallax_engine::events::{self, Story};
use parallax_engine::{Engine, Options};
use parallax_model::Timestamp;
use parallax_model::tables::Event;

use super::Info;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{self, Format, stdout};

/// Tell one event: its story, a timeline, the evidence, and the innocent explanations that were tried
///
/// Every figure comes with its n, and every witness can be opened with `parallax explain`. Times are in UTC unless a schedule says otherwise.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// An event, by its `event_id`
    #[arg(value_name = "ID")]
    pub id: String,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax event XA-20240303-5f2c1a", "the story, to read"),
        ("parallax event --format json XA-20240303-5f2c1a", "the row of the table `events`, for a program"),
    ],
    exit_codes: &[
        (ExitCode::Ok, "done"),
        (ExitCode::Found, "the archive has no event of that name"),
        (ExitCode::Usage, "a bad argument"),
        (ExitCode::Archive, "there is no archive, or it cannot be read"),
    ],
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let archive = context.archive()?;
    let snapshot = archive.snapshot().or_fail("read the archive")?;
    let all = super::events::load(&snapshot)?;
    let Some(event) = all.iter().find(|event| event.event_id == arguments.id) else {
        let why = format!("the archive has no event {}", arguments.id);
        return Err(Failure::new(ExitCode::Found, "tell it", why).hint("`parallax events --all` lists those that it has"));
    };
    if context.format != Format::Table {
        return row(event, context.format);
    }
    let options = Options { threads: context.threads.get(), ..Options::default() };
    let engine = Engine::open(&archive, &options).or_fail("open the archive")?;
    let mut out = stdout();
    let watermark = events::watermark(&snapshot);
    out.write_all(page(event, &all, &engine, watermark, &context.typed())?.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::Ok)
}

/// The whole story.
pub(crate) fn page(
    event: &Event<'_>,
    all: &[Event<'_>],
    engine: &Engine,
    watermark: Option<Timestamp>,
    program: &str,
) -> Result<String, Failure> {
    let timeline = timeline::of(event, engine, watermark)?;
    let story = Story::of(event, all);
    Ok(prose::story(event, &story) + "\n" + &timeline + &prose::evidence(event, &story, program))
}

fn row(event: &Event<'_>, format: Format) -> Result<ExitCode, Failure> {
    output::print_rows(&mut std::iter::once(Ok(events::rows([event]))), &Event::TABLE_INFO.schema(), format)?;
    Ok(ExitCode::Ok)
}
