//! The server: a listing and an object, over HTTP, without an account.
//!
//! **Invariant:** what is https stays https, whatever a redirect says. **Invariant:** an answer is read to a limit.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parallax_ingest::bucket::{self, ETag, Key, MAX_OBJECTS, Page};
use ureq::Body;
use ureq::http::{Response, Uri};

use super::patience::{Patience, Pause};
use super::trouble::Trouble;
use crate::failure::Failure;

const CONNECT_TIME: Duration = Duration::from_secs(15);
/// Until an answer begins.
const ANSWER_TIME: Duration = Duration::from_secs(60);
/// Without a byte. There is no limit to the time of a file: lines are as slow as they are.
const SILENCE_TIME: Duration = Duration::from_secs(60);
/// S3 sends people to another address of its own when a bucket lies elsewhere.
const MAX_REDIRECTS: u32 = 3;
/// A page of 1,000 of the longest keys, every letter of them escaped.
const MAX_PAGE_BYTES: u64 = 8 << 20;
/// Of an answer that says why not.
const MAX_ERROR_BYTES: u64 = 64 << 10;

const USER_AGENT: &str = concat!("parallax/", env!("CARGO_PKG_VERSION"), " (fetch; censorship measurement)");

pub struct Server {
    agent: ureq::Agent,
    /// Without a slash at the end.
    base: String,
    pause: Pause,
    /// Whether there was an answer yet, of whatever kind: until then there is probably no network, and waiting helps nobody.
    answered: AtomicBool,
}

/// An object on its way.
pub struct Opened {
    /// The first byte of it that comes.
    pub from: u64,
    pub body: Box<dyn Read>,
}

impl Server {
    pub fn at(url: &str) -> Result<Self, Failure> {
        let bad = |why: &str| {
            Failure::usage(
                format!("use {url} as a bucket"),
                why,
                "it is like https://NAME.s3.REGION.amazonaws.com or http://localhost:9000/NAME",
            )
        };
        let uri: Uri = url.parse().map_err(|_| bad("it is no address"))?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(bad("it does not begin with https:// or http://")),
        };
        if uri.query().is_some() || url.contains('#') || uri.authority().is_none_or(|authority| authority.as_str().contains('@')) {
            return Err(bad("it has more than a host and a path"));
        }
        let config = ureq::Agent::config_builder()
            .https_only(https)
            .http_status_as_error(false)
            .max_redirects(MAX_REDIRECTS)
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_recv_response(Some(ANSWER_TIME))
            .timeout_per_read(Some(SILENCE_TIME))
            .user_agent(USER_AGENT);
        let agent = config.build().into();
        Ok(Self { agent, base: url.trim_end_matches('/').to_owned(), pause: Pause::default(), answered: AtomicBool::new(false) })
    }

    pub fn address(&self) -> &str {
        &self.base
    }

    /// One page of the objects whose key begins with `prefix`.
    pub fn list(&self, prefix: &str, token: Option<&str>) -> Result<Page, Trouble> {
        let mut patience = Patience::default();
        loop {
            match self.try_list(prefix, token) {
                Err(trouble) => self.wait(&mut patience, trouble)?,
                page => return page,
            }
        }
    }

    fn try_list(&self, prefix: &str, token: Option<&str>) -> Result<Page, Trouble> {
        self.pause.keep();
        let mut request = self.agent.get(format!("{}/", self.base));
        request = request.query("list-type", "2").query("max-keys", MAX_OBJECTS.to_string()).query("prefix", prefix);
        if let Some(token) = token {
            request = request.query("continuation-token", token);
        }
        let mut answer = self.answer(request.call()?)?;
        let bytes = answer.body_mut().with_config().limit(MAX_PAGE_BYTES).read_to_vec()?;
        Ok(bucket::parse(&bytes)?)
    }

    /// Begins an object at a byte; one that is not the listed version any more is refused.
    pub fn open(&self, key: &Key, etag: Option<&ETag>, from: u64) -> Result<Opened, Trouble> {
        self.pause.keep();
        let mut request = self.agent.get(format!("{}/{}", self.base, key.as_str()));
        if let Some(etag) = etag {
            request = request.header("If-Match", etag.to_string());
        }
        if from > 0 {
            request = request.header("Range", format!("bytes={from}-"));
        }
        let answer = self.answer(request.call()?)?;
        // Some servers pass over If-Match.
        if let (Some(listed), Some(sent)) = (etag, header(&answer, "etag").and_then(ETag::parse))
            && *listed != sent
        {
            return Err(Trouble::Changed);
        }
        let from = match answer.status().as_u16() {
            206 => header(&answer, "content-range")
                .and_then(first_byte)
                .ok_or_else(|| Trouble::Wrong("the server sent a part without saying which".into()))?,
            _ => 0,
        };
        Ok(Opened { from, body: Box::new(answer.into_body().into_reader()) })
    }

    /// Waits for another try, or gives the trouble back when there should be none.
    pub fn wait(&self, patience: &mut Patience, trouble: Trouble) -> Result<(), Trouble> {
        if matches!(trouble, Trouble::Unreachable(_)) && !self.answered.load(Ordering::Relaxed) {
            return Err(trouble);
        }
        let busy = matches!(trouble, Trouble::Busy { .. });
        let wait = patience.wait(trouble)?;
        match busy {
            true => self.pause.begin(wait),
            false => std::thread::sleep(wait),
        }
        Ok(())
    }

    /// Tells what was asked for from every other answer.
    fn answer(&self, mut answer: Response<Body>) -> Result<Response<Body>, Trouble> {
        self.answered.store(true, Ordering::Relaxed);
        let status = answer.status();
        if matches!(status.as_u16(), 200 | 206) {
            return Ok(answer);
        }
        let wait = header(&answer, "retry-after").and_then(seconds);
        let reason = answer.body_mut().with_config().limit(MAX_ERROR_BYTES).read_to_vec().ok();
        let code = reason.and_then(|bytes| bucket::error_code(&bytes)).map_or(String::new(), |code| format!(" ({code})"));
        let told = format!("{}{code}", status.as_u16());
        Err(match status.as_u16() {
            412 => Trouble::Changed,
            408 | 429 | 500 | 502 | 503 | 504 => Trouble::Busy { answer: told, wait },
            _ => Trouble::Refused(told),
        })
    }
}

fn header<'a>(answer: &'a Response<Body>, name: &str) -> Option<&'a str> {
    answer.headers().get(name)?.to_str().ok()
}

/// `Retry-After` is a number of seconds or a date (RFC 9110, section 10.2.3).
fn seconds(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = chrono::DateTime::parse_from_rfc2822(text.trim()).ok()?;
    date.signed_duration_since(chrono::Utc::now()).to_std().ok()
}

/// Of `bytes FIRST-LAST/SIZE`.
fn first_byte(text: &str) -> Option<u64> {
    text.trim().strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_a_host_or_a_path_on_one() {
        for url in ["https://name.s3.eu-central-1.amazonaws.com", "https://host/", "http://localhost:9000/name"] {
            assert!(Server::at(url).is_ok(), "{url}");
        }
        for url in
            ["", "name", "s3://name", "file:///etc", "http://", "https://me:secret@host/", "https://host/?list-type=2", "http://host/#x"]
        {
            assert!(Server::at(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_server_says_how_long_in_seconds_or_as_a_date() {
        assert_eq!(seconds(" 7 "), Some(Duration::from_secs(7)));
        assert!(seconds("Fri, 31 Dec 2100 23:59:59 GMT").is_some_and(|wait| wait > Duration::from_secs(3600)));
        assert_eq!((seconds("soon"), seconds("-1")), (None, None));
        assert_eq!((first_byte("bytes 5-9/10"), first_byte("bytes */10"), first_byte("5-9")), (Some(5), None, None));
    }

    #[test]
    fn no_network_is_told_at_once() {
        // A port of this machine that nobody listens on: no test touches the internet.
        let trouble = Server::at("http://127.0.0.1:9/bucket").unwrap().list("raw/", None).unwrap_err();
        assert!(matches!(trouble, Trouble::Unreachable(_)), "{trouble}");
    }
}
