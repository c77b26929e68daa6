//! The element-wise functions of a tile program, each a loop over a tile.

use super::op::{Op, TileFn};
use crate::elementary::{DIV_SQRT_EPS, Elementary};
use crate::simd::HasVectors;
use crate::{TileBinary, TileUnary};

/// An element-wise function of up to three arguments.
pub(super) trait Function {
    /// How many arguments it looks at.
    const ARITY: usize;

    /// The value, element by element. Arguments behind `ARITY` are zeros.
    fn apply<V: Elementary>(x: V, y: V, z: V) -> V;
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident $arity:literal |$x:ident, $y:ident, $z:ident| $value:expr;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl Function for $name {
            const ARITY: usize = $arity;
            #[inline(always)]
            #[allow(unused_variables)]
            fn apply<V: Elementary>($x: V, $y: V, $z: V) -> V {
                $value
            }
        }
    )*};
}

functions! {
    /// x.
    Identity 1 |x, y, z| x;
    Neg 1 |x, y, z| x.neg();
    Abs 1 |x, y, z| x.abs();
    Sign 1 |x, y, z| {
        let one = V::constant(1.0);
        let negative = V::select(V::zero().greater(x), one.neg(), V::zero());
        let sign = V::select(x.greater(V::zero()), one, negative);
        V::select(x.is_nan(), x, sign)
    };
    Exp 1 |x, y, z| x.exp();
    Log 1 |x, y, z| x.log();
    Log1p 1 |x, y, z| x.log1p();
    Expm1 1 |x, y, z| x.expm1();
    Sqrt 1 |x, y, z| x.sqrt();
    Tanh 1 |x, y, z| x.tanh();
    Sigmoid 1 |x, y, z| x.sigmoid();
    Erf 1 |x, y, z| x.erf();
    Sin 1 |x, y, z| x.sin();
    Cos 1 |x, y, z| x.cos();
    Floor 1 |x, y, z| x.floor();
    Reciprocal 1 |x, y, z| V::constant(1.0).div(x);
    Step 1 |x, y, z| V::select(x.greater(V::zero()), V::constant(1.0), V::zero());
    Add 2 |x, y, z| x.add(y);
    Sub 2 |x, y, z| x.sub(y);
    Mul 2 |x, y, z| x.mul(y);
    Div 2 |x, y, z| x.div(y);
    Max 2 |x, y, z| x.max_nan(y);
    Min 2 |x, y, z| x.min_nan(y);
    Pow 2 |x, y, z| x.pow(y);
    Greater 2 |x, y, z| V::select(x.greater(y), V::constant(1.0), V::zero());
    Equal 2 |x, y, z| V::select(x.equal(y), V::constant(1.0), V::zero());
    /// x·y + z.
    MulAdd 3 |x, y, z| x.mul_add(y, z);
    /// x ≠ 0 ? y : z; NaN is not 0.
    Select 3 |x, y, z| V::select(x.equal(V::zero()), z, y);
    /// x / (√y + z) for z in `DIV_SQRT_EPS`.
    DivSqrt 3 |x, y, z| x.div_sqrt(y, z);
    /// x / (√y + z) for any z.
    DivSqrtExact 3 |x, y, z| x.div(y.sqrt().add(z));
}

/// What a tile program applies element by element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Apply {
    Identity,
    Unary(TileUnary),
    Binary(TileBinary),
    MulAdd,
    Select,
    DivSqrt,
    DivSqrtExact,
}

impl Apply {
    /// x / (√y + ε).
    pub(super) fn div_sqrt(eps: f64) -> Apply {
        if DIV_SQRT_EPS.contains(&eps) { Apply::DivSqrt } else { Apply::DivSqrtExact }
    }

    /// Its loop for every level.
    pub(super) fn by_level<T: HasVectors>(self) -> [TileFn<T>; 3] {
        match self {
            Apply::Identity => levels::<T, Identity>(),
            Apply::MulAdd => levels::<T, MulAdd>(),
            Apply::Select => levels::<T, Select>(),
            Apply::DivSqrt => levels::<T, DivSqrt>(),
            Apply::DivSqrtExact => levels::<T, DivSqrtExact>(),
            Apply::Unary(function) => match function {
                TileUnary::Neg => levels::<T, Neg>(),
                TileUnary::Abs => levels::<T, Abs>(),
                TileUnary::Sign => levels::<T, Sign>(),
                TileUnary::Exp => levels::<T, Exp>(),
                TileUnary::Log => levels::<T, Log>(),
                TileUnary::Log1p => levels::<T, Log1p>(),
                TileUnary::Expm1 => levels::<T, Expm1>(),
                TileUnary::Sqrt => levels::<T, Sqrt>(),
                TileUnary::Tanh => levels::<T, Tanh>(),
                TileUnary::Sigmoid => levels::<T, Sigmoid>(),
                TileUnary::Erf => levels::<T, Erf>(),
                TileUnary::Sin => levels::<T, Sin>(),
                TileUnary::Cos => levels::<T, Cos>(),
                TileUnary::Floor => levels::<T, Floor>(),
                TileUnary::Reciprocal => levels::<T, Reciprocal>(),
                TileUnary::Step => levels::<T, Step>(),
            },
            Apply::Binary(function) => match function {
                TileBinary::Add => levels::<T, Add>(),
                TileBinary::Sub => levels::<T, Sub>(),
                TileBinary::Mul => levels::<T, Mul>(),
                TileBinary::Div => levels::<T, Div>(),
                TileBinary::Max => levels::<T, Max>(),
                TileBinary::Min => levels::<T, Min>(),
                TileBinary::Pow => levels::<T, Pow>(),
                TileBinary::Greater => levels::<T, Greater>(),
                TileBinary::Equal => levels::<T, Equal>(),
            },
        }
    }

    /// About how many nanoseconds an element takes. From measurements of `f32` with 512-bit
    /// vectors; only the order of magnitude matters.
    pub(super) fn cost(self) -> f64 {
        match self {
            Apply::Identity | Apply::MulAdd | Apply::Select => 0.03,
            Apply::DivSqrt => 0.25,
            Apply::DivSqrtExact => 0.7,
            Apply::Unary(function) => match function {
                TileUnary::Neg | TileUnary::Abs | TileUnary::Floor | TileUnary::Step => 0.03,
                TileUnary::Sign => 0.05,
                TileUnary::Sqrt | TileUnary::Reciprocal | TileUnary::Exp => 0.25,
                _ => 0.5,
            },
            Apply::Binary(function) => match function {
                TileBinary::Div => 0.25,
                TileBinary::Pow => 15.0,
                _ => 0.03,
            },
        }
    }
}

/// The loop of `F` for every level, in the order of [`crate::Level`].
fn levels<T: HasVectors, F: Function>() -> [TileFn<T>; 3] {
    [portable::<T, F>, avx2::<T, F>, avx512::<T, F>]
}

/// # Safety
/// As [`TileFn`].
unsafe fn portable<T: HasVectors, F: Function>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { map::<T::Portable, F>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2,fma"))]
unsafe fn avx2<T: HasVectors, F: Function>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { map::<T::Avx2, F>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx512f,avx512dq,avx2,fma"))]
unsafe fn avx512<T: HasVectors, F: Function>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { map::<T::Avx512, F>(op, table, n) }
}

/// The operands of one call, walked along the tile.
struct Cursor<S> {
    at: [*const S; 3],
    /// Elements from one vector to the next: `N`, or 0 for one value everywhere.
    steps: [usize; 3],
}

impl<S> Cursor<S> {
    /// Operand k of the vector `ahead` vectors from here.
    ///
    /// # Safety
    /// The operand has that vector.
    #[inline(always)]
    unsafe fn load<V: Elementary<Scalar = S>, F: Function>(&self, k: usize, ahead: usize) -> V {
        if k >= F::ARITY {
            return V::zero();
        }
        // SAFETY: the caller's promise.
        unsafe { V::load(self.at[k].add(ahead * self.steps[k])) }
    }

    /// F of the vector `ahead` vectors from here.
    ///
    /// # Safety
    /// The operands have that vector.
    #[inline(always)]
    unsafe fn apply<V: Elementary<Scalar = S>, F: Function>(&self, ahead: usize) -> V {
        // SAFETY: the caller's promise.
        unsafe {
            F::apply(
                self.load::<V, F>(0, ahead),
                self.load::<V, F>(1, ahead),
                self.load::<V, F>(2, ahead),
            )
        }
    }

    /// F of the last `n` elements.
    ///
    /// # Safety
    /// The operands have `n` more elements.
    #[inline(always)]
    unsafe fn apply_partial<V: Elementary<Scalar = S>, F: Function>(&self, n: usize) -> V {
        let load = |k: usize| {
            if k >= F::ARITY {
                return V::zero();
            }
            // SAFETY: the caller's promise.
            unsafe { V::load_partial(self.at[k], n) }
        };
        F::apply(load(0), load(1), load(2))
    }

    /// Goes on by some vectors.
    #[inline(always)]
    fn advance(&mut self, vectors: usize) {
        for (at, step) in self.at.iter_mut().zip(self.steps) {
            *at = at.wrapping_add(vectors * step);
        }
    }
}

/// `dst[i] = F(a[i], b[i], c[i])` for i below n. Every vector of operands is read before the same
/// elements of `dst` are written, so `dst` may be an operand.
///
/// # Safety
/// As [`TileFn`].
#[inline(always)]
unsafe fn map<V: Elementary, F: Function>(
    op: &Op<V::Scalar>,
    table: *const *mut V::Scalar,
    n: usize,
) {
    // SAFETY: operands are positions in the table, each has `n` elements (or one vector if its step
    // is 0), by the caller's promise.
    unsafe {
        let dst = *table.add(op.dst.into());
        let mut cursor = Cursor {
            at: op.operands.map(|slot| (*table.add(slot.into())).cast_const()),
            steps: op.steps.map(|step| step * V::N),
        };
        let mut i = 0;
        while i + 2 * V::N <= n {
            let first = cursor.apply::<V, F>(0);
            let second = cursor.apply::<V, F>(1);
            first.store(dst.add(i));
            second.store(dst.add(i + V::N));
            cursor.advance(2);
            i += 2 * V::N;
        }
        if i + V::N <= n {
            cursor.apply::<V, F>(0).store(dst.add(i));
            cursor.advance(1);
            i += V::N;
        }
        if i < n {
            cursor.apply_partial::<V, F>(n - i).store_partial(dst.add(i), n - i);
        }
    }
}
