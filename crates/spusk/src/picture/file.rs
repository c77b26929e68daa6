//! Picture files, read and written within limits.

use std::io::Cursor;
use std::path::Path;

use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageFormat, ImageReader, Limits,
};

use super::Picture;
use crate::data::DataError;
use crate::data::file_size;
use crate::messages::{self as say, Said};

/// A picture is not wider or higher than this.
pub const LONGEST_SIDE: u32 = 1 << 14;

/// Decoding a picture takes at most this much memory.
pub const MOST_BYTES: u64 = 512 << 20;

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_BYTES);
    limits
}

fn reader(file: &Path) -> Result<ImageReader<Cursor<Vec<u8>>>, DataError> {
    let name = file.display().to_string();
    if file_size(file)? > MOST_BYTES {
        return Err(DataError::new(name, say::error_large_file));
    }
    let bytes = std::fs::read(file).map_err(|error| DataError::io(&name, &error))?;
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| DataError::io(&name, &error))?;
    reader.limits(limits());
    Ok(reader)
}

fn broken(file: &Path, error: &image::ImageError) -> DataError {
    let name = file.display().to_string();
    // Some decoders write several lines.
    let told = error.to_string();
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    if let image::ImageError::Limits(_) = error {
        return DataError::new(name, |l| say::error_large_image(l, &told))
            .expected(|l| say::error_want_bounded_image(l, LONGEST_SIDE, MOST_BYTES >> 20))
            .cure(say::cure_large_image);
    }
    DataError::new(name, |l| say::error_broken_image(l, &told))
        .expected(say::error_want_image)
        .cure(say::cure_broken_image)
}

/// A decoder that has read the head of a file and found it within the limits; and whether it is a GIF.
fn decoder(file: &Path) -> Result<(impl ImageDecoder, bool), DataError> {
    let failed = |error: image::ImageError| broken(file, &error);
    let reader = reader(file)?;
    let is_gif = reader.format() == Some(ImageFormat::Gif);
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let mut limits = limits();
    limits.reserve(decoder.total_bytes()).map_err(failed)?;
    decoder.set_limits(limits).map_err(failed)?;
    Ok((decoder, is_gif))
}

/// What the head of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Pixels down, as it is shown.
    pub height: usize,
    /// Pixels across.
    pub width: usize,
    /// Whether it has no colors.
    pub gray: bool,
}

fn is_gray(color: ColorType) -> bool {
    matches!(color, ColorType::L8 | ColorType::L16 | ColorType::La8 | ColorType::La16)
}

/// Size and color of a picture, without decoding it.
///
/// # Errors
/// If the file cannot be read, is no picture, or is larger than the limits.
pub fn header(file: &Path) -> Result<Form, DataError> {
    let (mut decoder, _) = decoder(file)?;
    let (width, height) = decoder.dimensions();
    let turned = decoder.orientation().map_or(1, |orientation| orientation.to_exif()) >= 5;
    let (height, width) = if turned { (width, height) } else { (height, width) };
    let gray = is_gray(decoder.color_type());
    Ok(Form { height: height as usize, width: width as usize, gray })
}

/// A picture as it is decoded, turned as its file says that it is to be shown; and whether it is a GIF.
pub(crate) fn decode(file: &Path) -> Result<(DynamicImage, bool), DataError> {
    let failed = |error: image::ImageError| broken(file, &error);
    let (mut decoder, is_gif) = decoder(file)?;
    let orientation = decoder.orientation().map_err(failed)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(failed)?;
    image.apply_orientation(orientation);
    Ok((image, is_gif))
}

/// Reads a picture; it is turned as its file says that it is to be shown. Of sixteen bits the upper eight
/// are kept, of a moving GIF the first picture.
///
/// # Errors
/// If the file cannot be read, is no whole picture, or is larger than the limits.
pub fn read(file: &Path) -> Result<Picture, DataError> {
    let (image, is_gif) = decode(file)?;
    let (gray, has_alpha) = (is_gray(image.color()), image.color().has_alpha());
    let (height, width) = (image.height() as usize, image.width() as usize);
    let alpha = has_alpha.then(|| alpha(&image)).filter(|alpha| {
        // Every GIF is decoded with transparency, whether it has any or not.
        !is_gif || alpha.iter().any(|&alpha| alpha < 255)
    });
    let (channels, pixels) = match gray {
        true => (1, image.into_luma8().into_raw()),
        false => (3, image.into_rgb8().into_raw()),
    };
    Ok(Picture { height, width, channels, pixels, alpha })
}

fn unwritten(name: &Path, problem: impl Into<Said>) -> DataError {
    DataError::new(name.display().to_string(), problem).expected(say::picture_want_name)
}

fn alpha(image: &DynamicImage) -> Vec<u8> {
    match image {
        DynamicImage::ImageRgba8(image) => image.pixels().map(|pixel| pixel[3]).collect(),
        DynamicImage::ImageLumaA8(image) => image.pixels().map(|pixel| pixel[1]).collect(),
        other => other.to_rgba8().pixels().map(|pixel| pixel[3]).collect(),
    }
}

impl Picture {
    /// Refuses names of files that the picture cannot be written to.
    ///
    /// # Errors
    /// If the ending is none of .png, .jpg and .bmp, or the picture has transparency and the format none.
    pub fn check_name(&self, name: &Path) -> Result<(), DataError> {
        self.format(name).map(|_| ())
    }

    fn format(&self, name: &Path) -> Result<ImageFormat, DataError> {
        match ImageFormat::from_path(name) {
            Ok(format @ ImageFormat::Png) => Ok(format),
            Ok(format @ (ImageFormat::Jpeg | ImageFormat::Bmp)) if self.alpha.is_none() => {
                Ok(format)
            }
            Ok(ImageFormat::Jpeg | ImageFormat::Bmp) => {
                Err(unwritten(name, say::picture_transparent).cure(say::cure_transparent))
            }
            _ => Err(unwritten(name, say::picture_unknown)),
        }
    }

    /// The bytes of a file with such a name: PNG, JPEG (of quality 95) or BMP, by its ending.
    ///
    /// # Errors
    /// As [`Picture::check_name`].
    pub fn encode(&self, name: &Path) -> Result<Vec<u8>, DataError> {
        let format = self.format(name)?;
        let color = match (self.channels, &self.alpha) {
            (1, None) => ExtendedColorType::L8,
            (1, Some(_)) => ExtendedColorType::La8,
            (_, None) => ExtendedColorType::Rgb8,
            (_, Some(_)) => ExtendedColorType::Rgba8,
        };
        let pixels = self.interleaved();
        let (width, height) = (self.width as u32, self.height as u32);
        let mut bytes = Cursor::new(Vec::new());
        let written = match format {
            ImageFormat::Jpeg => image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95)
                .encode(&pixels, width, height, color),
            _ => image::write_buffer_with_format(&mut bytes, &pixels, width, height, color, format),
        };
        written.map_err(|error| unwritten(name, |l| say::picture_unwritten(l, &error)))?;
        Ok(bytes.into_inner())
    }

    /// Transparency behind the channels of each pixel, where there is some.
    fn interleaved(&self) -> std::borrow::Cow<'_, [u8]> {
        let Some(alpha) = &self.alpha else { return self.pixels.as_slice().into() };
        let pixels = self.pixels.chunks_exact(self.channels.max(1)).zip(alpha);
        let with = |(pixel, &alpha): (&[u8], &u8)| pixel.iter().copied().chain([alpha]).collect();
        pixels.flat_map(|pair| -> Vec<u8> { with(pair) }).collect::<Vec<u8>>().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(channels: usize, alpha: bool) -> Picture {
        let pixels = (0..30 * channels).map(|i| (i * 7 % 256) as u8).collect();
        let alpha = alpha.then(|| (0..30).map(|i| i * 8).collect());
        Picture { height: 5, width: 6, channels, pixels, alpha }
    }

    #[test]
    fn files_give_the_pixels_back() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, channels, alpha) in
            [("a.png", 1, false), ("b.png", 3, true), ("c.png", 1, true), ("d.bmp", 3, false)]
        {
            let (path, wanted) = (folder.path().join(name), picture(channels, alpha));
            std::fs::write(&path, wanted.encode(&path).expect("encodes")).expect("writes");
            assert_eq!(read(&path).expect("reads"), wanted, "{name}");
            let form = Form { height: 5, width: 6, gray: channels == 1 };
            assert_eq!(header(&path).expect("reads"), form, "{name}");
        }
        let error = |name: &str, alpha| {
            picture(3, alpha).encode(Path::new(name)).expect_err("refused").to_string()
        };
        assert_eq!(
            error("x.jpg", true),
            "x.jpg: the picture has transparency, which only PNG keeps here, expected a name that ends \
             with .png, .jpg or .bmp; write it to a .png"
        );
        assert!(error("x.tiff", false).contains("is not known by its name"));
    }

    /// A PNG that says it has 2³¹ pixels.
    #[test]
    fn a_bomb_is_refused_by_its_head() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bomb.png");
        let wide = Path::new("wide.png");
        let mut bytes = picture(1, false).encode(wide).expect("encodes");
        bytes[16..20].copy_from_slice(&70_000u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&30_000u32.to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        std::fs::write(&path, &bytes).expect("writes");
        for error in [read(&path).map(|_| ()), header(&path).map(|_| ())] {
            let error = error.expect_err("too large").to_string();
            assert!(error.contains("bomb.png: the image is too large"), "{error}");
            assert!(error.contains("at most 16384 pixels a side and 512 MiB"), "{error}");
        }
        // Within the limits of the sides, but not of the memory.
        bytes[16..20].copy_from_slice(&16_384u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&16_384u32.to_be_bytes());
        bytes[24..26].copy_from_slice(&[8, 6]);
        let mut crc = flate2::Crc::new();
        crc.update(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        std::fs::write(&path, &bytes).expect("writes");
        let error = read(&path).expect_err("too large").to_string();
        assert!(error.contains("too large"), "{error}");
    }
}
