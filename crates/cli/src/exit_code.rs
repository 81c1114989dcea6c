//! What the exit code of the program means.

/// Every exit code that there is. Scripts depend on them: append-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    Ok = 0,
    Found = 1,
    Usage = 2,
    Archive = 3,
    Bug = 70,
}

impl ExitCode {
    pub const ALL: &[ExitCode] = &[Self::Ok, Self::Found, Self::Usage, Self::Archive, Self::Bug];

    /// What it says, for the help.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "done",
            Self::Found => "done, and something is wrong: damage was found, or what was asked for is not there",
            Self::Usage => "an argument, a query or an input cannot be used",
            Self::Archive => "the archive or the disk: no archive there, somebody else is writing, damaged, no space left",
            Self::Bug => "a bug in parallax",
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
