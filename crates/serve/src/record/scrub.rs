//! A raw record without what is the volunteer's: their addresses, wherever they stand and however they are spelled, and every name that
//! they, their device or their session has.
//!
//! The same promise as that of proofs and tables, held here for bytes that were never meant to be shown: what is not known to be harmless
//! is hidden. Fields and headers that hold such things are hidden where they stand ([`super::place`]), and what they held is then looked
//! for in the whole record ([`super::secrets`]).

use super::place::{Place, Why};
use super::secrets::{SCRUBBED, Secrets, TooMany, is_private};
use super::spans::addresses_in;
use super::tokens::{NotJson, Token, Tokens};
use super::writer::Writer;

/// A record that can be shown.
pub struct Scrubbed {
    /// Compact JSON.
    pub text: String,
    /// What was taken out, so that it can be taken out of what else is said about the record.
    pub secrets: Secrets,
    /// Whether the measurement stood in an envelope of OONI's API, which is not shown.
    pub was_in_envelope: bool,
}

/// Why a record is not shown.
#[derive(Debug, PartialEq, Eq)]
pub enum Unshown {
    NotJson,
    TooMany,
}

impl From<NotJson> for Unshown {
    fn from(NotJson: NotJson) -> Self {
        Self::NotJson
    }
}

impl From<TooMany> for Unshown {
    fn from(TooMany: TooMany) -> Self {
        Self::TooMany
    }
}

pub fn scrub(record: &[u8]) -> Result<Scrubbed, Unshown> {
    let inner = in_envelope(record)?;
    let was_in_envelope = inner.is_some();
    let record = inner.as_deref().unwrap_or(record);
    let resolver_is_elsewhere = resolver_is_elsewhere(record)?;
    let secrets = secrets(record, resolver_is_elsewhere)?;
    let text = rewritten(record, resolver_is_elsewhere, &secrets)?;
    if text.is_empty() {
        return Err(Unshown::NotJson);
    }
    Ok(Scrubbed { text, secrets, was_in_envelope })
}

/// The measurement in an envelope, as a text or an object in `raw_measurement`. What an envelope repeats of it is not shown.
fn in_envelope(record: &[u8]) -> Result<Option<Vec<u8>>, NotJson> {
    let mut place = Place::new(true);
    let mut inner: Option<Vec<u8>> = None;
    let mut writer: Option<Writer> = None;
    for token in Tokens::of(record) {
        let token = token?;
        let is_whole = place.depth() == 1 && place.key() == Some("test_keys") && token == Token::OpenObject;
        if is_whole {
            return Ok(None);
        }
        if place.depth() == 1 && place.key() == Some("raw_measurement") {
            match &token {
                Token::Text(text) if !text.is_empty() => inner = Some(text.clone().into_bytes()),
                Token::OpenObject => writer = Some(Writer::default()),
                _ => {}
            }
        }
        let ends = writer.is_some() && place.depth() == 2 && token == Token::Close;
        if let Some(writer) = &mut writer {
            writer.push(&token, place.closes_object());
        }
        if ends {
            inner = writer.take().map(|writer| writer.finish().into_bytes());
        }
        place.follow(&token);
    }
    Ok(inner)
}

/// Whether the record says that its resolver stands in another network than the probe: then it is a public one and nobody's home.
fn resolver_is_elsewhere(record: &[u8]) -> Result<bool, NotJson> {
    let mut place = Place::new(true);
    let (mut probe, mut resolver) = (None, None);
    for token in Tokens::of(record) {
        let token = token?;
        if let (1, Some(key), Token::Text(value) | Token::Plain(value)) = (place.depth(), place.key(), &token) {
            let number = value.strip_prefix("AS").unwrap_or(value).parse::<u32>().ok().filter(|number| *number > 0);
            match key {
                "probe_asn" => probe = number,
                "resolver_asn" => resolver = number,
                _ => {}
            }
        }
        place.follow(&token);
    }
    Ok(probe.is_some() && resolver.is_some() && probe != resolver)
}

fn secrets(record: &[u8], resolver_is_elsewhere: bool) -> Result<Secrets, Unshown> {
    let (mut place, mut secrets) = (Place::new(resolver_is_elsewhere), Secrets::default());
    for token in Tokens::of(record) {
        let token = token?;
        if let (Some(why), Token::Text(value) | Token::Plain(value)) = (place.care(), &token) {
            secrets.learn(why, value)?;
        }
        place.follow(&token);
    }
    Ok(secrets)
}

fn rewritten(record: &[u8], resolver_is_elsewhere: bool, secrets: &Secrets) -> Result<String, NotJson> {
    let (mut place, mut writer) = (Place::new(resolver_is_elsewhere), Writer::default());
    for token in Tokens::of(record) {
        let token = token?;
        writer.push(&shown(&token, place.care(), secrets), place.closes_object());
        place.follow(&token);
    }
    Ok(writer.finish())
}

fn shown(token: &Token, care: Option<Why>, secrets: &Secrets) -> Token {
    match (token, care) {
        (Token::Text(text), Some(why)) => Token::Text(hidden(text, why, secrets)),
        (Token::Plain(plain), Some(Why::Address | Why::Name | Why::Resolver | Why::Other)) if !is_word(plain) => {
            Token::Text(SCRUBBED.to_owned())
        }
        (Token::Text(text), None) => Token::Text(secrets.blot(text)),
        (Token::Plain(plain), _) => {
            let blotted = secrets.blot_plain(plain);
            if blotted == *plain { token.clone() } else { Token::Text(blotted) }
        }
        (Token::Key(key), _) => Token::Key(secrets.blot_plain(key)),
        (Token::OpenObject | Token::OpenArray | Token::Close, _) => token.clone(),
    }
}

/// What says nothing is left: nothing, and the address that a probe writes when it keeps its own to itself.
fn hidden(text: &str, why: Why, secrets: &Secrets) -> String {
    let is_kept = match why {
        Why::IfPrivate => !addresses_in(text).any(is_private),
        Why::Address => text == "127.0.0.1",
        _ => false,
    };
    match is_kept || text.is_empty() {
        true => secrets.blot(text),
        false => SCRUBBED.to_owned(),
    }
}

fn is_word(plain: &str) -> bool {
    matches!(plain, "null" | "true" | "false")
}
