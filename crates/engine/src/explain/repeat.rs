//! The commands that repeat a proof: on the bytes with tools that everybody has, on the verdict with Parallax.

use super::{Proof, Source, SourceState};

/// Commands to paste, each with what it must print. `program` is how Parallax is called on this archive.
pub fn commands(proof: &Proof, program: &str) -> Vec<(String, String)> {
    let mut steps = bytes(&proof.source);
    steps.push((format!("{program} verify"), "sound: the archive is what was written".to_owned()));
    steps.push((format!("{program} refdata list"), "the files of reference data, with their digests".to_owned()));
    steps.push((format!("{program} explain {}", quoted(&proof.measurement_uid)), "this page: every rule is asked again".to_owned()));
    steps
}

/// A word as a shell takes it whole.
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:@%".contains(letter);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// The file and the record in it, as long as they can be found.
fn bytes(source: &Source) -> Vec<(String, String)> {
    let Some(path) = source.path.as_deref().filter(|_| source.state != SourceState::Changed) else { return Vec::new() };
    let path = quoted(path);
    let (file, stream) = match source.state {
        // A copy in the archive is the file as it was, in a zstd frame.
        SourceState::Kept => (format!("zstd -dcq {path} | sha256sum"), format!("zstd -dcq {path}")),
        _ => (format!("sha256sum {path}"), format!("cat {path}")),
    };
    let cut = format!("tail -c +{} | head -c {} | sha256sum", source.offset + 1, source.length);
    let record = format!("{stream} | {} | {cut}", unpack(&source.file));
    vec![(file, format!("{}, the file", source.file_sha256)), (record, format!("{}, the record", source.record_sha256))]
}

/// By name, because here a person runs it and sees; `gzip -dcf` passes on what is not compressed.
fn unpack(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("zst" | "zstd") => "zstd -dcq",
        Some("lz4") => "lz4 -dcq",
        _ => "gzip -dcf",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_spaces_can_be_pasted() {
        assert_eq!(quoted("parallax-demo/archive"), "parallax-demo/archive");
        assert_eq!(quoted("my demo's"), "'my demo'\\''s'");
    }
}
