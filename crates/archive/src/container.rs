//! Opens compressed inputs again, to find a record by its offset.
//!
//! **Invariant:** gives the same bytes as the reader that counted the offsets, so it knows the same containers: gzip, zstd and lz4, by
//! their first bytes and never by a name, of one member or many, one inside the other. It need not defend itself as that reader does:
//! what it opens was read before, and it stops where the record ends.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use lz4_flex::frame::FrameDecoder;

/// Containers inside containers that are opened; deeper ones are not measurements.
const MAX_NESTING: usize = 2;
/// Window that a zstd frame may ask for, as a power of two: what `zstd --long` writes.
const ZSTD_WINDOW_LOG: u32 = 27;
const BUFFER_BYTES: usize = 256 << 10;

/// The content of whatever containers a stream consists of.
pub fn open<'a>(stream: impl Read + Send + 'a) -> io::Result<Box<dyn BufRead + Send + 'a>> {
    unwrap(buffered(stream), MAX_NESTING)
}

fn unwrap<'a>(mut stream: Box<dyn BufRead + Send + 'a>, nesting: usize) -> io::Result<Box<dyn BufRead + Send + 'a>> {
    let mut magic = Vec::with_capacity(4);
    stream.by_ref().take(4).read_to_end(&mut magic)?;
    let format = magic.clone();
    let whole = Cursor::new(magic).chain(stream);
    match *format {
        _ if nesting == 0 => Ok(Box::new(whole)),
        [0x1f, 0x8b, 8, ..] => unwrap(buffered(MultiGzDecoder::new(whole)), nesting - 1),
        [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => unwrap(buffered(zstd_decoder(whole)?), nesting - 1),
        [0x04, 0x22, 0x4d, 0x18] => unwrap(buffered(Lz4Frames(FrameDecoder::new(whole))), nesting - 1),
        _ => Ok(Box::new(whole)),
    }
}

fn buffered<'a>(stream: impl Read + Send + 'a) -> Box<dyn BufRead + Send + 'a> {
    Box::new(BufReader::with_capacity(BUFFER_BYTES, stream))
}

fn zstd_decoder<'a, R: BufRead>(stream: R) -> io::Result<zstd::Decoder<'a, R>> {
    let mut decoder = zstd::Decoder::with_buffer(stream)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

/// Reads frame after frame; the decoder alone stops after the first.
struct Lz4Frames<R: Read>(FrameDecoder<R>);

impl<R: BufRead> Read for Lz4Frames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.0.read(into)?;
            if read > 0 || into.is_empty() || self.0.get_mut().fill_buf()?.is_empty() {
                return Ok(read);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn lz4(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 1).unwrap()
    }

    fn content(bytes: &[u8]) -> Vec<u8> {
        let mut content = Vec::new();
        open(bytes).unwrap().read_to_end(&mut content).unwrap();
        content
    }

    #[test]
    fn every_container_is_opened_whole_and_nested_ones_too() {
        for compress in [gzip, lz4, zstd] {
            assert_eq!(content(&[compress(b"one "), compress(b"two")].concat()), b"one two");
            assert_eq!(content(&gzip(&compress(b"inner"))), b"inner");
            assert_eq!(content(&compress(b"")), b"");
        }
        let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7][..], &zstd(b"after")].concat();
        assert_eq!(content(&skippable), b"after");
    }

    #[test]
    fn what_is_not_compressed_is_given_as_it_is() {
        for bytes in [&b""[..], b"{", b"{\"a\": 1}\n"] {
            assert_eq!(content(bytes), bytes);
        }
    }
}
