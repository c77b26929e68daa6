//! 128-bit vectors: NEON, which every AArch64 processor has.
//!
//! The reason for every `unsafe` block here is that: this module is compiled for AArch64 alone.
//! Addresses are good by the caller's promise.

use std::arch::aarch64::*;

use super::{Combine, Vector, Vector32};

/// Four `f32`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F32x4(float32x4_t);

/// Two `f64`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F64x2(float64x2_t);

static INDICES_32: [u32; 4] = [0, 1, 2, 3];
static INDICES_64: [u64; 2] = [0, 1];

macro_rules! neon {
    (
        $vector:ident, $scalar:ty, $n:literal, $mask:ty, $bits:ty, $indices:ident,
        $dup:ident $load:ident $store:ident $dup_bits:ident $load_bits:ident $less_bits:ident
        $add:ident $sub:ident $mul:ident $div:ident $sqrt:ident $fma:ident $fms:ident
        $neg:ident $abs:ident $floor:ident $round:ident
        $equal:ident $greater:ident $at_least:ident $select:ident
        $to_bits:ident $from_bits:ident $words:path, $and:ident $or:ident $xor:ident
        { $($more:item)* }
    ) => {
        impl $vector {
            #[inline(always)]
            fn to_bits(self) -> $mask {
                // SAFETY: NEON.
                unsafe { $to_bits(self.0) }
            }

            #[inline(always)]
            fn from_bits(bits: $mask) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $from_bits(bits) })
            }
        }

        impl Vector for $vector {
            type Scalar = $scalar;
            type Mask = $mask;
            const N: usize = $n;

            #[inline(always)]
            fn splat(value: $scalar) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $dup(value) })
            }
            #[inline(always)]
            fn constant(value: f64) -> Self {
                Self::splat(value as $scalar)
            }
            #[inline(always)]
            unsafe fn load(from: *const $scalar) -> Self {
                // SAFETY: NEON, and the caller's promise.
                $vector(unsafe { $load(from) })
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $scalar) {
                // SAFETY: NEON, and the caller's promise.
                unsafe { $store(to, self.0) }
            }
            #[inline(always)]
            unsafe fn load_partial(from: *const $scalar, n: usize) -> Self {
                let mut values = [0.0; $n];
                for (i, value) in values.iter_mut().enumerate().take(n) {
                    // SAFETY: `i < n`, and `n` elements are readable by the caller's promise.
                    *value = unsafe { *from.add(i) };
                }
                // SAFETY: `N` elements.
                unsafe { Self::load(values.as_ptr()) }
            }
            #[inline(always)]
            unsafe fn store_partial(self, to: *mut $scalar, n: usize) {
                let mut values = [0.0; $n];
                // SAFETY: `N` elements.
                unsafe { self.store(values.as_mut_ptr()) };
                for (i, &value) in values.iter().enumerate().take(n) {
                    // SAFETY: `i < n`, and `n` elements are writable by the caller's promise.
                    unsafe { *to.add(i) = value };
                }
            }
            #[inline(always)]
            fn first(n: usize) -> $mask {
                // SAFETY: NEON; the table has `N` elements.
                unsafe { $less_bits($load_bits($indices.as_ptr()), $dup_bits(n as $bits)) }
            }
            #[inline(always)]
            fn add(self, b: Self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $add(self.0, b.0) })
            }
            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $sub(self.0, b.0) })
            }
            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $mul(self.0, b.0) })
            }
            #[inline(always)]
            fn div(self, b: Self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $div(self.0, b.0) })
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $sqrt(self.0) })
            }
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $fma(c.0, self.0, b.0) })
            }
            #[inline(always)]
            fn neg_mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $fms(c.0, self.0, b.0) })
            }
            #[inline(always)]
            fn neg(self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $neg(self.0) })
            }
            #[inline(always)]
            fn abs(self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $abs(self.0) })
            }
            #[inline(always)]
            fn floor(self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $floor(self.0) })
            }
            #[inline(always)]
            fn round(self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $round(self.0) })
            }
            // By choice: the instructions for the maximum and the minimum spread NaN and order zeros.
            #[inline(always)]
            fn max(self, b: Self) -> Self {
                Self::select(self.greater(b), self, b)
            }
            #[inline(always)]
            fn min(self, b: Self) -> Self {
                Self::select(b.greater(self), self, b)
            }
            #[inline(always)]
            fn equal(self, b: Self) -> $mask {
                // SAFETY: NEON.
                unsafe { $equal(self.0, b.0) }
            }
            #[inline(always)]
            fn greater(self, b: Self) -> $mask {
                // SAFETY: NEON.
                unsafe { $greater(self.0, b.0) }
            }
            #[inline(always)]
            fn at_least(self, b: Self) -> $mask {
                // SAFETY: NEON.
                unsafe { $at_least(self.0, b.0) }
            }
            #[inline(always)]
            fn is_nan(self) -> $mask {
                // SAFETY: NEON.
                unsafe { $xor(self.equal(self), $dup_bits(<$bits>::MAX)) }
            }
            #[inline(always)]
            fn select(mask: $mask, a: Self, b: Self) -> Self {
                // SAFETY: NEON.
                $vector(unsafe { $select(mask, a.0, b.0) })
            }
            #[inline(always)]
            fn any(mask: $mask) -> bool {
                // SAFETY: NEON.
                unsafe { vmaxvq_u32($words(mask)) != 0 }
            }
            #[inline(always)]
            fn all(mask: $mask) -> bool {
                // SAFETY: NEON.
                unsafe { vminvq_u32($words(mask)) != 0 }
            }
            #[inline(always)]
            fn bit_and(self, b: Self) -> Self {
                // SAFETY: NEON.
                Self::from_bits(unsafe { $and(self.to_bits(), b.to_bits()) })
            }
            #[inline(always)]
            fn bit_or(self, b: Self) -> Self {
                // SAFETY: NEON.
                Self::from_bits(unsafe { $or(self.to_bits(), b.to_bits()) })
            }
            #[inline(always)]
            fn bit_xor(self, b: Self) -> Self {
                // SAFETY: NEON.
                Self::from_bits(unsafe { $xor(self.to_bits(), b.to_bits()) })
            }
            const TRANSPOSED: usize = $n;
            $($more)*
        }
    };
}

neon!(
    F32x4, f32, 4, uint32x4_t, u32, INDICES_32,
    vdupq_n_f32 vld1q_f32 vst1q_f32 vdupq_n_u32 vld1q_u32 vcltq_u32
    vaddq_f32 vsubq_f32 vmulq_f32 vdivq_f32 vsqrtq_f32 vfmaq_f32 vfmsq_f32
    vnegq_f32 vabsq_f32 vrndmq_f32 vrndnq_f32
    vceqq_f32 vcgtq_f32 vcgeq_f32 vbslq_f32
    vreinterpretq_u32_f32 vreinterpretq_f32_u32 std::convert::identity,
    vandq_u32 vorrq_u32 veorq_u32
    {
        #[inline(always)]
        unsafe fn transpose(rows: &[*const f32; crate::LANES], to: *mut f32, stride: usize) {
            // SAFETY: the caller's promise.
            unsafe {
                let columns = transposed([
                    Self::load(rows[0]),
                    Self::load(rows[1]),
                    Self::load(rows[2]),
                    Self::load(rows[3]),
                ]);
                columns[0].store(to);
                columns[1].store(to.add(stride));
                columns[2].store(to.add(2 * stride));
                columns[3].store(to.add(3 * stride));
            }
        }
        #[inline(always)]
        fn fold_add(self) -> f32 {
            // SAFETY: NEON.
            unsafe {
                let two = vadd_f32(vget_low_f32(self.0), vget_high_f32(self.0));
                vpadds_f32(two)
            }
        }
        #[inline(always)]
        fn fold_max(self) -> f32 {
            let two = self.max_nan(self.turn::<2>());
            two.max_nan(two.turn::<1>()).first_element()
        }
        /// Column by column, so that one combination serves all four.
        #[inline(always)]
        fn fold_each<C: Combine>(vectors: [Self; crate::LANES]) -> Self {
            let [v0, v1, v2, v3] = transposed([vectors[0], vectors[1], vectors[2], vectors[3]]);
            C::combine(C::combine(v0, v2), C::combine(v1, v3))
        }
    }
);

neon!(
    F64x2, f64, 2, uint64x2_t, u64, INDICES_64,
    vdupq_n_f64 vld1q_f64 vst1q_f64 vdupq_n_u64 vld1q_u64 vcltq_u64
    vaddq_f64 vsubq_f64 vmulq_f64 vdivq_f64 vsqrtq_f64 vfmaq_f64 vfmsq_f64
    vnegq_f64 vabsq_f64 vrndmq_f64 vrndnq_f64
    vceqq_f64 vcgtq_f64 vcgeq_f64 vbslq_f64
    vreinterpretq_u64_f64 vreinterpretq_f64_u64 vreinterpretq_u32_u64,
    vandq_u64 vorrq_u64 veorq_u64
    {
        #[inline(always)]
        unsafe fn transpose(rows: &[*const f64; crate::LANES], to: *mut f64, stride: usize) {
            // SAFETY: NEON, and the caller's promise.
            unsafe {
                let (first, second) = (vld1q_f64(rows[0]), vld1q_f64(rows[1]));
                vst1q_f64(to, vzip1q_f64(first, second));
                vst1q_f64(to.add(stride), vzip2q_f64(first, second));
            }
        }
        #[inline(always)]
        fn fold_add(self) -> f64 {
            // SAFETY: NEON.
            unsafe { vpaddd_f64(self.0) }
        }
        #[inline(always)]
        fn fold_max(self) -> f64 {
            // SAFETY: NEON.
            let turned = F64x2(unsafe { vextq_f64::<1>(self.0, self.0) });
            // SAFETY: NEON.
            unsafe { vgetq_lane_f64::<0>(self.max_nan(turned).0) }
        }
    }
);

/// Vector j of the result has element j of every vector.
#[inline(always)]
fn transposed(rows: [F32x4; 4]) -> [F32x4; 4] {
    let [r0, r1, r2, r3] = rows.map(|row| row.0);
    // SAFETY: NEON.
    unsafe {
        let (low02, high02) = (vzip1q_f32(r0, r2), vzip2q_f32(r0, r2));
        let (low13, high13) = (vzip1q_f32(r1, r3), vzip2q_f32(r1, r3));
        [
            F32x4(vzip1q_f32(low02, low13)),
            F32x4(vzip2q_f32(low02, low13)),
            F32x4(vzip1q_f32(high02, high13)),
            F32x4(vzip2q_f32(high02, high13)),
        ]
    }
}

impl F32x4 {
    /// Element i becomes element i - `BY`, around.
    #[inline(always)]
    fn turn<const BY: i32>(self) -> Self {
        // SAFETY: NEON.
        F32x4(unsafe { vextq_f32::<BY>(self.0, self.0) })
    }

    #[inline(always)]
    fn first_element(self) -> f32 {
        // SAFETY: NEON.
        unsafe { vgetq_lane_f32::<0>(self.0) }
    }
}

/// 2ⁿ for integers n in -126..=127.
#[inline(always)]
fn power_of_two(n: int32x4_t) -> F32x4 {
    // SAFETY: NEON.
    F32x4(unsafe {
        let biased = vaddq_s32(n, vdupq_n_s32(127));
        vreinterpretq_f32_s32(vshlq_n_s32::<23>(biased))
    })
}

impl Vector32 for F32x4 {
    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        // SAFETY: NEON.
        let (half, rest) = unsafe {
            let n = vcvtnq_s32_f32(n.0);
            let half = vshrq_n_s32::<1>(n);
            (half, vsubq_s32(n, half))
        };
        // Two factors, since 2ⁿ alone may be out of range. The first product is exact.
        self.mul(power_of_two(half)).mul(power_of_two(rest))
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        // SAFETY: NEON.
        unsafe {
            let bits = vreinterpretq_s32_f32(self.0);
            let three_quarters = vdupq_n_s32(0.75_f32.to_bits() as i32);
            let exponent = vshrq_n_s32::<23>(vsubq_s32(bits, three_quarters));
            let mantissa = vsubq_s32(bits, vshlq_n_s32::<23>(exponent));
            (F32x4(vreinterpretq_f32_s32(mantissa)), F32x4(vcvtq_f32_s32(exponent)))
        }
    }

    #[inline(always)]
    fn reciprocal_guess(self, magic: u32) -> Self {
        // SAFETY: NEON.
        Self::from_bits(unsafe { vsubq_u32(vdupq_n_u32(magic), self.to_bits()) })
    }

    #[inline(always)]
    fn bits_at_least(self, bits: u32) -> uint32x4_t {
        // SAFETY: NEON.
        unsafe { vcgeq_u32(self.to_bits(), vdupq_n_u32(bits)) }
    }
}
