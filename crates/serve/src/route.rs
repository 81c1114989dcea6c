//! A route: a path, and the function that answers it. What there are many of (pages, endpoints) is a list of these.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;

use crate::access::Access;
use crate::download::Download;
use crate::filter::{BadParameter, Filter};
use crate::observatory::{Edition, Options};
use crate::parameter::Parameter;
use crate::urls::Parameters;

/// One path that is answered.
pub struct Route {
    /// As axum writes it: `/country/{cc}`.
    pub path: &'static str,
    pub load: Load,
    /// Those that it knows: it is asked with no others ([`crate::known`]).
    pub parameters: &'static [&'static [Parameter]],
    /// Runs on a thread that may wait.
    pub answer: fn(&Asked) -> Result<Answer, Trouble>,
}

/// How much an answer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// Milliseconds.
    Page,
    /// Perhaps seconds: proofs and downloads.
    Heavy,
    /// A query that the reader wrote. Not in public.
    Sql,
}

/// A request, as far as anything depends on it.
pub struct Asked {
    pub edition: Arc<Edition>,
    pub options: Options,
    pub access: Access,
    /// What stands for the names in the route's path.
    pub segments: Vec<(String, String)>,
    pub parameters: Parameters,
    /// Path and query, for links to the same.
    pub address: String,
    /// Whether who asks can unpack gzip.
    pub takes_gzip: bool,
}

impl Asked {
    /// A part of the path.
    pub fn segment(&self, name: &str) -> &str {
        self.segments.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub fn filter(&self) -> Result<Filter, Trouble> {
        Ok(Filter::read(&self.parameters)?)
    }
}

/// What is sent back.
pub struct Answer {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub content: Content,
    pub headers: Headers,
}

/// What is sent beside the content, other than to most questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// The page has charts, so it may run the script of this server.
    pub has_charts: bool,
    /// The content is compressed.
    pub is_gzip: bool,
    /// The address changes with the content, so a browser may keep it.
    pub is_lasting: bool,
}

pub enum Content {
    Whole(Bytes),
    /// Rows that are sent while they are computed.
    Rows(Download),
    /// Another page.
    At(String),
}

impl Answer {
    pub fn new(content_type: &'static str, text: impl Into<Bytes>) -> Self {
        Self { status: StatusCode::OK, content_type, content: Content::Whole(text.into()), headers: Headers::default() }
    }

    pub fn html(page: &impl askama::Template) -> Result<Self, Trouble> {
        let text = page.render().map_err(|error| Trouble::Bug(error.to_string()))?;
        Ok(Self::html_text(&text))
    }

    /// A page that is made.
    pub fn html_text(text: &str) -> Self {
        Self::new("text/html; charset=utf-8", crate::soft::soften(text))
    }

    pub fn json(value: &serde_json::Value) -> Self {
        Self::new("application/json", value.to_string() + "\n")
    }

    pub fn rows(download: Download) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: download.form.content_type(),
            content: Content::Rows(download),
            headers: Headers::default(),
        }
    }

    pub fn at(address: String) -> Self {
        Self {
            status: StatusCode::SEE_OTHER,
            content_type: "text/plain; charset=utf-8",
            content: Content::At(address),
            headers: Headers::default(),
        }
    }

    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Lets the page run the script of this server, where it has charts ([`crate::charts`]).
    pub fn with_charts(self, has_charts: bool) -> Self {
        Self { headers: Headers { has_charts, ..self.headers }, ..self }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(bytes)
    }
}

impl From<Content> for Body {
    fn from(content: Content) -> Self {
        match content {
            Content::Whole(bytes) => Body::from(bytes),
            Content::Rows(download) => download.into_body(),
            Content::At(_) => Body::empty(),
        }
    }
}

/// Why a request cannot be answered. Each message is a sentence that a reader can use.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("The archive has no {what} {name:?}.")]
    NotFound { what: &'static str, name: String },
    #[error("{name}={value:?} could not be read: it must be {wanted}.")]
    BadParameter { name: &'static str, value: String, wanted: &'static str },
    #[error("There is no parameter {name:?} here; {hint}.")]
    UnknownParameter { name: String, hint: String },
    #[error("The query could not be answered: {0}.")]
    Query(parallax_engine::Error),
    #[error("The archive could not be read: {0}.")]
    Archive(String),
    #[error("This is a bug of Parallax: {0}.")]
    Bug(String),
}

impl Trouble {
    pub fn status(&self) -> StatusCode {
        use parallax_engine::Error as E;
        match self {
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::BadParameter { .. } | Self::UnknownParameter { .. } | Self::Query(E::Sql { .. } | E::NotReadOnly { .. }) => {
                StatusCode::BAD_REQUEST
            }
            Self::Query(E::OutOfTime { .. } | E::OutOfMemory { .. }) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Query(_) | Self::Archive(_) | Self::Bug(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<BadParameter> for Trouble {
    fn from(bad: BadParameter) -> Self {
        Self::BadParameter { name: bad.name, value: bad.value, wanted: bad.wanted }
    }
}

impl From<parallax_engine::Error> for Trouble {
    fn from(error: parallax_engine::Error) -> Self {
        Self::Query(error)
    }
}

impl From<parallax_archive::Error> for Trouble {
    fn from(error: parallax_archive::Error) -> Self {
        Self::Archive(error.to_string())
    }
}

impl From<crate::Error> for Trouble {
    fn from(error: crate::Error) -> Self {
        match error {
            crate::Error::Engine(error) => Self::Query(error),
            other => Self::Archive(other.to_string()),
        }
    }
}
