//! Archives to look at, and a browser without a window.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use parallax_archive::Archive;
use parallax_engine::{Engine, events, judge};
use parallax_ingest::{input, pipeline, refdata};
use parallax_model::tables::{Judgement, JudgementRows};
use parallax_model::{State, Timestamp};
use parallax_serve::{Access, LoadRefData, Observatory, Options, router};
use parallax_simulate::{World, write_to_dir};
use tempfile::TempDir;
use tower::ServiceExt;

/// An archive, what serves it, and threads for both.
pub struct Site {
    pub archive: Archive,
    pub observatory: Arc<Observatory>,
    router: Router,
    threads: tokio::runtime::Runtime,
    pub dir: TempDir,
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    /// Without the places where long names may break.
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).expect("pages are UTF-8").replace("<wbr>", "")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// The demo world, made once.
pub fn demo() -> &'static Site {
    static DEMO: LazyLock<Site> = LazyLock::new(|| Site::new(simulated, Options::default()));
    &DEMO
}

/// Serves the demo world for as long as the tests run; gives its address.
pub fn served() -> String {
    let observatory = Observatory::open(demo().archive.clone(), loader(), Options::default()).unwrap();
    let (told, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        parallax_serve::serve(observatory, "127.0.0.1:0".parse().unwrap(), Access::Loopback, move |address| told.send(address).unwrap())
    });
    format!("http://{}", address.recv().unwrap())
}

impl Site {
    pub fn new(fill: impl FnOnce(&Path) -> Archive, options: Options) -> Self {
        let dir = TempDir::new().unwrap();
        let archive = fill(dir.path());
        let observatory = Arc::new(Observatory::open(archive.clone(), loader(), options).unwrap());
        let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self { archive, router: router(observatory.clone(), Access::Loopback), observatory, threads, dir }
    }

    pub fn engine(&self) -> Engine {
        Engine::open(&self.archive, &parallax_engine::Options::default()).unwrap()
    }

    /// Asks as a browser on this machine.
    pub fn at(&self, address: &str) -> Reply {
        self.ask(Request::get(address).header("host", "localhost:8420"))
    }

    /// A page that must be there.
    pub fn page(&self, address: &str) -> String {
        let reply = self.at(address);
        assert_eq!(reply.status, StatusCode::OK, "{address}: {}", reply.text());
        reply.text()
    }

    pub fn ask(&self, request: axum::http::request::Builder) -> Reply {
        self.ask_as(Access::Loopback, request)
    }

    pub fn ask_as(&self, access: Access, request: axum::http::request::Builder) -> Reply {
        let router = match access {
            Access::Loopback => self.router.clone(),
            access => router(self.observatory.clone(), access),
        };
        let request = request.body(Body::empty()).unwrap();
        self.threads.block_on(async {
            let response = router.oneshot(request).await.unwrap();
            let (head, body) = response.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
            Reply { status: head.status, headers: head.headers, bytes }
        })
    }
}

pub fn loader() -> LoadRefData {
    Box::new(|archive, snapshot| refdata::load_current(archive, snapshot).map_err(|error| error.to_string()))
}

/// The demo world: simulated, read and judged as `parallax demo` does it.
pub fn simulated(dir: &Path) -> Archive {
    let threads = NonZeroUsize::new(2).unwrap();
    let world = World::builtin("demo", None).unwrap();
    write_to_dir(&world, &dir.join("world"), threads, |_| {}).unwrap();
    let archive = Archive::open_or_create(dir.join("archive")).unwrap();
    for file in std::fs::read_dir(dir.join("world/refdata")).unwrap() {
        refdata::add(&archive, &file.unwrap().path()).unwrap();
    }
    let fingerprints = Arc::new(refdata::load_matcher(&archive, &archive.snapshot().unwrap()).unwrap());
    let inputs = input::expand(&[dir.join("world/raw")]).unwrap();
    let options = pipeline::Options { threads, keep_raw: true, fingerprints };
    pipeline::ingest(&archive, &inputs, &options, &pipeline::Silent).unwrap();
    let refdata = refdata::load_current(&archive, &archive.snapshot().unwrap()).unwrap();
    judge::judge(&archive, refdata, 2, &()).unwrap();
    events::detect(&archive, &parallax_engine::Options::default()).unwrap();
    archive
}

/// An archive of these raw records, judged with the reference data of the demo world. Without copies of what was read, unless `keep_raw`.
pub fn ingested(dir: &Path, records: &[String], keep_raw: bool) -> Archive {
    let archive = Archive::open_or_create(dir.join("archive")).unwrap();
    let world = World::builtin("demo", None).unwrap();
    let threads = NonZeroUsize::new(2).unwrap();
    write_to_dir(&world, &dir.join("world"), threads, |_| {}).unwrap();
    for file in std::fs::read_dir(dir.join("world/refdata")).unwrap() {
        refdata::add(&archive, &file.unwrap().path()).unwrap();
    }
    std::fs::create_dir_all(dir.join("raw")).unwrap();
    std::fs::write(dir.join("raw/records.jsonl"), records.join("\n") + "\n").unwrap();
    let fingerprints = Arc::new(refdata::load_matcher(&archive, &archive.snapshot().unwrap()).unwrap());
    let inputs = input::expand(&[dir.join("raw")]).unwrap();
    pipeline::ingest(&archive, &inputs, &pipeline::Options { threads, keep_raw, fingerprints }, &pipeline::Silent).unwrap();
    let refdata = refdata::load_current(&archive, &archive.snapshot().unwrap()).unwrap();
    judge::judge(&archive, refdata, 2, &()).unwrap();
    archive
}

/// An archive with these judgements and nothing else.
pub fn judged(dir: &Path, judgements: &[Judgement<'_>]) -> Archive {
    let archive = Archive::open_or_create(dir.join("archive")).unwrap();
    add(&archive, judgements);
    archive
}

pub fn add(archive: &Archive, judgements: &[Judgement<'_>]) {
    let mut rows = JudgementRows::default();
    judgements.iter().for_each(|judgement| rows.push(judgement));
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    stage.push(rows.take()).unwrap();
    writer.commit(stage, |_| {}).unwrap();
}

pub fn judgement<'a>(uid: &'a str, country: &'a str, target: &'a str, start: &str, state: State) -> Judgement<'a> {
    Judgement {
        measurement_uid: Cow::Borrowed(uid),
        probe_cc: Cow::Borrowed(country),
        probe_asn: Some(64500),
        measurement_start_time: start.parse::<Timestamp>().unwrap(),
        target: Cow::Borrowed(target),
        control: Cow::Borrowed("none"),
        state,
        ..Judgement::default()
    }
}
