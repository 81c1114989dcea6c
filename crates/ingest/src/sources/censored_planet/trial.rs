//! One test of one name through one server, as both versions of Hyperquack tell it.

use parallax_model::Timestamp;

use super::failures::{Trouble, trouble};
use crate::json::Value;

/// What a server was asked over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Echo,
    Discard,
    Http,
    Https,
    /// Version 1 does not always say.
    Unknown,
}

/// One probe: a name sent to the server, and what came back.
pub struct Probe<'a> {
    pub pointer: String,
    /// Whether the name was a harmless one, sent to see that the server still answers.
    pub is_control: bool,
    /// Whether the response was the server's usual one.
    pub matches: bool,
    pub trouble: Option<Trouble<'static>>,
    pub response: Value<'a>,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
}

impl Service {
    pub fn of_word(word: &str) -> Self {
        match word {
            "echo" => Self::Echo,
            "discard" => Self::Discard,
            "http" => Self::Http,
            "https" => Self::Https,
            _ => Self::Unknown,
        }
    }

    pub fn test_name(self) -> &'static str {
        match self {
            Self::Echo => "hyperquack_echo",
            Self::Discard => "hyperquack_discard",
            Self::Http => "hyperquack_http",
            Self::Https => "hyperquack_https",
            Self::Unknown => "hyperquack",
        }
    }

    pub fn port(self) -> Option<u16> {
        match self {
            Self::Echo => Some(7),
            Self::Discard => Some(9),
            Self::Http => Some(80),
            Self::Https => Some(443),
            Self::Unknown => None,
        }
    }

    /// What was asked for. To echo and discard servers the same request is sent as to a web server.
    pub fn url(self, host: &str) -> Option<String> {
        match self {
            Self::Unknown => None,
            Self::Https => Some(format!("https://{host}/")),
            _ => Some(format!("http://{host}/")),
        }
    }
}

impl<'a> Probe<'a> {
    pub fn of_v2(entry: Value<'a>, pointer: String) -> Self {
        let [matches, response, error, control_url, control_keyword, start, end] =
            entry.fields(["matches_template", "response", "error", "control_url", "control_keyword", "start_time", "end_time"]);
        Self {
            pointer,
            is_control: control_url.filled_text().or(control_keyword.filled_text()).is_some(),
            matches: matches.boolean() == Some(true),
            trouble: error_text(error).and_then(trouble),
            response,
            start: super::source::moment(start),
            end: super::source::moment(end),
        }
    }

    pub fn of_v1(entry: Value<'a>, keyword: &str, pointer: String) -> Self {
        let [sent, received, success, error, start, end] = entry.fields(["Sent", "Received", "Success", "Error", "StartTime", "EndTime"]);
        let sent = sent.text().unwrap_or_default();
        Self {
            pointer,
            is_control: !sent.is_empty() && !sent.contains(keyword),
            matches: success.boolean() == Some(true),
            // What follows "Incorrect" is what the template says, not what the network did.
            trouble: error_text(error).filter(|error| !is_mismatch(error)).and_then(trouble),
            response: received,
            start: super::source::moment(start),
            end: super::source::moment(end),
        }
    }

    /// Whether something came back.
    pub fn has_response(&self) -> bool {
        self.response.is_object() || self.response.filled_text().is_some()
    }
}

fn error_text(error: Value<'_>) -> Option<&str> {
    error.filled_text().or_else(|| error.get("Err").filled_text())
}

/// How version 1 says that a response was not the usual one.
fn is_mismatch(error: &str) -> bool {
    error.starts_with("Incorrect ") || error == "Received response"
}

/// Which service a record of version 1 is about, as far as what was sent and what came back tell.
pub fn service_of_v1(results: Value<'_>) -> Service {
    let mut is_request = false;
    for entry in results.items() {
        let [sent, received, error] = entry.fields(["Sent", "Received", "Error"]);
        let error = error.text().unwrap_or_default();
        is_request |= sent.text().is_some_and(|sent| sent.starts_with("GET / HTTP"));
        let has_port = |port: &str| error.contains(port);
        match () {
            () if error == "Incorrect echo response" || has_port(":7:") => return Service::Echo,
            () if error == "Received response" || has_port(":9:") => return Service::Discard,
            () if received.get("tls").is_object() || has_port(":443") || error.contains("tls:") => return Service::Https,
            () if has_port(":80:") || has_port(":80/") => return Service::Http,
            () if received.is_object() && !is_request => return Service::Http,
            () => {}
        }
    }
    Service::Unknown
}
