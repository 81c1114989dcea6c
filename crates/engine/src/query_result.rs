//! The rows of a query, batch by batch, no faster than they are taken.
//!
//! The query runs on the engine's threads and hands its batches over through a short queue; whoever waits here does no work of the
//! query's, so that the time limit holds even while the query computes.

use std::sync::Arc;
use std::time::Instant;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use crate::engine::Shared;
use crate::{Error, Limits};

/// Batches that may wait to be taken: one being written, one ready.
const QUEUE: usize = 2;

/// An iterator over the batches of a result. Dropping it stops the query.
pub struct QueryResult {
    schema: SchemaRef,
    batches: Receiver<Result<RecordBatch, DataFusionError>>,
    task: JoinHandle<()>,
    shared: Arc<Shared>,
    limits: Limits,
    started: Instant,
    rows: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Running,
    Truncated,
    Ended,
}

impl QueryResult {
    pub(crate) fn new(shared: Arc<Shared>, stream: SendableRecordBatchStream, limits: Limits, started: Instant) -> Self {
        let (sender, batches) = channel(QUEUE);
        let schema = stream.schema();
        let task = shared.threads().spawn(pump(stream, sender));
        Self { schema, batches, task, shared, limits, started, rows: 0, state: State::Running }
    }

    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Rows handed out so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether rows were cut off because of [`Limits::rows`]. Known once the iterator has ended.
    pub fn is_truncated(&self) -> bool {
        self.state == State::Truncated
    }

    fn receive(&mut self) -> Option<Result<RecordBatch, Error>> {
        let (batches, limit) = (&mut self.batches, self.limits.time);
        let received = self.shared.wait(Box::pin(batches.recv()), limit, self.started);
        match received {
            Ok(None) => self.end(),
            Ok(Some(Ok(batch))) => Some(Ok(batch)),
            Ok(Some(Err(error))) => Some(Err(self.shared.error(&error))),
            Err(error) => Some(Err(error)),
        }
    }

    /// The queue is closed: because the query is done, or because it panicked, which must not look like a short result.
    fn end(&mut self) -> Option<Result<RecordBatch, Error>> {
        match self.shared.threads().block_on(&mut self.task) {
            Ok(()) => None,
            Err(panic) => Some(Err(Error::bug(panic))),
        }
    }

    /// Cuts the batch to the rows that are still allowed.
    fn cut(&mut self, batch: RecordBatch) -> RecordBatch {
        let left = self.limits.rows.map_or(usize::MAX, |limit| limit - self.rows);
        if batch.num_rows() > left {
            self.state = State::Truncated;
        }
        let batch = batch.slice(0, left.min(batch.num_rows()));
        self.rows += batch.num_rows();
        batch
    }
}

impl Iterator for QueryResult {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.state == State::Running {
            match self.receive() {
                None => self.state = State::Ended,
                Some(Err(error)) => {
                    self.state = State::Ended;
                    return Some(Err(error));
                }
                Some(Ok(batch)) => match self.cut(batch) {
                    empty if empty.num_rows() == 0 => {}
                    batch => return Some(Ok(batch)),
                },
            }
        }
        None
    }
}

impl Drop for QueryResult {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pump(mut stream: SendableRecordBatchStream, batches: Sender<Result<RecordBatch, DataFusionError>>) {
    while let Some(batch) = stream.next().await {
        if batches.send(batch).await.is_err() {
            return;
        }
    }
}
