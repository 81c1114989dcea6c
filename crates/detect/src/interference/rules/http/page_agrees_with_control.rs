//! The page is the one that the control was given.

use crate::interference::page::{Likeness, compare};
use crate::interference::target::{Attempt, evidence};
use parallax_model::{Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "http/page_agrees_with_control",
    layer: Layer::Http,
    condition: "A response on the user's path came over a verified encrypted connection, or is like the control's page in title, length or headers.",
    says: State::Ok,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "What arrived is the site's page.",
    innocent: "A page that was changed in a few words only.",
    source: "OONI nettest specification ts-017 (status, title, headers, body proportion)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let good = |attempt: &&Attempt<'_>| attempt.succeeded() && attempt.row.http_response_status_code.is_some();
    let page = target.control.good_page();
    let like = |attempt: &&Attempt<'_>| page.is_some_and(|page| compare(attempt.row, page) == Likeness::Same);
    let mut pages = target.user_path(&target.http).filter(good);
    let (attempt, protected) = pages.find_map(|attempt| {
        let protected = target.is_protected(attempt);
        (protected || like(&attempt)).then_some((attempt, protected))
    })?;
    let firing = Firing::new(vec![evidence(attempt.row, "http_response_status_code", attempt.row.http_response_status_code?)]);
    Some(if protected { firing.within_measurement() } else { firing.against_control(target) })
}
