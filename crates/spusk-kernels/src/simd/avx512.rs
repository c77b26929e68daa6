//! 512-bit vectors: AVX-512 F and DQ.
//!
//! The reason for every `unsafe` block here is the invariant of [`Vector`]: this code runs only on
//! processors that have the instructions. Addresses are good by the caller's promise.

use std::arch::x86_64::*;

use super::{Combine, Vector, Vector32};

/// Sixteen `f32`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F32x16(__m512);

/// Eight `f64`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F64x8(__m512d);

macro_rules! avx512 {
    (
        $vector:ident, $scalar:ty, $n:literal, $mask:ty, $bits:ty, $sign:expr,
        $set1:ident $setzero:ident $loadu:ident $storeu:ident $maskz_loadu:ident $mask_storeu:ident
        $add:ident $sub:ident $mul:ident $div:ident $sqrt:ident $fmadd:ident $fnmadd:ident
        $roundscale:ident $max:ident $min:ident $cmp:ident $blend:ident
        $and:ident $or:ident $xor:ident $set1_bits:ident $from_bits:ident
        { $($more:item)* }
    ) => {
        impl Vector for $vector {
            type Scalar = $scalar;
            type Mask = $mask;
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
                $vector(unsafe { $maskz_loadu(Self::first(n), from) })
            }
            #[inline(always)]
            unsafe fn store_partial(self, to: *mut $scalar, n: usize) {
                // SAFETY: the invariant and the caller's promise; masked elements are not touched.
                unsafe { $mask_storeu(to, Self::first(n), self.0) }
            }
            #[inline(always)]
            fn first(n: usize) -> $mask {
                ((1_u32 << n) - 1) as $mask
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
                $vector(unsafe {
                    $roundscale::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0)
                })
            }
            #[inline(always)]
            fn round(self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe {
                    $roundscale::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)
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
            fn equal(self, b: Self) -> $mask {
                // SAFETY: the invariant.
                unsafe { $cmp::<_CMP_EQ_OQ>(self.0, b.0) }
            }
            #[inline(always)]
            fn greater(self, b: Self) -> $mask {
                // SAFETY: the invariant.
                unsafe { $cmp::<_CMP_GT_OQ>(self.0, b.0) }
            }
            #[inline(always)]
            fn at_least(self, b: Self) -> $mask {
                // SAFETY: the invariant.
                unsafe { $cmp::<_CMP_GE_OQ>(self.0, b.0) }
            }
            #[inline(always)]
            fn is_nan(self) -> $mask {
                // SAFETY: the invariant.
                unsafe { $cmp::<_CMP_UNORD_Q>(self.0, self.0) }
            }
            #[inline(always)]
            fn select(mask: $mask, a: Self, b: Self) -> Self {
                // SAFETY: the invariant.
                $vector(unsafe { $blend(mask, b.0, a.0) })
            }
            #[inline(always)]
            fn any(mask: $mask) -> bool {
                mask != 0
            }
            #[inline(always)]
            fn all(mask: $mask) -> bool {
                mask == Self::first($n)
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
                let (low, high) = self.halves();
                low.add(high).fold_add()
            }
            #[inline(always)]
            fn fold_max(self) -> $scalar {
                let (low, high) = self.halves();
                low.max_nan(high).fold_max()
            }
            $($more)*
        }
    };
}

avx512!(
    F32x16, f32, 16, __mmask16, u32, i32::MIN,
    _mm512_set1_ps _mm512_setzero_ps _mm512_loadu_ps _mm512_storeu_ps
    _mm512_maskz_loadu_ps _mm512_mask_storeu_ps
    _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_div_ps _mm512_sqrt_ps
    _mm512_fmadd_ps _mm512_fnmadd_ps
    _mm512_roundscale_ps _mm512_max_ps _mm512_min_ps _mm512_cmp_ps_mask _mm512_mask_blend_ps
    _mm512_and_ps _mm512_or_ps _mm512_xor_ps _mm512_set1_epi32 _mm512_castsi512_ps
    {
        /// Every step takes two vectors' halves, quarters, … together, so that one combination
        /// serves both. Vector 4j + k of the sixteen ends up as element k of quarter j.
        #[inline(always)]
        fn fold_each<C: Combine>(vectors: [Self; crate::LANES]) -> Self {
            let mut quarters = [Self::zero(); 4];
            for (k, quarter) in quarters.iter_mut().enumerate() {
                let first = vectors[k].fold_halves::<C>(vectors[4 + k]);
                let second = vectors[8 + k].fold_halves::<C>(vectors[12 + k]);
                *quarter = first.fold_quarters::<C>(second);
            }
            let first = quarters[0].fold_pairs::<C>(quarters[1]);
            let second = quarters[2].fold_pairs::<C>(quarters[3]);
            first.fold_neighbors::<C>(second)
        }
    }
);

avx512!(
    F64x8, f64, 8, __mmask8, u64, i64::MIN,
    _mm512_set1_pd _mm512_setzero_pd _mm512_loadu_pd _mm512_storeu_pd
    _mm512_maskz_loadu_pd _mm512_mask_storeu_pd
    _mm512_add_pd _mm512_sub_pd _mm512_mul_pd _mm512_div_pd _mm512_sqrt_pd
    _mm512_fmadd_pd _mm512_fnmadd_pd
    _mm512_roundscale_pd _mm512_max_pd _mm512_min_pd _mm512_cmp_pd_mask _mm512_mask_blend_pd
    _mm512_and_pd _mm512_or_pd _mm512_xor_pd _mm512_set1_epi64 _mm512_castsi512_pd
    {}
);

impl F32x16 {
    #[inline(always)]
    fn halves(self) -> (super::avx2::F32x8, super::avx2::F32x8) {
        // SAFETY: the invariant; AVX-512 includes AVX2.
        unsafe {
            (
                super::avx2::F32x8::from_raw(_mm512_castps512_ps256(self.0)),
                super::avx2::F32x8::from_raw(_mm512_extractf32x8_ps::<1>(self.0)),
            )
        }
    }

    #[inline(always)]
    fn to_bits(self) -> __m512i {
        // SAFETY: the invariant.
        unsafe { _mm512_castps_si512(self.0) }
    }
}

/// Steps of [`Vector::fold_each`], on quarters of four elements.
impl F32x16 {
    /// i with i + 8: the result of self in the first two quarters, that of b in the others.
    #[inline(always)]
    fn fold_halves<C: Combine>(self, b: Self) -> Self {
        // SAFETY: the invariant.
        let (low, high) = unsafe {
            (
                _mm512_shuffle_f32x4::<0b01_00_01_00>(self.0, b.0),
                _mm512_shuffle_f32x4::<0b11_10_11_10>(self.0, b.0),
            )
        };
        C::combine(F32x16(low), F32x16(high))
    }

    /// i with i + 4, of two results of `fold_halves`: four quarters.
    #[inline(always)]
    fn fold_quarters<C: Combine>(self, b: Self) -> Self {
        // SAFETY: the invariant.
        let (even, odd) = unsafe {
            (
                _mm512_shuffle_f32x4::<0b10_00_10_00>(self.0, b.0),
                _mm512_shuffle_f32x4::<0b11_01_11_01>(self.0, b.0),
            )
        };
        C::combine(F32x16(even), F32x16(odd))
    }

    /// i with i + 2, in each quarter.
    #[inline(always)]
    fn fold_pairs<C: Combine>(self, b: Self) -> Self {
        // SAFETY: the invariant.
        let (low, high) = unsafe {
            (
                _mm512_shuffle_ps::<0b01_00_01_00>(self.0, b.0),
                _mm512_shuffle_ps::<0b11_10_11_10>(self.0, b.0),
            )
        };
        C::combine(F32x16(low), F32x16(high))
    }

    /// i with i + 1, in each quarter.
    #[inline(always)]
    fn fold_neighbors<C: Combine>(self, b: Self) -> Self {
        // SAFETY: the invariant.
        let (even, odd) = unsafe {
            (
                _mm512_shuffle_ps::<0b10_00_10_00>(self.0, b.0),
                _mm512_shuffle_ps::<0b11_01_11_01>(self.0, b.0),
            )
        };
        C::combine(F32x16(even), F32x16(odd))
    }
}

impl F64x8 {
    #[inline(always)]
    fn halves(self) -> (super::avx2::F64x4, super::avx2::F64x4) {
        // SAFETY: the invariant; AVX-512 includes AVX2.
        unsafe {
            (
                super::avx2::F64x4::from_raw(_mm512_castpd512_pd256(self.0)),
                super::avx2::F64x4::from_raw(_mm512_extractf64x4_pd::<1>(self.0)),
            )
        }
    }
}

impl Vector32 for F32x16 {
    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        // SAFETY: the invariant.
        F32x16(unsafe { _mm512_scalef_ps(self.0, n.0) })
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        // SAFETY: the invariant.
        unsafe {
            let mantissa = _mm512_getmant_ps::<_MM_MANT_NORM_P75_1P5, _MM_MANT_SIGN_SRC>(self.0);
            // The mantissa lies in 0.75..1.5, so its own exponent is -1 or 0.
            let exponent = _mm512_sub_ps(_mm512_getexp_ps(self.0), _mm512_getexp_ps(mantissa));
            (F32x16(mantissa), F32x16(exponent))
        }
    }

    #[inline(always)]
    fn reciprocal_guess(self, magic: u32) -> Self {
        // SAFETY: the invariant.
        F32x16(unsafe {
            _mm512_castsi512_ps(_mm512_sub_epi32(_mm512_set1_epi32(magic as i32), self.to_bits()))
        })
    }

    #[inline(always)]
    fn bits_at_least(self, bits: u32) -> __mmask16 {
        // SAFETY: the invariant.
        unsafe { _mm512_cmpge_epu32_mask(self.to_bits(), _mm512_set1_epi32(bits as i32)) }
    }
}

impl F32x16 {
    /// Lane l of vector i below is a quarter of row 4l + i, so that what is left to do stays inside
    /// the lanes: there 4 × 4 numbers are transposed.
    ///
    /// # Safety
    /// As for [`Vector::transpose`].
    #[inline(always)]
    unsafe fn transpose_quarters(rows: &[*const f32; crate::LANES], to: *mut f32, stride: usize) {
        // SAFETY: the invariant and the caller's promise.
        unsafe {
            let gather = |i: usize| {
                let row = |lane: usize| _mm_loadu_ps(rows[4 * lane + i]);
                let v = _mm512_castps128_ps512(row(0));
                let v = _mm512_insertf32x4::<1>(v, row(1));
                let v = _mm512_insertf32x4::<2>(v, row(2));
                _mm512_insertf32x4::<3>(v, row(3))
            };
            let (r0, r1, r2, r3) = (gather(0), gather(1), gather(2), gather(3));
            let (low01, high01) = (_mm512_unpacklo_ps(r0, r1), _mm512_unpackhi_ps(r0, r1));
            let (low23, high23) = (_mm512_unpacklo_ps(r2, r3), _mm512_unpackhi_ps(r2, r3));
            _mm512_storeu_ps(to, _mm512_shuffle_ps::<0b01_00_01_00>(low01, low23));
            _mm512_storeu_ps(to.add(stride), _mm512_shuffle_ps::<0b11_10_11_10>(low01, low23));
            _mm512_storeu_ps(
                to.add(2 * stride),
                _mm512_shuffle_ps::<0b01_00_01_00>(high01, high23),
            );
            _mm512_storeu_ps(
                to.add(3 * stride),
                _mm512_shuffle_ps::<0b11_10_11_10>(high01, high23),
            );
        }
    }
}

impl F64x8 {
    /// As for [`F32x16`], with 2 × 2 numbers in a lane.
    ///
    /// # Safety
    /// As for [`Vector::transpose`].
    #[inline(always)]
    unsafe fn transpose_quarters(rows: &[*const f64; crate::LANES], to: *mut f64, stride: usize) {
        // SAFETY: the invariant and the caller's promise.
        unsafe {
            let gather = |i: usize| {
                let row = |lane: usize| _mm_loadu_pd(rows[2 * lane + i]);
                let v = _mm512_castpd128_pd512(row(0));
                let v = _mm512_insertf64x2::<1>(v, row(1));
                let v = _mm512_insertf64x2::<2>(v, row(2));
                _mm512_insertf64x2::<3>(v, row(3))
            };
            let (r0, r1) = (gather(0), gather(1));
            _mm512_storeu_pd(to, _mm512_unpacklo_pd(r0, r1));
            _mm512_storeu_pd(to.add(stride), _mm512_unpackhi_pd(r0, r1));
        }
    }
}
