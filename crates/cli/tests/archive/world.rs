//! A small simulated world, made once, and a file with what cannot be read: together they fill every table.

use std::io::Read;
use std::path::PathBuf;
use std::sync::LazyLock;

use crate::program::{Files, Place, files_below};

/// Raw inputs and reference data.
pub struct World {
    /// In the order of their names; some are of several gzip members.
    pub inputs: Vec<PathBuf>,
    pub refdata: Vec<PathBuf>,
    _place: Place,
}

/// The archive of all inputs, made in one run of one thread: what every other way must come to.
pub struct Reference {
    pub place: Place,
    pub judged: Files,
}

pub static WORLD: LazyLock<World> = LazyLock::new(World::new);

pub static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    let place = WORLD.archive();
    place.ok_with(&["ingest", "--threads", "1"], &WORLD.inputs);
    place.ok(&["judge", "--threads", "1"]);
    place.ok(&["detect", "--threads", "1"]);
    let judged = place.tables();
    Reference { place, judged }
});

/// The simulator writes a file an hour and test: so many that starting to read them takes longer than reading.
const HOURS_OF_AN_INPUT: usize = 8;

fn files(place: &Place, folder: &str) -> Vec<PathBuf> {
    files_below(&place.path(""), folder).into_keys().map(|name| place.path(&name)).collect()
}

impl World {
    fn new() -> Self {
        let place = Place::new();
        let description = place.write("world.toml", include_str!("world.toml"));
        place.ok(&["simulate", description.to_str().unwrap(), "--output", "world"]);
        let hours: Vec<_> = files(&place, "world/raw");
        for (number, some) in hours.chunks(HOURS_OF_AN_INPUT).enumerate() {
            let members: Vec<u8> = some.iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
            place.write(&format!("inputs/{number:02}.jsonl.gz"), members);
        }
        place.write("inputs/unreadable.jsonl", "{\"test_name\": \nnot json\n{\"a\": 1}\n");
        let (inputs, refdata) = (files(&place, "inputs"), files(&place, "world/refdata"));
        assert!(inputs.len() > 12 && !refdata.is_empty());
        Self { inputs, refdata, _place: place }
    }

    /// A place with an archive that knows this world's reference data, and nothing else.
    pub fn archive(&self) -> Place {
        let place = Place::new();
        place.ok_with(&["refdata", "add"], &self.refdata);
        place
    }

    /// The records of this world, one a line.
    pub fn records(&self) -> String {
        let mut records = String::new();
        for input in self.inputs.iter().filter(|input| input.extension().is_some_and(|ending| ending == "gz")) {
            let file = std::fs::File::open(input).unwrap();
            flate2::read::MultiGzDecoder::new(file).read_to_string(&mut records).unwrap();
        }
        records
    }
}
