//! Walks a small XML document that came from outside.
//!
//! **Invariant:** nothing is expanded but the five entities of XML and numbered characters, each to one character; a document type
//! declaration, the only way to more, is refused. So memory is bounded by the length of the document.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

/// Elements within elements; a listing has four.
const MAX_DEPTH: usize = 8;

/// Why an answer of a server is no listing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadXml {
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("it is not XML ({0})")]
    Syntax(String),
    #[error("it ends in the middle")]
    Unfinished,
    #[error("it has a document type declaration, which no listing has")]
    DocumentType,
    #[error("it is nested too deeply")]
    TooDeep,
    #[error("it has an unknown entity")]
    Entity,
    #[error("it is no listing of objects")]
    NotAListing,
    #[error("an object or the page has no {0}, or an odd one")]
    Field(&'static str),
    #[error("it has more objects than were asked for")]
    TooManyObjects,
}

/// Tells the path of each element and the text directly before its end, in the order in which elements end.
pub(super) fn walk(bytes: &[u8], mut ended: impl FnMut(&[String], &str) -> Result<(), BadXml>) -> Result<(), BadXml> {
    let document = std::str::from_utf8(bytes).map_err(|_| BadXml::NotUtf8)?;
    let mut reader = Reader::from_str(document);
    // `<a/>` is told as `<a></a>`.
    reader.config_mut().expand_empty_elements = true;
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event().map_err(|error| BadXml::Syntax(error.to_string()))? {
            Event::Start(_) if path.len() == MAX_DEPTH => return Err(BadXml::TooDeep),
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_owned());
                text.clear();
            }
            Event::End(_) => {
                ended(&path, &text)?;
                path.pop();
                text.clear();
            }
            Event::Text(part) => text.push_str(&part),
            Event::CData(part) => text.push_str(&part),
            Event::GeneralRef(reference) => resolve(&reference, &mut text)?,
            Event::DocType(_) => return Err(BadXml::DocumentType),
            Event::Eof if path.is_empty() => return Ok(()),
            Event::Eof => return Err(BadXml::Unfinished),
            _ => {}
        }
    }
}

fn resolve(reference: &BytesRef<'_>, text: &mut String) -> Result<(), BadXml> {
    match reference.resolve_char_ref() {
        Ok(Some(letter)) => text.push(letter),
        Ok(None) => text.push_str(resolve_predefined_entity(reference).ok_or(BadXml::Entity)?),
        Err(_) => return Err(BadXml::Entity),
    }
    Ok(())
}
