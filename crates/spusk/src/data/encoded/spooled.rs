//! Rows of numbers in memory, or in a file of which a window is in memory.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::data::error::DataError;
use crate::data::order::{BlockOrder, Epoch, RowOrder};
use crate::data::store::{Cell, Store};

/// The bytes of neighboring rows that are read at once from a file.
const BLOCK_BYTES: usize = 32 << 10;

/// Rows of numbers; where they are in a file, one window of them is in memory.
pub(crate) struct Spooled<T> {
    pub(crate) store: Store<T>,
    pub(super) width: usize,
    pub(super) rows: usize,
    block: usize,
    window: usize,
    loaded: Mutex<Window<T>>,
}

struct Window<T> {
    /// The epoch and the number of the window.
    which: Option<(Epoch, usize)>,
    pieces: Vec<Piece>,
    rows: Vec<T>,
}

/// Neighboring rows of the file in a window: its first place there, and its first row.
struct Piece {
    place: usize,
    row: usize,
}

impl<T: Cell> Window<T> {
    /// The row of the file at a place of the window.
    fn row(&self, place: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.place <= place);
        let piece = &self.pieces[after - 1];
        piece.row + place - piece.place
    }

    /// Reads window `number` of the order of `epoch`, unless it is the one that is held.
    fn load(
        &mut self,
        rows: &Spooled<T>,
        epoch: Epoch,
        order: &BlockOrder,
        number: usize,
    ) -> Result<(), DataError> {
        if self.which == Some((epoch, number)) {
            return Ok(());
        }
        // Until all is read, the window holds nothing that can be relied on.
        self.which = None;
        self.pieces.clear();
        self.rows.resize(order.positions(number).len() * rows.width, T::default());
        let mut place = 0;
        for piece in order.pieces(number) {
            let held = &mut self.rows[place * rows.width..(place + piece.len()) * rows.width];
            rows.store.read((piece.start * rows.width) as u64, held)?;
            self.pieces.push(Piece { place, row: piece.start });
            place += piece.len();
        }
        self.which = Some((epoch, number));
        Ok(())
    }
}

impl<T: Cell> Spooled<T> {
    /// Rows of `width` numbers with windows of about `window_bytes`.
    pub(crate) fn new(store: Store<T>, width: usize, window_bytes: u64) -> Spooled<T> {
        let row_bytes = (width * T::SIZE).max(1);
        let block = (BLOCK_BYTES / row_bytes).max(1);
        let blocks = (window_bytes as usize / (block * row_bytes)).max(1);
        Spooled {
            rows: (store.len() / width.max(1) as u64) as usize,
            store,
            width,
            block,
            window: block * blocks,
            loaded: Mutex::new(Window { which: None, pieces: Vec::new(), rows: Vec::new() }),
        }
    }

    /// The row at a position of an epoch.
    pub(super) fn row_at(&self, epoch: Epoch, position: usize) -> Result<usize, DataError> {
        let mut found = 0;
        self.visit(epoch, position..position + 1, |row, _| found = row)?;
        Ok(found)
    }

    /// Shows the rows at `positions` of an epoch with their numbers.
    pub(super) fn visit(
        &self,
        epoch: Epoch,
        positions: Range<usize>,
        mut take: impl FnMut(usize, &[T]),
    ) -> Result<(), DataError> {
        if let Some(all) = self.store.slice() {
            let order = RowOrder::new(self.rows, epoch);
            for position in positions {
                let row = order.row(position);
                take(row, &all[row * self.width..(row + 1) * self.width]);
            }
            return Ok(());
        }
        let order = BlockOrder::new(self.rows, self.block, self.window, epoch);
        let mut held = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let mut position = positions.start;
        while position < positions.end {
            let number = order.window_at(position);
            held.load(self, epoch, &order, number)?;
            let (window, inside) = (order.positions(number), order.inside(number));
            while position < positions.end.min(window.end) {
                let place = inside.row(position - window.start);
                let record = &held.rows[place * self.width..(place + 1) * self.width];
                take(held.row(place), record);
                position += 1;
            }
        }
        Ok(())
    }
}
