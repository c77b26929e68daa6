//! Vectors in plain Rust: arrays and loops of fixed length, which the compiler turns into the
//! 128-bit vectors that every AArch64 and x86-64 processor has.

use super::{Vector, Vector32};

/// `N` numbers.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Portable<T, const N: usize>([T; N]);

macro_rules! portable {
    ($scalar:ty, $n:literal, $bits:ty) => {
        impl Portable<$scalar, $n> {
            #[inline(always)]
            fn bits(self, b: Self, f: impl Fn($bits, $bits) -> $bits) -> Self {
                Portable(std::array::from_fn(|i| {
                    <$scalar>::from_bits(f(self.0[i].to_bits(), b.0[i].to_bits()))
                }))
            }
        }

        impl Vector for Portable<$scalar, $n> {
            type Scalar = $scalar;
            type Mask = [bool; $n];
            const N: usize = $n;

            #[inline(always)]
            fn splat(value: $scalar) -> Self {
                Portable([value; $n])
            }

            #[inline(always)]
            fn constant(value: f64) -> Self {
                Portable([value as $scalar; $n])
            }

            #[inline(always)]
            unsafe fn load(from: *const $scalar) -> Self {
                // SAFETY: `N` readable elements by the caller's promise, at any address.
                Portable(unsafe { from.cast::<[$scalar; $n]>().read_unaligned() })
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut $scalar) {
                // SAFETY: `N` writable elements by the caller's promise, at any address.
                unsafe { to.cast::<[$scalar; $n]>().write_unaligned(self.0) }
            }

            #[inline(always)]
            unsafe fn load_partial(from: *const $scalar, n: usize) -> Self {
                let mut values = [0.0; $n];
                for (i, value) in values.iter_mut().enumerate().take(n) {
                    // SAFETY: `i < n`, and `n` elements are readable by the caller's promise.
                    *value = unsafe { *from.add(i) };
                }
                Portable(values)
            }

            #[inline(always)]
            unsafe fn store_partial(self, to: *mut $scalar, n: usize) {
                for (i, &value) in self.0.iter().enumerate().take(n) {
                    // SAFETY: `i < n`, and `n` elements are writable by the caller's promise.
                    unsafe { *to.add(i) = value };
                }
            }

            #[inline(always)]
            fn first(n: usize) -> [bool; $n] {
                std::array::from_fn(|i| i < n)
            }

            #[inline(always)]
            fn add(self, b: Self) -> Self {
                Portable(std::array::from_fn(|i| self.0[i] + b.0[i]))
            }
            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                Portable(std::array::from_fn(|i| self.0[i] - b.0[i]))
            }
            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                Portable(std::array::from_fn(|i| self.0[i] * b.0[i]))
            }
            #[inline(always)]
            fn div(self, b: Self) -> Self {
                Portable(std::array::from_fn(|i| self.0[i] / b.0[i]))
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                Portable(std::array::from_fn(|i| self.0[i].sqrt()))
            }
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                Portable(std::array::from_fn(|i| self.0[i].mul_add(b.0[i], c.0[i])))
            }
            #[inline(always)]
            fn neg_mul_add(self, b: Self, c: Self) -> Self {
                Portable(std::array::from_fn(|i| (-self.0[i]).mul_add(b.0[i], c.0[i])))
            }
            #[inline(always)]
            fn neg(self) -> Self {
                Portable(std::array::from_fn(|i| -self.0[i]))
            }
            #[inline(always)]
            fn abs(self) -> Self {
                Portable(std::array::from_fn(|i| self.0[i].abs()))
            }
            #[inline(always)]
            fn floor(self) -> Self {
                Portable(std::array::from_fn(|i| self.0[i].floor()))
            }
            #[inline(always)]
            fn round(self) -> Self {
                Portable(std::array::from_fn(|i| self.0[i].round_ties_even()))
            }
            #[inline(always)]
            fn max(self, b: Self) -> Self {
                Self::select(self.greater(b), self, b)
            }
            #[inline(always)]
            fn min(self, b: Self) -> Self {
                Self::select(b.greater(self), self, b)
            }
            #[inline(always)]
            fn equal(self, b: Self) -> [bool; $n] {
                std::array::from_fn(|i| self.0[i] == b.0[i])
            }
            #[inline(always)]
            fn greater(self, b: Self) -> [bool; $n] {
                std::array::from_fn(|i| self.0[i] > b.0[i])
            }
            #[inline(always)]
            fn at_least(self, b: Self) -> [bool; $n] {
                std::array::from_fn(|i| self.0[i] >= b.0[i])
            }
            #[inline(always)]
            fn is_nan(self) -> [bool; $n] {
                std::array::from_fn(|i| self.0[i].is_nan())
            }
            #[inline(always)]
            fn select(mask: [bool; $n], a: Self, b: Self) -> Self {
                Portable(std::array::from_fn(|i| if mask[i] { a.0[i] } else { b.0[i] }))
            }
            #[inline(always)]
            fn any(mask: [bool; $n]) -> bool {
                mask.into_iter().fold(false, |any, one| any | one)
            }
            #[inline(always)]
            fn all(mask: [bool; $n]) -> bool {
                mask.into_iter().fold(true, |all, one| all & one)
            }
            #[inline(always)]
            fn bit_and(self, b: Self) -> Self {
                self.bits(b, |a, b| a & b)
            }
            #[inline(always)]
            fn bit_or(self, b: Self) -> Self {
                self.bits(b, |a, b| a | b)
            }
            #[inline(always)]
            fn bit_xor(self, b: Self) -> Self {
                self.bits(b, |a, b| a ^ b)
            }
            const TRANSPOSED: usize = $n;
            #[inline(always)]
            unsafe fn transpose(
                rows: &[*const $scalar; crate::LANES],
                to: *mut $scalar,
                stride: usize,
            ) {
                // SAFETY: the caller's promise.
                unsafe {
                    let rows: [Self; $n] = std::array::from_fn(|i| Self::load(rows[i]));
                    for j in 0..$n {
                        Portable(rows.map(|row| row.0[j])).store(to.add(j * stride));
                    }
                }
            }
            #[inline(always)]
            fn fold_add(self) -> $scalar {
                let mut values = self.0;
                let mut half = $n / 2;
                while half > 0 {
                    for i in 0..half {
                        values[i] += values[i + half];
                    }
                    half /= 2;
                }
                values[0]
            }
            #[inline(always)]
            fn fold_max(self) -> $scalar {
                let mut values = self.0;
                let mut half = $n / 2;
                while half > 0 {
                    for i in 0..half {
                        let (a, b) = (values[i], values[i + half]);
                        values[i] = if a.is_nan() || a > b { a } else { b };
                    }
                    half /= 2;
                }
                values[0]
            }
        }
    };
}

portable!(f32, 4, u32);
portable!(f64, 2, u64);

/// 2ⁿ for n in -126..=127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits(((n + 127) as u32) << 23)
}

impl Vector32 for Portable<f32, 4> {
    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        Portable(std::array::from_fn(|i| {
            // SAFETY: an integer in -252..=254 by the contract; any other finite or NaN input is
            // turned into one before.
            let n = unsafe { n.0[i].clamp(-252.0, 254.0).max(-252.0).to_int_unchecked::<i32>() };
            // Two factors, since 2ⁿ alone may be out of range. The first product is exact.
            let half = n >> 1;
            self.0[i] * power_of_two(half) * power_of_two(n - half)
        }))
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let three_quarters = 0.75_f32.to_bits();
        let exponent = |x: f32| (x.to_bits().wrapping_sub(three_quarters)) as i32 >> 23;
        let mantissa = std::array::from_fn(|i| {
            let x = self.0[i];
            f32::from_bits(x.to_bits().wrapping_sub((exponent(x) as u32) << 23))
        });
        (Portable(mantissa), Portable(std::array::from_fn(|i| exponent(self.0[i]) as f32)))
    }

    #[inline(always)]
    fn reciprocal_guess(self, magic: u32) -> Self {
        self.bits(self, |a, _| magic.wrapping_sub(a))
    }

    #[inline(always)]
    fn bits_at_least(self, bits: u32) -> [bool; 4] {
        std::array::from_fn(|i| self.0[i].to_bits() >= bits)
    }
}
