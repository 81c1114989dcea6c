//! Promises of the archive, tried on the real binary: the same bytes whatever the way to them, killed or not; bounded memory; and the
//! truth about raw data that has moved, changed or gone.
//!
//! What takes longer than seconds is ignored by default; `docs/archive.md` has the commands.

mod determinism;
mod kill;
mod latency;
#[cfg(target_os = "linux")]
mod memory;
mod program;
mod sources;
mod world;
