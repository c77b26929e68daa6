//! Single precision: own polynomials.
//!
//! The polynomials are minimax approximations (Remez's exchange), their coefficients rounded to
//! single precision and adjusted in the last place for the least error. Every function is written
//! once for all instruction sets.

use super::{each, each_pair};
use crate::simd::Vector32;

/// c₀ + c₁x + c₂x² + …, by Horner's rule.
#[inline(always)]
fn polynomial<V: Vector32, const N: usize>(x: V, coefficients: [f32; N]) -> V {
    let mut value = V::splat(coefficients[N - 1]);
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        value = value.mul_add(x, V::splat(coefficients[i]));
    }
    value
}

/// 1.5 · 2²³: a float to which small numbers are added is rounded to an integer.
const TO_INTEGER: f32 = 12_582_912.0;
/// ln 2 as the sum of two floats.
const LN_2: [f32; 2] = [std::f32::consts::LN_2, -1.904_654_3e-9];

/// `(n, r)` with x = n ln 2 + r, n an integer and |r| ≤ ln 2 / 2 (and a little), for |x| < 2²⁰.
#[inline(always)]
fn reduce<V: Vector32>(x: V) -> (V, V) {
    let shift = V::splat(TO_INTEGER);
    let n = x.mul_add(V::splat(std::f32::consts::LOG2_E), shift).sub(shift);
    let r = n.neg_mul_add(V::splat(LN_2[0]), x);
    (n, n.neg_mul_add(V::splat(LN_2[1]), r))
}

/// e^r for a reduced r.
#[inline(always)]
fn exp_reduced<V: Vector32>(r: V) -> V {
    let one = V::splat(1.0);
    let tail = polynomial(
        r,
        [0.499_999_94, 0.166_665_17, 0.041_668_102, 0.008_369_192_5, 0.001_383_886_6],
    );
    tail.mul_add(r, one).mul_add(r, one)
}

/// e^r - 1 for a reduced r, accurate near 0.
#[inline(always)]
fn expm1_reduced<V: Vector32>(r: V) -> V {
    let tail = polynomial(
        r,
        [0.5, 0.166_666_36, 0.041_666_51, 0.008_341_51, 0.001_393_054_3, 0.000_150_462_38],
    );
    tail.mul(r).mul_add(r, r)
}

/// x / (d + lost) for d in 1..=2 and what d lost when it was rounded.
#[inline(always)]
fn div_near_one<V: Vector32>(x: V, d: V, lost: V) -> V {
    // The divider works beside the multipliers, so it costs less than a series would.
    let reciprocal = V::splat(1.0).div(d);
    let quotient = x.mul(reciprocal);
    let rest = quotient.neg_mul_add(lost, quotient.neg_mul_add(d, x));
    rest.mul_add(reciprocal, quotient)
}

/// eˣ for x at most 89 or NaN.
#[inline(always)]
fn exp_below<V: Vector32>(x: V) -> V {
    // Below -104, e^x rounds to 0. In this order a NaN stays.
    let (n, r) = reduce(V::splat(-104.0).max(x));
    exp_reduced(r).scale(n)
}

#[inline(always)]
pub(super) fn exp<V: Vector32>(x: V) -> V {
    exp_below(V::splat(89.0).min(x))
}

#[inline(always)]
pub(super) fn expm1<V: Vector32>(x: V) -> V {
    let one = V::splat(1.0);
    let inside = V::splat(89.0).min(V::splat(-20.0).max(x));
    let (n, r) = reduce(inside);
    let start = one.sub(one.scale(n.neg()));
    let value = start.add(expm1_reduced(r)).scale(n);
    V::select(x.equal(V::zero()), x, value)
}

/// Coefficients of P in log(1 + f) = f - f²/2 + f³ P(f), for f in -1/4..=1/2.
const LOG: [f32; 8] = [
    0.333_334_48,
    -0.250_000_92,
    0.199_908_63,
    -0.166_473_22,
    0.144_784_17,
    -0.131_612_2,
    0.104_630_366,
    -0.045_074_883,
];

/// log(1 + f) + e ln 2.
#[inline(always)]
fn log_sum<V: Vector32>(f: V, e: V) -> V {
    let square = f.mul(f);
    let tail = polynomial(f, LOG).mul_add(f, V::splat(-0.5));
    e.mul_add(V::splat(LN_2[0]), tail.mul_add(square, f))
}

/// `value` where the logarithm of u is an ordinary one; what it is at 0 and infinity, and below.
#[inline(always)]
fn log_ends<V: Vector32>(u: V, value: V) -> V {
    let infinity = V::splat(f32::INFINITY);
    let value = V::select(u.equal(infinity), u, value);
    let value = V::select(u.equal(V::zero()), infinity.neg(), value);
    V::select(u.at_least(V::zero()), value, V::splat(f32::NAN))
}

#[inline(always)]
pub(super) fn log<V: Vector32>(x: V) -> V {
    let denormal = V::splat(f32::MIN_POSITIVE).greater(x);
    let scaled = V::select(denormal, x.mul(V::splat(8_388_608.0)), x);
    let (mantissa, exponent) = scaled.split();
    let exponent = exponent.sub(V::select(denormal, V::splat(23.0), V::zero()));
    log_ends(x, log_sum(mantissa.sub(V::splat(1.0)), exponent))
}

#[inline(always)]
pub(super) fn log1p<V: Vector32>(x: V) -> V {
    let one = V::splat(1.0);
    let u = one.add(x);
    let (_, e) = u.split();
    // 1 + f = (1 + x) / 2ᵉ, without the rounding error of 1 + x.
    let scale = one.scale(V::splat(-252.0).max(e.neg()));
    let f = x.mul_add(scale, scale.sub(one));
    V::select(x.equal(V::zero()), x, log_ends(u, log_sum(f, e)))
}

/// With m = 1 - e^{-2|x|}: tanh |x| = m / (2 - m).
#[inline(always)]
pub(super) fn tanh<V: Vector32>(x: V) -> V {
    let one = V::splat(1.0);
    // Above 9.1 it rounds to 1.
    let a = V::splat(9.1).min(x.abs());
    let (n, r) = reduce(a.mul(V::splat(-2.0)));
    let scale = one.scale(n);
    let m = expm1_reduced(r).neg_mul_add(scale, one.sub(scale));
    let two = V::splat(2.0);
    let d = two.sub(m);
    div_near_one(m, d, two.sub(d).sub(m)).copy_sign(x)
}

/// With z = e^{-|x|}: z / (1 + z) below 0, 1 / (1 + z) above.
#[inline(always)]
pub(super) fn sigmoid<V: Vector32>(x: V) -> V {
    let one = V::splat(1.0);
    let z = exp_below(x.abs().neg());
    let numerator = V::select(V::zero().greater(x), z, one);
    let d = one.add(z);
    div_near_one(numerator, d, one.sub(d).add(z))
}

/// Below 0.92 a polynomial; above, 1 - e^{-p(x)} with a polynomial p.
#[inline(always)]
pub(super) fn erf<V: Vector32>(x: V) -> V {
    // From 4 on it rounds to 1.
    let a = V::splat(4.0).min(x.abs());
    let square = a.mul(a);
    let near = polynomial(
        square,
        [0.128_379_15, -0.376_124_98, 0.112_818_48, -0.026_767_725, 0.004_994_83, -0.000_599_940_1],
    );
    let near = near.mul_add(a, a);
    let p = polynomial(
        a,
        [
            0.000_195_675_2,
            1.127_675_7,
            0.637_182_24,
            0.103_931_58,
            -0.022_226_92,
            0.003_043_218_3,
            -0.000_195_937_38,
        ],
    );
    let (n, r) = reduce(p.neg());
    let one = V::splat(1.0);
    let far = exp_reduced(r).neg_mul_add(one.scale(n), one);
    V::select(V::splat(0.92).greater(a), near, far).copy_sign(x)
}

/// π/2 as the sum of three floats.
const HALF_PI: [f32; 3] = [std::f32::consts::FRAC_PI_2, -4.371_139e-8, -1.715_124_3e-15];

/// Above this |x| the reduction by [`HALF_PI`] is no longer good.
const LARGE_ANGLE: f32 = 50_000.0;

/// sin(x + quadrants · π/2).
#[inline(always)]
fn sine<V: Vector32>(x: V, quadrants: f32) -> V {
    let shift = V::splat(TO_INTEGER);
    let n = x.mul_add(V::splat(std::f32::consts::FRAC_2_PI), shift).sub(shift);
    let mut r = x;
    for part in HALF_PI {
        r = n.neg_mul_add(V::splat(part), r);
    }
    let square = r.mul(r);
    let sine = polynomial(square, [-0.166_666_54, 0.008_332_143, -0.000_195_146_58]);
    let sine = sine.mul(square).mul_add(r, r);
    let cosine = polynomial(square, [0.041_666_646, -0.001_388_731, 0.000_024_432_38]);
    let cosine = cosine.mul_add(square, V::splat(-0.5)).mul_add(square, V::splat(1.0));
    // Which quarter of the circle, 0 to 3.
    let n = n.add(V::splat(quadrants));
    let quarter = n.mul(V::splat(0.25)).floor().neg_mul_add(V::splat(4.0), n);
    let half = quarter.mul(V::splat(0.5));
    let odd = half.greater(half.floor());
    let value = V::select(odd, cosine, sine);
    V::select(quarter.greater(V::splat(1.5)), value.neg(), value)
}

#[inline(always)]
pub(super) fn sin<V: Vector32>(x: V) -> V {
    let value = sine(x, 0.0);
    let ordinary = V::splat(LARGE_ANGLE).at_least(x.abs());
    let value = V::select(x.equal(V::zero()), x, value);
    if V::all(ordinary) { value } else { V::select(ordinary, value, each(x, large_sine)) }
}

#[inline(always)]
pub(super) fn cos<V: Vector32>(x: V) -> V {
    let value = sine(x, 1.0);
    let ordinary = V::splat(LARGE_ANGLE).at_least(x.abs());
    if V::all(ordinary) { value } else { V::select(ordinary, value, each(x, large_cosine)) }
}

#[cold]
fn large_sine(x: f32) -> f32 {
    f64::from(x).sin() as f32
}

#[cold]
fn large_cosine(x: f32) -> f32 {
    f64::from(x).cos() as f32
}

#[inline(always)]
pub(super) fn pow<V: Vector32>(x: V, b: V) -> V {
    each_pair(x, b, f32::powf)
}

/// From 2¹²⁰ on, [`div_sqrt`] leaves it to the divider.
const LARGE_DIVISOR: u32 = (120 + 127) << 23;

/// x / (√y + ε). One unit does roots and divisions, and takes as long for either as ten multiplications; so the
/// root is left to it, and the multipliers divide meanwhile: a guess from the bits of the divisor, sharpened by
/// Newton's method.
#[inline(always)]
pub(super) fn div_sqrt<V: Vector32>(x: V, y: V, eps: V) -> V {
    let d = y.sqrt().add(eps);
    // 1/d within 0.051, then 2.6e-3, 6.6e-6 and last 4e-11.
    let mut reciprocal = d.reciprocal_guess(0x7EF3_1000);
    for _ in 0..3 {
        let error = d.neg_mul_add(reciprocal, V::splat(1.0));
        reciprocal = reciprocal.mul_add(error, reciprocal);
    }
    let value = x.mul(reciprocal);
    let special = d.bits_at_least(LARGE_DIVISOR);
    if V::any(special) { V::select(special, x.div(d), value) } else { value }
}
