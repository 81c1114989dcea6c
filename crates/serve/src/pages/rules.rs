//! The rule book, from the rules themselves.

use askama::Template;
use parallax_detect::interference::{RULESET_VERSION, Rule, rules};

use crate::parts::Frame;
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::urls;

pub const ROUTE: Route = Route { path: "/rules", load: Load::Page, parameters: &[], answer: all };
pub const ONE: Route = Route { path: "/rules/{layer}/{name}", load: Load::Page, parameters: &[], answer: one };

#[derive(Template)]
#[template(path = "rules.html")]
struct All {
    frame: Frame,
    version: &'static str,
    rules: &'static [&'static Rule],
}

#[derive(Template)]
#[template(path = "rule.html")]
struct One {
    frame: Frame,
    rule: &'static Rule,
}

fn all(asked: &Asked) -> Result<Answer, Trouble> {
    Answer::html(&All { frame: Frame::new(asked, "Rules"), version: RULESET_VERSION, rules: rules::ALL })
}

fn one(asked: &Asked) -> Result<Answer, Trouble> {
    let id = format!("{}/{}", asked.segment("layer"), asked.segment("name"));
    let rule = rules::find(&id).ok_or_else(|| Trouble::NotFound { what: "rule", name: id.clone() })?;
    Answer::html(&One { frame: Frame::new(asked, id), rule })
}
