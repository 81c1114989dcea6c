//! Standard output, with two habits: it remembers when nobody reads any more, and on a terminal it makes hostile characters visible.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use parallax_model::visible::visible_lines;

static CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether the reader of our output has gone, as `head` does when it has enough. That is no failure.
pub fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// Buffered standard output; flush it, or call [`finish`].
pub fn stdout() -> Box<dyn Write + Send> {
    let out = io::BufWriter::new(Watched(io::stdout()));
    match io::stdout().is_terminal() {
        true => Box::new(Shown { out, pending: Vec::new() }),
        false => Box::new(out),
    }
}

/// Writes what is still buffered.
pub fn finish() -> io::Result<()> {
    Watched(io::stdout()).flush()
}

struct Watched(io::Stdout);

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).inspect_err(note)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().inspect_err(note)
    }
}

fn note(error: &io::Error) {
    if error.kind() == io::ErrorKind::BrokenPipe {
        CLOSED.store(true, Ordering::Relaxed);
    }
}

/// Text on its way to a terminal: anybody may have written what is in it.
struct Shown<W: Write> {
    out: W,
    /// The beginning of a line that is not complete.
    pending: Vec<u8>,
}

impl<W: Write> Write for Shown<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if let Some(end) = self.pending.iter().rposition(|byte| *byte == b'\n') {
            let lines: Vec<u8> = self.pending.drain(..=end).collect();
            self.out.write_all(visible_lines(&String::from_utf8_lossy(&lines)).as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.pending);
        self.out.write_all(visible_lines(&String::from_utf8_lossy(&rest)).as_bytes())?;
        self.out.flush()
    }
}

impl<W: Write> Drop for Shown<W> {
    fn drop(&mut self) {
        // A failure to write was told by whoever flushed before; here nobody listens.
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_cut_in_two_by_the_buffer_is_still_one() {
        let mut shown = Shown { out: Vec::new(), pending: Vec::new() };
        for byte in "é\u{9b}31m\u{202e}x\n".bytes() {
            shown.write_all(&[byte]).unwrap();
        }
        shown.flush().unwrap();
        assert_eq!(String::from_utf8(std::mem::take(&mut shown.out)).unwrap(), "é\\u{9b}31m\\u{202e}x\n");
    }
}
