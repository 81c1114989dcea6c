//! Runs the binary.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

use tempfile::TempDir;

/// A folder to run in.
pub struct Place(TempDir);

/// What a run printed, and how it ended.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        run(self.0.path(), arguments, "")
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        run(self.0.path(), arguments, input)
    }

    /// Runs a command that must succeed, and gives what it printed.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
        run.stdout
    }
}

impl Place {
    /// Runs a command that serves, on any port that is free.
    pub fn serve(&self, arguments: &[&str]) -> Served {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parallax"));
        command.args(arguments).args(["--listen", "127.0.0.1:0"]).current_dir(self.0.path()).env_remove("PARALLAX_ARCHIVE");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.unwrap_or_else(|| panic!("it says no address: {line}")).to_owned();
        Served { child, address, _said: said }
    }
}

/// A server that runs, and ends with this.
pub struct Served {
    child: Child,
    address: String,
    /// Kept, so that what it says has somewhere to go.
    _said: BufReader<std::process::ChildStderr>,
}

impl Served {
    /// The body of an answer that must be a good one.
    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head}");
        body.to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The demo, made once for all tests that only read it.
pub fn demo() -> &'static Place {
    static DEMO: LazyLock<Place> = LazyLock::new(|| {
        let place = Place::new();
        place.write("demo.txt", &place.ok(&["demo"]));
        place
    });
    &DEMO
}

/// What the demo printed.
pub fn demo_text() -> String {
    std::fs::read_to_string(demo().path("demo.txt")).unwrap()
}

/// Asks the archive of the demo.
pub fn ask(arguments: &[&str]) -> Run {
    demo().run(&[&["--archive", "parallax-demo/archive"], arguments].concat())
}

fn run(dir: &Path, arguments: &[&str], input: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parallax"));
    command.args(arguments).current_dir(dir).env_remove("PARALLAX_ARCHIVE").env("COLUMNS", "100");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that does not read its input closes it, which is fine.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    told(child.wait_with_output().unwrap())
}

fn told(output: Output) -> Run {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
    Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}
