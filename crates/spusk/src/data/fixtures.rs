//! Files for the tests, made by the tests. It stands alone, so that tests outside of the crate can
//! include it.
#![allow(missing_docs, unreachable_pub, dead_code)]

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};
use tempfile::TempDir;

/// A temporary folder for files.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file; folders in its name are made.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("has a folder")).expect("makes folders");
        std::fs::write(&path, bytes).expect("writes");
        path
    }

    /// The error's text with the folder's path taken out.
    pub fn short(&self, error: &dyn std::error::Error) -> String {
        let path = self.path().display().to_string();
        error.to_string().replace(&format!("{path}/"), "").replace(&path, "FOLDER")
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("writes");
    encoder.finish().expect("finishes")
}

/// An IDX file.
pub fn idx(kind: u8, shape: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, kind, shape.len() as u8];
    shape.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend(elements);
    bytes
}

/// A NumPy file; `header` is the dictionary.
pub fn npy(version: u8, header: &str, elements: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    let before = if version == 1 { 10 } else { 12 };
    let pad = 64 - (before + header.len() + 1) % 64;
    let length = header.len() + pad + 1;
    if version == 1 {
        bytes.extend((length as u16).to_le_bytes());
    } else {
        bytes.extend((length as u32).to_le_bytes());
    }
    bytes.extend(header.as_bytes());
    bytes.extend(std::iter::repeat_n(b' ', pad));
    bytes.push(b'\n');
    bytes.extend(elements);
    bytes
}

/// A small MNIST-like folder: images of 4 × 3 pixels whose first pixel tells the class.
pub fn tiny_mnist(folder: &Folder, packed: bool) {
    let image = |rows: u32| {
        let pixel =
            |at: u32| if at.is_multiple_of(12) { (at / 12 % 3) as u8 * 100 } else { at as u8 };
        let pixels: Vec<u8> = (0..rows * 12).map(pixel).collect();
        idx(8, &[rows, 4, 3], &pixels)
    };
    let label =
        |rows: u32| idx(8, &[rows], &(0..rows).map(|row| (row % 3) as u8).collect::<Vec<_>>());
    for (name, bytes) in [
        ("train-images-idx3-ubyte", image(30)),
        ("train-labels-idx1-ubyte", label(30)),
        ("t10k-images-idx3-ubyte", image(9)),
        ("t10k-labels-idx1-ubyte", label(9)),
    ] {
        if packed {
            folder.file(&format!("{name}.gz"), &gzip(&bytes));
        } else {
            folder.file(name, &bytes);
        }
    }
}

/// Changes a few bytes of a file: other values, bytes taken out or put in, or the end cut off.
pub fn mutate(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut asked = 0;
    let mut chance = |below: usize| {
        asked += 1;
        (scattered(seed.wrapping_mul(1000) + asked) % below.max(1) as u64) as usize
    };
    for _ in 0..1 + chance(4) {
        // Headers are where most is to be broken.
        let area = if chance(2) == 0 { 80.min(bytes.len()) } else { bytes.len() };
        let at = chance(area);
        match chance(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at.min(bytes.len()), chance(256) as u8),
            2 if at < bytes.len() => {
                bytes.remove(at);
            }
            3 if at < bytes.len() => bytes[at] = [0, 0xff, 0x7f, 0x80][chance(4)],
            _ if at < bytes.len() => bytes[at] = chance(256) as u8,
            _ => {}
        }
    }
    bytes
}

/// A word whose bits look random: Steele, Lea & Flood 2014.
fn scattered(word: u64) -> u64 {
    let word = word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
