//! What statements bring.

use bytes::Bytes;

use super::fault::Fault;

/// One row, read as a whole.
#[derive(Debug)]
pub(super) struct Row(pub(super) Vec<Cell>);

#[derive(Debug)]
pub(super) enum Cell {
    Nothing,
    Integer(i64),
    Text(String),
    Bytes(Bytes),
}

impl Row {
    /// The value at this place.
    ///
    /// # Errors
    /// [`Fault::Column`]: there is none, or it is no `T`.
    pub(super) fn get<T: FromCell>(&self, index: usize) -> Result<T, Fault> {
        self.0.get(index).and_then(T::from_cell).ok_or(Fault::Column { index })
    }
}

/// What a cell may be read as.
pub(super) trait FromCell: Sized {
    /// `None`: the cell is something else.
    fn from_cell(cell: &Cell) -> Option<Self>;
}

impl FromCell for i64 {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Integer(number) = cell { Some(*number) } else { None }
    }
}

/// Numbers of other widths, where they fit.
macro_rules! narrower {
    ($($type:ty),*) => {
        $(impl FromCell for $type {
            fn from_cell(cell: &Cell) -> Option<Self> {
                i64::from_cell(cell)?.try_into().ok()
            }
        })*
    };
}
narrower!(u8, u16, u32, u64);

impl FromCell for String {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Text(text) = cell { Some(text.clone()) } else { None }
    }
}

impl FromCell for Bytes {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Bytes(bytes) = cell { Some(bytes.clone()) } else { None }
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Nothing = cell { Some(None) } else { T::from_cell(cell).map(Some) }
    }
}
