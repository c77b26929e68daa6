//! The rows of an image that are read at a time, in a frame of zeros where needed.

use std::ops::Range;

use crate::Element;

/// How images are read.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// Height, width and channels of an image.
    pub(super) image: [usize; 3],
    /// The columns that are read.
    columns: Range<isize>,
    /// Whether rows are copied.
    copied: bool,
}

impl Window {
    /// For reading these rows and columns of images of `[height, width, channels]`.
    pub(super) fn new(image: [usize; 3], rows: &Range<isize>, columns: Range<isize>) -> Window {
        let inside = |range: &Range<isize>, size| range.start >= 0 && range.end <= size as isize;
        let copied = !inside(rows, image[0]) || !inside(&columns, image[1]);
        Window { image, columns, copied }
    }

    /// Columns of the frame.
    pub(super) fn width(&self) -> usize {
        if self.copied { self.columns.len() } else { self.image[1] }
    }

    /// Column of the image that is column 0 of the frame.
    pub(super) fn first_column(&self) -> isize {
        if self.copied { self.columns.start } else { 0 }
    }

    /// Scratch elements for so many rows.
    pub(super) fn scratch(&self, rows: usize) -> usize {
        if self.copied { rows * self.width() * self.image[2] } else { 0 }
    }

    /// Makes scratch memory for so many rows a frame of zeros.
    ///
    /// # Safety
    /// `scratch` has room for them.
    pub(super) unsafe fn clear<T: Element>(&self, rows: usize, scratch: *mut T) {
        // SAFETY: the caller's promise. The bytes of 0 are 0.
        unsafe { scratch.write_bytes(0, self.scratch(rows)) };
    }

    /// The address of the frame's first column in the first of some rows of an image.
    ///
    /// # Safety
    /// `image` is one of the images; `scratch` has room for the rows and has been cleared before the
    /// first of them: what lies left and right of the image is 0 and stays so.
    pub(super) unsafe fn open<T: Element>(
        &self,
        image: *const T,
        rows: Range<isize>,
        scratch: *mut T,
    ) -> *const T {
        let [height, width, channels] = self.image;
        if !self.copied {
            return image.wrapping_offset(rows.start * (width * channels) as isize);
        }
        // No element is read if there are no columns.
        let columns = &self.columns;
        let left = (-columns.start).clamp(0, columns.len() as isize) as usize;
        let (from, to) = (columns.start.max(0), columns.end.min(width as isize).max(0));
        let middle = (to - from).max(0) as usize;
        let row_size = columns.len() * channels;
        for (i, row) in rows.enumerate() {
            // SAFETY: row i of the scratch memory; columns and rows of the image that exist. The
            // bytes of 0 are 0.
            unsafe {
                let target = scratch.add(i * row_size);
                if row < 0 || row >= height as isize {
                    target.write_bytes(0, row_size);
                    continue;
                }
                let source = image.add((row as usize * width + from as usize) * channels);
                source.copy_to_nonoverlapping(target.add(left * channels), middle * channels);
            }
        }
        scratch
    }
}
