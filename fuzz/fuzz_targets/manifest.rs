//! A manifest of a stranger is refused or obeyed inside of its folder alone: nothing beside the folder is changed or removed, no path
//! that is read as the archive's leads out of it, and opening the archive for writing removes nothing that the manifest names.
#![no_main]

use std::cell::RefCell;
use std::fs;
use std::path::{Component, Path, PathBuf};

use libfuzzer_sys::fuzz_target;
use parallax_archive::{Archive, Snapshot};
use parallax_model::tables;
use tempfile::TempDir;

/// Files that a manifest may well name, and some that it had better not.
const INSIDE: &[&str] = &[
    "tables/rejects/all/0011223344556677.parquet",
    "tables/measurements/XA/2024-02-12/8899aabbccddeeff.parquet",
    "raw/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.zst",
    "refdata/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
];
const OUTSIDE: &[&str] = &["secret", "0011223344556677.parquet", "tables/rejects/all/0011223344556677.parquet"];

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

fuzz_target!(|manifest: &[u8]| {
    WORLD.with_borrow_mut(|world| {
        world.put_back(manifest);
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
    for digest in snapshot.manifest().inputs.keys().take(8) {
        let _ = snapshot.record(digest, 1, 1);
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
    let raw = manifest.inputs.values().filter_map(|input| input.raw.as_deref());
    let mut paths: Vec<PathBuf> =
        raw.chain(manifest.refdata.iter().map(|file| file.path.as_str())).map(|path| world.archive().join(path)).collect();
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

    fn put_back(&self, manifest: &[u8]) {
        write(&self.archive().join("manifest.json"), manifest);
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
