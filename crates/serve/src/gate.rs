//! A limit on what runs at once, and on who waits for it: whoever comes to a full house is told to come back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lets a few through at a time.
#[derive(Clone, Debug)]
pub struct Gate {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// There is no room, and nobody is waited for: HTTP 503.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// The longest that a request waits for its turn. A person gives up at about ten seconds.
const PATIENCE: Duration = Duration::from_secs(8);

impl Gate {
    pub fn new(running: usize, waiting: usize) -> Self {
        Self { running: Arc::new(Semaphore::new(running)), waiting: Arc::new(Semaphore::new(running + waiting)) }
    }

    /// Waits for a turn, which lasts as long as the permit lives.
    pub async fn enter(&self) -> Result<Turn, Full> {
        let place = self.waiting.clone().try_acquire_owned().map_err(|_| Full)?;
        let turn = tokio::time::timeout(PATIENCE, self.running.clone().acquire_owned()).await;
        match turn {
            Ok(Ok(turn)) => Ok(Turn { _turn: turn, _place: place }),
            _ => Err(Full),
        }
    }
}

#[derive(Debug)]
pub struct Turn {
    _turn: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_house_turns_away_and_recovers() {
        let gate = Gate::new(1, 1);
        let first = gate.enter().await.unwrap();
        let second = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.map(drop) }
        });
        while gate.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.enter().await.map(drop), Err(Full));
        drop(first);
        assert_eq!(second.await.unwrap(), Ok(()));
        assert!(gate.enter().await.is_ok());
    }
}
