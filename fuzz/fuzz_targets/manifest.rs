//! A manifest of a stranger, and the list of inputs beside it, are refused or obeyed inside of their folder alone: nothing beside the folder
//! is changed or removed, no path that is read as the archive's leads out of it, and opening the archive for writing removes nothing that
//! they name.
//!
//! What is given is the manifest; a line `--` may follow, and the lines of the list. Where the manifest says [`DIGEST`] it says the digest of that
//! list: nothing that is read to its end is obeyed without it.
#![no_main]

use std::cell::RefCell;
use std::fs;
use std::path::{Component, Path, PathBuf};

use libfuzzer_sys::fuzz_target;
use parallax_archive::{Archive, Snapshot};
use parallax_model::tables;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Files that a manifest may well name, and some that it had better not.
const INSIDE: &[&str] = &[
    "tables/rejects/all/0011223344556677.parquet",
    "tables/measurements/XA/2024-02-12/8899aabbccddeeff.parquet",
    COPY,
    "refdata/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
];
const COPY: &str = "raw/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.zst";
/// The list of inputs.
const LIST: &str = "inputs/0123456789abcdef.jsonl.zst";
/// Stands for the digest of the list.
const DIGEST: &str = "THE-LIST";
const BEFORE_THE_LIST: &[u8] = b"\n--\n";
const OUTSIDE: &[&str] = &["secret", "0011223344556677.parquet", "tables/rejects/all/0011223344556677.parquet"];

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

fuzz_target!(|given: &[u8]| {
    let cut = given.windows(BEFORE_THE_LIST.len()).position(|bytes| bytes == BEFORE_THE_LIST);
    let (manifest, list) = cut.map_or((given, &[][..]), |cut| (&given[..cut], &given[cut + BEFORE_THE_LIST.len()..]));
    WORLD.with_borrow_mut(|world| {
        world.put_back(manifest, list);
        if let Ok(archive) = Archive::open(world.archive()) {
            use_archive(&archive, world);
        }
        world.check_outside();
    });
});

fn use_archive(archive: &Archive, world: &World) {
    let snapshot = archive.snapshot().expect("what was opened can be read");
    let named = check_paths(&snapshot, world);
    for table in tables::ALL {
        for partition in snapshot.partitions(table) {
            let read = snapshot.read(table, partition).expect("files are opened when they are read");
            read.take(4).for_each(drop);
        }
    }
    for input in snapshot.inputs().into_iter().flatten().flatten().take(8) {
        let _ = snapshot.record(&input.sha256, 1, 1);
    }
    let _ = parallax_ingest::refdata::load_current(archive, &snapshot);
    let _ = archive.verify(&mut |done, total| assert!(done <= total));
    drop(snapshot);

    if let Ok(mut writer) = archive.write("fuzzing") {
        if let Ok(stage) = writer.stage() {
            let _ = writer.commit(stage, |manifest| drop(manifest.derived.insert("fuzzing".into(), "done".into())));
        }
        assert!(named.iter().all(|path| path.exists()), "a file that the manifest names was removed");
    }
}

/// Every path that the manifest names lies in the archive; those of them where a file is.
fn check_paths(snapshot: &Snapshot, world: &World) -> Vec<PathBuf> {
    let manifest = snapshot.manifest();
    let inputs: Result<Vec<_>, _> = snapshot.inputs().and_then(Iterator::collect);
    let copy = inputs.is_ok_and(|inputs| inputs.iter().any(|input| input.kept && COPY.contains(&input.sha256))).then_some(COPY);
    let list = manifest.inputs.as_ref().map(|list| list.path.as_str());
    let refdata = manifest.refdata.iter().map(|file| file.path.as_str());
    let mut paths: Vec<PathBuf> = copy.into_iter().chain(list).chain(refdata).map(|path| world.archive().join(path)).collect();
    paths.extend(tables::ALL.iter().flat_map(|table| snapshot.files(table)));
    for path in &paths {
        let inside = path.strip_prefix(world.archive()).expect("every file lies in the archive");
        assert!(inside.components().all(|part| matches!(part, Component::Normal(_))), "{}", path.display());
    }
    paths.retain(|path| path.is_file() && !path.ends_with("manifest.json"));
    paths
}

/// An archive, and a folder around it that nobody may touch.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().expect("a folder for the archive") };
        OUTSIDE.iter().for_each(|name| write(&world.folder.path().join(name), name.as_bytes()));
        world
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn put_back(&self, manifest: &[u8], list: &[u8]) {
        let list = zstd::encode_all(list, 1).expect("memory can be compressed");
        let manifest = match std::str::from_utf8(manifest) {
            Ok(text) => text.replace(DIGEST, &format!("{:x}", Sha256::digest(&list))).into_bytes(),
            Err(_) => manifest.to_vec(),
        };
        write(&self.archive().join("manifest.json"), &manifest);
        write(&self.archive().join(LIST), &list);
        for name in INSIDE.iter().filter(|name| !self.archive().join(name).exists()) {
            write(&self.archive().join(name), b"not what it seems");
        }
    }

    fn check_outside(&self) {
        for name in OUTSIDE {
            assert_eq!(fs::read(self.folder.path().join(name)).expect("it is still there"), name.as_bytes());
        }
        let beside: Vec<_> =
            fs::read_dir(self.folder.path()).expect("the folder").map(|entry| entry.expect("an entry").file_name()).collect();
        assert_eq!(beside.len(), 4, "something was made beside the archive: {beside:?}");
    }
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}
