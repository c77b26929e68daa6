//! 256-bit vectors: AVX2 and FMA.
//!
//! The reason for every `unsafe` block here is the invariant of [`Vector`]: this code runs only on
//! processors that have the instructions. Addresses are good by the caller's promise.

use std::arch::x86_64::*;

use super::{Combine, Vector, Vector32};

/// Eight `f32`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F32x8(__m256);

/// Four `f64`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F64x4(__m256d);

/// `MASKS_32[8 - n..]` starts with n set elements.
static MASKS_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
/// `MASKS_64[4 - n..]` starts with n set elements.
static MASKS_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

macro_rules! avx2 {
    (
        $vector:ident, $scalar:ty, $n:literal, $raw:ty, $masks:ident, $sign:expr,
        $set1:ident $setzero:ident $loadu:ident $storeu:ident $maskload:ident $maskstore:ident
        $add:ident $sub:ident $mul:ident $div:ident $sqrt:ident $fmadd:ident $fnmadd:ident
        $round:ident $max:ident $min:ident $cmp:ident $blendv:ident $movemask:ident
        $and:ident $or:ident $xor:ident $set1_bits:ident $from_bits:ident
        { $($more:item)* }
    ) => {
        impl $vector {
            #[inline(always)]
            pub(super) fn from_raw(raw: $raw) -> Self {
                $vector(raw)
            }

            #[inline(always)]
            fn first_bits(n: usize) -> __m256i {
                debug_assert!(n <= $n);
                // SAFETY: the invariant; `n ≤ N`, so `N` elements follow in the table.
                unsafe { _mm256_loadu_si256($masks.as_ptr().add($n - n).cast()) }
            }
        }

        impl Vector for $vector {
            type Scalar = $scalar;
            type Mask = $raw;
            const N: usize = $n;

            #[inline(always)]
            fn splat(value: $scalar) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $set1(value) })
            }
            #[inline(always)]
            fn constant(value: f64) -> Self {
                Self::splat(value as $scalar)
            }
            #[inline(always)]
            fn zero() -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $setzero() })
            }
            #[inline(always)]
            unsafe fn load(from: *const $scalar) -> Self {
                // SAFETY: the invariant and the caller's promise.
                $vector(unsafe { $loadu(from) })
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $scalar) {
                // SAFETY: the invariant and the caller's promise.
                unsafe { $storeu(to, self.0) }
            }
            #[inline(always)]
            unsafe fn load_partial(from: *const $scalar, n: usize) -> Self {
                // SAFETY: the invariant and the caller's promise; masked elements are not touched.
                $vector(unsafe { $maskload(from, Self::first_bits(n)) })
            }
            #[inline(always)]
            unsafe fn store_partial(self, to: *mut $scalar, n: usize) {
                // SAFETY: the invariant and the caller's promise; masked elements are not touched.
                unsafe { $maskstore(to, Self::first_bits(n), self.0) }
            }
            #[inline(always)]
            fn first(n: usize) -> $raw {
                // SAFETY: the invariant.
                unsafe { $from_bits(Self::first_bits(n)) }
            }
            #[inline(always)]
            fn add(self, b: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $add(self.0, b.0) })
            }
            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $sub(self.0, b.0) })
            }
            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $mul(self.0, b.0) })
            }
            #[inline(always)]
            fn div(self, b: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $div(self.0, b.0) })
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $sqrt(self.0) })
            }
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $fmadd(self.0, b.0, c.0) })
            }
            #[inline(always)]
            fn neg_mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $fnmadd(self.0, b.0, c.0) })
            }
            #[inline(always)]
            fn neg(self) -> Self {
                // SAFETY: the invariant.
                let sign = $vector(unsafe { $from_bits($set1_bits($sign)) });
                self.bit_xor(sign)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                // SAFETY: the invariant.
                let rest = $vector(unsafe { $from_bits($set1_bits(!$sign)) });
                self.bit_and(rest)
            }
            #[inline(always)]
            fn floor(self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $round::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0) })
            }
            #[inline(always)]
            fn round(self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe {
                    $round::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)
                })
            }
            #[inline(always)]
            fn max(self, b: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $max(self.0, b.0) })
            }
            #[inline(always)]
            fn min(self, b: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $min(self.0, b.0) })
            }
            #[inline(always)]
            fn equal(self, b: Self) -> $raw {
                // SAFETY: the invariant.
                unsafe { $cmp::<_CMP_EQ_OQ>(self.0, b.0) }
            }
            #[inline(always)]
            fn greater(self, b: Self) -> $raw {
                // SAFETY: the invariant.
                unsafe { $cmp::<_CMP_GT_OQ>(self.0, b.0) }
            }
            #[inline(always)]
            fn at_least(self, b: Self) -> $raw {
                // SAFETY: the invariant.
                unsafe { $cmp::<_CMP_GE_OQ>(self.0, b.0) }
            }
            #[inline(always)]
            fn is_nan(self) -> $raw {
                // SAFETY: the invariant.
                unsafe { $cmp::<_CMP_UNORD_Q>(self.0, self.0) }
            }
            #[inline(always)]
            fn select(mask: $raw, a: Self, b: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $blendv(b.0, a.0, mask) })
            }
            #[inline(always)]
            fn any(mask: $raw) -> bool {
                // SAFETY: the invariant.
                unsafe { $movemask(mask) != 0 }
            }
            #[inline(always)]
            fn all(mask: $raw) -> bool {
                // SAFETY: the invariant.
                unsafe { $movemask(mask) == (1 << $n) - 1 }
            }
            #[inline(always)]
            fn bit_and(self, b: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $and(self.0, b.0) })
            }
            #[inline(always)]
            fn bit_or(self, b: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $or(self.0, b.0) })
            }
            #[inline(always)]
            fn bit_xor(self, b: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $xor(self.0, b.0) })
            }
            const TRANSPOSED: usize = 16 / size_of::<$scalar>();
            #[inline(always)]
            unsafe fn transpose(
                rows: &[*const $scalar; crate::LANES],
                to: *mut $scalar,
                stride: usize,
            ) {
                // SAFETY: passed on.
                unsafe { Self::transpose_quarters(rows, to, stride) }
            }
            #[inline(always)]
            fn fold_add(self) -> $scalar {
                let mut half = self.add(self.swap_halves());
                half = half.fold_quarter_add();
                half.first_element()
            }
            #[inline(always)]
            fn fold_max(self) -> $scalar {
                let mut half = self.max_nan(self.swap_halves());
                half = half.fold_quarter_max();
                half.first_element()
            }
            $($more)*
        }
    };
}

avx2!(
    F32x8, f32, 8, __m256, MASKS_32, i32::MIN,
    _mm256_set1_ps _mm256_setzero_ps _mm256_loadu_ps _mm256_storeu_ps
    _mm256_maskload_ps _mm256_maskstore_ps
    _mm256_add_ps _mm256_sub_ps _mm256_mul_ps _mm256_div_ps _mm256_sqrt_ps
    _mm256_fmadd_ps _mm256_fnmadd_ps
    _mm256_round_ps _mm256_max_ps _mm256_min_ps _mm256_cmp_ps _mm256_blendv_ps _mm256_movemask_ps
    _mm256_and_ps _mm256_or_ps _mm256_xor_ps
    _mm256_set1_epi32 _mm256_castsi256_ps
    {
        /// Every step takes two vectors' halves, pairs, … together, so that one combination serves
        /// both. Vector 4j + k of the eight ends up as element k of half j.
        #[inline(always)]
        fn fold_each<C: Combine>(vectors: [Self; crate::LANES]) -> Self {
            let mut halves = [Self::zero(); 4];
            for (k, half) in halves.iter_mut().enumerate() {
                *half = vectors[k].fold_halves::<C>(vectors[4 + k]);
            }
            let first = halves[0].fold_pairs::<C>(halves[1]);
            let second = halves[2].fold_pairs::<C>(halves[3]);
            first.fold_neighbors::<C>(second)
        }
    }
);

avx2!(
    F64x4, f64, 4, __m256d, MASKS_64, i64::MIN,
    _mm256_set1_pd _mm256_setzero_pd _mm256_loadu_pd _mm256_storeu_pd
    _mm256_maskload_pd _mm256_maskstore_pd
    _mm256_add_pd _mm256_sub_pd _mm256_mul_pd _mm256_div_pd _mm256_sqrt_pd
    _mm256_fmadd_pd _mm256_fnmadd_pd
    _mm256_round_pd _mm256_max_pd _mm256_min_pd _mm256_cmp_pd _mm256_blendv_pd _mm256_movemask_pd
    _mm256_and_pd _mm256_or_pd _mm256_xor_pd
    _mm256_set1_epi64x _mm256_castsi256_pd
    {}
);

impl F32x8 {
    #[inline(always)]
    fn swap_halves(self) -> Self {
        // SAFETY: the invariant.
        F32x8(unsafe { _mm256_permute2f128_ps::<1>(self.0, self.0) })
    }

    #[inline(always)]
    fn permute<const ORDER: i32>(self) -> Self {
        // SAFETY: the invariant.
        F32x8(unsafe { _mm256_permute_ps::<ORDER>(self.0) })
    }

    /// Both halves hold the same four numbers.
    #[inline(always)]
    fn fold_quarter_add(self) -> Self {
        let two = self.add(self.permute::<0b01_00_11_10>());
        two.add(two.permute::<0b10_11_00_01>())
    }

    #[inline(always)]
    fn fold_quarter_max(self) -> Self {
        let two = self.max_nan(self.permute::<0b01_00_11_10>());
        two.max_nan(two.permute::<0b10_11_00_01>())
    }

    #[inline(always)]
    fn first_element(self) -> f32 {
        // SAFETY: the invariant.
        unsafe { _mm256_cvtss_f32(self.0) }
    }

    #[inline(always)]
    fn to_bits(self) -> __m256i {
        // SAFETY: the invariant.
        unsafe { _mm256_castps_si256(self.0) }
    }
}

/// Steps of [`Vector::fold_each`], on halves of four elements.
impl F32x8 {
    /// i with i + 4: the result of self in the first half, that of b in the second.
    #[inline(always)]
    fn fold_halves<C: Combine>(self, b: Self) -> Self {
        // SAFETY: the invariant.
        let (low, high) = unsafe {
            (
                _mm256_permute2f128_ps::<0x20>(self.0, b.0),
                _mm256_permute2f128_ps::<0x31>(self.0, b.0),
            )
        };
        C::combine(F32x8(low), F32x8(high))
    }

    /// i with i + 2, in each half.
    #[inline(always)]
    fn fold_pairs<C: Combine>(self, b: Self) -> Self {
        // SAFETY: the invariant.
        let (low, high) = unsafe {
            (
                _mm256_shuffle_ps::<0b01_00_01_00>(self.0, b.0),
                _mm256_shuffle_ps::<0b11_10_11_10>(self.0, b.0),
            )
        };
        C::combine(F32x8(low), F32x8(high))
    }

    /// i with i + 1, in each half.
    #[inline(always)]
    fn fold_neighbors<C: Combine>(self, b: Self) -> Self {
        // SAFETY: the invariant.
        let (even, odd) = unsafe {
            (
                _mm256_shuffle_ps::<0b10_00_10_00>(self.0, b.0),
                _mm256_shuffle_ps::<0b11_01_11_01>(self.0, b.0),
            )
        };
        C::combine(F32x8(even), F32x8(odd))
    }
}

impl F64x4 {
    #[inline(always)]
    fn swap_halves(self) -> Self {
        // SAFETY: the invariant.
        F64x4(unsafe { _mm256_permute2f128_pd::<1>(self.0, self.0) })
    }

    #[inline(always)]
    fn swap_pairs(self) -> Self {
        // SAFETY: the invariant.
        F64x4(unsafe { _mm256_permute_pd::<0b0101>(self.0) })
    }

    #[inline(always)]
    fn fold_quarter_add(self) -> Self {
        self.add(self.swap_pairs())
    }

    #[inline(always)]
    fn fold_quarter_max(self) -> Self {
        self.max_nan(self.swap_pairs())
    }

    #[inline(always)]
    fn first_element(self) -> f64 {
        // SAFETY: the invariant.
        unsafe { _mm256_cvtsd_f64(self.0) }
    }
}

/// 2ⁿ for integers n in -126..=127.
#[inline(always)]
fn power_of_two(n: __m256i) -> F32x8 {
    // SAFETY: the invariant of `Vector`, whose types alone call this.
    F32x8(unsafe {
        let biased = _mm256_add_epi32(n, _mm256_set1_epi32(127));
        _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))
    })
}

impl Vector32 for F32x8 {
    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        // SAFETY: the invariant.
        let (half, rest) = unsafe {
            let n = _mm256_cvtps_epi32(n.0);
            let half = _mm256_srai_epi32::<1>(n);
            (half, _mm256_sub_epi32(n, half))
        };
        // Two factors, since 2ⁿ alone may be out of range. The first product is exact.
        self.mul(power_of_two(half)).mul(power_of_two(rest))
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        // SAFETY: the invariant.
        unsafe {
            let three_quarters = _mm256_set1_epi32(0.75_f32.to_bits() as i32);
            let exponent =
                _mm256_srai_epi32::<23>(_mm256_sub_epi32(self.to_bits(), three_quarters));
            let mantissa = _mm256_sub_epi32(self.to_bits(), _mm256_slli_epi32::<23>(exponent));
            (F32x8(_mm256_castsi256_ps(mantissa)), F32x8(_mm256_cvtepi32_ps(exponent)))
        }
    }

    #[inline(always)]
    fn reciprocal_guess(self, magic: u32) -> Self {
        // SAFETY: the invariant.
        F32x8(unsafe {
            _mm256_castsi256_ps(_mm256_sub_epi32(_mm256_set1_epi32(magic as i32), self.to_bits()))
        })
    }

    #[inline(always)]
    fn bits_at_least(self, bits: u32) -> __m256 {
        // SAFETY: the invariant.
        unsafe {
            let bits = _mm256_set1_epi32(bits as i32);
            let larger = _mm256_max_epu32(self.to_bits(), bits);
            _mm256_castsi256_ps(_mm256_cmpeq_epi32(larger, self.to_bits()))
        }
    }
}

impl F32x8 {
    /// Lane l of vector i below is a quarter of row 4l + i, so that what is left to do stays inside
    /// the lanes: there 4 × 4 numbers are transposed.
    ///
    /// # Safety
    /// As for [`Vector::transpose`].
    #[inline(always)]
    unsafe fn transpose_quarters(rows: &[*const f32; crate::LANES], to: *mut f32, stride: usize) {
        // SAFETY: the invariant and the caller's promise.
        unsafe {
            let gather = |i: usize| _mm256_loadu2_m128(rows[4 + i], rows[i]);
            let (r0, r1, r2, r3) = (gather(0), gather(1), gather(2), gather(3));
            let (low01, high01) = (_mm256_unpacklo_ps(r0, r1), _mm256_unpackhi_ps(r0, r1));
            let (low23, high23) = (_mm256_unpacklo_ps(r2, r3), _mm256_unpackhi_ps(r2, r3));
            _mm256_storeu_ps(to, _mm256_shuffle_ps::<0b01_00_01_00>(low01, low23));
            _mm256_storeu_ps(to.add(stride), _mm256_shuffle_ps::<0b11_10_11_10>(low01, low23));
            _mm256_storeu_ps(
                to.add(2 * stride),
                _mm256_shuffle_ps::<0b01_00_01_00>(high01, high23),
            );
            _mm256_storeu_ps(
                to.add(3 * stride),
                _mm256_shuffle_ps::<0b11_10_11_10>(high01, high23),
            );
        }
    }
}

impl F64x4 {
    /// As for [`F32x8`], with 2 × 2 numbers in a lane.
    ///
    /// # Safety
    /// As for [`Vector::transpose`].
    #[inline(always)]
    unsafe fn transpose_quarters(rows: &[*const f64; crate::LANES], to: *mut f64, stride: usize) {
        // SAFETY: the invariant and the caller's promise.
        unsafe {
            let gather = |i: usize| _mm256_loadu2_m128d(rows[2 + i], rows[i]);
            let (r0, r1) = (gather(0), gather(1));
            _mm256_storeu_pd(to, _mm256_unpacklo_pd(r0, r1));
            _mm256_storeu_pd(to.add(stride), _mm256_unpackhi_pd(r0, r1));
        }
    }
}
