//! A damaged container is an error that says so, takes no more memory than its limits, and gives the same bytes in pieces of any length;
//! what was compressed comes out again.
#![no_main]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{self, Cursor, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use libfuzzer_sys::fuzz_target;
use parallax_archive::container::{damage_of, open};

/// What the decoders in Rust may hold: buffers, and blocks of lz4. The window of zstd (128 MiB) is C's; `fuzz/run` limits that.
const MAX_HELD_BYTES: usize = 48 << 20;
/// A run ends here: more of the same says nothing new.
const ENOUGH_BYTES: u64 = 8 << 20;

fuzz_target!(|bytes: &[u8]| {
    let before = PEAK.rebase();
    let (content, error) = read(Cursor::new(bytes.to_vec()), 64 << 10);
    assert!(PEAK.since(before) <= MAX_HELD_BYTES + 2 * content.capacity(), "{} bytes were held", PEAK.since(before));

    let length = bytes.first().map_or(1, |byte| usize::from(*byte).max(1));
    let (in_pieces, its_error) = read(Cursor::new(bytes.to_vec()), length);
    assert_eq!(error.is_some(), its_error.is_some());
    assert!(content.starts_with(&in_pieces) || in_pieces.starts_with(&content), "pieces make no difference");

    let plain = [b"x", bytes].concat();
    let compressed = match bytes.len() % 3 {
        0 => gzip(&plain),
        1 => zstd::encode_all(plain.as_slice(), 1).expect("memory"),
        _ => lz4(&plain),
    };
    assert_eq!(read(Cursor::new(compressed), 64 << 10), (plain, None));
});

/// What could be read in pieces of at most `length` bytes, and the damage that stopped it.
fn read(file: Cursor<Vec<u8>>, length: usize) -> (Vec<u8>, Option<String>) {
    let told = |error: io::Error| Some(damage_of(&error).expect("memory cannot fail, so it is their damage"));
    let mut stream = match open(file, Arc::default()) {
        Ok(stream) => stream.take(ENOUGH_BYTES),
        Err(error) => return (Vec::new(), told(error)),
    };
    let (mut content, mut piece) = (Vec::new(), vec![0; length]);
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return (content, None),
            Ok(count) => content.extend_from_slice(&piece[..count]),
            Err(error) => return (content, told(error)),
        }
    }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).expect("memory");
    encoder.finish().expect("memory")
}

fn lz4(plain: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(plain).expect("memory");
    encoder.finish().expect("memory")
}

/// Counts what is held at a time.
struct Peak {
    held: AtomicUsize,
    most: AtomicUsize,
}

#[global_allocator]
static PEAK: Peak = Peak { held: AtomicUsize::new(0), most: AtomicUsize::new(0) };

impl Peak {
    fn rebase(&self) -> usize {
        let held = self.held.load(Relaxed);
        self.most.store(held, Relaxed);
        held
    }

    fn since(&self, before: usize) -> usize {
        self.most.load(Relaxed).saturating_sub(before)
    }
}

// SAFETY: every call goes to the system's allocator as it is; only numbers are kept beside.
unsafe impl GlobalAlloc for Peak {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = self.held.fetch_add(layout.size(), Relaxed) + layout.size();
        self.most.fetch_max(held, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.held.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}
