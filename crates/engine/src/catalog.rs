//! The names that a query may use: every table of the archive, and the views over them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList, SchemaProvider, TableProvider,
};
use datafusion::datasource::ViewTable;
use datafusion::error::DataFusionError;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use parallax_archive::{DataFile, Snapshot};
use parallax_model::{Partitioning, Table, tables};

use crate::config::{CATALOG, SCHEMA};
use crate::table::ArchiveTable;
use crate::views::{self, View};
use crate::{Options, config, runtime};

/// The files of one table in one state of the archive.
pub struct TableFiles {
    pub table: &'static Table,
    pub files: Vec<File>,
}

/// One Parquet file, with what its manifest says about the rows in it.
#[derive(Clone, Debug, Default)]
pub struct File {
    pub path: PathBuf,
    pub bytes: u64,
    pub rows: u64,
    /// The `probe_cc` of every row, where they all have the same.
    pub country: Option<String>,
    /// The first and the last `measurement_start_time`, in microseconds since 1970.
    pub earliest: Option<i64>,
    pub latest: Option<i64>,
}

/// Every file that the manifest of this state names; no folder is listed.
pub fn files_of(snapshot: &Snapshot) -> Vec<TableFiles> {
    tables::ALL.iter().map(|table| TableFiles { table, files: files_of_table(snapshot, table) }).collect()
}

fn files_of_table(snapshot: &Snapshot, table: &'static Table) -> Vec<File> {
    let partitions = snapshot.partitions(table);
    let named = partitions.flat_map(|partition| snapshot.manifest().files(table, partition).iter().map(move |file| (partition, file)));
    let file = |((partition, file), path): ((&str, &DataFile), PathBuf)| File {
        path,
        bytes: file.bytes,
        rows: file.rows,
        country: country(partition, table.partitioning),
        earliest: file.earliest,
        latest: file.latest,
    };
    named.zip(snapshot.files(table)).map(file).collect()
}

/// The country that a partition's name vouches for. `ZZ` also takes the rows whose country is no country, so it vouches for nothing.
fn country(partition: &str, partitioning: Partitioning) -> Option<String> {
    let (country, _) = partition.split_once('/')?;
    (partitioning == Partitioning::CountryWeek && country != "ZZ").then(|| country.to_owned())
}

/// An archive in which there is nothing yet.
pub fn no_files() -> Vec<TableFiles> {
    tables::ALL.iter().map(|table| TableFiles { table, files: Vec::new() }).collect()
}

/// A session that knows the tables and views; nothing has been read yet.
pub fn session(files: Vec<TableFiles>, options: &Options) -> Result<SessionState, DataFusionError> {
    let environment = runtime::environment(options.memory_bytes)?;
    let tables: Tables = files.into_iter().map(|files| (files.table.name, Arc::new(ArchiveTable::new(files)))).collect();
    let mut session = SessionStateBuilder::new_with_default_features()
        .with_config(config::session(options.threads))
        .with_runtime_env(Arc::new(environment))
        .with_catalog_list(catalogs(Names { tables: tables.clone(), planner: None })?)
        .build();
    // Views are planned by a session that knows the tables and no view, so that no view can contain itself.
    let names = Names { tables, planner: Some(session.clone()) };
    session.register_catalog_list(catalogs(names)?);
    Ok(session)
}

fn catalogs(names: Names) -> Result<Arc<dyn CatalogProviderList>, DataFusionError> {
    let (catalogs, catalog) = (MemoryCatalogProviderList::new(), MemoryCatalogProvider::new());
    catalog.register_schema(SCHEMA, Arc::new(names))?;
    catalogs.register_catalog(CATALOG.to_owned(), Arc::new(catalog));
    Ok(Arc::new(catalogs))
}

type Tables = BTreeMap<&'static str, Arc<ArchiveTable>>;

/// Tables, and views that are planned when a query names them: planning them all would take longer than most queries.
struct Names {
    tables: Tables,
    planner: Option<SessionState>,
}

impl Names {
    fn views(&self) -> &'static [&'static View] {
        self.planner.as_ref().map_or(&[], |_| views::ALL)
    }

    async fn view(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let Some(planner) = &self.planner else { return Ok(None) };
        let Some(view) = views::find(name) else { return Ok(None) };
        let plan = planner.create_logical_plan(view.query()).await?;
        Ok(Some(Arc::new(ViewTable::new(plan, Some(view.query().to_owned())))))
    }
}

#[async_trait]
impl SchemaProvider for Names {
    fn table_names(&self) -> Vec<String> {
        self.tables.keys().copied().chain(self.views().iter().map(|view| view.name)).map(str::to_owned).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        match self.tables.get(name) {
            Some(table) => Ok(Some(table.clone())),
            None => self.view(name).await,
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        self.tables.contains_key(name) || self.views().iter().any(|view| view.name == name)
    }
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.table_names()).finish()
    }
}
