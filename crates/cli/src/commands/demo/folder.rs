//! The folder of a demo, which a marker file tells from all others.
//!
//! **Invariant:** nothing is removed but the parts that a demo made, in a folder with the marker.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, OrFail};

const MARKER: &str = ".parallax-demo";
const MARKER_TEXT: &str = "`parallax demo` made this folder and may remove `world` and `archive` in it.\n";
/// What a demo makes, and so what the next one removes.
const PARTS: &[&str] = &["world", "archive"];

pub struct DemoFolder(PathBuf);

impl DemoFolder {
    /// Makes the folder, or empties that of an earlier demo.
    pub fn prepare(dir: &Path) -> Result<Self, Failure> {
        let doing = || format!("make the demo in {}", dir.display());
        let folder = Self(dir.to_owned());
        fs::create_dir_all(dir).or_fail(doing())?;
        if !folder.part(MARKER).is_file() {
            if fs::read_dir(dir).or_fail(doing())?.next().is_some() {
                return Err(Failure::usage(doing(), "the folder is not empty, and no demo made it", "name another folder with `--dir`"));
            }
            fs::write(folder.part(MARKER), MARKER_TEXT).or_fail(doing())?;
        }
        for part in PARTS.iter().map(|part| folder.part(part)).filter(|part| part.is_dir() && !part.is_symlink()) {
            fs::remove_dir_all(&part).or_fail(format!("remove {} of an earlier demo", part.display()))?;
        }
        Ok(folder)
    }

    pub fn world(&self) -> PathBuf {
        self.part("world")
    }

    pub fn archive(&self) -> PathBuf {
        self.part("archive")
    }

    pub fn truth(&self) -> PathBuf {
        self.world().join("truth.jsonl")
    }

    /// The measurements lie in a folder of their own; the truth beside it is no measurement.
    pub fn measurements(&self) -> PathBuf {
        self.world().join("raw")
    }

    pub fn refdata_files(&self) -> Result<Vec<PathBuf>, Failure> {
        files(&self.world().join("refdata"))
    }

    fn part(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let doing = || format!("read {}", dir.display());
    let entries = fs::read_dir(dir).or_fail(doing())?;
    let paths = entries.map(|entry| Ok(entry.or_fail(doing())?.path())).collect::<Result<Vec<_>, Failure>>()?;
    let mut files: Vec<_> = paths.into_iter().filter(|path| path.is_file()).collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("archive")).unwrap();
        fs::write(dir.path().join("archive/thesis.txt"), "years of work").unwrap();
        assert!(DemoFolder::prepare(dir.path()).is_err());
        assert!(dir.path().join("archive/thesis.txt").exists());
    }

    #[test]
    fn a_second_demo_removes_only_what_the_first_made() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DemoFolder::prepare(dir.path()).unwrap();
        fs::create_dir(folder.world()).unwrap();
        fs::write(folder.truth(), "").unwrap();
        fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        DemoFolder::prepare(dir.path()).unwrap();
        assert!(!folder.world().exists() && dir.path().join("notes.txt").exists());
    }
}
