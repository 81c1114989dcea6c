//! One file from the web: over HTTPS only, with an end in time and size.

use std::time::Duration;

use crate::exit_code::ExitCode;
use crate::failure::Failure;

/// Time for one file, connecting included; the largest is some megabytes.
const TIME: Duration = Duration::from_secs(120);
const CONNECT_TIME: Duration = Duration::from_secs(15);
/// Several times the largest list that is published today.
const MAX_BYTES: u64 = 64 << 20;

pub fn download(url: &str) -> Result<Vec<u8>, Failure> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .https_only(true)
        .timeout_global(Some(TIME))
        .timeout_connect(Some(CONNECT_TIME))
        .user_agent(concat!("parallax/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let read = |mut answer: ureq::http::Response<ureq::Body>| answer.body_mut().with_config().limit(MAX_BYTES).read_to_vec();
    agent.get(url).call().and_then(read).map_err(|error| failure(url, &error))
}

fn failure(url: &str, error: &ureq::Error) -> Failure {
    let why = match error {
        ureq::Error::StatusCode(code) => format!("the server answered {code}"),
        ureq::Error::Io(error) => format!("there is no connection to the server ({error})"),
        ureq::Error::Timeout(_) => format!("it took longer than {} s", TIME.as_secs()),
        ureq::Error::BodyExceedsLimit(_) => format!("it is larger than {} MB", MAX_BYTES >> 20),
        other => other.to_string(),
    };
    Failure::new(ExitCode::Usage, format!("download {url}"), why)
        .hint("the archive is as it was; download the file in another way and use `parallax refdata add FILE`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_network_is_one_clear_sentence() {
        // A port of this machine that nobody listens on: no test touches the internet.
        let failure = download("https://127.0.0.1:9/list.csv").unwrap_err().to_string();
        assert!(failure.starts_with("error: could not download https://127.0.0.1:9/list.csv: "), "{failure}");
        assert_eq!(failure.lines().count(), 2, "{failure}");
    }

    #[test]
    fn nothing_is_fetched_in_the_clear() {
        assert!(download("http://127.0.0.1:9/list.csv").is_err());
    }
}
