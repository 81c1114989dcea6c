//! Requests and responses.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Null;
use super::place::{Place, Tags};
use crate::path::{Response, Transaction};

pub(crate) const USER_AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/[scrubbed] Safari/537.3";
pub(crate) const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
pub(crate) const ACCEPT_LANGUAGE: &str = "en-US,en;q=0.9";

/// Headers, which OONI writes twice: as a list, and as a map with the first value of each name.
type HeaderPairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

fn as_list<S: Serializer>(headers: &HeaderPairs, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(headers.iter().map(|(name, value)| (name, value)))
}

fn as_map<S: Serializer>(headers: &HeaderPairs, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(headers.len()))?;
    for (name, value) in headers {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

#[derive(Serialize)]
pub(crate) struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpn: Option<&'static str>,
    pub failure: Option<&'static str>,
    pub request: RequestHead<'a>,
    pub response: ResponseHead<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t0: Option<f64>,
    pub t: f64,
    pub tags: Option<Tags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<u32>,
}

#[derive(Serialize)]
pub(crate) struct RequestHead<'a> {
    body: &'static str,
    body_is_truncated: bool,
    #[serde(serialize_with = "as_list")]
    headers_list: HeaderPairs<'a>,
    #[serde(serialize_with = "as_map")]
    headers: HeaderPairs<'a>,
    method: &'static str,
    tor: Tor,
    x_transport: &'static str,
    url: String,
}

#[derive(Serialize, Default)]
struct Tor {
    exit_ip: Null,
    exit_name: Null,
    is_tor: bool,
}

#[derive(Serialize)]
pub(crate) struct ResponseHead<'a> {
    body: &'a str,
    body_is_truncated: bool,
    code: u16,
    #[serde(serialize_with = "as_list")]
    headers_list: HeaderPairs<'a>,
    #[serde(serialize_with = "as_map")]
    headers: HeaderPairs<'a>,
}

/// What a nettest asked for.
pub(crate) struct Asked<'a> {
    pub method: &'static str,
    pub url: String,
    pub host: &'a str,
    pub referer: Option<String>,
}

impl<'a> Request<'a> {
    /// A record of `done`; the formats without transactions leave out over which connection.
    pub fn new(asked: Asked<'a>, done: &'a Transaction, place: Place) -> Self {
        Self {
            network: None,
            address: None,
            alpn: None,
            failure: done.failure,
            request: RequestHead::new(asked),
            response: ResponseHead::new(done.response.as_ref()),
            t0: place.began,
            t: place.ended,
            tags: place.tags,
            transaction_id: place.transaction_id,
        }
    }

    /// A request that failed before there was a connection for it.
    pub fn unsent(asked: Asked<'a>, failure: &'static str, place: Place) -> Self {
        Self {
            network: None,
            address: None,
            alpn: None,
            failure: Some(failure),
            request: RequestHead::new(asked),
            response: ResponseHead::new(None),
            t0: place.began,
            t: place.ended,
            tags: place.tags,
            transaction_id: place.transaction_id,
        }
    }
}

impl<'a> Request<'a> {
    /// The same with headers that no browser sends.
    pub fn with_headers(mut self, headers: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Self {
        self.request.headers_list = headers.clone();
        self.request.headers = headers;
        self
    }
}

impl<'a> RequestHead<'a> {
    fn new(asked: Asked<'a>) -> Self {
        let mut headers: HeaderPairs =
            vec![("Accept".into(), ACCEPT.into()), ("Accept-Language".into(), ACCEPT_LANGUAGE.into()), ("Host".into(), asked.host.into())];
        if let Some(referer) = asked.referer {
            headers.push(("Referer".into(), referer.into()));
        }
        headers.push(("User-Agent".into(), USER_AGENT.into()));
        Self {
            body: "",
            body_is_truncated: false,
            headers_list: headers.clone(),
            headers,
            method: asked.method,
            tor: Tor::default(),
            x_transport: "tcp",
            url: asked.url,
        }
    }
}

impl<'a> ResponseHead<'a> {
    fn new(response: Option<&'a Response>) -> Self {
        let headers: HeaderPairs = response
            .into_iter()
            .flat_map(|response| &response.headers)
            .map(|(name, value)| ((*name).into(), value.as_str().into()))
            .collect();
        Self {
            body: response.map_or("", |response| &response.body),
            body_is_truncated: response.is_some_and(|response| response.truncated),
            code: response.map_or(0, |response| response.status),
            headers_list: headers.clone(),
            headers,
        }
    }
}
