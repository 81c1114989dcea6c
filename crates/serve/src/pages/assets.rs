//! The files that pages need beside themselves. They are in the binary.

use std::io::Write;
use std::sync::LazyLock;

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use parallax_model::sha256;

use crate::route::{Answer, Asked, Headers, Load, Route, Trouble};

pub const STYLE: Route = Route {
    path: "/style.css",
    load: Load::Page,
    parameters: &[],
    answer: |_| Ok(Answer::new("text/css; charset=utf-8", include_str!("../assets/style.css"))),
};

pub const ICON: Route = Route {
    path: "/icon.svg",
    load: Load::Page,
    parameters: &[],
    answer: |_| Ok(Answer::new("image/svg+xml", include_str!("../assets/icon.svg"))),
};

pub const OPENSEARCH: Route = Route {
    path: "/opensearch.xml",
    load: Load::Page,
    parameters: &[],
    answer: |_| Ok(Answer::new("application/opensearchdescription+xml", include_str!("../assets/opensearch.xml"))),
};

/// The script of pages with charts, made from `web/` by Vite.
pub const SCRIPT: Route = Route { path: "/script/{name}", load: Load::Page, parameters: &[], answer: script };

/// Whose work is in the script, and in the map.
pub const LICENCES: Route = Route {
    path: "/licences.txt",
    load: Load::Page,
    parameters: &[],
    answer: |_| Ok(Answer::new("text/plain; charset=utf-8", include_str!("../assets/charts.licences.txt"))),
};

const CHARTS: &str = include_str!("../assets/charts.js");

/// Where the script is. Its digest is in its name, so that a browser keeps it and never runs an old one.
pub fn script_address() -> &'static str {
    static ADDRESS: LazyLock<String> = LazyLock::new(|| format!("/script/charts-{}.js", &sha256::of(CHARTS.as_bytes())[..12]));
    &ADDRESS
}

fn script(asked: &Asked) -> Result<Answer, Trouble> {
    let name = asked.segment("name");
    if script_address().strip_prefix("/script/") != Some(name) {
        return Err(Trouble::NotFound { what: "script", name: name.to_owned() });
    }
    let headers = Headers { is_lasting: true, is_gzip: asked.takes_gzip, ..Headers::default() };
    let content = if asked.takes_gzip { PACKED.clone() } else { Bytes::from_static(CHARTS.as_bytes()) };
    Ok(Answer { headers, ..Answer::new("text/javascript; charset=utf-8", content) })
}

/// Packed once, when it is first asked for: a tenth of a second.
static PACKED: LazyLock<Bytes> = LazyLock::new(|| {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let packed = packer.write_all(CHARTS.as_bytes()).and_then(|()| packer.finish());
    packed.expect("memory takes everything").into()
});

#[cfg(test)]
mod tests {
    use super::*;

    /// What a page with charts may send as script, compressed.
    const MOST: usize = 350_000;

    #[test]
    fn the_script_is_small_enough() {
        assert!(PACKED.len() <= MOST, "{} bytes", PACKED.len());
    }
}
