//! The commands that repeat what a page says, on the archive that the reader looks at.
//!
//! Whoever sits at this machine is told its folders. Everybody else has their own copy of the archive somewhere, so `FOLDER` stands for it.

use parallax_engine::explain::{self, Proof, quoted};

use crate::access::Access;
use crate::route::Asked;

/// Stands for the folder of the archive where it is nobody's business.
const FOLDER: &str = "FOLDER";

/// `parallax --archive my-archive`.
pub fn program(asked: &Asked) -> String {
    format!("parallax --archive {}", if has_folder(asked) { folder(asked) } else { FOLDER.to_owned() })
}

/// What to say of the folder, where it is not named.
pub fn about_folder(asked: &Asked) -> &'static str {
    if has_folder(asked) { "" } else { "FOLDER stands for the folder of your copy of the archive." }
}

/// The proof again: on the bytes with tools that everybody has, on the verdict with Parallax.
pub fn of_proof(asked: &Asked, proof: &Proof) -> Vec<(String, String)> {
    let mut proof = proof.clone();
    if !has_folder(asked) {
        let dir = asked.edition.archive.dir();
        let within = proof.source.path.as_deref().and_then(|path| std::path::Path::new(path).strip_prefix(dir).ok());
        proof.source.path = within.map(|within| format!("{FOLDER}/{}", within.display()));
    }
    explain::commands(&proof, &program(asked))
}

fn has_folder(asked: &Asked) -> bool {
    asked.access == Access::Loopback
}

fn folder(asked: &Asked) -> String {
    quoted(&asked.edition.archive.dir().to_string_lossy())
}
