//! Compressed streams, recognised by their first bytes and never by a name, opened one inside the other.
//!
//! Whoever reads records for the first time and whoever looks one up again by its offset open streams here, so both see the same bytes.
//!
//! Everything streams: what a container holds is never in memory as a whole, so its size does not matter. What does is how much
//! work a few bytes can ask for, hence [`MAX_EXPANSION`].
//!
//! **Invariant:** a read error of the file itself passes through as it is; every other error is wrapped in [`Damage`] and says what
//! is wrong with the stream, so that the caller can tell our disk from their data.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Compressed inside compressed inside compressed is an attack or a mistake.
const MAX_NESTING: usize = 2;
/// Measurements shrink to a tenth or a hundredth. A stream that expands more than this is refused…
const MAX_EXPANSION: u64 = 2_000;
/// …once it has shown this many bytes, because a short run of blanks is harmless.
const FREE_EXPANSION_BYTES: u64 = 1 << 30;
/// How far back a zstd frame may refer, as a power of two: what `zstd --long` writes, 128 MiB. It is the largest block of memory that
/// a file can make us take; a second zstd inside gets the 8 MiB that every level but `--ultra` stays within.
const ZSTD_WINDOW_LOG: [u32; MAX_NESTING] = [27, 23];
/// Bytes asked of a file at a time.
const FILE_BYTES: usize = 64 << 10;
/// Bytes of what a decoder gives that are held to see whether it is compressed as well. Whoever asks for more than this at a time gets it
/// from the decoder directly; a larger buffer would be filled with zeros for each of thousands of small files.
const DECODED_BYTES: usize = 4 << 10;

/// What is wrong with a stream.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Damage(String);

/// A read error of the file itself, on its way through the decoders.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct FileFault(io::Error);

/// Opens whatever containers `file` holds. `taken` counts the bytes taken from the file, for the progress bar and the bomb check.
pub fn open(file: impl Read + 'static, taken: Arc<AtomicU64>) -> io::Result<impl Read> {
    let counted = Counted { file, taken: Arc::clone(&taken) };
    let stream = unwrap(Box::new(BufReader::with_capacity(FILE_BYTES, counted)), 0).map_err(sorted_out)?;
    Ok(Stream { stream, taken, given: 0 })
}

/// The stream inside all containers, with its errors sorted and its expansion watched.
struct Stream {
    stream: Box<dyn BufRead>,
    taken: Arc<AtomicU64>,
    given: u64,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer).map_err(sorted_out)?;
        self.given += count as u64;
        if self.given > FREE_EXPANSION_BYTES && self.given / MAX_EXPANSION > self.taken.load(Ordering::Relaxed) {
            return Err(damage(format!("expands to more than {MAX_EXPANSION} times its size")));
        }
        Ok(count)
    }
}

/// Looks at the first bytes of a stream and opens the container they announce, if any.
fn unwrap(mut stream: Box<dyn BufRead>, nesting: usize) -> io::Result<Box<dyn BufRead>> {
    let mut magic = Vec::with_capacity(4);
    stream.by_ref().take(4).read_to_end(&mut magic)?;
    let container = Container::recognise(&magic);
    let whole: Box<dyn BufRead> = Box::new(io::Cursor::new(magic).chain(stream));
    match container {
        None => Ok(whole),
        Some(_) if nesting == MAX_NESTING => Err(damage(format!("compressed more than {MAX_NESTING} times over"))),
        Some(container) => unwrap(Box::new(BufReader::with_capacity(DECODED_BYTES, container.decoder(whole, nesting)?)), nesting + 1),
    }
}

/// A kind of container.
enum Container {
    Gzip,
    Zstd,
    Lz4,
}

impl Container {
    fn recognise(magic: &[u8]) -> Option<Self> {
        match magic {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),                                        // RFC 1952, 2.3.1
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Some(Self::Zstd), // RFC 8878, 3.1.1 and 3.1.2
            [0x04, 0x22, 0x4d, 0x18] => Some(Self::Lz4),                                    // lz4_Frame_format.md
            _ => None,
        }
    }

    /// Each decoder reads on after the end of a member or frame when another follows.
    fn decoder(self, stream: Box<dyn BufRead>, nesting: usize) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(stream)),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(stream)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG[nesting])?;
                Box::new(decoder)
            }
            Self::Lz4 => Box::new(Lz4Frames(lz4_flex::frame::FrameDecoder::new(Tail { stream, last: [0xff; 8] }))),
        })
    }
}

/// Reads frame after frame, and knows a cut from an end: `lz4_flex` itself takes a missing end mark for the end of the frame.
struct Lz4Frames(lz4_flex::frame::FrameDecoder<Tail>);

impl Read for Lz4Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.0.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            if self.0.get_mut().stream.fill_buf()?.is_empty() {
                return if self.0.get_ref().ends_with_end_mark() { Ok(0) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
    }
}

/// Remembers the last bytes read.
struct Tail {
    stream: Box<dyn BufRead>,
    last: [u8; 8],
}

impl Tail {
    /// An end mark is four zero bytes, and then the checksum of the content or nothing.
    fn ends_with_end_mark(&self) -> bool {
        self.last[4..] == [0; 4] || self.last[..4] == [0; 4]
    }
}

impl Read for Tail {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        for &byte in &buffer[count.saturating_sub(8)..count] {
            self.last.rotate_left(1);
            self.last[7] = byte;
        }
        Ok(count)
    }
}

/// The file itself.
struct Counted<F> {
    file: F,
    taken: Arc<AtomicU64>,
}

impl<F: Read> Read for Counted<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            other => other.map_err(|error| io::Error::other(FileFault(error)))?,
        };
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// What is wrong with the stream, when that is what the error says.
pub fn damage_of(error: &io::Error) -> Option<String> {
    error.get_ref().filter(|inner| inner.is::<Damage>()).map(ToString::to_string)
}

fn damage(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Damage(message.into()))
}

fn sorted_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::Interrupted || damage_of(&error).is_some() {
        return error;
    }
    match error.downcast::<FileFault>() {
        Ok(FileFault(fault)) => fault,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => damage("ends in the middle of its compressed data"),
        Err(error) => damage(error.to_string()),
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

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 1).unwrap()
    }

    fn lz4(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    type Compress = fn(&[u8]) -> Vec<u8>;
    const ALL: [Compress; 3] = [gzip, zstd, lz4];

    /// What could be read, and what stopped it.
    fn read(file: impl Read + 'static) -> (Vec<u8>, Option<String>) {
        let mut stream = match open(file, Arc::default()) {
            Ok(stream) => stream,
            Err(error) => return (Vec::new(), Some(error.to_string())),
        };
        let mut bytes = Vec::new();
        let result = stream.read_to_end(&mut bytes);
        (bytes, result.err().map(|error| error.to_string()))
    }

    fn sample() -> Vec<u8> {
        (0..200_000u32).flat_map(|number| (number.wrapping_mul(2_654_435_761) >> 20).to_string().into_bytes()).collect()
    }

    #[test]
    fn containers_are_known_by_content_alone_twice_over_and_on_end() {
        let plain = sample();
        assert_eq!(read(io::Cursor::new(plain.clone())), (plain.clone(), None));
        for outer in ALL {
            let (front, back) = plain.split_at(70_000);
            assert_eq!(read(io::Cursor::new([outer(front), outer(back)].concat())), (plain.clone(), None));
            for inner in ALL {
                assert_eq!(read(io::Cursor::new(outer(&inner(&plain)))), (plain.clone(), None));
                let message = read(io::Cursor::new(outer(&inner(&gzip(&plain))))).1.unwrap();
                assert_eq!(message, "compressed more than 2 times over");
            }
        }
    }

    #[test]
    fn what_stands_before_a_cut_is_kept() {
        let plain = sample();
        for compress in ALL {
            let whole = compress(&plain);
            for cut in [whole.len() / 2, whole.len() - 9, whole.len() - 5] {
                let (bytes, message) = read(io::Cursor::new(whole[..cut].to_vec()));
                assert_eq!(message.as_deref(), Some("ends in the middle of its compressed data"), "{cut} of {}", whole.len());
                assert!(plain.starts_with(&bytes));
            }
        }
    }

    #[test]
    fn a_short_or_empty_file_is_just_short() {
        for plain in [&b""[..], b"\x1f", b"\x1f\x8b"] {
            assert_eq!(read(plain), (plain.to_vec(), None));
        }
    }

    #[test]
    fn a_bomb_is_stopped_while_it_expands() {
        let hundred_mebibytes = gzip(&vec![b' '; 100 << 20]);
        let bomb = zstd(&hundred_mebibytes.repeat(100));
        assert!(bomb.len() < 1 << 20);
        let mut stream = open(io::Cursor::new(bomb), Arc::default()).unwrap();
        let error = io::copy(&mut stream, &mut io::sink()).unwrap_err();
        assert_eq!(error.to_string(), "expands to more than 2000 times its size");
    }

    /// A disk that fails after the first bytes.
    struct Failing(bool);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(io::Error::from(io::ErrorKind::PermissionDenied));
            }
            let start = gzip(&sample());
            buffer[..1000].copy_from_slice(&start[..1000]);
            Ok(1000)
        }
    }

    #[test]
    fn a_failing_disk_is_not_their_damage() {
        let mut stream = open(Failing(false), Arc::default()).unwrap();
        let error = io::copy(&mut stream, &mut io::sink()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(damage_of(&error), None);
    }
}
