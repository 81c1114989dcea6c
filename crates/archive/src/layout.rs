//! Where things lie in the folder of an archive.
//!
//! ```text
//! manifest.json                                        what belongs to the archive
//! tables/observations/XA/2024-02-12/<digest>.parquet   rows, one folder a partition
//! inputs/<digest>.jsonl.zst                            what was read, one input a line
//! raw/<digest>.zst                                     copies of inputs
//! refdata/<digest>                                     reference data
//! staging/1/…                                          of a run at work, or killed
//! said.jsonl                                           what was first said of events (see `Archive::said_path`); of no table
//! writer.lock  readers.lock
//! ```

use std::path::{Path, PathBuf};

pub const MANIFEST: &str = "manifest.json";
/// The next manifest before it takes the old one's name.
pub const NEXT_MANIFEST: &str = "manifest.json.next";
pub const WRITER_LOCK: &str = "writer.lock";
pub const READERS_LOCK: &str = "readers.lock";
pub const STAGING: &str = "staging";
/// What was first said of events, and how far the data reached then. Appended to, never compared, named by no manifest.
pub const SAID: &str = "said.jsonl";
pub const TABLES: &str = "tables";
pub const INPUTS: &str = "inputs";
pub const RAW: &str = "raw";
pub const REFDATA: &str = "refdata";

/// Everything that may stand at the top of an archive.
pub const TOP: &[&str] = &[MANIFEST, NEXT_MANIFEST, WRITER_LOCK, READERS_LOCK, SAID, STAGING, TABLES, INPUTS, RAW, REFDATA];

/// Letters of a digest in a file's name: enough that two files of one partition never share it.
const DIGEST_LETTERS: usize = 16;

/// The path of a data file inside the archive. Depends on the content alone.
pub fn data_file(table: &str, partition: &str, sha256: &str) -> String {
    format!("{TABLES}/{table}/{partition}/{}.parquet", &sha256[..DIGEST_LETTERS])
}

/// The path of a list of inputs. Depends on the content alone, unless the list in the archive has that path and another content, being changed
/// by hand.
pub fn input_list(sha256: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let path = |letters| format!("{INPUTS}/{}.jsonl.zst", &sha256[..letters]);
    Some(path(DIGEST_LETTERS)).filter(|path| !is_taken(path)).unwrap_or_else(|| path(sha256.len()))
}

pub fn raw_file(source_digest: &str) -> String {
    format!("{RAW}/{source_digest}.zst")
}

pub fn refdata_file(sha256: &str) -> String {
    format!("{REFDATA}/{sha256}")
}

/// A path of the manifest as a path of the file system.
pub fn resolve(dir: &Path, path: &str) -> PathBuf {
    dir.join(path)
}

/// Whether a manifest may name this path for what lies in this folder: relative, downwards, plain, and in the one spelling in which files are
/// listed, so that a file is never taken for one that nobody names. A manifest can come from a stranger.
pub fn is_inside(folder: &str, path: &str) -> bool {
    let is_plain = |component| matches!(component, std::path::Component::Normal(_));
    let is_plain = Path::new(path).components().all(is_plain) && path.split('/').all(|name| !matches!(name, "" | "."));
    is_plain && path.split_once('/').is_some_and(|(first, _)| first == folder)
}

/// Whether a text is a SHA-256 in lower-case hex, and so a safe name for a file.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leads_out_of_the_archive() {
        assert!(is_inside(TABLES, "tables/rejects/all/0011223344556677.parquet"));
        for path in
            ["", "/etc/passwd", "../x", "tables/../../x", "tables/..", "tables//x", "tables/./x", "tables/x/", ".", "tables", "raw/x"]
        {
            assert!(!is_inside(TABLES, path), "{path:?}");
        }
    }
}
