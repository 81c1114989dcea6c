//! SHA-256 in lower-case hex: the name of every file, record and snapshot.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

const BLOCK_BYTES: usize = 64 << 10;

/// The digest and the length of all that a reader gives.
pub fn of_reader(reader: &mut impl Read) -> io::Result<(String, u64)> {
    let mut sha256 = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    let mut bytes = 0;
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Ok((hex(&sha256.finalize()), bytes)),
            Ok(count) => {
                sha256.update(&block[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The digest of some bytes.
pub fn of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)].into());
        text.push(DIGITS[usize::from(byte & 15)].into());
    }
    text
}
