//! The way through a list that is longer than a page.

/// Links to the page before and the page after.
pub struct Pager {
    pub page: usize,
    pub newer: Option<String>,
    pub older: Option<String>,
}

impl Pager {
    /// `link` gives the address of a page, counted from 1.
    pub fn new(page: usize, has_more: bool, link: impl Fn(usize) -> String) -> Self {
        Self { page, newer: (page > 1).then(|| link(page - 1)), older: has_more.then(|| link(page + 1)) }
    }
}
