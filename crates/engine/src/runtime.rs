//! Where queries run and what they may touch: threads of their own, a share of memory, a place to spill, and one object store.

use std::sync::Arc;

use datafusion::error::{DataFusionError, Result};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::object_store::{ObjectStoreRegistry, ObjectStoreUrl};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::object_store::ObjectStore;
use datafusion::object_store::local::LocalFileSystem;
use url::Url;

/// What all running queries together may spill to disk before they fail: enough to sort a large archive, not enough to fill a disk unseen.
const MAX_SPILL_BYTES: u64 = 16 * 1024 * 1024 * 1024;

/// Stack of a thread that plans queries. Plans are trees walked by recursion, and an unoptimised build has wide frames: this holds four
/// times what the deepest query that [`crate::read_only`] lets through takes. Only what is used becomes real memory.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// The scheme of the one store. Nobody can type it into a query: no statement that the engine lets through takes a URL.
const STORE_URL: &str = "parallax-archive://";

/// Threads of their own, so that a heavy query never starves whoever waits for it.
pub fn threads(count: usize) -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(count)
        .thread_name("parallax-query")
        .thread_stack_size(STACK_BYTES)
        .enable_time()
        .build()
}

/// Memory is shared fairly among the operators that can spill, so that one sort cannot starve another.
pub fn environment(memory_bytes: usize) -> Result<RuntimeEnv> {
    let spill = DiskManagerBuilder::default().with_mode(DiskManagerMode::OsTmpDirectory).with_max_temp_directory_size(MAX_SPILL_BYTES);
    RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(memory_bytes)))
        .with_disk_manager_builder(spill)
        .with_object_store_registry(Arc::new(OneStore(Arc::new(LocalFileSystem::new()))))
        .build()
}

pub fn store_url() -> ObjectStoreUrl {
    ObjectStoreUrl::parse(STORE_URL).expect("the constant is a URL")
}

/// A registry with the archive's files and nothing else: no `file:`, no `http:`, and nothing can be added.
#[derive(Debug)]
struct OneStore(Arc<dyn ObjectStore>);

impl ObjectStoreRegistry for OneStore {
    fn register_store(&self, _url: &Url, _store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        None
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        match url.scheme() == "parallax-archive" {
            true => Ok(self.0.clone()),
            false => Err(DataFusionError::Plan(format!("the engine reads its archive and nothing else, not {url}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_and_no_url_can_be_reached_but_the_archive() {
        let registry = OneStore(Arc::new(LocalFileSystem::new()));
        assert!(registry.get_store(store_url().as_ref()).is_ok());
        for url in ["file:///etc/passwd", "https://example.com/", "s3://bucket/"] {
            registry.register_store(&Url::parse(url).unwrap(), Arc::new(LocalFileSystem::new()));
            assert!(registry.get_store(&Url::parse(url).unwrap()).is_err(), "{url}");
        }
    }
}
