//! Two vectors as one: long computations on them interleave, so that the processor, which looks
//! ahead only so far, always finds instructions that need not wait.

use super::{Vector, Vector32};

/// Two vectors.
#[derive(Clone, Copy)]
pub struct Pair<V>(V, V);

macro_rules! both {
    ($($name:ident($self:ident $(, $argument:ident)*);)*) => {$(
        #[inline(always)]
        fn $name($self $(, $argument: Self)*) -> Self {
            Pair($self.0.$name($($argument.0),*), $self.1.$name($($argument.1),*))
        }
    )*};
}

macro_rules! compare {
    ($($name:ident($self:ident $(, $argument:ident)*);)*) => {$(
        #[inline(always)]
        fn $name($self $(, $argument: Self)*) -> Self::Mask {
            ($self.0.$name($($argument.0),*), $self.1.$name($($argument.1),*))
        }
    )*};
}

impl<V: Vector> Vector for Pair<V> {
    type Scalar = V::Scalar;
    type Mask = (V::Mask, V::Mask);
    const N: usize = 2 * V::N;
    const TRANSPOSED: usize = V::TRANSPOSED;

    #[inline(always)]
    unsafe fn transpose(
        rows: &[*const V::Scalar; crate::LANES],
        to: *mut V::Scalar,
        stride: usize,
    ) {
        const { assert!(2 * V::N <= crate::LANES, "there are addresses for so many rows only") };
        let mut behind = *rows;
        behind.rotate_left(V::N);
        // SAFETY: the caller's promise, for the first and the second half of the rows.
        unsafe {
            V::transpose(rows, to, stride);
            V::transpose(&behind, to.add(V::N), stride);
        }
    }

    #[inline(always)]
    fn splat(value: V::Scalar) -> Self {
        Pair(V::splat(value), V::splat(value))
    }
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Pair(V::constant(value), V::constant(value))
    }
    #[inline(always)]
    unsafe fn load(from: *const V::Scalar) -> Self {
        // SAFETY: the caller's promise.
        unsafe { Pair(V::load(from), V::load(from.add(V::N))) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut V::Scalar) {
        // SAFETY: the caller's promise.
        unsafe {
            self.0.store(to);
            self.1.store(to.add(V::N));
        }
    }
    #[inline(always)]
    unsafe fn load_partial(from: *const V::Scalar, n: usize) -> Self {
        let rest = n.saturating_sub(V::N);
        // SAFETY: the caller's promise; where `rest` is 0, nothing is read.
        unsafe {
            let second = V::load_partial(from.wrapping_add(V::N), rest);
            Pair(V::load_partial(from, n.min(V::N)), second)
        }
    }
    #[inline(always)]
    unsafe fn store_partial(self, to: *mut V::Scalar, n: usize) {
        // SAFETY: the caller's promise; where the rest is 0, nothing is written.
        unsafe {
            self.0.store_partial(to, n.min(V::N));
            self.1.store_partial(to.wrapping_add(V::N), n.saturating_sub(V::N));
        }
    }
    #[inline(always)]
    fn first(n: usize) -> Self::Mask {
        (V::first(n.min(V::N)), V::first(n.saturating_sub(V::N)))
    }

    both! {
        add(self, b);
        sub(self, b);
        mul(self, b);
        div(self, b);
        sqrt(self);
        mul_add(self, b, c);
        neg_mul_add(self, b, c);
        neg(self);
        abs(self);
        floor(self);
        round(self);
        max(self, b);
        min(self, b);
        bit_and(self, b);
        bit_or(self, b);
        bit_xor(self, b);
    }

    compare! {
        equal(self, b);
        greater(self, b);
        at_least(self, b);
        is_nan(self);
    }

    #[inline(always)]
    fn select(mask: Self::Mask, a: Self, b: Self) -> Self {
        Pair(V::select(mask.0, a.0, b.0), V::select(mask.1, a.1, b.1))
    }
    #[inline(always)]
    fn any(mask: Self::Mask) -> bool {
        V::any(mask.0) | V::any(mask.1)
    }
    #[inline(always)]
    fn all(mask: Self::Mask) -> bool {
        V::all(mask.0) & V::all(mask.1)
    }
    #[inline(always)]
    fn fold_add(self) -> V::Scalar {
        self.0.add(self.1).fold_add()
    }
    #[inline(always)]
    fn fold_max(self) -> V::Scalar {
        self.0.max_nan(self.1).fold_max()
    }
}

impl<V: Vector32> Vector32 for Pair<V> {
    both! {
        scale(self, n);
    }
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let (first, second) = (self.0.split(), self.1.split());
        (Pair(first.0, second.0), Pair(first.1, second.1))
    }
    #[inline(always)]
    fn reciprocal_guess(self, magic: u32) -> Self {
        Pair(self.0.reciprocal_guess(magic), self.1.reciprocal_guess(magic))
    }
    #[inline(always)]
    fn bits_at_least(self, bits: u32) -> Self::Mask {
        (self.0.bits_at_least(bits), self.1.bits_at_least(bits))
    }
}
