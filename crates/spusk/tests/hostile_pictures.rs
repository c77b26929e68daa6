//! Pictures that are damaged, hostile or only unusual: each is read or gives one error that names the
//! file, never a panic, and never takes much memory.
#![allow(missing_docs, clippy::expect_used)]

#[path = "../src/data/fixtures.rs"]
mod fixtures;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fixtures::{Folder, mutate};
use image::{DynamicImage, Frame, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, RgbImage, Rgba};
use spusk::data::{BadRows, DataOptions, Prepared, prepare};
use spusk::picture::{Picture, header, read};

const HEIGHT: u32 = 12;
const WIDTH: u32 = 10;

/// A picture with colors, edges and soft parts.
fn colors() -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Rgb([(x * 20) as u8, (y * 15) as u8, if (x + y) % 5 < 2 { 200 } else { 30 }])
    })
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).expect("encodes");
    bytes.into_inner()
}

/// A GIF of three pictures.
fn moving() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for red in [10, 100, 200] {
        let picture =
            ImageBuffer::from_fn(WIDTH, HEIGHT, |x, _| Rgba([red, (x * 20) as u8, 0, 255]));
        encoder.encode_frame(Frame::new(picture)).expect("encodes");
    }
    drop(encoder);
    bytes
}

/// One file of every format.
fn files() -> [(&'static str, Vec<u8>); 5] {
    [
        ("a.png", encoded(colors(), ImageFormat::Png)),
        ("b.jpg", encoded(colors(), ImageFormat::Jpeg)),
        ("c.bmp", encoded(colors(), ImageFormat::Bmp)),
        ("d.gif", encoded(colors(), ImageFormat::Gif)),
        ("e.gif", moving()),
    ]
}

/// The most memory that the process ever had, in bytes, where the system tells it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Classes of whole pictures for a file to be bad among.
fn classes(folder: &Folder) {
    for index in 0..6 {
        for class in ["cats", "dogs"] {
            folder.file(&format!("{class}/{index}.png"), &encoded(colors(), ImageFormat::Png));
        }
    }
}

fn opened(folder: &Folder, options: &DataOptions) -> Result<Prepared, String> {
    let spec = folder.path().display().to_string();
    prepare(&spec, options).map_err(|error| folder.short(&error))
}

fn skipping() -> DataOptions {
    DataOptions { bad_rows: BadRows::Skip, ..DataOptions::default() }
}

/// Reads a file in both ways that there are; what it is, or the error.
fn both(folder: &Folder, name: &str, bytes: &[u8]) -> Result<Picture, String> {
    let path = folder.file(name, bytes);
    let found = catch_unwind(AssertUnwindSafe(|| (header(&path), read(&path))));
    let Ok((form, picture)) = found else {
        panic!("{name} panics: {bytes:02x?}");
    };
    for error in [form.as_ref().err(), picture.as_ref().err()].into_iter().flatten() {
        let error = folder.short(error);
        assert!(error.starts_with(name) && !error.contains('\n'), "{error}");
    }
    if let (Ok(form), Ok(picture)) = (&form, &picture) {
        assert_eq!((form.height, form.width), (picture.height, picture.width), "{name}");
        let pixels = picture.height * picture.width * picture.channels;
        assert_eq!(pixels, picture.pixels.len(), "{name}");
    }
    picture.map_err(|error| folder.short(&error))
}

#[test]
fn mutated_files_of_every_format() {
    let folder = Folder::new();
    for (name, bytes) in files() {
        let whole = both(&folder, name, &bytes).expect("is whole");
        assert_eq!((whole.height, whole.width), (HEIGHT as usize, WIDTH as usize));
        let read = (0..600).filter(|&seed| both(&folder, name, &mutate(&bytes, seed)).is_ok());
        // Some damage only changes pixels, most does more (a BMP has hardly anything to break).
        let read = read.count();
        assert!((1..600).contains(&read), "{name}: {read}");
    }
    // A picture may take 512 MiB, and not much more.
    assert!(peak_memory().is_none_or(|peak| peak < 900 << 20), "{:?}", peak_memory());
}

#[test]
fn files_that_end_too_early_are_named() {
    let folder = Folder::new();
    for (name, bytes) in files() {
        for length in 0..bytes.len().min(200) {
            let cut = &bytes[..length];
            let found = both(&folder, name, cut);
            // Only of a moving GIF the first picture may be there already.
            assert!(found.is_err() || name == "e.gif", "{name} of {length} bytes");
        }
    }
}

/// Every bad file in a folder of classes: told with its name, or left out and counted, if asked for.
#[test]
fn bad_files_among_good_ones() {
    let png = encoded(colors(), ImageFormat::Png);
    let mut jpeg = encoded(colors(), ImageFormat::Jpeg);
    jpeg.truncate(jpeg.len() / 3);
    let mut bmp = encoded(colors(), ImageFormat::Bmp);
    bmp[22..26].copy_from_slice(&0u32.to_le_bytes());
    let bad: [(&str, &[u8]); 8] = [
        ("empty.png", b""),
        ("text.jpg", b"this is no picture"),
        ("cut.png", &png[..png.len() / 2]),
        ("cut.jpg", &jpeg),
        ("no-height.bmp", &bmp),
        ("page.gif", b"<html><body>404 Not Found</body></html>"),
        ("web.png", b"RIFF\x24\0\0\0WEBPVP8 "),
        ("zeros.bmp", &[0; 4096]),
    ];
    for (name, bytes) in bad {
        let folder = Folder::new();
        classes(&folder);
        let file = format!("cats/{name}");
        folder.file(&file, bytes);
        let error = opened(&folder, &DataOptions::default()).err().expect("one is bad");
        assert!(error.starts_with(&format!("{file}: the image cannot be read (")), "{error}");
        assert!(error.contains("--bad-rows skip"), "{error}");
        let data = opened(&folder, &skipping()).expect("the others are whole");
        assert_eq!((data.accounting.rows, data.accounting.skipped_rows()), (13, 1), "{name}");
    }
    let folder = Folder::new();
    folder.file("cats/a.png", b"");
    folder.file("dogs/b.png", b"");
    let error = opened(&folder, &skipping()).err().expect("nothing is left");
    assert!(error.contains("no image can be read"), "{error}");
}

/// The head of a PNG with other sizes, bits and kind of color, and its checksum.
fn png_of([width, height]: [u32; 2], bits: u8, color: u8) -> Vec<u8> {
    let mut bytes = encoded(colors(), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes[24..26].copy_from_slice(&[bits, color]);
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    bytes
}

#[test]
fn bombs_are_refused_before_memory_is_taken() {
    let folder = Folder::new();
    let mut bmp = encoded(colors(), ImageFormat::Bmp);
    bmp[18..22].copy_from_slice(&60_000u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&60_000u32.to_le_bytes());
    let mut gif = encoded(colors(), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    let mut jpeg = encoded(colors(), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).expect("has a frame");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    let before = peak_memory();
    for (name, bytes) in [
        ("sides.png", png_of([70_000, 30_000], 8, 2)),
        ("memory.png", png_of([16_000, 16_000], 16, 6)),
        ("bomb.bmp", bmp),
        ("bomb.gif", gif),
        ("bomb.jpg", jpeg),
    ] {
        let error = both(&folder, name, &bytes).expect_err(name);
        assert!(error.contains("too large"), "{error}");
        let folder = Folder::new();
        classes(&folder);
        folder.file(&format!("dogs/{name}"), &bytes);
        let error = opened(&folder, &DataOptions::default()).err().expect(name);
        assert!(error.starts_with(&format!("dogs/{name}: ")), "{error}");
        let data = opened(&folder, &skipping()).expect("the others are whole");
        assert_eq!(data.accounting.skipped_rows(), 1, "{name}");
    }
    // Sizes that do not exist.
    for sizes in [[0, 5], [5, 0], [0, 0], [u32::MAX, u32::MAX]] {
        both(&folder, "none.png", &png_of(sizes, 8, 2)).expect_err("has no pixels");
    }
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        // Other tests run beside this one; what one picture may take is allowed for them.
        assert!(after < before.max(700 << 20), "{before} {after}");
    }
}

#[test]
fn unusual_pictures_are_read_as_what_they_show() {
    let folder = Folder::new();
    let gray16 = ImageBuffer::from_fn(WIDTH, HEIGHT, |x, _| Luma([(x as u16) << 12]));
    let alpha = ImageBuffer::from_fn(WIDTH, HEIGHT, |x, y| Rgba([(x * 20) as u8, 9, 7, y as u8]));
    let gray_alpha = ImageBuffer::from_fn(WIDTH, HEIGHT, |x, y| LumaA([(x * 20) as u8, y as u8]));
    let read = |name: &str, bytes: Vec<u8>| both(&folder, name, &bytes).expect(name);
    let deep = read("deep.png", encoded(gray16, ImageFormat::Png));
    assert_eq!((deep.channels, &deep.pixels[..3]), (1, &[0, 16, 32][..]));
    let clear = read("clear.png", encoded(alpha, ImageFormat::Png));
    assert_eq!((clear.channels, clear.pixels[3], clear.alpha.expect("has some")[10]), (3, 20, 1));
    let gray = read("gray.png", encoded(gray_alpha, ImageFormat::Png));
    assert_eq!((gray.channels, gray.pixels[1], gray.alpha.expect("has some")[10]), (1, 20, 1));
    // A palette; of a moving GIF the first picture; JPEG that is called PNG.
    let first = read("moving.gif", moving());
    assert_eq!((first.channels, first.pixels[0], first.alpha), (3, 10, None));
    let plain = read("named.jpg", encoded(colors(), ImageFormat::Jpeg));
    assert_eq!(read("named.png", encoded(colors(), ImageFormat::Jpeg)), plain);
    // Four inks: what they leave of white light.
    let inks = read("inks.jpg", cmyk());
    assert_eq!((inks.height, inks.width, inks.channels), (8, 8, 3));
    let [r, g, b] = [inks.pixels[0], inks.pixels[1], inks.pixels[2]];
    assert!(r < 60 && g > 200 && b > 200, "cyan is shown as {r}, {g}, {b}");
}

/// A JPEG of 8 × 8 pixels in CMYK, written as Adobe does (with inks inverted), all of it cyan.
fn cmyk() -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    // Adobe's mark: no transform of colors.
    bytes.extend([0xff, 0xee, 0, 14]);
    bytes.extend(b"Adobe\0\x64\0\0\0\0\0");
    // One table of quantization, all 8: a mean of n above 128 is a first coefficient of n.
    bytes.extend([0xff, 0xdb, 0, 67, 0]);
    bytes.extend([8; 64]);
    bytes.extend([0xff, 0xc0, 0, 20, 8, 0, 8, 0, 8, 4]);
    for component in 1..=4 {
        bytes.extend([component, 0x11, 0]);
    }
    // Huffman codes: of differences 0 → size 0, 10 → size 7; of the others 0 → the block ends.
    bytes.extend([0xff, 0xc4, 0, 21, 0x00, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
    bytes.extend([0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend([0xff, 0xda, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]);
    // Cyan: -127 is 10 0000000, and the end 0; the others: 127 is 10 1111111, and the end 0.
    let bits = ["10", "0000000", "0"].concat() + &["10", "1111111", "0"].concat().repeat(3);
    let bits = format!("{bits}{}", "1".repeat(8 - bits.len() % 8));
    for byte in bits.as_bytes().chunks(8) {
        let byte = byte.iter().fold(0, |byte, &bit| byte << 1 | (bit - b'0'));
        bytes.push(byte);
        if byte == 0xff {
            bytes.push(0);
        }
    }
    bytes.extend([0xff, 0xd9]);
    bytes
}

/// A photograph that its file says to turn is turned in a folder of classes, too.
#[test]
fn turned_photographs_are_turned_everywhere() {
    let mut bytes = encoded(colors(), ImageFormat::Jpeg);
    // Exif with the one entry of the orientation: 6, a quarter to the right.
    let mut exif =
        b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    let mut segment = vec![0xff, 0xe1, 0, (exif.len() + 2) as u8];
    segment.append(&mut exif);
    bytes.splice(2..2, segment);
    let folder = Folder::new();
    let turned = both(&folder, "a/0.jpg", &bytes).expect("reads");
    assert_eq!((turned.height, turned.width), (WIDTH as usize, HEIGHT as usize));
    for index in 1..8 {
        folder.file(&format!("a/{index}.jpg"), &bytes);
        folder.file(&format!("b/{index}.jpg"), &bytes);
    }
    let data = opened(&folder, &DataOptions::default()).expect("all are turned alike");
    assert_eq!(data.preprocessing.shape(), [WIDTH as usize, HEIGHT as usize, 3]);
}
