//! Another page than the site's, from the site's own address.

use crate::interference::page::{Likeness, compare, difference};
use crate::interference::target::{Attempt, Standing};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "http/other_page_in_clear",
    layer: Layer::Http,
    condition: "A successful response in the clear, from an address that is the site's beyond doubt (given to the control, or proved in a handshake), differs from the control's page in title, length and headers.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("http")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 1.2,
    why: "The same address gives the control the site's page: what is different was put in its place on the way.",
    innocent: "A site that shows each country another page; where one CDN answers both (its Server header), the difference is its own. An answer that refuses (403, 451, a challenge) is read as the server's own.",
    source: "Jones et al.: Automated Detection and Fingerprinting of Censorship Block Pages (IMC 2014)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let page = target.control.good_page().filter(|_| !target.control.is_indirect())?;
    let own_page = |attempt: &&Attempt<'_>| !target.is_protected(attempt) && attempt.standing >= Standing::Networks;
    let transaction = target.user_path(&target.http).filter(own_page).find(|attempt| compare(attempt.row, page) == Likeness::Different)?;
    Some(Firing::new(difference(transaction.row, page)).how(Mechanism::of("http")).against_control(target))
}
