//! Where values live: two buffers, arrays that are lent for a run, and places inside them.

use std::marker::PhantomData;

use crate::{Element, LANES};

/// Which memory of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Space {
    /// The arena of one plan: inputs, constants, intermediate values, outputs.
    Work,
    /// What outlives a step: parameters, buffers, optimizer slots.
    State,
    /// The array of this number among those that the caller lends for one run ([`Lent`]): only read.
    Lent(u8),
    /// In the body of a loop: where the window of this number stands in this turn.
    Window(u16),
    /// In the body of a loop: what one turn leaves for itself. Each thread has its own.
    Local,
}

impl Space {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Space::Work => "work",
            Space::State => "state",
            Space::Lent(_) => "lent",
            Space::Window(_) => "window",
            Space::Local => "local",
        }
    }
}

/// A range of elements in a buffer or a lent array. `offset` is a multiple of [`LANES`], and the
/// memory continues to the next multiple of [`LANES`] behind `len`, so a kernel may read and write
/// whole vectors; what stands in that padding means nothing. Lent arrays are aligned to their
/// elements only, so no kernel may rely on more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The memory.
    pub space: Space,
    /// First element; a multiple of [`LANES`].
    pub offset: usize,
    /// Number of elements, without the padding.
    pub len: usize,
}

impl Place {
    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The first element behind the place and its padding; `usize::MAX` if that is too large a
    /// number.
    pub fn padded_end(&self) -> usize {
        let padded = self.len.checked_next_multiple_of(LANES).unwrap_or(usize::MAX);
        self.offset.saturating_add(padded)
    }

    /// Whether the two share an element, padding included.
    pub fn overlaps(&self, other: &Place) -> bool {
        self.space == other.space
            && self.len > 0
            && other.len > 0
            && self.offset < other.padded_end()
            && other.offset < self.padded_end()
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let end = self.offset.saturating_add(self.len);
        write!(f, "{}", self.space.name())?;
        match self.space {
            Space::Window(number) => write!(f, " {number}")?,
            Space::Lent(number) => write!(f, " {number}")?,
            Space::Work | Space::State | Space::Local => {}
        }
        write!(f, "[{}..{end}]", self.offset)
    }
}

/// Zeroed elements at an address that is a multiple of 64 bytes.
///
/// A large buffer begins at a multiple of 2 MiB and asks Linux for pages of that size: a step walks
/// through all of it, and with pages of 4 KiB it waits for their addresses a tenth of the time.
pub struct Buffer<T> {
    /// Holds the elements and what was left before and behind them.
    words: Vec<u64>,
    /// Words before the first element.
    start: usize,
    /// Elements, padding included.
    len: usize,
    element: PhantomData<T>,
}

/// Bytes of a vector, and of a cache line.
const LINE: usize = 64;
/// Bytes of a large page.
const LARGE_PAGE: usize = 2 << 20;
const WORD: usize = size_of::<u64>();

impl<T: Element> Buffer<T> {
    /// `len` zeros, rounded up to whole groups of [`LANES`].
    ///
    /// # Panics
    /// If that is more than half of the address space, as `Vec` does.
    pub fn zeroed(len: usize) -> Self {
        let padded = len.checked_next_multiple_of(LANES);
        let sizes = padded.and_then(|len| Some((len, len.checked_mul(size_of::<T>())?)));
        let most = isize::MAX as usize - LARGE_PAGE;
        let (len, bytes) = sizes.filter(|&(_, bytes)| bytes <= most).expect("capacity overflow");
        let alignment = if bytes < LARGE_PAGE { LINE } else { LARGE_PAGE };
        // Memory that nobody has touched comes from the system as zeros and costs nothing, so what
        // is left before and behind is free.
        let words = vec![0_u64; (bytes + alignment) / WORD];
        let address = words.as_ptr().addr();
        let start = (address.next_multiple_of(alignment) - address) / WORD;
        let mut buffer = Buffer { words, start, len, element: PhantomData };
        if alignment == LARGE_PAGE {
            ask_for_large_pages(&mut buffer.words[start..start + bytes / WORD]);
        }
        buffer
    }

    /// Number of elements, padding included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All elements.
    pub fn as_slice(&self) -> &[T] {
        let words = &self.words[self.start..];
        // SAFETY: `zeroed` has made room for `len` elements behind `start`, at a multiple of 64
        // bytes, and any bits are an f32 or f64.
        unsafe { std::slice::from_raw_parts(words.as_ptr().cast::<T>(), self.len) }
    }

    /// All elements.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        let words = &mut self.words[self.start..];
        // SAFETY: as in `as_slice`, and `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast::<T>(), self.len) }
    }

    /// The elements of a place (its `space` is not looked at).
    ///
    /// # Panics
    /// If the place lies outside the buffer.
    pub fn at(&self, place: Place) -> &[T] {
        &self.as_slice()[place.offset..place.offset + place.len]
    }

    /// The elements of a place (its `space` is not looked at).
    ///
    /// # Panics
    /// If the place lies outside the buffer.
    pub fn at_mut(&mut self, place: Place) -> &mut [T] {
        &mut self.as_mut_slice()[place.offset..place.offset + place.len]
    }
}

impl<T: Element> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        let mut copy = Buffer::zeroed(self.len);
        copy.as_mut_slice().copy_from_slice(self.as_slice());
        copy
    }
}

impl<T: Element> std::fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buffer({} elements)", self.len())
    }
}

/// Tells Linux that the whole large pages of this memory, which nobody has touched yet, should be
/// large indeed. Where it refuses, the pages stay small.
#[cfg(target_os = "linux")]
fn ask_for_large_pages(words: &mut [u64]) {
    let bytes = size_of_val(words) / LARGE_PAGE * LARGE_PAGE;
    // SAFETY: the range lies in memory that is borrowed mutably, and the advice leaves its content.
    unsafe { libc::madvise(words.as_mut_ptr().cast(), bytes, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn ask_for_large_pages(_: &mut [u64]) {}

const MOST_LENT: usize = 16;

/// Arrays that the caller lends for one run, by their numbers: kernels read them where they stand and
/// never write them.
///
/// ```
/// use spusk_kernels::Lent;
///
/// let features = [1.0_f32; 32];
/// let lent = Lent::new(&[&features]).expect("one array is not too many");
/// assert_eq!(lent.arrays(), [&features]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Lent<'a, T> {
    // Of a fixed size, so that a run allocates nothing.
    arrays: [&'a [T]; MOST_LENT],
    count: usize,
}

impl<'a, T> Lent<'a, T> {
    /// The most arrays of a run.
    pub const MOST: usize = MOST_LENT;

    /// These arrays; none if they are more than [`Lent::MOST`].
    pub fn new(arrays: &[&'a [T]]) -> Option<Self> {
        let mut lent = Lent::default();
        arrays.iter().all(|array| lent.push(array)).then_some(lent)
    }

    /// One more array, whose number is how many there were; whether there was room.
    pub fn push(&mut self, array: &'a [T]) -> bool {
        match self.arrays.get_mut(self.count) {
            Some(room) => {
                *room = array;
                self.count += 1;
                true
            }
            None => false,
        }
    }

    /// Another array in place of the one of this number; whether there was one.
    pub fn replace(&mut self, number: usize, array: &'a [T]) -> bool {
        match self.arrays[..self.count].get_mut(number) {
            Some(old) => {
                *old = array;
                true
            }
            None => false,
        }
    }

    /// All arrays in order.
    pub fn arrays(&self) -> &[&'a [T]] {
        &self.arrays[..self.count]
    }
}

impl<T> Default for Lent<'_, T> {
    fn default() -> Self {
        Lent { arrays: [&[]; MOST_LENT], count: 0 }
    }
}

/// The base addresses of the memory of a run.
///
/// Kernels on several threads write through it at once. That is sound because `Program` puts two
/// instructions into one stage only when neither writes what the other touches, and because the
/// chunks of one instruction write disjoint elements (the contract of `Kernel::run`).
#[derive(Clone, Copy)]
pub(crate) struct RawMemory<T> {
    pub(crate) work: *mut T,
    pub(crate) state: *mut T,
    /// The arrays that are lent, by number.
    pub(crate) lent: *const *const [T],
    /// Inside a loop: this thread's own memory.
    pub(crate) local: *mut T,
    /// Inside a loop: where each window stands in this turn.
    pub(crate) windows: *const *mut T,
}

// SAFETY: it is only addresses; what goes through them is each kernel's promise (see above).
unsafe impl<T: Send> Send for RawMemory<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for RawMemory<T> {}

impl<T> RawMemory<T> {
    /// The address of a place's first element.
    ///
    /// # Safety
    /// The place must lie inside the buffer; `Program::new` has checked it.
    #[inline(always)]
    pub(crate) unsafe fn ptr(&self, place: Place) -> *mut T {
        // SAFETY: inside the buffer by the caller's promise.
        unsafe { self.base(place.space).add(place.offset) }
    }

    /// The address of a space's first element.
    ///
    /// # Safety
    /// Windows and local memory are there inside of loops only, and a lent array where the program
    /// names it; `Program` has checked it. What is lent must not be written.
    #[inline(always)]
    pub(crate) unsafe fn base(&self, space: Space) -> *mut T {
        match space {
            Space::Work => self.work,
            Space::State => self.state,
            Space::Local => self.local,
            // SAFETY: there are as many as the program names, which only reads them.
            Space::Lent(number) => unsafe {
                (*self.lent.add(usize::from(number))).cast::<T>().cast_mut()
            },
            // SAFETY: the table has an entry for every window of the loop.
            Space::Window(number) => unsafe { *self.windows.add(usize::from(number)) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_zeroed_aligned_and_copied() {
        let large = LARGE_PAGE / size_of::<f32>();
        for (len, padded, alignment) in [
            (0, 0, LINE),
            (1, LANES, LINE),
            (LANES, LANES, LINE),
            (large - LANES, large - LANES, LINE),
            (large, large, LARGE_PAGE),
            (3 * large + 1, 3 * large + LANES, LARGE_PAGE),
        ] {
            let mut buffer = Buffer::<f32>::zeroed(len);
            assert_eq!((buffer.len(), buffer.is_empty()), (padded, padded == 0));
            assert_eq!(buffer.as_slice().as_ptr().addr() % alignment, 0, "{len} elements");
            assert!(buffer.as_slice().iter().all(|&x| x == 0.0));
            for (i, x) in buffer.as_mut_slice().iter_mut().enumerate() {
                *x = i as f32;
            }
            let copy = buffer.clone();
            assert_eq!(copy.as_slice().as_ptr().addr() % alignment, 0, "copy of {len} elements");
            assert!(copy.as_slice() == buffer.as_slice());
        }
    }
}
