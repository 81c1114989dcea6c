//! The proof of what is said about one measurement: what `parallax explain --format json` prints, without folders of this machine.

use serde_json::{Value, json};

use super::{Endpoint, list};
use crate::parameter::{Kind, Parameter};
use crate::route::{Answer, Asked, Load, Route, Trouble};

pub const ENDPOINT: Endpoint = Endpoint {
    route: Route {
        path: "/api/v1/measurements/{uid}",
        load: Load::Heavy,
        parameters: &[&[Parameter { name: "uid", about: "name of the measurement", kind: Kind::Path }]],
        answer,
    },
    name: "measurement",
    links: &[],
    about: "The proof of what is said about one measurement: usually one, more only if several records bear the name.",
    schema,
};

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let uid = asked.segment("uid");
    match asked.edition.explain(uid)?.as_slice() {
        [] => Err(Trouble::NotFound { what: "measurement", name: uid.to_owned() }),
        proofs => Ok(Answer::json(&serde_json::to_value(proofs).map_err(|error| Trouble::Bug(error.to_string()))?)),
    }
}

fn schema() -> Value {
    list(json!({ "type": "object", "required": ["measurement_uid", "claim", "targets", "source", "repeat"] }))
}
