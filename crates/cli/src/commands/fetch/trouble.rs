//! What can go wrong between us and a server, and whether it passes.

use std::io;
use std::time::Duration;

use parallax_ingest::bucket::BadXml;

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// No answer, or not all of it.
    #[error("there is no connection to the server ({0})")]
    Unreachable(String),
    /// The server answers that now is not the time.
    #[error("the server answered {answer}")]
    Busy { answer: String, wait: Option<Duration> },
    #[error("the server answered {0}")]
    Refused(String),
    #[error("the server's list of files cannot be read: {0}")]
    Listing(#[from] BadXml),
    #[error("the object on the server changed while it was downloaded; the same command gets the new one")]
    Changed,
    /// What came is not what was listed.
    #[error("{0}")]
    Wrong(String),
    #[error("{0}")]
    Disk(io::Error),
}

impl Trouble {
    /// Whether another try may bring what this one did not.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Busy { .. })
    }

    /// Whether it concerns one file alone, so that the others are worth asking for.
    pub fn is_of_one_file(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Changed | Self::Wrong(_))
    }
}

impl From<ureq::Error> for Trouble {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Io(error) => Self::from_read(&error),
            ureq::Error::HostNotFound => Self::Unreachable("its name is not known; is there a network?".to_owned()),
            ureq::Error::Timeout(_) => Self::Unreachable("it took too long".to_owned()),
            // Encryption that fails will fail again: nothing is tried until somebody has looked.
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Self::Refused(format!("with no trustworthy encryption ({error})")),
            ureq::Error::BodyExceedsLimit(limit) => Self::Refused(format!("with more than {} MB", limit >> 20)),
            ureq::Error::TooManyRedirects | ureq::Error::RequireHttpsOnly(_) => {
                Self::Refused(format!("with a redirect that is not followed ({error})"))
            }
            other => Self::Unreachable(other.to_string()),
        }
    }
}

impl Trouble {
    /// While the answer is read.
    pub fn from_read(error: &io::Error) -> Self {
        Self::Unreachable(match error.kind() {
            io::ErrorKind::UnexpectedEof => "it ended in the middle of an answer".to_owned(),
            _ => error.to_string(),
        })
    }
}
