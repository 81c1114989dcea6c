//! What a mark of a chart can say, and how it looks: each level has a colour and a shape of its own, so that it is told apart with any
//! kind of sight and on paper.

use serde_json::{Map, Value, json};

use crate::counts::Tally;

/// One thing that judgements can say together.
#[derive(Debug)]
pub struct Level {
    /// Class of the style sheet and name of its colour there.
    pub name: &'static str,
    pub says: &'static str,
    /// The colour on a light ground, as the style sheet has it.
    pub colour: &'static str,
    /// As Vega writes it: the name of a shape, or a path in a square from -1 to 1.
    pub shape: &'static str,
}

pub const LEVELS: &[Level] = &[
    Level { name: "most", says: "half or more find interference", colour: "#a83200", shape: "square" },
    Level { name: "much", says: "a tenth to a half", colour: "#e07b39", shape: "square" },
    Level { name: "some", says: "under a tenth", colour: "#f6c79a", shape: "square" },
    Level { name: "quiet", says: "nothing found on this layer, tested or not", colour: "#565656", shape: "M-1,-.15H1V.15H-1Z" },
    Level { name: "ok", says: "fine", colour: "#7fb8dd", shape: "square" },
    Level { name: "trouble", says: "not working, nobody accused", colour: "#8a7aa8", shape: "circle" },
    Level { name: "insufficient", says: "too little evidence", colour: "#8c8c8c", shape: HATCH },
    Level { name: "none", says: "not measured", colour: "#bdbdbd", shape: "M-.2,0A.2,.2,0,1,1,.2,0A.2,.2,0,1,1,-.2,0Z" },
];

/// Three slanted bars: what has too little evidence.
const HATCH: &str = "M-1,.4L.4,-1H-.2L-1,-.2ZM-1,1L1,-1V-.4L-.4,1ZM.2,1L1,.2V.8L.8,1Z";

pub const GROUND: &str = "#ffffff";
pub const TEXT: &str = "#1b1b1b";
pub const SOFT: &str = "#565656";
pub const LINE: &str = "#cfcfcf";
pub const BAND: &str = "#f4f4f2";

/// Colours of charts that are about something else than levels (Okabe and Ito 2008, without the two that have a meaning here).
pub const PLAIN: &[&str] = &["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c8c8c", "#1b1b1b"];

/// Judgements below which a mark is drawn small.
pub const FEW: u64 = 3;

/// The level of a name.
pub fn level(name: &str) -> &'static Level {
    LEVELS.iter().find(|level| level.name == name).unwrap_or(&LEVELS[LEVELS.len() - 1])
}

/// How strongly a tally speaks.
pub fn level_of(tally: Option<&Tally>) -> &'static str {
    let Some(tally) = tally.filter(|tally| tally.n() > 0) else { return "none" };
    let (telling, accused) = (tally.telling(), tally.accused());
    match () {
        () if telling == 0 => "insufficient",
        () if accused == 0 && tally.troubled() * 2 >= telling => "trouble",
        () => share_level(accused, telling).unwrap_or("ok"),
    }
}

/// How large a share of accusations is; none where there is none.
pub fn share_level(accused: u64, telling: u64) -> Option<&'static str> {
    match accused {
        0 => None,
        _ if accused * 10 < telling => Some("some"),
        _ if accused * 2 < telling => Some("much"),
        _ => Some("most"),
    }
}

/// Each colour with the property of the style sheet that holds it, which is another colour on a dark ground.
pub fn colours() -> Value {
    let named = [(GROUND, "--ground"), (TEXT, "--text"), (SOFT, "--soft"), (LINE, "--line"), (BAND, "--band")];
    let mut colours: Map<String, Value> = named.into_iter().map(|(colour, property)| (colour.to_owned(), json!(property))).collect();
    for level in LEVELS.iter().filter(|level| level.name != "quiet") {
        colours.insert(level.colour.to_owned(), json!(property(level.name)));
    }
    Value::Object(colours)
}

fn property(name: &str) -> String {
    format!("--{}", if name == "insufficient" { "hatch" } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of a property on a light ground: the first that the style sheet gives.
    fn styled(property: &str) -> Option<&'static str> {
        let rest = include_str!("../assets/style.css").split(&format!("{property}: ")).nth(1)?;
        rest.split(';').next()
    }

    #[test]
    fn charts_have_the_colours_of_the_style_sheet() {
        for (colour, property) in colours().as_object().unwrap() {
            assert_eq!(styled(property.as_str().unwrap()), Some(colour.as_str()));
        }
    }

    #[test]
    fn no_two_levels_look_alike() {
        for (index, one) in LEVELS.iter().enumerate() {
            let alike = LEVELS[..index].iter().find(|other| other.colour == one.colour || other.says == one.says);
            assert!(alike.is_none(), "{one:?} {alike:?}");
        }
        // What is not known differs by shape too.
        let shapes = ["ok", "trouble", "insufficient", "none"].map(|name| level(name).shape);
        assert!((0..4).all(|index| !shapes[..index].contains(&shapes[index])));
    }
}
