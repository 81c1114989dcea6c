//! SHA-256, the name of every file, record and snapshot: what courts know and `sha256sum` repeats.

use ring::digest::{Context, SHA256, digest};

/// A digest of bytes that come piece by piece.
#[derive(Clone)]
pub struct Sha256(Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Sha256 {
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn finish(self) -> [u8; 32] {
        self.0.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
    }

    /// In lower-case hex.
    pub fn finish_hex(self) -> String {
        hex(self.0.finish().as_ref())
    }
}

/// The digest of some bytes, in lower-case hex.
pub fn of(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

/// The digest of some texts, each of which ends with a zero byte.
pub fn of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut digest = Sha256::default();
    for text in texts {
        digest.update(text.as_bytes());
        digest.update(&[0]);
    }
    digest.finish_hex()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_standard_says() {
        // FIPS 180-4's example.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of(b"abc"), abc);
        let mut digest = Sha256::default();
        digest.update(b"a");
        digest.update(b"bc");
        assert_eq!(digest.clone().finish_hex(), abc);
        assert_eq!(hex(&digest.finish()), abc);
        assert_ne!(of_texts(["a", "bc"]), of_texts(["ab", "c"]));
    }
}
