//! What surrounds every page: its title, the way to other pages, and how much data stands behind it.

use parallax_detect::interference::RULESET_VERSION;

use super::count;
use crate::route::Asked;

pub struct Frame {
    pub title: String,
    pub allows_sql: bool,
    pub judgements: String,
    /// The days that the judgements span.
    pub span: String,
    pub generation: u64,
    pub ruleset: &'static str,
    pub version: &'static str,
    /// What was searched for.
    pub searched: String,
    /// The feed of what this page is about.
    pub feed: Option<String>,
    /// Whether the page has charts, which a script draws anew; other pages have none.
    pub has_charts: bool,
}

impl Frame {
    pub fn new(asked: &Asked, title: impl Into<String>) -> Self {
        let total = &asked.edition.overview().total;
        let span = match (total.first, total.last) {
            (Some(first), Some(last)) => format!("{first} to {last}"),
            _ => "no day".to_owned(),
        };
        Self {
            title: title.into(),
            allows_sql: asked.access.allows_sql(),
            judgements: count(total.n()),
            span,
            generation: asked.edition.generation(),
            ruleset: RULESET_VERSION,
            version: env!("CARGO_PKG_VERSION"),
            searched: String::new(),
            feed: None,
            has_charts: false,
        }
    }

    /// Where the script of charts is, for a page that has some.
    pub fn script(&self) -> Option<&'static str> {
        self.has_charts.then(crate::pages::script_address)
    }

    /// What a chart that has left the page says of where it is from.
    pub fn source(&self) -> String {
        format!("Parallax {}, rules {}, state {} of the archive", self.version, self.ruleset, self.generation)
    }

    pub fn with_feed(self, feed: String) -> Self {
        Self { feed: Some(feed), ..self }
    }
}
