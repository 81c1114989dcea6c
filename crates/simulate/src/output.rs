//! Writes a world to a folder: hourly gzip files of measurements as OONI publishes them, the truth, the reference data, the world file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder, write::GzEncoder};

use crate::world::World;
use crate::{Error, Simulated, refdata, simulate, time};

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub files: u64,
    pub measurements: u64,
    pub truths: u64,
    /// Of JSON, before it was compressed.
    pub bytes: u64,
}

/// Writes everything into `folder`, which must be empty or new. `progress` is told how many measurements are done.
///
/// Each file appears under its name when it is complete; the same world gives the same bytes.
pub fn write_to_dir(world: &World, folder: &Path, mut progress: impl FnMut(u64)) -> Result<Summary, Error> {
    let refdata = folder.join("refdata");
    fs::create_dir_all(folder).map_err(|source| at(folder, source))?;
    if fs::read_dir(folder).map_err(|source| at(folder, source))?.next().is_some() {
        return Err(at(folder, std::io::Error::other("the folder is not empty")));
    }
    fs::create_dir_all(&refdata).map_err(|source| at(&refdata, source))?;
    for (name, text) in refdata::files(world) {
        write_whole(&refdata.join(name), text.as_bytes())?;
    }
    write_whole(&folder.join("world.toml"), world.text().as_bytes())?;

    let mut truth = Pending::create(&folder.join("truth.jsonl"))?;
    let mut hour = Hour { folder, name: String::new(), open: BTreeMap::new() };
    let mut summary = Summary::default();
    simulate(world, |done| {
        hour.write(done, &mut summary)?;
        for record in &done.truths {
            serde_json::to_writer(&mut truth.file, record).map_err(|error| at(&truth.path, error.into()))?;
            truth.file.write_all(b"\n").map_err(|source| at(&truth.path, source))?;
        }
        summary.measurements += 1;
        summary.truths += done.truths.len() as u64;
        summary.bytes += done.json.len() as u64 + 1;
        progress(summary.measurements);
        Ok(())
    })?;
    hour.finish()?;
    truth.finish()?;
    Ok(summary)
}

/// The files of one hour.
struct Hour<'a> {
    folder: &'a Path,
    name: String,
    /// By country and nettest, in the order in which they are finished.
    open: BTreeMap<(String, String), Pending<GzEncoder<BufWriter<File>>>>,
}

impl Hour<'_> {
    fn write(&mut self, done: &Simulated, summary: &mut Summary) -> Result<(), Error> {
        let name = time::hour(done.submitted);
        if name != self.name {
            self.finish()?;
            self.name = name;
        }
        let key = (done.probe_cc.to_string(), done.nettest.file_name());
        if !self.open.contains_key(&key) {
            let path = self.folder.join(format!("{}_{}_{}.jsonl.gz", self.name, key.0, key.1));
            let plain = Pending::create(&path)?;
            // No name and no time in the header: the bytes depend on the world alone.
            let file = GzBuilder::new().mtime(0).write(plain.file, Compression::fast());
            self.open.insert(key.clone(), Pending { path, file });
            summary.files += 1;
        }
        let pending = self.open.get_mut(&key).ok_or_else(|| at(self.folder, std::io::Error::other("a file was closed too early")))?;
        let written = pending.file.write_all(done.json.as_bytes()).and_then(|()| pending.file.write_all(b"\n"));
        written.map_err(|source| at(&pending.path, source))
    }

    fn finish(&mut self) -> Result<(), Error> {
        for (_, pending) in std::mem::take(&mut self.open) {
            let file = pending.file.finish().map_err(|source| at(&pending.path, source))?;
            Pending { path: pending.path, file }.finish()?;
        }
        Ok(())
    }
}

/// A file that has its name only when it is complete.
struct Pending<File> {
    path: PathBuf,
    file: File,
}

impl Pending<BufWriter<File>> {
    fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create(partial(path)).map_err(|source| at(path, source))?;
        Ok(Self { path: path.into(), file: BufWriter::new(file) })
    }

    fn finish(mut self) -> Result<(), Error> {
        self.file.flush().map_err(|source| at(&self.path, source))?;
        fs::rename(partial(&self.path), &self.path).map_err(|source| at(&self.path, source))
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut pending = Pending::create(path)?;
    pending.file.write_all(bytes).map_err(|source| at(path, source))?;
    pending.finish()
}

fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

fn at(path: &Path, source: std::io::Error) -> Error {
    Error::Write { path: path.into(), source }
}
