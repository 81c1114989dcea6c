//! Writes few real measurements so often that they are many: what `speed` needs where there are not enough of them.
//!
//! ```sh
//! cargo run --release -p parallax-cli --example repeat -- 600 FOLDER INPUT…
//! ```
//!
//! Takes files with one JSON measurement each, and writes at least so many megabytes of JSON (here 600) into new hourly files of that folder. Each
//! measurement gets a `measurement_uid` of its own, and is otherwise as it was. The order looks like chance and is always the same.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

/// Bytes of JSON in a file, about.
const FILE_BYTES: usize = 8_000_000;

/// 2^64 over the golden ratio: multiples of it look like chance (Knuth, The Art of Computer Programming 3, 6.4).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [megabytes, folder, inputs @ ..] = &words[..] else {
        return Err("name megabytes, a new folder, and files; the example's text says how".into());
    };
    let most = megabytes.parse::<usize>()? * 1_000_000;
    let mut records: Vec<Value> = Vec::new();
    for input in inputs {
        match serde_json::from_slice::<Value>(&fs::read(input)?) {
            Ok(record) if record["test_name"].is_string() => records.push(record),
            _ => eprintln!("{input} is not one measurement and is left out"),
        }
    }
    if records.is_empty() {
        return Err("none of the files is a measurement".into());
    }
    fs::create_dir(folder)?;
    let (mut written, mut number) = (0, 0_u64);
    while written < most {
        let path = Path::new(folder).join(format!("{:06}.jsonl.gz", written / FILE_BYTES));
        let mut file = GzEncoder::new(BufWriter::new(File::create(path)?), Compression::default());
        let mut bytes = 0;
        while bytes < FILE_BYTES {
            number += 1;
            let chance = (number.wrapping_mul(GOLDEN) >> 32) as usize % records.len();
            let record = &mut records[chance];
            record["measurement_uid"] = format!("repeated-{number}").into();
            let line = record.to_string();
            writeln!(file, "{line}")?;
            bytes += line.len();
        }
        file.finish()?.flush()?;
        written += bytes;
    }
    println!("{number} measurements of {}, {:.0} MB of JSON", records.len(), written as f64 / 1e6);
    Ok(())
}
