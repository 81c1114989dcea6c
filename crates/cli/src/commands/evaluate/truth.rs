//! The truth, line by line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parallax_archive::container;
use parallax_detect::evaluation::Truth;
use parallax_model::{Layer, Mechanism, State};
use serde::Deserialize;

use crate::failure::Failure;

/// A line of truth: what is true, and of what.
pub struct Labelled {
    pub measurement_uid: String,
    pub target: String,
    pub truth: Truth,
}

/// A line as it is written.
#[derive(Deserialize)]
struct Line {
    measurement_uid: String,
    target: String,
    test_name: String,
    state: State,
    #[serde(default)]
    layers: Vec<Layer>,
    #[serde(default)]
    may_also: Vec<Layer>,
    #[serde(default)]
    mechanisms: Vec<Mechanism>,
    #[serde(default)]
    behind_trouble: Vec<Mechanism>,
    #[serde(default)]
    trouble: Vec<String>,
    #[serde(default)]
    fully_blocked: bool,
}

/// Longest line, in bytes; real ones have some hundreds.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// Longest file that is read as one document.
const MAX_DOCUMENT_BYTES: u64 = 64 << 20;
/// So much of a file says what kind of truth it holds.
const BEGINNING_BYTES: u64 = 16 << 10;

/// The labels of a file of truth. A line that is none ends it: half a truth would give wrong figures.
pub struct Labels {
    lines: Lines,
    path: PathBuf,
}

impl Labels {
    pub fn open(path: &Path) -> Result<Self, Failure> {
        Ok(Self { lines: lines(path)?, path: path.to_owned() })
    }
}

impl Iterator for Labels {
    type Item = Result<Labelled, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.lines.next()?;
        Some(line.and_then(|(number, text)| labelled(&text).map_err(|error| wrong(&self.path, number, &error.to_string()))))
    }
}

fn labelled(text: &str) -> Result<Labelled, serde_json::Error> {
    let line: Line = serde_json::from_str(text)?;
    let truth = Truth {
        test_name: line.test_name,
        state: line.state,
        fully_blocked: line.fully_blocked,
        layers: line.layers,
        may_also: line.may_also,
        mechanisms: line.mechanisms,
        behind_trouble: line.behind_trouble,
        troubles: line.trouble,
    };
    Ok(Labelled { measurement_uid: line.measurement_uid, target: line.target, truth })
}

/// The lines of a file that are not blank, with their numbers.
pub struct Lines {
    reader: BufReader<Box<dyn Read>>,
    path: PathBuf,
    number: u64,
}

pub fn lines(path: &Path) -> Result<Lines, Failure> {
    Ok(Lines { reader: BufReader::new(open(path)?), path: path.to_owned(), number: 0 })
}

impl Iterator for Lines {
    type Item = Result<(u64, String), Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut line = String::new();
            self.number += 1;
            match self.reader.by_ref().take(MAX_LINE_BYTES).read_line(&mut line) {
                Err(error) => return Some(Err(wrong(&self.path, self.number, &error.to_string()))),
                Ok(0) => return None,
                Ok(_) if line.trim().is_empty() => {}
                Ok(_) => return Some(Ok((self.number, line))),
            }
        }
    }
}

/// The first of a file, as text.
pub fn beginning(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    open(path)?.take(BEGINNING_BYTES).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A file that is one document.
pub fn whole(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    open(path)?.take(MAX_DOCUMENT_BYTES).read_to_string(&mut text).map_err(|error| unreadable(path, &error.to_string()))?;
    Ok(text)
}

fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    let file = File::open(path).map_err(|error| unreadable(path, &error.to_string()))?;
    let stream = container::open(file, Arc::default()).map_err(|error| unreadable(path, &error.to_string()))?;
    Ok(Box::new(stream))
}

pub fn wrong(path: &Path, number: u64, why: &str) -> Failure {
    unreadable(path, &format!("line {number}: {why}"))
}

fn unreadable(path: &Path, why: &str) -> Failure {
    Failure::usage(format!("read the truth in {}", path.display()), why, "`parallax evaluate --help` says what a line holds")
}
