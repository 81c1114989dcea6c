//! Removes what no manifest names: files that a commit replaced, and what a killed run left.
//!
//! **Invariant:** nothing is removed while anybody reads, and nothing that this program did not make by its name.

use std::fs;
use std::path::Path;

use std::collections::BTreeSet;

use crate::inputs::Inputs;
use crate::lock::ReaderLock;
use crate::{Error, Manifest, disk, fault, layout};

/// Removes the stages of writers that are gone. Only the holder of the writer's lock may ask for it.
pub fn clear_stages(dir: &Path) -> Result<(), Error> {
    let staging = dir.join(layout::STAGING);
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(|error| Error::disk("remove", &staging, error))?;
    }
    disk::create_dir(&staging)
}

/// Removes files that the manifest does not name, when nobody reads; else the next writer does it. What cannot be removed does no
/// harm, so there is no error: `parallax verify` shows it.
pub fn sweep(dir: &Path, manifest: &Manifest) {
    remove(dir, unnamed(dir, manifest).unwrap_or_default());
}

/// The same for copies of inputs. No commit makes such a stray, only a killed one: so it is enough to ask once.
pub fn sweep_copies(dir: &Path, manifest: &Manifest) {
    remove(dir, stray_copies(dir, manifest).unwrap_or_default());
}

/// Whoever looks for strays has the writer's lock, so there will be no others meanwhile; and who begins to read now reads what the manifest
/// names now. So readers wait for nothing but the removal.
fn remove(dir: &Path, strays: BTreeSet<String>) {
    if strays.is_empty() {
        return;
    }
    let Some(_alone) = ReaderLock::try_alone(dir) else { return };
    for path in strays.into_iter().filter(|path| is_ours(path)) {
        let _ = fs::remove_file(layout::resolve(dir, &path));
        fault::step("a file that no manifest names is removed");
        remove_empty_parents(dir, &path);
    }
}

/// The files in the folders of the archive that belong to nothing.
pub fn strays(dir: &Path, manifest: &Manifest) -> Result<BTreeSet<String>, Error> {
    let mut strays = unnamed(dir, manifest)?;
    strays.append(&mut stray_copies(dir, manifest)?);
    Ok(strays)
}

/// The files that the manifest does not name, but for copies of inputs.
fn unnamed(dir: &Path, manifest: &Manifest) -> Result<BTreeSet<String>, Error> {
    let named: BTreeSet<&str> = manifest.paths().collect();
    let mut unnamed = BTreeSet::new();
    for folder in [layout::TABLES, layout::INPUTS, layout::REFDATA] {
        unnamed.extend(disk::files_below(dir, folder)?.into_iter().filter(|path| !named.contains(path.as_str())));
    }
    Ok(unnamed)
}

/// The copies of inputs that the list of inputs does not know as kept. Where the list cannot be read, no copy is known to be a stray.
fn stray_copies(dir: &Path, manifest: &Manifest) -> Result<BTreeSet<String>, Error> {
    let mut copies: BTreeSet<String> = disk::files_below(dir, layout::RAW)?.into_iter().collect();
    if copies.is_empty() {
        return Ok(copies);
    }
    let Ok(inputs) = Inputs::open(dir, manifest.inputs.as_ref(), None) else { return Ok(BTreeSet::new()) };
    for input in inputs {
        match input {
            Ok(input) if input.kept => drop(copies.remove(&layout::raw_file(&input.sha256))),
            Ok(_) => {}
            Err(_) => return Ok(BTreeSet::new()),
        }
    }
    Ok(copies)
}

/// Whether a path looks like one that a commit makes. People put notes beside data; they are none of ours.
fn is_ours(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = |suffix| name.strip_suffix(suffix).is_some_and(|stem| stem.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match path.split('/').next() {
        Some(layout::TABLES) => stem(".parquet"),
        Some(layout::INPUTS) => stem(".jsonl.zst"),
        Some(layout::RAW) => stem(".zst"),
        Some(layout::REFDATA) => layout::is_digest(name),
        _ => false,
    }
}

/// Goes up from a removed file, as far as folders are empty: a partition without rows leaves no trace.
fn remove_empty_parents(dir: &Path, path: &str) {
    for parent in Path::new(path).ancestors().skip(1).take_while(|parent| parent.components().count() > 1) {
        if fs::remove_dir(dir.join(parent)).is_err() {
            return;
        }
    }
}
