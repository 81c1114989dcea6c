//! The Parquet files of a partition: how rows are cut into files, and how they are read back.
//!
//! **Invariant:** the bytes are a pure function of the sequence of rows. So every property of the writer is set here, none is left to
//! a default that a new version of the library may change, and nothing that varies (clock, host, version of this program) is in a file.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef, TimestampMicrosecondType};
use parallax_model::Table;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::batches::{BATCH_ROWS, CutBatch};
use crate::disk::DigestedFile;
use crate::limits::Limits;
use crate::lock::ReaderLock;
use crate::manifest::DataFile;
use crate::{Error, layout};

/// Rows in a batch that is read for somebody else.
const READ_ROWS: usize = 8192;
/// Bytes that a batch should not exceed when its rows are as long as others of their row group.
const READ_BYTES: usize = 4 << 20;

const ZSTD_LEVEL: i32 = 1;
const PAGE_BYTES: usize = 1 << 20;
const PAGE_ROWS: usize = 20_000;
/// The columns, beside the sort key, that rows are worth passing over for. Values of others follow each other in no order, and the least
/// and the greatest of many rows say nothing; to find them costs a thirtieth of `ingest`.
const PASSED_OVER_BY: &[&str] = &["measurement_start_time", "probe_cc", "probe_asn"];
/// Longest beginning of a text that is kept as the least or greatest of a page or a row group.
const STATISTICS_BYTES: usize = 64;
/// The columns that somebody looks a single row up by, in files that are not sorted by them.
const LOOKED_UP_BY: &[&str] = &["measurement_uid"];
/// How often a row group is read in vain when it is looked up.
const LOOKUP_ERROR_RATE: f64 = 0.01;

/// A file of the next manifest, and where it lies now.
#[derive(Clone)]
pub struct PlacedFile {
    pub file: DataFile,
    pub at: PathBuf,
}

/// Writes the rows of one partition into files.
pub struct PartitionWriter<'a> {
    folder: &'a Path,
    table: &'static Table,
    partition: String,
    /// Where a file lies until its digest is known. Partitions are written beside each other.
    unfinished: PathBuf,
    limits: Limits,
    time: Option<usize>,
    current: Option<FileWriter>,
    finished: Vec<PlacedFile>,
}

struct FileWriter {
    parquet: ArrowWriter<DigestedFile>,
    path: PathBuf,
    rows: usize,
    group_rows: usize,
    group_bytes: usize,
    groups: usize,
    earliest: Option<i64>,
    latest: Option<i64>,
}

impl<'a> PartitionWriter<'a> {
    /// Files are written into `folder`, under names that say what is in them.
    pub fn new(folder: &'a Path, table: &'static Table, partition: String, limits: Limits) -> Self {
        let time = table.schema().index_of("measurement_start_time").ok();
        let unfinished = folder.join(format!("{}-{}.unfinished", table.name, partition.replace('/', "-")));
        Self { folder, table, partition, unfinished, limits, time, current: None, finished: Vec::new() }
    }

    pub fn write(&mut self, cut: &CutBatch) -> Result<(), Error> {
        let writer = match &mut self.current {
            Some(writer) => writer,
            none => none.insert(FileWriter::create(self.unfinished.clone(), self.table)?),
        };
        writer.write(cut, self.time)?;
        if writer.group_rows >= self.limits.group_rows || writer.group_bytes >= self.limits.group_bytes {
            writer.end_group()?;
        }
        match writer.groups >= self.limits.file_groups {
            true => self.finish_file(),
            false => Ok(()),
        }
    }

    /// Writes all that comes, and finishes.
    pub fn write_all(mut self, rows: impl IntoIterator<Item = CutBatch>) -> Result<Vec<PlacedFile>, Error> {
        rows.into_iter().try_for_each(|cut| self.write(&cut))?;
        self.finish()
    }

    pub fn finish(mut self) -> Result<Vec<PlacedFile>, Error> {
        self.finish_file()?;
        Ok(self.finished)
    }

    fn finish_file(&mut self) -> Result<(), Error> {
        let Some(writer) = self.current.take() else { return Ok(()) };
        let (rows, earliest, latest) = (writer.rows as u64, writer.earliest, writer.latest);
        let (unfinished, sha256, bytes) = writer.finish()?;
        let path = layout::data_file(self.table.name, &self.partition, &sha256);
        // One partition never holds two equal files, but two partitions of two tables may meet in this folder.
        let at = self.folder.join(format!("{}-{sha256}.parquet", self.table.name));
        fs::rename(&unfinished, &at).map_err(|error| Error::writing(&at, error))?;
        self.finished.push(PlacedFile { file: DataFile { path, sha256, rows, bytes, earliest, latest }, at });
        Ok(())
    }
}

impl FileWriter {
    fn create(path: PathBuf, table: &Table) -> Result<Self, Error> {
        let file = DigestedFile::create(path.clone())?;
        let parquet = ArrowWriter::try_new(file, table.schema(), Some(properties(table))).map_err(|error| Error::writing(&path, error))?;
        Ok(Self { parquet, path, rows: 0, group_rows: 0, group_bytes: 0, groups: 0, earliest: None, latest: None })
    }

    fn write(&mut self, cut: &CutBatch, time: Option<usize>) -> Result<(), Error> {
        let batch = &cut.batch;
        self.parquet.write(batch).map_err(|error| Error::writing(&self.path, error))?;
        if let Some(times) = time.map(|column| batch.column(column).as_primitive::<TimestampMicrosecondType>()) {
            self.earliest = arrow::compute::min(times).into_iter().chain(self.earliest).min();
            self.latest = arrow::compute::max(times).into_iter().chain(self.latest).max();
        }
        self.rows += batch.num_rows();
        self.group_rows += batch.num_rows();
        self.group_bytes += cut.bytes;
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), Error> {
        self.parquet.flush().map_err(|error| Error::writing(&self.path, error))?;
        (self.group_rows, self.group_bytes) = (0, 0);
        self.groups += 1;
        Ok(())
    }

    fn finish(self) -> Result<(PathBuf, String, u64), Error> {
        let file = self.parquet.into_inner().map_err(|error| Error::writing(&self.path, error))?;
        let (sha256, bytes) = file.finish()?;
        Ok((self.path, sha256, bytes))
    }
}

fn properties(table: &Table) -> WriterProperties {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).expect("3 is a level of zstd");
    let mut properties = WriterProperties::builder()
        .set_created_by("parallax".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(level))
        .set_dictionary_enabled(true)
        .set_dictionary_page_size_limit(PAGE_BYTES)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(BATCH_ROWS)
        // Row groups end where this file says, never where the library thinks.
        .set_max_row_group_row_count(None)
        .set_max_row_group_bytes(None)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_statistics_truncate_length(Some(STATISTICS_BYTES))
        .set_column_index_truncate_length(Some(STATISTICS_BYTES));
    for field in table.schema().fields() {
        let column = ColumnPath::from(field.name().as_str());
        if LOOKED_UP_BY.contains(&field.name().as_str()) {
            properties = properties
                .set_column_bloom_filter_fpp(column.clone(), LOOKUP_ERROR_RATE)
                .set_column_bloom_filter_max_ndv(column.clone(), Limits::USUAL.group_rows as u64);
        }
        // Hardly one is like another.
        if matches!(field.data_type(), DataType::Binary | DataType::Float64) {
            properties = properties.set_column_dictionary_enabled(column.clone(), false);
        }
        if table.sort_key.iter().chain(PASSED_OVER_BY).any(|name| name == field.name()) {
            properties = properties.set_column_statistics_enabled(column, EnabledStatistics::Page);
        }
    }
    properties.build()
}

/// The rows of one partition in their order, file by file, in batches of at most 8192 rows.
pub struct PartitionReader {
    schema: SchemaRef,
    batch_rows: usize,
    columns: Wanted,
    files: VecDeque<PathBuf>,
    groups: Option<GroupReader>,
    /// Files are opened one after the other, so they must stay until the last is.
    _lock: Option<Arc<ReaderLock>>,
}

/// The names of the columns that somebody wants, or `None` for all.
type Wanted = Option<&'static [&'static str]>;

/// Reads a file one row group after the other, so that no batch is larger than a row group may be.
struct GroupReader {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
    next_group: usize,
    rows: Option<ParquetRecordBatchReader>,
}

impl PartitionReader {
    pub(crate) fn new(table: &Table, files: impl IntoIterator<Item = PathBuf>, lock: Option<Arc<ReaderLock>>) -> Self {
        Self { schema: table.schema(), batch_rows: READ_ROWS, columns: None, files: files.into_iter().collect(), groups: None, _lock: lock }
    }

    /// Gives smaller batches, for whoever reads many things at once.
    pub(crate) fn with_batch_rows(self, batch_rows: usize) -> Self {
        Self { batch_rows, ..self }
    }

    /// Gives some of the columns only.
    pub(crate) fn with_columns(self, columns: &'static [&'static str]) -> Self {
        Self { columns: Some(columns), ..self }
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Error> {
        loop {
            if let Some(groups) = &mut self.groups {
                match groups.next_batch(self.batch_rows, self.columns)? {
                    Some(batch) => return Ok(Some(batch)),
                    None => self.groups = None,
                }
            }
            let Some(path) = self.files.pop_front() else { return Ok(None) };
            self.groups = Some(GroupReader::open(path, &self.schema)?);
        }
    }
}

impl Iterator for PartitionReader {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_batch();
        if next.is_err() {
            self.groups = None;
            self.files.clear();
        }
        next.transpose()
    }
}

impl GroupReader {
    fn open(path: PathBuf, schema: &SchemaRef) -> Result<Self, Error> {
        let file = File::open(&path).map_err(|error| Error::disk("open", &path, error))?;
        // The offset index says how long the texts of a column are.
        let options = ArrowReaderOptions::default().with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(|error| Error::reading(&path, error))?;
        if metadata.schema().fields() != schema.fields() {
            return Err(Error::Damaged { path, reason: "its columns are not those of the table".into() });
        }
        Ok(Self { path, file, metadata, next_group: 0, rows: None })
    }

    fn next_batch(&mut self, batch_rows: usize, columns: Wanted) -> Result<Option<RecordBatch>, Error> {
        loop {
            if let Some(rows) = &mut self.rows
                && let Some(batch) = rows.next()
            {
                return batch.map(Some).map_err(|error| Error::reading(&self.path, error));
            }
            if self.next_group == self.metadata.metadata().num_row_groups() {
                return Ok(None);
            }
            self.rows = Some(self.open_group(batch_rows, columns)?);
            self.next_group += 1;
        }
    }

    fn open_group(&self, batch_rows: usize, columns: Wanted) -> Result<ParquetRecordBatchReader, Error> {
        let file = self.file.try_clone().map_err(|error| Error::disk("open", &self.path, error))?;
        let batch_rows = batch_rows.min(rows_in_bytes(self.metadata.metadata(), self.next_group, READ_BYTES));
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        let mask = columns.map_or_else(ProjectionMask::all, |columns| ProjectionMask::columns(schema, columns.iter().copied()));
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
            .with_row_groups(vec![self.next_group])
            .with_batch_size(batch_rows)
            .with_projection(mask)
            .build()
            .map_err(|error| Error::reading(&self.path, error))
    }
}

/// How many rows of a group take so many bytes of memory, on average; at least one.
fn rows_in_bytes(file: &ParquetMetaData, number: usize, bytes: usize) -> usize {
    let group = file.row_group(number);
    let pages = file.offset_index().and_then(|groups| groups.get(number)).into_iter().flatten();
    let of_pages = pages
        .filter_map(|column| column.unencoded_byte_array_data_bytes())
        .flatten()
        .fold(0, |sum, bytes| i64::saturating_add(sum, *bytes));
    // Files of before say it of columns; who means ill may say it in one place only.
    let of_columns = group.columns().iter().filter_map(|column| column.unencoded_byte_array_data_bytes()).fold(0, i64::saturating_add);
    let texts = of_pages.max(of_columns);
    let (texts, rows) = (usize::try_from(texts).unwrap_or(0), usize::try_from(group.num_rows()).unwrap_or(0).max(1));
    (bytes / (texts / rows + group.num_columns()).max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use parallax_model::tables::{Measurement, MeasurementRows};
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;
    use crate::tests::rows::{crumbs, pieces};

    #[test]
    fn rows_that_are_long_are_read_a_few_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut rows = MeasurementRows::default();
        for number in 0..200u32 {
            let input = "long ".repeat(20_000).into();
            rows.push(&Measurement { measurement_uid: format!("{number:03}").into(), input: Some(input), ..Measurement::default() });
        }
        let rows = rows.take();
        let mut writer = PartitionWriter::new(dir.path(), rows.table(), "ZZ/1969-12-29".into(), Limits::USUAL);
        writer.write(&CutBatch { bytes: rows.bytes(), batch: rows.to_batch() }).unwrap();
        let files = writer.finish().unwrap().into_iter().map(|placed| placed.at);
        let batches: Vec<RecordBatch> = PartitionReader::new(rows.table(), files, None).map(Result::unwrap).collect();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 200);
        assert!(batches.iter().all(|batch| batch.num_rows() * 100_000 <= READ_BYTES), "{} batches", batches.len());
    }

    #[test]
    fn a_file_says_nothing_about_the_program_that_wrote_it_and_can_be_searched_for_a_measurement() {
        let dir = tempfile::tempdir().unwrap();
        let (table, rows) = (Measurement::TABLE_INFO, crumbs(&pieces(0..1)).remove(0));
        let mut writer = PartitionWriter::new(dir.path(), table, "XA/2024-02-12".into(), Limits::USUAL);
        writer.write(&CutBatch { bytes: rows.bytes(), batch: rows.to_batch() }).unwrap();
        let file = writer.finish().unwrap().remove(0);
        let reader = SerializedFileReader::new(File::open(&file.at).unwrap()).unwrap();
        let metadata = reader.metadata().file_metadata();
        assert_eq!(metadata.created_by(), Some("parallax"));
        let keys: Vec<&str> = metadata.key_value_metadata().unwrap().iter().map(|pair| pair.key.as_str()).collect();
        assert_eq!(keys, ["ARROW:schema"]);
        let column = reader.metadata().row_group(0).column(table.schema().index_of("measurement_uid").unwrap());
        assert!(column.bloom_filter_offset().is_some());
        assert!(column.bloom_filter_length().unwrap() < 100, "a small row group has a small filter");
    }
}
