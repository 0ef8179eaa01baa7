//! Columns of lists that Arrow's own builders make clumsy: attributes, events, links, each a list of structs.

mod attributes;
mod events;
mod links;

pub use attributes::{AttributesBuilder, AttributesReader, attribute_fields};
pub use events::{EventsBuilder, EventsReader, event_fields};
pub use links::{LinksBuilder, LinksReader, link_fields};

use datafusion::arrow::array::{Array, ListArray, StructArray};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::arrow::error::ArrowError;
use std::ops::Range;
use std::sync::Arc;

/// The type of a list of structs.
pub fn list_of(fields: Fields) -> DataType {
    DataType::List(Arc::new(Field::new("element", DataType::Struct(fields), false)))
}

/// Puts the columns of all elements and the number of elements of each row together to a list column.
fn list(
    fields: Fields,
    columns: Vec<Arc<dyn Array>>,
    lengths: impl IntoIterator<Item = usize>,
) -> Result<ListArray, ArrowError> {
    let elements = StructArray::try_new(fields.clone(), columns, None)?;
    let element = Arc::new(Field::new("element", DataType::Struct(fields), false));
    ListArray::try_new(element, OffsetBuffer::from_lengths(lengths), Arc::new(elements), None)
}

/// The elements of a list column, and where a row's begin and end among them.
struct Elements<'a> {
    list: &'a ListArray,
    elements: &'a StructArray,
}

impl<'a> Elements<'a> {
    fn new(column: &'a dyn Array) -> Option<Self> {
        let list = column.as_any().downcast_ref::<ListArray>()?;
        Some(Self { list, elements: list.values().as_any().downcast_ref()? })
    }

    fn column<T: 'static>(&self, name: &str) -> Option<&'a T> {
        self.elements.column_by_name(name)?.as_any().downcast_ref()
    }

    fn lists(&self, name: &str) -> Option<&'a dyn Array> {
        self.elements.column_by_name(name).map(|column| column.as_ref())
    }

    fn range(&self, row: usize) -> Range<usize> {
        let offsets = self.list.value_offsets();
        offsets[row] as usize..offsets[row + 1] as usize
    }
}
