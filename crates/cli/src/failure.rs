//! What a person sees when something could not be done: what, why, and what to do next.
//!
//! Two tiers. A [`Failure`] is what the user or the world did: a message, a hint, an exit code of [`ExitCode`]. A panic is a bug of ours,
//! and says so.

use std::fmt;
use std::io;

use crate::exit_code::ExitCode;
use crate::output;

/// `error: could not {doing}: {why}`, and `hint: {hint}`.
#[derive(Debug)]
pub struct Failure {
    doing: String,
    why: String,
    hint: Option<String>,
    code: ExitCode,
}

impl Failure {
    pub fn new(code: ExitCode, doing: impl Into<String>, why: impl Into<String>) -> Self {
        Self { doing: doing.into(), why: why.into(), hint: None, code }
    }

    /// An argument that cannot be used.
    pub fn usage(doing: impl Into<String>, why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ExitCode::Usage, doing, why).hint(hint)
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Prints the failure and gives the exit code. When nobody reads our output any more (`| head`) there is nobody to tell.
    pub fn report(self) -> ExitCode {
        if output::is_closed() {
            return ExitCode::Ok;
        }
        eprint!("{self}");
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: could not {}: {}", self.doing, output::visible_lines(&self.why))?;
        match &self.hint {
            Some(hint) => writeln!(f, "hint: {}", output::visible_lines(hint)),
            None => Ok(()),
        }
    }
}

/// Errors of the libraries, by whose they are.
pub trait Blame: fmt::Display {
    fn code(&self) -> ExitCode;

    /// Messages of the libraries end with what to do next, after a semicolon.
    fn has_hint(&self) -> bool {
        true
    }

    /// What to do next where the message does not say.
    fn hint(&self) -> Option<&'static str> {
        None
    }
}

/// Turns an error of a library into a [`Failure`].
pub trait OrFail<T> {
    fn or_fail(self, doing: impl Into<String>) -> Result<T, Failure>;
}

impl<T, E: Blame> OrFail<T> for Result<T, E> {
    fn or_fail(self, doing: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|error| failure(doing.into(), &error))
    }
}

fn failure(doing: String, error: &impl Blame) -> Failure {
    let message = error.to_string();
    let split = if error.has_hint() { message.split_once("; ") } else { None };
    let (why, hint) = split.map_or((message.as_str(), error.hint()), |(why, hint)| (why, Some(hint)));
    Failure { doing, why: why.to_owned(), hint: hint.map(str::to_owned), code: error.code() }
}

impl Blame for parallax_archive::Error {
    fn code(&self) -> ExitCode {
        ExitCode::Archive
    }
}

impl Blame for parallax_ingest::Error {
    fn code(&self) -> ExitCode {
        match self {
            Self::Archive(_) | Self::DamagedSnapshot { .. } | Self::Keep { .. } => ExitCode::Archive,
            _ => ExitCode::Usage,
        }
    }
}

impl Blame for parallax_simulate::Error {
    fn code(&self) -> ExitCode {
        match self {
            Self::Write { .. } | Self::Record(_) => ExitCode::Archive,
            _ => ExitCode::Usage,
        }
    }
}

impl Blame for parallax_engine::Error {
    fn code(&self) -> ExitCode {
        use parallax_engine::Error;
        match self {
            Error::NotReadOnly { .. } | Error::Sql { .. } | Error::OutOfTime { .. } | Error::OutOfMemory { .. } => ExitCode::Usage,
            Error::Bug { .. } => ExitCode::Bug,
            _ => ExitCode::Archive,
        }
    }

    /// The text of a query can hold a semicolon.
    fn has_hint(&self) -> bool {
        matches!(self, Self::Archive(_))
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Sql { message } if message.contains("not found") => Some("`parallax tables` lists what can be asked"),
            Self::Sql { message } if message.contains("No field named") => {
                Some("`parallax tables NAME` explains the columns of a table or view")
            }
            Self::NotReadOnly { .. } => Some("`SELECT`, `EXPLAIN`, `SHOW TABLES` and `DESCRIBE` read"),
            Self::OutOfMemory { .. } => Some("ask for fewer columns, or for one country or week at a time"),
            Self::Unreadable { .. } => Some("`parallax verify` says what is damaged"),
            _ => None,
        }
    }
}

impl Blame for parallax_serve::Error {
    fn code(&self) -> ExitCode {
        use parallax_serve::Error;
        match self {
            Error::Engine(error) => error.code(),
            Error::Archive(_) | Error::RefData(_) => ExitCode::Archive,
            _ => ExitCode::Usage,
        }
    }

    fn has_hint(&self) -> bool {
        !matches!(self, Self::Engine(_) | Self::RefData(_))
    }
}

impl Blame for io::Error {
    fn code(&self) -> ExitCode {
        ExitCode::Archive
    }

    fn has_hint(&self) -> bool {
        false
    }
}

impl From<io::Error> for Failure {
    /// Standard output is the only thing that commands write to without saying so.
    fn from(error: io::Error) -> Self {
        failure("write the output".to_owned(), &error)
    }
}

/// Makes a panic say that it is our mistake, and what helps us to mend it.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" ({place})"));
        let message = panic.payload_as_str().unwrap_or("no message");
        eprintln!("error: parallax has a bug{place}: {}", output::visible_lines(message));
        eprintln!("hint: please report it, with this message, the command that you ran and `parallax --version`");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_stands_on_a_line_of_its_own() {
        let error = parallax_archive::Error::NotFound { dir: "world".into() };
        let failure = Err::<(), _>(error).or_fail("open the archive").unwrap_err();
        assert_eq!(
            failure.to_string(),
            "error: could not open the archive: no archive at world\nhint: make one with `parallax ingest --archive world …`\n"
        );
        assert_eq!(failure.code, ExitCode::Archive);
    }

    #[test]
    fn a_hostile_file_name_cannot_move_the_cursor() {
        let failure = Failure::new(ExitCode::Usage, "read it", "\u{1b}[2J.json is\nnot there");
        assert_eq!(failure.to_string(), "error: could not read it: \\u{1b}[2J.json is\nnot there\n");
    }
}
