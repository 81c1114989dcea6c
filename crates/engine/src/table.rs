//! One table of the archive for DataFusion: a list of Parquet files, each with what the manifest says about its rows.
//!
//! It is our own and not DataFusion's listing table, because the manifest already knows every file with its size and row count: no
//! folder is listed, no file is opened to plan a query, and a file that cannot hold a row of the answer is left out.

use std::path::Path as FilePath;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::object_store::path::Path as StorePath;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use crate::catalog::{File, TableFiles};
use crate::{pruning, runtime};

#[derive(Debug)]
pub struct ArchiveTable {
    files: Vec<File>,
    schema: SchemaRef,
}

impl ArchiveTable {
    pub fn new(TableFiles { table, files }: TableFiles) -> Self {
        Self { files, schema: table.schema() }
    }

    /// The files that can hold rows which pass all of `filters`.
    fn candidates(&self, session: &dyn Session, filters: &[Expr]) -> Result<Vec<&File>> {
        let Some(filter) = conjunction(filters.to_vec()) else { return Ok(self.files.iter().collect()) };
        let predicate = session.create_physical_expr(filter, &DFSchema::try_from(self.schema.clone())?)?;
        pruning::keep(&self.files, predicate, &self.schema)
    }

    /// Whole files shared out to the threads; DataFusion splits large ones further.
    fn groups(&self, files: &[&File], threads: usize) -> Result<Vec<FileGroup>> {
        let files = files.iter().map(|file| self.partitioned(file)).collect::<Result<Vec<_>>>()?;
        Ok(FileGroup::new(files).split_files(threads))
    }

    fn partitioned(&self, file: &File) -> Result<PartitionedFile> {
        let location = store_path(&file.path)?;
        let mut partitioned = PartitionedFile::new("", file.bytes);
        partitioned.object_meta.location = location;
        Ok(partitioned.with_statistics(Arc::new(self.row_count(file.rows))))
    }

    fn row_count(&self, rows: u64) -> Statistics {
        Statistics::new_unknown(&self.schema).with_num_rows(Precision::Exact(rows as usize))
    }
}

#[async_trait]
impl TableProvider for ArchiveTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(self.row_count(self.files.iter().map(|file| file.rows).sum()))
    }

    /// Every filter helps to leave files, row groups and pages out; none is applied row by row here.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let files = self.candidates(session, filters)?;
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(datafusion::common::project_schema(&self.schema, projection)?)));
        }
        let store = session.runtime_env().object_store(runtime::store_url())?;
        let footers = session.runtime_env().cache_manager.get_file_metadata_cache();
        let source = ParquetSource::new(self.schema.clone())
            .with_table_parquet_options(session.table_options().parquet.clone())
            .with_parquet_file_reader_factory(Arc::new(CachedParquetFileReaderFactory::new(store, footers)));
        let rows = files.iter().map(|file| file.rows).sum();
        let scan = FileScanConfigBuilder::new(runtime::store_url(), Arc::new(source))
            .with_file_groups(self.groups(&files, session.config().target_partitions())?)
            .with_statistics(self.row_count(rows))
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(scan))
    }
}

fn store_path(path: &FilePath) -> Result<StorePath> {
    StorePath::from_absolute_path(path).map_err(|error| DataFusionError::External(Box::new(error)))
}
