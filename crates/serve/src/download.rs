//! Rows as a file that is sent while it is made: CSV, JSON lines or Parquet, with whatever batches there are.

use std::io::{self, Write};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use axum::body::{Body, Bytes};
use parallax_engine::write::{self, Format};
use parallax_engine::{Error, QueryResult};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::gate::Turn;

/// Bytes that are sent together.
const CHUNK: usize = 64 * 1024;
/// Chunks that may wait to be sent: a megabyte a download.
const QUEUE: usize = 16;
/// A reader who takes nothing for so long is given up, so that others get a turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// The forms of a file, each with the ending of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Csv,
    JsonLines,
    Parquet,
}

impl Form {
    pub const ALL: &[Form] = &[Self::Csv, Self::JsonLines, Self::Parquet];

    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Parquet => "parquet",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::JsonLines => "JSON lines",
            Self::Parquet => "Parquet",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    pub fn of_ending(ending: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|form| form.ending() == ending)
    }

    fn format(self) -> Format {
        match self {
            Self::Csv => Format::Csv,
            Self::JsonLines => Format::JsonLines,
            Self::Parquet => Format::Parquet,
        }
    }
}

pub struct Download {
    pub form: Form,
    /// Without its ending; letters and `-` only.
    pub name: &'static str,
    schema: SchemaRef,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, Error>> + Send>,
    turn: Option<Turn>,
}

impl Download {
    pub fn of_query(name: &'static str, form: Form, result: QueryResult) -> Self {
        Self { form, name, schema: result.schema(), batches: Box::new(result), turn: None }
    }

    pub fn of_batches(
        name: &'static str,
        form: Form,
        schema: SchemaRef,
        batches: impl Iterator<Item = Result<RecordBatch, Error>> + Send + 'static,
    ) -> Self {
        Self { form, name, schema, batches: Box::new(batches), turn: None }
    }

    /// Ends the turn with the last row.
    pub fn holding(self, turn: Turn) -> Self {
        Self { turn: Some(turn), ..self }
    }

    pub fn disposition(&self) -> String {
        format!("attachment; filename=\"parallax-{}.{}\"", self.name, self.form.ending())
    }

    /// Starts to write. What goes wrong on the way cuts the connection, so that nobody takes a part for the whole.
    pub fn into_body(self) -> Body {
        let (sender, receiver) = channel(QUEUE);
        let handle = Handle::current();
        tokio::task::spawn_blocking(move || {
            let Self { form, schema, mut batches, turn, .. } = self;
            let mut pipe = Pipe { sender, handle, chunk: Vec::with_capacity(CHUNK) };
            if let Err(error) = write::write(&mut batches, &schema, form.format(), &mut pipe) {
                pipe.fail(&error);
            }
            drop(turn);
        });
        Body::from_stream(futures::stream::unfold(receiver, next))
    }
}

async fn next(mut receiver: Receiver<io::Result<Bytes>>) -> Option<(io::Result<Bytes>, Receiver<io::Result<Bytes>>)> {
    receiver.recv().await.map(|chunk| (chunk, receiver))
}

/// Writes into the queue, and waits while it is full.
struct Pipe {
    sender: Sender<io::Result<Bytes>>,
    handle: Handle,
    chunk: Vec<u8>,
}

impl Pipe {
    fn send(&mut self, chunk: io::Result<Bytes>) -> io::Result<()> {
        let sent = self.handle.block_on(async { tokio::time::timeout(PATIENCE, self.sender.send(chunk)).await });
        match sent {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn fail(&mut self, error: &Error) {
        let _ = self.send(Err(io::Error::other(error.to_string())));
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match std::mem::take(&mut self.chunk) {
            chunk if chunk.is_empty() => Ok(()),
            chunk => self.send(Ok(chunk.into())),
        }
    }
}
