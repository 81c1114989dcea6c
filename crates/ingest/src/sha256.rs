//! SHA-256 of what a reader gives.

use std::io::{self, Read};

use parallax_model::sha256::Sha256;
pub use parallax_model::sha256::of;

const BLOCK_BYTES: usize = 64 << 10;

/// The digest and the length of all that a reader gives.
pub fn of_reader(reader: &mut impl Read) -> io::Result<(String, u64)> {
    let mut sha256 = Sha256::default();
    let mut block = vec![0; BLOCK_BYTES];
    let mut bytes = 0;
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Ok((sha256.finish_hex(), bytes)),
            Ok(count) => {
                sha256.update(&block[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
