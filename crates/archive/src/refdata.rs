//! Reference data in the archive: files by the digest of their content, so that a verdict can name the very snapshot it used.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::disk::DigestedFile;
use crate::{Error, RefdataFile, fault, layout};

/// Copies a file into a stage.
pub fn store(stage: &Path, kind: &str, name: &str, content: &mut dyn Read) -> Result<RefdataFile, Error> {
    let part = stage.join("refdata.part");
    let mut file = DigestedFile::create(part.clone())?;
    io::copy(content, &mut file).map_err(|error| Error::writing(&part, error))?;
    let (sha256, bytes) = file.finish()?;
    let path = layout::refdata_file(&sha256);
    let to = layout::resolve(stage, &path);
    fs::rename(&part, &to).map_err(|error| Error::writing(&to, error))?;
    fault::step("reference data is staged");
    Ok(RefdataFile { kind: kind.to_owned(), name: name.to_owned(), path, sha256, bytes })
}
