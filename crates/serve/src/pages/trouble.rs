//! The page that says why another one cannot be shown.

use askama::Template;

use crate::parts::Frame;
use crate::route::{Answer, Asked, Trouble};

#[derive(Template)]
#[template(path = "trouble.html")]
struct Page {
    frame: Frame,
    message: String,
}

pub fn trouble(asked: &Asked, trouble: &Trouble) -> Answer {
    let page = Page { frame: Frame::new(asked, "Not shown"), message: trouble.to_string() };
    let answer = Answer::html(&page).unwrap_or_else(|_| Answer::new("text/plain; charset=utf-8", trouble.to_string()));
    answer.with_status(trouble.status())
}
