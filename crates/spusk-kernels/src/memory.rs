//! Where values live: two buffers and places inside them.

use crate::{Element, LANES};

/// Which of the two buffers of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Space {
    /// The arena of one plan: inputs, constants, intermediate values, outputs.
    Work,
    /// What outlives a step: parameters, buffers, optimizer slots.
    State,
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
            Space::Window(_) => "window",
            Space::Local => "local",
        }
    }
}

/// A range of elements in a buffer. `offset` is a multiple of [`LANES`], and the buffer continues
/// to the next multiple of [`LANES`] behind `len`, so a kernel may read and write whole vectors;
/// what stands in that padding means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The buffer.
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
        if let Space::Window(number) = self.space {
            write!(f, " {number}")?;
        }
        write!(f, "[{}..{end}]", self.offset)
    }
}

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line<T>([T; LANES]);

/// Zeroed elements at an address that is a multiple of 64 bytes.
pub struct Buffer<T> {
    lines: Vec<Line<T>>,
}

impl<T: Element> Buffer<T> {
    /// `len` zeros, rounded up to whole groups of [`LANES`].
    pub fn zeroed(len: usize) -> Self {
        Buffer { lines: vec![Line([T::ZERO; LANES]); len.div_ceil(LANES)] }
    }

    /// Number of elements, padding included.
    pub fn len(&self) -> usize {
        self.lines.len() * LANES
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// All elements.
    pub fn as_slice(&self) -> &[T] {
        // SAFETY: `Line<T>` is `LANES` elements of `T` without gaps (`LANES * size_of::<T>()` is a
        // multiple of its alignment, 64, for f32 and f64), so the lines are one run of elements.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast::<T>(), self.len()) }
    }

    /// All elements.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as in `as_slice`, and `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast::<T>(), self.len()) }
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
        Buffer { lines: self.lines.clone() }
    }
}

impl<T: Element> std::fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buffer({} elements)", self.len())
    }
}

/// The base addresses of the two buffers during a run.
///
/// Kernels on several threads write through it at once. That is sound because `Program` puts two
/// instructions into one stage only when neither writes what the other touches, and because the
/// chunks of one instruction write disjoint elements (the contract of `Kernel::run`).
#[derive(Clone, Copy)]
pub(crate) struct RawMemory<T> {
    pub(crate) work: *mut T,
    pub(crate) state: *mut T,
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
    /// Windows and local memory are there inside of loops only; `Program::new` has checked it.
    #[inline(always)]
    pub(crate) unsafe fn base(&self, space: Space) -> *mut T {
        match space {
            Space::Work => self.work,
            Space::State => self.state,
            Space::Local => self.local,
            // SAFETY: the table has an entry for every window of the loop.
            Space::Window(number) => unsafe { *self.windows.add(usize::from(number)) },
        }
    }
}
