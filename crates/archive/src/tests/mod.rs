//! Claims about the archive as a whole. What a single file promises is tested in that file.

mod crash;
mod damage;
mod disk_full;
mod inputs;
mod kill;
mod memory;
mod readers;
pub mod rows;
mod split;
