//! Whether an address knows the parameters that it is asked with. What it does not know is refused: a filter with a slip in its name would
//! otherwise show everything, and look as if it had been applied.
//!
//! What other sites append to links to see who follows them chooses nothing, so pages pass over it; programs have no use for it.

use crate::api;
use crate::parameter::Parameter;
use crate::route::{Asked, Route, Trouble};

/// Of mail, advertisements and the networks on which links are passed on. A closed list: any other name may be a slip.
const APPENDED: &[&str] = &[
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "dclid",
    "fbclid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "mtm_campaign",
    "mtm_source",
    "ref_src",
    "ref_url",
    "srsltid",
    "ttclid",
    "twclid",
    "wbraid",
    "yclid",
];
/// `utm_source`, `utm_medium` and the others of their kind.
const APPENDED_KIND: &str = "utm_";

/// Refuses the first parameter that the route does not know; of programs also those that are there and empty, which pages forgive, since
/// their forms send every field.
pub fn check(route: &Route, asked: &Asked) -> Result<(), Trouble> {
    let known: Vec<&Parameter> = route.parameters.iter().flat_map(|list| list.iter()).filter(|parameter| parameter.is_asked()).collect();
    let is_for_programs = route.path.starts_with(api::BASE);
    let passes = |name: &str| known.iter().any(|parameter| parameter.name == name) || (!is_for_programs && is_appended(name));
    if let Some(name) = asked.parameters.names().find(|name| !passes(name)) {
        let names: Vec<&str> = known.iter().map(|parameter| parameter.name).collect();
        return Err(Trouble::UnknownParameter { name: crate::rows::clip(name), hint: hint(name, &names) });
    }
    match is_for_programs {
        true => known.iter().try_for_each(|parameter| parameter.check(asked)),
        false => Ok(()),
    }
}

fn is_appended(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with(APPENDED_KIND) || APPENDED.contains(&name.as_str())
}

fn hint(name: &str, known: &[&str]) -> String {
    let other = match name {
        "since" => "from",
        "until" => "to",
        "from" => "since",
        "to" => "until",
        "country" => "cc",
        _ => "",
    };
    match (known.contains(&other), known.is_empty()) {
        (true, _) => format!("use `{other}`"),
        (false, true) => "it takes none".to_owned(),
        (false, false) => format!("it knows {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages;

    #[test]
    fn nothing_that_is_appended_to_links_is_a_parameter_of_ours() {
        let ours = pages::ALL.iter().flat_map(|route| route.parameters.iter()).flat_map(|list| list.iter());
        assert!(ours.map(|parameter| parameter.name).all(|name| !is_appended(name)));
        assert!(is_appended("utm_source") && is_appended("UTM_MEDIUM") && is_appended("fbclid"));
        assert!(!["utm", "state", "form", "gclidx", ""].into_iter().any(is_appended));
    }
}
