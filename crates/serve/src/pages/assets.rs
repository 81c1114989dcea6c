//! The files that pages need beside themselves. They are in the binary.

use crate::route::{Answer, Load, Route};

pub const STYLE: Route = Route {
    path: "/style.css",
    load: Load::Page,
    answer: |_| Ok(Answer::new("text/css; charset=utf-8", include_str!("../assets/style.css"))),
};

pub const ICON: Route =
    Route { path: "/icon.svg", load: Load::Page, answer: |_| Ok(Answer::new("image/svg+xml", include_str!("../assets/icon.svg"))) };

pub const OPENSEARCH: Route = Route {
    path: "/opensearch.xml",
    load: Load::Page,
    answer: |_| Ok(Answer::new("application/opensearchdescription+xml", include_str!("../assets/opensearch.xml"))),
};
