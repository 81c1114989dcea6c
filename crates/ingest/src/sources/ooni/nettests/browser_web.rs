//! `browser_web`: a page that a browser loaded for a web page of OONI's. Only that it loaded, and how long it took, is known.

use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::nettest::Nettest;
use crate::sources::ooni::writer::Writer;
use parallax_model::Operation;
use std::borrow::Cow;

pub const NETTEST: Nettest = Nettest { name: "browser_web", analysis: &["result", "browser_name"], own: Some(read), ..Nettest::PLAIN };

const MILLISECONDS: f64 = 1000.0;

fn read<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let [result, load_time] = test_keys.fields(["result", "load_time_ms"]);
    let Some(result) = result.filled_text() else { return };
    let mut row = context.observation(Operation::Http, "/test_keys/result");
    context.assign_target(&mut row, context.input_host.as_deref());
    row.http_request_method = Some(Cow::Borrowed("GET"));
    row.t = load_time.number().map(|time| time / MILLISECONDS);
    row.failure = match result {
        "ok" => None,
        "timeout" => Some(Cow::Borrowed("generic_timeout_error")),
        // A browser does not tell a page why another site did not load.
        _ => Some(Cow::Borrowed("browser_error")),
    };
    writer.observation(&mut row);
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn a_page_loaded_or_did_not() {
        let of = |result: &str| {
            let test_keys = format!(r#"{{"result": "{result}", "load_time_ms": 357.5, "browser_name": "firefox"}}"#);
            read(measurement("browser_web", r#""https://www.example.org/""#, &test_keys))
        };
        insta::assert_snapshot!(of("ok").show());
        assert_eq!(
            (of("error").observed("failure"), of("timeout").observed("failure")),
            (vec!["browser_error".into()], vec!["generic_timeout_error".into()])
        );
    }
}
