//! What can go wrong before anybody has asked anything.

/// Each message fits after "could not open the observatory: ".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Archive(#[from] parallax_archive::Error),
    #[error(transparent)]
    Engine(#[from] parallax_engine::Error),
    #[error("the reference data could not be read: {0}")]
    RefData(String),
    #[error("{address} cannot be listened on: {error}; choose another with `--listen`")]
    Listen { address: std::net::SocketAddr, error: std::io::Error },
    #[error(
        "{address} can be reached by others; name a `--token-file` that they must know, or say `--public` to show pages and no SQL to everybody"
    )]
    Unprotected { address: std::net::SocketAddr },
    #[error("the token has {0} characters; use at least {least}, such as from `openssl rand -hex 24`", least = crate::access::SHORTEST_TOKEN)]
    ShortToken(usize),
}
