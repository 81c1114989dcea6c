//! A few rows that do not come from a query, in the same shape as those that do: so everything is printed in one way.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow::datatypes::{Field, Schema};

use super::{Format, print_page, print_rows};
use crate::failure::Failure;

/// Columns being gathered; all must have the same length.
#[derive(Default)]
pub struct Listing {
    columns: Vec<(&'static str, ArrayRef)>,
}

impl Listing {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn text<T: Into<String>>(self, name: &'static str, values: impl IntoIterator<Item = T>) -> Self {
        self.optional_text(name, values.into_iter().map(Some))
    }

    pub fn optional_text<T: Into<String>>(self, name: &'static str, values: impl IntoIterator<Item = Option<T>>) -> Self {
        let values: StringArray = values.into_iter().map(|value| value.map(Into::into)).collect();
        self.column(name, Arc::new(values))
    }

    pub fn number(self, name: &'static str, values: impl IntoIterator<Item = u64>) -> Self {
        self.column(name, Arc::new(UInt64Array::from_iter_values(values)))
    }

    pub fn fraction(self, name: &'static str, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        self.column(name, Arc::new(values.into_iter().collect::<Float64Array>()))
    }

    pub fn truth(self, name: &'static str, values: impl IntoIterator<Item = bool>) -> Self {
        self.column(name, Arc::new(BooleanArray::from(values.into_iter().collect::<Vec<_>>())))
    }

    fn column(mut self, name: &'static str, values: ArrayRef) -> Self {
        self.columns.push((name, values));
        self
    }

    pub fn print(self, format: Format) -> Result<usize, Failure> {
        let batch = self.batch();
        let schema = batch.schema();
        print_rows(&mut std::iter::once(Ok(batch)), &schema, format)
    }

    /// Prints what is to be read as documentation.
    pub fn print_page(self, format: Format) -> Result<usize, Failure> {
        let batch = self.batch();
        let schema = batch.schema();
        print_page(&mut std::iter::once(Ok(batch)), &schema, format)
    }

    fn batch(self) -> RecordBatch {
        let fields: Vec<_> = self.columns.iter().map(|(name, values)| Field::new(*name, values.data_type().clone(), true)).collect();
        let columns = self.columns.into_iter().map(|(_, values)| values).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("every column has a value for every row")
    }
}
