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

/// The lines of a file of truth. A line that is none ends it: half a truth would give wrong figures.
pub struct Labels {
    reader: BufReader<Box<dyn Read>>,
    path: PathBuf,
    number: u64,
    line: String,
}

impl Labels {
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let file = File::open(path).map_err(|error| unreadable(path, &error.to_string()))?;
        let stream = container::open(file, Arc::default()).map_err(|error| unreadable(path, &error.to_string()))?;
        Ok(Self { reader: BufReader::new(Box::new(stream)), path: path.to_owned(), number: 0, line: String::new() })
    }

    /// The next line that is not blank; none at the end.
    fn advance(&mut self) -> Result<Option<Labelled>, Failure> {
        loop {
            self.line.clear();
            self.number += 1;
            let read = self.reader.by_ref().take(MAX_LINE_BYTES).read_line(&mut self.line);
            match read.map_err(|error| self.wrong(&error.to_string()))? {
                0 => return Ok(None),
                _ if self.line.trim().is_empty() => {}
                _ => return self.parse().map(Some),
            }
        }
    }

    fn parse(&self) -> Result<Labelled, Failure> {
        let line: Line = serde_json::from_str(&self.line).map_err(|error| self.wrong(&error.to_string()))?;
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

    fn wrong(&self, why: &str) -> Failure {
        unreadable(&self.path, &format!("line {}: {why}", self.number))
    }
}

fn unreadable(path: &Path, why: &str) -> Failure {
    Failure::usage(format!("read the truth in {}", path.display()), why, "`parallax evaluate --help` says what a line holds")
}

impl Iterator for Labels {
    type Item = Result<Labelled, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}
