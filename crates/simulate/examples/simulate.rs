//! Makes a world and says how fast: `cargo run --release -p parallax-simulate --example simulate -- WORLD SEED MEASUREMENTS THREADS FOLDER`.
//!
//! Needs neither the query engine nor the command line, so that it is built in a minute. Without FOLDER nothing is written, and what is
//! measured is the making alone, on one thread.

use std::num::NonZero;
use std::time::Instant;

use parallax_simulate::{Error, World, simulate, write_to_dir};

const USAGE: &str = "usage: simulate WORLD SEED MEASUREMENTS THREADS [FOLDER]";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [world, seed, measurements, threads, folder @ ..] = arguments.as_slice() else { return Err(USAGE.into()) };
    let world = World::builtin(world, Some(seed.parse()?))?.with_measurements(measurements.parse()?)?;
    let began = Instant::now();
    let (measurements, bytes) = match folder.first() {
        Some(folder) => {
            let threads: NonZero<usize> = threads.parse()?;
            let summary = write_to_dir(&world, folder.as_ref(), threads, |_| {})?;
            (summary.measurements, summary.bytes)
        }
        None => making(&world)?,
    };
    let (seconds, megabytes) = (began.elapsed().as_secs_f64(), bytes as f64 / 1e6);
    println!("{measurements} measurements, {megabytes:.0} MB of JSON, {:.1} kB each", megabytes * 1e3 / measurements as f64);
    println!("{seconds:.1} s: {:.0} measurements/s, {:.0} MB/s", measurements as f64 / seconds, megabytes / seconds);
    usage();
    Ok(())
}

/// Makes everything and keeps nothing but the sums.
fn making(world: &World) -> Result<(u64, u64), Error> {
    let (mut measurements, mut bytes) = (0, 0);
    simulate(world, |made| {
        measurements += 1;
        bytes += made.json.len() as u64 + 1;
        Ok(())
    })?;
    Ok((measurements, bytes))
}

/// What the system counted of this process, where it counts: Linux.
fn usage() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
        println!("peak memory: {}", peak.trim());
    }
    // The 14th and 15th field of `stat`, counted from behind the name, in hundredths of a second.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
    if let (Some(user), Some(system)) = (ticks(11), ticks(12)) {
        println!("CPU: {:.1} s", (user + system) / 100.0);
    }
}
