//! From what was typed (files, folders, globs, `-`) to the list of things to read.
//!
//! **Invariant:** the list is sorted and names nothing twice, so that the order of arguments and of a folder's entries leaves no trace.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use glob::MatchOptions;
use walkdir::{DirEntry, WalkDir};

use crate::Error;

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    File(PathBuf),
    Stdin,
}

/// What arguments mean. A path that exists is taken as it is, even when it holds letters that a glob would read otherwise.
pub fn expand(arguments: &[impl AsRef<Path>]) -> Result<Vec<Input>, Error> {
    let mut inputs = BTreeSet::new();
    for argument in arguments.iter().map(AsRef::as_ref) {
        if argument == Path::new("-") {
            inputs.insert(Input::Stdin);
        } else if argument.symlink_metadata().is_ok() {
            add_path(argument, &mut inputs)?;
        } else {
            add_glob(argument, &mut inputs)?;
        }
    }
    Ok(inputs.into_iter().collect())
}

fn add_path(path: &Path, inputs: &mut BTreeSet<Input>) -> Result<(), Error> {
    let kind = path.metadata().map_err(|source| Error::Read { path: path.to_owned(), source })?.file_type();
    if kind.is_dir() {
        return add_folder(path, inputs);
    }
    if !kind.is_file() {
        return Err(Error::NotAFile { path: path.to_owned() });
    }
    inputs.insert(Input::File(path.to_owned()));
    Ok(())
}

/// Adds the files of a folder and of the folders in it. A link to a file is read, a link to a folder is not followed: so there are no
/// loops, and no file comes twice. Pipes and devices are passed over.
fn add_folder(folder: &Path, inputs: &mut BTreeSet<Input>) -> Result<(), Error> {
    // The folder itself may be a link: it was named.
    let root = folder.join("");
    for entry in WalkDir::new(&root).into_iter().filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry)) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            Error::Read { path, source: error.into() }
        })?;
        let is_file = if entry.path_is_symlink() { entry.path().is_file() } else { entry.file_type().is_file() };
        if is_file {
            inputs.insert(Input::File(entry.into_path()));
        }
    }
    Ok(())
}

fn add_glob(pattern: &Path, inputs: &mut BTreeSet<Input>) -> Result<(), Error> {
    let missing = || Error::MissingInput { path: pattern.to_owned() };
    let text = pattern.to_str().filter(|text| text.contains(['*', '?', '['])).ok_or_else(missing)?;
    let options = MatchOptions { require_literal_leading_dot: true, require_literal_separator: true, ..MatchOptions::new() };
    let paths =
        glob::glob_with(text, options).map_err(|error| Error::BadGlob { pattern: text.to_owned(), reason: error.msg.to_owned() })?;
    let mut any = false;
    for path in paths {
        let path = path.map_err(|error| Error::Read { path: error.path().to_owned(), source: error.into() })?;
        // `.*` matches `.` and `..` as well, which nobody means.
        if !path.as_os_str().as_encoded_bytes().ends_with(b".") {
            add_path(&path, inputs)?;
            any = true;
        }
    }
    if any { Ok(()) } else { Err(missing()) }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A folder with files of these names; those that end with `/` are folders.
    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(if name.ends_with('/') { &path } else { path.parent().unwrap() }).unwrap();
            if !name.ends_with('/') {
                fs::write(path, "").unwrap();
            }
        }
        folder
    }

    fn names(folder: &Path, arguments: &[&str]) -> Result<Vec<String>, Error> {
        let arguments: Vec<PathBuf> =
            arguments.iter().map(|argument| if *argument == "-" { "-".into() } else { folder.join(argument) }).collect();
        let name = |input| match input {
            Input::Stdin => "-".to_owned(),
            Input::File(path) => path.strip_prefix(folder).unwrap().to_string_lossy().into_owned(),
        };
        Ok(expand(&arguments)?.into_iter().map(name).collect())
    }

    #[test]
    fn folders_are_walked_in_order_without_hidden_files() {
        let folder = folder(&["b/2.json", "b/1.json", "a.jsonl", ".git/config", "b/.hidden", "c/"]);
        assert_eq!(names(folder.path(), &[""]).unwrap(), ["a.jsonl", "b/1.json", "b/2.json"]);
    }

    #[test]
    fn the_same_file_named_three_ways_is_read_once() {
        let folder = folder(&["a.json", "b.json", "x.txt"]);
        let once = names(folder.path(), &["-", "*.json", "b.json", "", "a.json", "-"]).unwrap();
        assert_eq!(once, ["a.json", "b.json", "x.txt", "-"]);
        assert_eq!(once, names(folder.path(), &["", "-"]).unwrap());
    }

    #[test]
    fn a_file_whose_name_looks_like_a_glob_is_that_file() {
        let folder = folder(&["[1].json", "1.json"]);
        assert_eq!(names(folder.path(), &["[1].json"]).unwrap(), ["[1].json"]);
    }

    #[test]
    fn what_is_missing_is_one_clear_error() {
        let folder = folder(&["a.json"]);
        for argument in ["b.json", "*.gz", ".*"] {
            let error = names(folder.path(), &["a.json", argument]).unwrap_err().to_string();
            assert!(error.ends_with(&format!("{argument}: there is no such file or folder")), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_to_files_are_read_and_loops_are_not_walked() {
        let folder = folder(&["real/a.json"]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("real/loop")).unwrap();
        std::os::unix::fs::symlink("real/a.json", folder.path().join("link.json")).unwrap();
        assert_eq!(names(folder.path(), &[""]).unwrap(), ["link.json", "real/a.json"]);
        assert_eq!(names(folder.path(), &["real/loop"]).unwrap(), ["real/loop/link.json", "real/loop/real/a.json"]);
    }
}
