//! A bucket in this process: the part of S3 that `parallax fetch` speaks, and the faults that real servers and lines have.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use md5::{Digest, Md5};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Path and query, decoded.
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub at: Instant,
}

impl Request {
    /// The first byte that was asked for, where not all of them were.
    pub fn from(&self) -> Option<u64> {
        self.headers.get("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let query = self.target.split_once('?')?.1;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// What happens once to a request whose target contains a text.
pub enum Fault {
    /// An answer in place of what was asked for: status, headers, body.
    Answer(u16, &'static str, String),
    /// The connection is cut after so many bytes of the body.
    Cut(usize),
    /// So many bytes of the body come, and then nothing: the line is dead.
    Stall(usize),
    /// One byte of the body is another.
    Damage,
    /// All of it comes, whatever was asked for.
    NoRange,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Vec<u8>>,
    /// What a listing says beside the objects.
    listed: String,
    page: usize,
    faults: Vec<(String, Fault)>,
    log: Vec<Request>,
    stalled: bool,
}

#[derive(Clone)]
pub struct Bucket {
    shared: Arc<(Mutex<State>, Condvar)>,
    pub url: String,
}

impl Bucket {
    /// With pages of so many keys.
    pub fn new(page: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/bucket", listener.local_addr().unwrap());
        let bucket = Self { shared: Arc::new((Mutex::new(State { page, ..State::default() }), Condvar::new())), url };
        let served = bucket.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let bucket = served.clone();
                std::thread::spawn(move || bucket.serve(&stream.unwrap()));
            }
        });
        bucket
    }

    pub fn put(&self, key: &str, bytes: impl Into<Vec<u8>>) {
        self.state().objects.insert(key.to_owned(), bytes.into());
    }

    /// Puts XML into every listing.
    pub fn say(&self, xml: &str) {
        self.state().listed.push_str(xml);
    }

    /// Will happen to the next request whose target contains the text.
    pub fn fail(&self, target: &str, fault: Fault) {
        self.state().faults.push((target.to_owned(), fault));
    }

    /// The requests for objects so far; forgets them.
    pub fn downloads(&self) -> Vec<Request> {
        self.log().into_iter().filter(|request| !request.target.contains("list-type=2")).collect()
    }

    /// All requests so far; forgets them.
    pub fn log(&self) -> Vec<Request> {
        std::mem::take(&mut self.state().log)
    }

    /// Waits until a [`Fault::Stall`] has sent what it sends.
    pub fn wait_for_stall(&self) {
        let (state, told) = &*self.shared;
        let waited = told.wait_timeout_while(state.lock().unwrap(), std::time::Duration::from_secs(60), |state| !state.stalled);
        assert!(!waited.unwrap().1.timed_out(), "nothing was asked for");
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.shared.0.lock().unwrap()
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(request) = read_request(&mut reader) {
            let mut state = self.state();
            state.log.push(request.clone());
            let fault = state.faults.iter().position(|(target, _)| request.target.contains(target));
            let fault = fault.map(|index| state.faults.remove(index).1);
            let answer = answer(&state, &request, &fault);
            drop(state);
            if !self.send(stream, &answer, fault) {
                return;
            }
        }
    }

    /// Sends an answer, as far as the fault lets it; says whether the connection lives on.
    fn send(&self, mut stream: &TcpStream, answer: &Answer, fault: Option<Fault>) -> bool {
        let head = format!("HTTP/1.1 {} x\r\n{}Content-Length: {}\r\n\r\n", answer.status, answer.headers, answer.body.len());
        // A program that was killed does not listen any more.
        if stream.write_all(head.as_bytes()).is_err() {
            return false;
        }
        match fault {
            Some(Fault::Cut(bytes)) => {
                let _ = stream.write_all(&answer.body[..bytes]);
                false
            }
            Some(Fault::Stall(bytes)) => {
                let _ = stream.write_all(&answer.body[..bytes]);
                self.state().stalled = true;
                self.shared.1.notify_all();
                // Until the other side goes.
                let _ = stream.read(&mut [0]);
                false
            }
            _ => stream.write_all(&answer.body).is_ok(),
        }
    }
}

struct Answer {
    status: u16,
    headers: String,
    body: Vec<u8>,
}

fn answer(state: &State, request: &Request, fault: &Option<Fault>) -> Answer {
    if let Some(Fault::Answer(status, headers, body)) = fault {
        return Answer { status: *status, headers: (*headers).to_owned(), body: body.clone().into_bytes() };
    }
    match request.target.strip_prefix("/bucket/") {
        Some(rest) if rest.starts_with('?') => listing(state, request),
        Some(key) => match state.objects.get(key) {
            Some(bytes) => object(bytes, request, fault),
            None => error(404, "NoSuchKey"),
        },
        None => error(404, "NoSuchBucket"),
    }
}

fn object(bytes: &[u8], request: &Request, fault: &Option<Fault>) -> Answer {
    let etag = etag(bytes);
    if request.headers.get("if-match").is_some_and(|wanted| *wanted != etag) {
        return error(412, "PreconditionFailed");
    }
    let mut bytes = bytes.to_vec();
    if matches!(fault, Some(Fault::Damage)) {
        bytes[0] ^= 1;
    }
    match request.from().filter(|_| !matches!(fault, Some(Fault::NoRange))) {
        None => Answer { status: 200, headers: format!("ETag: {etag}\r\n"), body: bytes },
        Some(from) if from as usize >= bytes.len() => error(416, "InvalidRange"),
        Some(from) => {
            let headers = format!("ETag: {etag}\r\nContent-Range: bytes {from}-{}/{}\r\n", bytes.len() - 1, bytes.len());
            Answer { status: 206, headers, body: bytes[from as usize..].to_vec() }
        }
    }
}

/// The token is the last key of the page before, with characters that a URL must encode.
fn listing(state: &State, request: &Request) -> Answer {
    let prefix = request.parameter("prefix").unwrap_or_default();
    let after = request.parameter("continuation-token").map_or("", |token| token.trim_start_matches("+/= "));
    let mut found = state.objects.iter().filter(|(key, _)| key.starts_with(prefix) && key.as_str() > after);
    let page: Vec<_> = found.by_ref().take(state.page).collect();
    let next = if found.next().is_some() { page.last().map(|(key, _)| format!("+/= {key}")) } else { None };
    let mut xml =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    let _ = write!(xml, "<Name>bucket</Name><Prefix>{prefix}</Prefix><IsTruncated>{}</IsTruncated>", next.is_some());
    for (key, bytes) in page {
        let key = key.replace('&', "&amp;").replace('<', "&lt;");
        let etag = etag(bytes).replace('"', "&quot;");
        let _ = write!(xml, "<Contents><Key>{key}</Key><ETag>{etag}</ETag><Size>{}</Size></Contents>", bytes.len());
    }
    xml += &next.map_or(String::new(), |token| format!("<NextContinuationToken>{token}</NextContinuationToken>"));
    xml += &state.listed;
    Answer { status: 200, headers: "Content-Type: application/xml\r\n".to_owned(), body: (xml + "</ListBucketResult>").into_bytes() }
}

fn error(status: u16, code: &str) -> Answer {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>");
    Answer { status, headers: String::new(), body: body.into_bytes() }
}

fn etag(bytes: &[u8]) -> String {
    let hex: String = Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

fn read_request(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
    let target = decoded(line.split(' ').nth(1)?);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => drop(headers.insert(name.to_ascii_lowercase(), value.trim().to_owned())),
            None => return Some(Request { target, headers, at: Instant::now() }),
        }
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            b'+' => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}
