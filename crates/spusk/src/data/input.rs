//! Opening files: packed or not, always as a bounded stream that can be opened again.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};

use flate2::read::MultiGzDecoder;

use super::error::{DataError, Told};
use crate::messages::{self as say, Said};

/// Where bytes come from: a file, or a table inside the program.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// A file; unpacked while it is read when it is packed with gzip.
    File(PathBuf),
    /// Bytes inside the program and their name.
    Inside(&'static str, &'static [u8]),
}

/// Unpacked files up to this size need no explanation.
const UNSUSPICIOUS: u64 = 1 << 30;

/// Larger ones that grow more than this many times are taken for a gzip bomb.
const MOST_GROWTH: u64 = 200;

impl Origin {
    /// The name for messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Origin::File(path) => path.display().to_string(),
            Origin::Inside(name, _) => (*name).to_owned(),
        }
    }

    /// Opens the bytes from their start.
    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send>, DataError> {
        match self {
            Origin::Inside(_, bytes) => Ok(Box::new(Cursor::new(*bytes))),
            Origin::File(path) => open_file(path),
        }
    }

    /// At most `count` bytes from the start.
    pub(crate) fn head(&self, count: usize) -> Result<Vec<u8>, DataError> {
        let mut head = Vec::new();
        let input = self.open()?;
        let result = input.take(count as u64).read_to_end(&mut head);
        match result {
            // What came before the damage is enough to tell what the file is.
            Err(_) if !head.is_empty() => Ok(head),
            Err(error) => Err(DataError::io(self.name(), &error)),
            Ok(_) => Ok(head),
        }
    }
}

/// The size of a file that must be a regular one.
pub(crate) fn file_size(path: &Path) -> Result<u64, DataError> {
    let name = path.display().to_string();
    let metadata = std::fs::metadata(path).map_err(|error| DataError::io(&name, &error))?;
    if metadata.is_dir() {
        return Err(DataError::new(name, say::error_a_directory).expected(say::error_want_a_file));
    }
    if !metadata.is_file() {
        return Err(DataError::new(name, say::error_not_a_file).cure(say::cure_not_a_file));
    }
    Ok(metadata.len())
}

fn open_file(path: &Path) -> Result<Box<dyn Read + Send>, DataError> {
    let size = file_size(path)?;
    let named = |error: io::Error| DataError::io(path.display().to_string(), &error);
    let mut file = File::open(path).map_err(named)?;
    let mut magic = [0; 2];
    let mut count = 0;
    while count < 2 {
        match file.read(&mut magic[count..]).map_err(named)? {
            0 => break,
            read => count += read,
        }
    }
    let whole = Cursor::new(magic[..count].to_vec()).chain(file);
    if magic != [0x1f, 0x8b] {
        return Ok(Box::new(whole));
    }
    let unpacked = Guard { inner: MultiGzDecoder::new(whole), count: 0, packed: size };
    // A thread of its own unpacks a large file while another one uses what is unpacked.
    if size > 1 << 20 { Ok(Box::new(Ahead::new(unpacked))) } else { Ok(Box::new(unpacked)) }
}

/// Stops a stream that grows out of all proportion to its file.
struct Guard<R> {
    inner: R,
    count: u64,
    packed: u64,
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer).map_err(damaged)?;
        self.count += count as u64;
        if self.count > UNSUSPICIOUS && self.count / MOST_GROWTH > self.packed {
            return Err(told(|l| say::error_bomb(l, MOST_GROWTH)));
        }
        Ok(count)
    }
}

fn told(message: impl Into<Said>) -> io::Error {
    io::Error::other(Told(message.into()))
}

fn damaged(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => told(say::error_packed_ends),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            told(|l| say::error_packed_damaged(l, &error))
        }
        _ => error,
    }
}

const PIECE: usize = 1 << 18;
const PIECES_AHEAD: usize = 8;

/// Reads ahead on a thread of its own.
struct Ahead {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Cursor<Vec<u8>>,
    ended: bool,
}

impl Ahead {
    fn new(mut inner: impl Read + Send + 'static) -> Ahead {
        let (sender, pieces) = sync_channel(PIECES_AHEAD);
        // The thread ends with its file, or when nobody takes its pieces any more.
        std::thread::spawn(move || {
            loop {
                let mut piece = Vec::with_capacity(PIECE);
                let result = inner.by_ref().take(PIECE as u64).read_to_end(&mut piece);
                let ended = piece.is_empty();
                // What was unpacked before the damage goes first.
                if !ended && sender.send(Ok(piece)).is_err() {
                    return;
                }
                match result {
                    Err(error) => {
                        let _ = sender.send(Err(error));
                        return;
                    }
                    Ok(_) if ended => return,
                    Ok(_) => {}
                }
            }
        });
        Ahead { pieces, piece: Cursor::new(Vec::new()), ended: false }
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.piece.read(buffer)?;
            if count > 0 || self.ended || buffer.is_empty() {
                return Ok(count);
            }
            match self.pieces.recv() {
                Ok(piece) => self.piece = Cursor::new(piece?),
                Err(_) => self.ended = true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("writes");
        encoder.finish().expect("finishes")
    }

    fn file(bytes: &[u8]) -> (tempfile::TempDir, Origin) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).expect("writes");
        (folder, Origin::File(path))
    }

    fn read(origin: &Origin) -> Result<Vec<u8>, DataError> {
        let mut bytes = Vec::new();
        let result = origin.open()?.read_to_end(&mut bytes);
        result.map(|_| bytes).map_err(|error| DataError::io(origin.name(), &error))
    }

    #[test]
    fn plain_and_packed_files_give_their_bytes() {
        // Numbers that do not pack well, so that the large file is read ahead.
        let large: Vec<u8> =
            (0..3_000_000u64).map(|index| super::super::random::word(1, index) as u8).collect();
        for bytes in [&b""[..], b"x", b"hello", &large] {
            let (_folder, origin) = file(bytes);
            assert!(read(&origin).expect("reads") == bytes);
            let (_folder, origin) = file(&packed(bytes));
            assert!(read(&origin).expect("reads") == bytes);
        }
        let (_folder, origin) = file(&[packed(b"one "), packed(b"two")].concat());
        assert_eq!(read(&origin).expect("reads"), b"one two");
    }

    #[test]
    fn damage_is_told() {
        let check = |bytes: &[u8], message: &str| {
            let (_folder, origin) = file(bytes);
            let error = read(&origin).expect_err(message).to_string();
            assert!(error.contains(message), "{error}");
        };
        let mut bytes = packed(b"a text that is packed");
        check(&bytes[..bytes.len() - 9], "ends too early");
        let at = bytes.len() - 6;
        bytes[at] ^= 1;
        check(&bytes, "damaged");
        let (folder, _) = file(b"");
        let error = Origin::File(folder.path().into()).open().err().expect("a directory");
        assert!(error.to_string().contains("this is a directory"), "{error}");
        let error = Origin::File("no/such/file".into()).open().err().expect("no file");
        assert_eq!(error.to_string(), "no/such/file: there is no such file or directory");
    }

    #[test]
    fn a_bomb_is_stopped() {
        let mut guard = Guard { inner: io::repeat(0), count: UNSUSPICIOUS, packed: 1000 };
        let error = guard.read(&mut [0; 100]).expect_err("a bomb");
        assert!(error.to_string().contains("grows more than 200 times"), "{error}");
    }
}
