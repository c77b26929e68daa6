//! A long list of numbers, in memory while it is small and in a temporary file when it is not.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::error::DataError;
use crate::messages as say;

/// A number that can live in a spool file.
pub(crate) trait Cell: Copy + Default + Send + Sync + 'static {
    /// Bytes of one number.
    const SIZE: usize;
    /// Writes the number as little-endian bytes.
    fn put(self, bytes: &mut [u8]);
    /// Reads the number from little-endian bytes.
    fn get(bytes: &[u8]) -> Self;
}

macro_rules! cells {
    ($($kind:ty),*) => {$(
        impl Cell for $kind {
            const SIZE: usize = size_of::<$kind>();
            fn put(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }
            fn get(bytes: &[u8]) -> Self {
                let mut array = [0; size_of::<$kind>()];
                array.copy_from_slice(bytes);
                <$kind>::from_le_bytes(array)
            }
        }
    )*};
}
cells!(u8, f32, f64, u64);

/// Where a list may be kept: the bytes it may hold in memory, and the folder for what is longer.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    /// Longer lists go to a file.
    pub(crate) bytes: u64,
    /// The folder of the temporary file; the system's own when absent.
    pub(crate) folder: Option<PathBuf>,
}

impl Room {
    /// The same folder with another number of bytes.
    pub(crate) fn of(&self, bytes: u64) -> Room {
        Room { bytes, folder: self.folder.clone() }
    }

    fn name(&self) -> String {
        let folder = self.folder.clone().unwrap_or_else(std::env::temp_dir);
        format!("temporary file in {}", folder.display())
    }

    fn file(&self) -> Result<File, DataError> {
        let file = match &self.folder {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        };
        file.map_err(|error| self.error(&error))
    }

    fn error(&self, error: &io::Error) -> DataError {
        DataError::io(self.name(), error).cure(
            "free some space there, or name another folder with `spool_dir`, or raise \
             `memory_limit`",
        )
    }
}

/// Takes numbers one after the other.
pub(crate) struct Writer<T> {
    room: Room,
    values: Vec<T>,
    file: Option<BufWriter<File>>,
    written: u64,
}

/// Numbers between memory and file are turned into bytes in pieces of this many.
const PIECE: usize = 8192;

impl<T: Cell> Writer<T> {
    /// A list of unknown length.
    pub(crate) fn new(room: Room) -> Writer<T> {
        Writer { room, values: Vec::new(), file: None, written: 0 }
    }

    /// A list of about `count` numbers. The memory is only taken where it fits, so `count` may come
    /// from a file.
    pub(crate) fn with_capacity(count: u64, room: Room) -> Result<Writer<T>, DataError> {
        let mut writer = Writer::new(room);
        if count.saturating_mul(T::SIZE as u64) > writer.room.bytes {
            writer.spill()?;
        } else {
            writer.values.reserve_exact(count as usize);
        }
        Ok(writer)
    }

    /// Appends numbers.
    pub(crate) fn push(&mut self, values: &[T]) -> Result<(), DataError> {
        self.written += values.len() as u64;
        if self.file.is_none() {
            if (self.values.len() + values.len()) as u64 * T::SIZE as u64 <= self.room.bytes {
                self.values.extend_from_slice(values);
                return Ok(());
            }
            self.spill()?;
        }
        self.write(values)
    }

    /// How many numbers were pushed.
    pub(crate) fn len(&self) -> u64 {
        self.written
    }

    fn spill(&mut self) -> Result<(), DataError> {
        self.file = Some(BufWriter::with_capacity(1 << 18, self.room.file()?));
        let values = std::mem::take(&mut self.values);
        self.write(&values)
    }

    fn write(&mut self, values: &[T]) -> Result<(), DataError> {
        let file = self.file.as_mut().expect("`write` is called after `spill`");
        let mut bytes = [0u8; 1024];
        for piece in values.chunks(bytes.len() / T::SIZE) {
            let bytes = &mut bytes[..piece.len() * T::SIZE];
            for (value, bytes) in piece.iter().zip(bytes.chunks_exact_mut(T::SIZE)) {
                value.put(bytes);
            }
            file.write_all(bytes).map_err(|error| self.room.error(&error))?;
        }
        Ok(())
    }

    /// Ends the list.
    pub(crate) fn finish(self) -> Result<Store<T>, DataError> {
        let len = self.written;
        let name = self.room.name();
        let place = match self.file {
            None => Place::Memory(self.values),
            Some(writer) => {
                let file = writer.into_inner().map_err(|error| self.room.error(error.error()))?;
                Place::File(Mutex::new(Spool { file, bytes: Vec::new() }))
            }
        };
        Ok(Store { len, place, name })
    }
}

/// A finished list.
pub(crate) struct Store<T> {
    len: u64,
    place: Place<T>,
    name: String,
}

enum Place<T> {
    Memory(Vec<T>),
    File(Mutex<Spool>),
}

struct Spool {
    file: File,
    bytes: Vec<u8>,
}

impl<T: Cell> Store<T> {
    /// A list that is in memory already.
    pub(crate) fn memory(values: Vec<T>) -> Store<T> {
        let len = values.len() as u64;
        Store { len, place: Place::Memory(values), name: String::from("memory") }
    }

    /// All numbers, where they are in memory.
    pub(crate) fn into_memory(self) -> Result<Vec<T>, Store<T>> {
        match self.place {
            Place::Memory(values) => Ok(values),
            Place::File(_) => Err(self),
        }
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// All numbers, where they are in memory.
    pub(crate) fn slice(&self) -> Option<&[T]> {
        match &self.place {
            Place::Memory(values) => Some(values),
            Place::File(_) => None,
        }
    }

    /// Copies the numbers from `first` on into `out`.
    pub(crate) fn read(&self, first: u64, out: &mut [T]) -> Result<(), DataError> {
        match &self.place {
            Place::Memory(values) => {
                out.copy_from_slice(&values[first as usize..first as usize + out.len()]);
                Ok(())
            }
            Place::File(spool) => {
                let mut spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
                spool.read(first, out).map_err(|error| DataError::io(&self.name, &error))
            }
        }
    }

    /// Reads the numbers one after the other.
    pub(crate) fn reader(&self) -> Reader<'_, T> {
        Reader { store: self, piece: Vec::new(), at: 0, next: 0 }
    }

    /// Reads rows of `width` numbers, piece by piece, in order.
    pub(crate) fn each(
        &self,
        width: usize,
        rows: Range<usize>,
        mut visit: impl FnMut(usize, &[T]) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        if let Some(all) = self.slice()
            && width > 0
        {
            let all = &all[rows.start * width..rows.end * width];
            let mut numbered = all.chunks_exact(width).enumerate();
            return numbered.try_for_each(|(index, values)| visit(rows.start + index, values));
        }
        let mut row = rows.start;
        let mut piece = vec![T::default(); (PIECE / width.max(1)).max(1) * width];
        while row < rows.end {
            let count = (piece.len() / width.max(1)).max(1).min(rows.end - row);
            let piece = &mut piece[..count * width];
            self.read(row as u64 * width as u64, piece)?;
            for values in piece.chunks_exact(width.max(1)) {
                visit(row, values)?;
                row += 1;
            }
            if width == 0 {
                row += 1;
            }
        }
        Ok(())
    }
}

/// Reads a list from its start to its end.
pub(crate) struct Reader<'a, T> {
    store: &'a Store<T>,
    piece: Vec<T>,
    at: usize,
    next: u64,
}

impl<T: Cell> Reader<'_, T> {
    /// The next number, which must be there.
    pub(crate) fn next(&mut self) -> Result<T, DataError> {
        if self.at == self.piece.len() {
            let count = (self.store.len - self.next).min(PIECE as u64);
            self.piece.resize(count as usize, T::default());
            self.store.read(self.next, &mut self.piece)?;
            self.next += count;
            self.at = 0;
        }
        self.at += 1;
        Ok(self.piece[self.at - 1])
    }
}

impl Spool {
    fn read<T: Cell>(&mut self, first: u64, out: &mut [T]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(first * T::SIZE as u64))?;
        for piece in out.chunks_mut(PIECE * 8) {
            self.bytes.resize(piece.len() * T::SIZE, 0);
            self.file.read_exact(&mut self.bytes)?;
            for (value, bytes) in piece.iter_mut().zip(self.bytes.chunks_exact(T::SIZE)) {
                *value = T::get(bytes);
            }
        }
        Ok(())
    }
}

/// The folder must exist before a long list is begun.
pub(crate) fn check_folder(folder: &Path) -> Result<(), DataError> {
    if folder.is_dir() {
        return Ok(());
    }
    Err(DataError::new(folder.display().to_string(), say::spool_absent).cure(say::cure_spool))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Cell + PartialEq + std::fmt::Debug>(values: &[T]) {
        for bytes in [0, 100, 1 << 30] {
            let mut writer = Writer::new(Room { bytes, folder: None });
            for piece in values.chunks(7) {
                writer.push(piece).expect("writes");
            }
            let store = writer.finish().expect("finishes");
            assert_eq!(store.len(), values.len() as u64);
            assert_eq!(store.slice().is_some(), bytes > 100);
            let mut out = vec![T::default(); 300];
            store.read(5, &mut out).expect("reads");
            assert_eq!(out, values[5..305]);
            let mut seen = Vec::new();
            store
                .each(3, 1..100, |row, values| {
                    assert_eq!(seen.len(), 3 * (row - 1));
                    seen.extend_from_slice(values);
                    Ok(())
                })
                .expect("reads");
            assert_eq!(seen, values[3..300]);
            let mut reader = store.reader();
            for value in values {
                assert_eq!(reader.next().expect("reads"), *value);
            }
        }
    }

    #[test]
    fn memory_and_file_hold_the_same() {
        check::<u8>(&(0..=255).cycle().take(1000).collect::<Vec<u8>>());
        check::<f32>(&(0..1000).map(|value| value as f32 / 7.0).collect::<Vec<_>>());
        check::<f64>(&(0..1000).map(|value| f64::from(value) / 7.0).collect::<Vec<_>>());
        check::<u64>(&(0..1000).map(|value| u64::MAX - value).collect::<Vec<_>>());
    }

    #[test]
    fn a_missing_folder_is_told() {
        let room = Room { bytes: 0, folder: Some("no-such-folder".into()) };
        let error = Writer::<u8>::with_capacity(1, room).err().expect("there is no such folder");
        assert!(error.to_string().contains("no-such-folder"), "{error}");
        assert!(check_folder(Path::new("no-such-folder")).is_err());
    }
}
