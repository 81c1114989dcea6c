//! Paths as JSON has them: a text, or, for a path that is none, `{"hex": …}` with its bytes. Unix allows any bytes in a name.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Input;

const MOST: usize = Input::MOST_LOCATIONS;

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Place {
    Text(String),
    Bytes { hex: String },
}

pub fn serialize<S: Serializer>(paths: &BTreeSet<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(paths.iter().map(|path| match path.to_str() {
        Some(text) => Place::Text(text.to_owned()),
        None => Place::Bytes { hex: bytes_of(path).iter().map(|byte| format!("{byte:02x}")).collect() },
    }))
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<PathBuf>, D::Error> {
    deserializer.deserialize_seq(Places)
}

struct Places;

impl<'de> Visitor<'de> for Places {
    type Value = BTreeSet<PathBuf>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MOST} paths")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut places: A) -> Result<Self::Value, A::Error> {
        let mut paths = BTreeSet::new();
        while let Some(place) = places.next_element()? {
            paths.insert(match place {
                Place::Text(text) => PathBuf::from(text),
                Place::Bytes { hex } => path_of(bytes_from(&hex).ok_or_else(|| Error::custom("a path is no hex"))?),
            });
            if paths.len() > MOST {
                return Err(Error::invalid_length(paths.len(), &self));
            }
        }
        Ok(paths)
    }
}

fn bytes_from(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hex.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(unix)]
fn bytes_of(path: &Path) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes))
}

/// Elsewhere what is lost of such a name is lost: the file is known by its digest nevertheless.
#[cfg(not(unix))]
fn bytes_of(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}
