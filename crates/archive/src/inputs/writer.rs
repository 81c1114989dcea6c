//! Writes the next list of inputs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::reader::MOST_LINE_BYTES;
use super::{Input, InputList, InputSums, Inputs};
use crate::disk::DigestedFile;
use crate::{Error, fault, layout};

const ZSTD_LEVEL: i32 = 1;

/// A list that lies in a stage.
pub struct StagedList {
    /// Nothing when it has no lines.
    pub list: Option<InputList>,
    /// Copies in the stage that the archive did not have before.
    pub copies: Vec<String>,
}

/// Writes the inputs of the old list, and those that were noted in their place or beside them. `staged` are the copies in the stage.
pub fn write(
    stage: &Path,
    old: Inputs,
    old_list: Option<&InputList>,
    noted: BTreeMap<String, Input>,
    staged: &BTreeSet<String>,
) -> Result<StagedList, Error> {
    let mut writer = ListWriter::create(stage.join("inputs.part"), staged)?;
    let mut noted = noted.into_values().peekable();
    for known in old {
        let known = known?;
        while let Some(new) = noted.next_if(|noted| noted.sha256 < known.sha256) {
            writer.push(new, false)?;
        }
        let is_kept = known.kept;
        writer.push(noted.next_if(|noted| noted.sha256 == known.sha256).unwrap_or(known), is_kept)?;
    }
    noted.try_for_each(|new| writer.push(new, false))?;
    writer.finish(stage, old_list)
}

struct ListWriter<'a> {
    part: PathBuf,
    file: zstd::Encoder<'static, DigestedFile>,
    line: Vec<u8>,
    sums: InputSums,
    staged: &'a BTreeSet<String>,
    copies: Vec<String>,
}

impl<'a> ListWriter<'a> {
    fn create(part: PathBuf, staged: &'a BTreeSet<String>) -> Result<Self, Error> {
        let file = zstd::Encoder::new(DigestedFile::create(part.clone())?, ZSTD_LEVEL).map_err(|error| Error::writing(&part, error))?;
        Ok(Self { part, file, line: Vec::new(), sums: InputSums::default(), staged, copies: Vec::new() })
    }

    /// `is_kept`: the archive has a copy of it already.
    fn push(&mut self, mut input: Input, is_kept: bool) -> Result<(), Error> {
        if !layout::is_digest(&input.sha256) {
            return Err(Error::WrongDigest { expected: input.sha256, found: "no SHA-256".into() });
        }
        let copy = layout::raw_file(&input.sha256);
        let is_staged = !is_kept && self.staged.contains(&copy);
        if input.kept && !is_kept && !is_staged {
            return Err(Error::NotStaged { path: copy });
        }
        input.kept = is_kept || is_staged;
        if is_staged {
            self.copies.push(copy);
        }
        self.sums.add(&input);
        while input.locations.len() > Input::MOST_LOCATIONS {
            input.locations.pop_last();
        }
        self.write_line(&input);
        if self.line.len() > MOST_LINE_BYTES {
            // No system of files has such paths; a list that nobody reads again would be worse than one without them.
            input.locations.clear();
            self.write_line(&input);
        }
        self.file.write_all(&self.line).map_err(|error| Error::writing(&self.part, error))
    }

    fn write_line(&mut self, input: &Input) {
        self.line.clear();
        serde_json::to_writer(&mut self.line, input).expect("an input is plain data");
        self.line.push(b'\n');
    }

    fn finish(self, stage: &Path, old_list: Option<&InputList>) -> Result<StagedList, Error> {
        let file = self.file.finish().map_err(|error| Error::writing(&self.part, error))?;
        let (sha256, _) = file.finish()?;
        if self.sums.inputs == 0 {
            return Ok(StagedList { list: None, copies: self.copies });
        }
        let path = layout::input_list(&sha256, |path| old_list.is_some_and(|old| old.path == path && old.sha256 != sha256));
        let to = layout::resolve(stage, &path);
        fs::rename(&self.part, &to).map_err(|error| Error::writing(&to, error))?;
        fault::step("the list of inputs is staged");
        Ok(StagedList { list: Some(InputList { path, sha256, sums: self.sums }), copies: self.copies })
    }
}
