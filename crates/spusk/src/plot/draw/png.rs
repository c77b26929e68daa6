//! A PNG of eight-bit pixels: the one image form that every reader of SVG and HTML knows.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use super::base64;

/// What a pixel's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pixels {
    Gray,
    Rgb,
    Rgba,
}

impl Pixels {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Pixels::Gray => 1,
            Pixels::Rgb => 3,
            Pixels::Rgba => 4,
        }
    }

    fn color_type(self) -> u8 {
        match self {
            Pixels::Gray => 0,
            Pixels::Rgb => 2,
            Pixels::Rgba => 6,
        }
    }
}

/// The image as a `data:` address. Missing pixels are zero, surplus ones are ignored; `None` of an
/// image without area.
pub(crate) fn data_uri(width: usize, height: usize, kind: Pixels, pixels: &[u8]) -> Option<String> {
    let png = encode(width, height, kind, pixels)?;
    Some(format!("data:image/png;base64,{}", base64::encode(&png)))
}

/// The image as a file. Missing pixels are zero, surplus ones are ignored; `None` of an image without area.
pub(crate) fn encode(width: usize, height: usize, kind: Pixels, pixels: &[u8]) -> Option<Vec<u8>> {
    let sizes = [u32::try_from(width).ok()?, u32::try_from(height).ok()?];
    if sizes.contains(&0) {
        return None;
    }
    let row_bytes = width.checked_mul(kind.bytes())?;
    let mut header = Vec::new();
    sizes.iter().for_each(|size| header.extend(size.to_be_bytes()));
    // Eight bits a channel; deflate, the standard filters, no interlacing.
    header.extend([8, kind.color_type(), 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &header);
    chunk(&mut png, b"IDAT", &compressed_rows(height, row_bytes, pixels)?);
    chunk(&mut png, b"IEND", &[]);
    Some(png)
}

/// Every row after its filter byte 0 (no filter: these images are small).
fn compressed_rows(height: usize, row_bytes: usize, pixels: &[u8]) -> Option<Vec<u8>> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    for row in 0..height {
        let start = row.checked_mul(row_bytes)?.min(pixels.len());
        let there = &pixels[start..(start + row_bytes).min(pixels.len())];
        zlib.write_all(&[0]).ok()?;
        zlib.write_all(there).ok()?;
        zlib.write_all(&vec![0; row_bytes - there.len()]).ok()?;
    }
    zlib.finish().ok()
}

fn chunk(png: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    let mut sum = Crc::new();
    sum.update(name);
    sum.update(data);
    png.extend((data.len() as u32).to_be_bytes());
    png.extend(name);
    png.extend(data);
    png.extend(sum.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::{Pixels, encode};

    /// Reads our own PNG back by the rules of the standard.
    fn check(width: usize, height: usize, kind: Pixels, pixels: &[u8]) {
        let png = encode(width, height, kind, pixels).expect("an image with area");
        let mut at = 8;
        let mut names = Vec::new();
        let mut data = Vec::new();
        while at < png.len() {
            let len = u32::from_be_bytes(png[at..at + 4].try_into().expect("four")) as usize;
            let body = &png[at + 4..at + 8 + len];
            let mut sum = flate2::Crc::new();
            sum.update(body);
            assert_eq!(png[at + 8 + len..at + 12 + len], sum.sum().to_be_bytes());
            names.push(String::from_utf8_lossy(&body[..4]).into_owned());
            if &body[..4] == b"IDAT" {
                data.extend(&body[4..]);
            }
            at += 12 + len;
        }
        assert_eq!(names, ["IHDR", "IDAT", "IEND"]);
        let mut rows = Vec::new();
        flate2::read::ZlibDecoder::new(&data[..]).read_to_end(&mut rows).expect("zlib");
        let row_bytes = width * kind.bytes();
        assert_eq!(rows.len(), height * (row_bytes + 1));
        let read: Vec<u8> = rows.chunks(row_bytes + 1).flat_map(|row| row[1..].to_vec()).collect();
        let mut want = pixels.to_vec();
        want.resize(height * row_bytes, 0);
        assert_eq!(read, want);
    }

    #[test]
    fn pixels_come_back() {
        check(2, 3, Pixels::Gray, &[1, 2, 3, 4, 5, 6]);
        check(1, 1, Pixels::Rgb, &[9, 8, 7]);
        check(3, 2, Pixels::Rgba, &[200; 24]);
        check(4, 4, Pixels::Gray, &[1, 2, 3]);
        check(2, 2, Pixels::Gray, &[1, 2, 3, 4, 5, 6][..4]);
        assert_eq!(encode(0, 5, Pixels::Gray, &[]), None);
    }
}
