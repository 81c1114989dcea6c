//! Connections: how many, how long, and how they end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::access::Access;
use crate::error::Error;
use crate::{Observatory, router};

/// Connections at once: browsers open six each.
const MOST_CONNECTIONS: usize = 256;
/// Time for the headers of a request, and for the next request on a connection that is kept.
const HEADER_TIME: Duration = Duration::from_secs(15);
/// The longest that a connection lives: the longest download over a slow line.
const CONNECTION_TIME: Duration = Duration::from_secs(15 * 60);
/// Bytes of a request's head: room for the longest query in a URL that browsers send.
const HEAD_BYTES: usize = 64 * 1024;
/// How often the archive is looked at for something new.
const REFRESH: Duration = Duration::from_secs(5);
/// What who comes to a full house is told, without reading what they ask.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Serves until Ctrl-C. `started` is told where.
pub fn serve(observatory: Observatory, address: SocketAddr, access: Access, started: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    let listen = |error| Error::Listen { address, error };
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(listen)?;
    let observatory = Arc::new(observatory);
    threads.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        started(listener.local_addr().map_err(listen)?);
        tokio::spawn(watch(observatory.clone()));
        tokio::select! {
            () = accept(listener, router(observatory, access)) => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        Ok::<(), Error>(())
    })?;
    // A query that still runs is given up.
    threads.shutdown_background();
    Ok(())
}

/// Takes new states of the archive; what cannot be read now is tried again.
async fn watch(observatory: Arc<Observatory>) {
    loop {
        tokio::time::sleep(REFRESH).await;
        let observatory = observatory.clone();
        let refreshed = tokio::task::spawn_blocking(move || observatory.refresh()).await;
        if let Ok(Err(error)) = refreshed {
            eprintln!("the archive could not be read again: {error}");
        }
    }
}

pub(crate) async fn accept(listener: TcpListener, router: Router) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        // An error is the other side's, or a shortage that passes.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = room.clone().try_acquire_owned() else {
            let _ = stream.try_write(FULL);
            continue;
        };
        let router = router.clone();
        tokio::spawn(async move {
            let _ = tokio::time::timeout(CONNECTION_TIME, connection(stream, router)).await;
            drop(place);
        });
    }
}

/// An error of a connection is the other side's: it closed, was too slow, or sent no HTTP.
async fn connection(stream: TcpStream, router: Router) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_buf_size(HEAD_BYTES);
    let _ = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await;
}
