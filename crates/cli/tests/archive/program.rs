//! Runs the binary, and looks at what it leaves on the disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// The folder of the archive in each [`Place`].
pub const ARCHIVE: &str = "parallax-archive";

/// A folder to run in, with an archive of its own.
pub struct Place(TempDir);

/// What a run printed, and how it ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Files by their path relative to the archive.
pub type Files = BTreeMap<String, Vec<u8>>;

impl Place {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn archive(&self) -> PathBuf {
        self.path(ARCHIVE)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Starts a command and lets it run.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parallax"));
        command.args(arguments).current_dir(self.0.path()).env_remove("PARALLAX_ARCHIVE");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        told(self.start(arguments).wait_with_output().unwrap())
    }

    /// Runs a command that must succeed, and gives what it printed.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
        run.stdout
    }

    /// Runs a command on paths, which come after its other arguments.
    pub fn ok_with(&self, arguments: &[&str], paths: &[PathBuf]) -> String {
        let paths = paths.iter().map(|path| path.to_str().unwrap());
        self.ok(&arguments.iter().copied().chain(paths).collect::<Vec<_>>())
    }

    /// The rows that a query gives, as JSON.
    pub fn rows(&self, sql: &str) -> Vec<serde_json::Value> {
        self.ok(&["query", "--format", "jsonl", sql]).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The bytes of every data file of the archive.
    pub fn tables(&self) -> Files {
        files_below(&self.archive(), "tables")
    }

    /// Every row of every table, in the order of its table.
    pub fn all_rows(&self) -> BTreeMap<&'static str, String> {
        let all = parallax_model::tables::ALL.iter();
        all.map(|table| {
            // A key is one within its week.
            let week = if table.schema().index_of("measurement_start_time").is_ok() { ", measurement_start_time" } else { "" };
            let sql = format!("SELECT * FROM {} ORDER BY {}{week}", table.name, table.sort_key.join(", "));
            (table.name, self.ok(&["query", "--format", "jsonl", &sql]))
        })
        .collect()
    }

    /// That every byte of the archive is what its manifest says, and that nothing else lies there.
    #[track_caller]
    pub fn verify_is_sound(&self) {
        let told = self.ok(&["verify"]);
        assert!(told.starts_with("sound"), "{told}");
    }
}

pub fn told(output: Output) -> Run {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
    Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Every file below a folder of `root`.
pub fn files_below(root: &Path, folder: &str) -> Files {
    let mut found = Files::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                    drop(found.insert(name, std::fs::read(&path).unwrap()));
                }
            }
        }
    }
    found
}

/// Compares data files, and names those that differ instead of printing their bytes.
#[track_caller]
pub fn assert_same(found: &Files, expected: &Files, what: &str) {
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert!(!expected.is_empty(), "{what}: there is nothing to compare with");
    assert_eq!(names(found), names(expected), "{what}: other files");
    let different: Vec<_> = expected.iter().filter(|(name, bytes)| found[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(different.is_empty(), "{what}: other bytes in {different:?}");
}

/// Chance that is the same in every run.
pub struct Numbers(pub u64);

impl Numbers {
    /// SplitMix64.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}
