//! The element-wise functions of a tile program, each a loop over a tile.

use super::op::{Op, TileFn};
use crate::elementary::{DIV_SQRT_EPS, Elementary};
use crate::simd::{HasVectors, by_level};
use crate::{Level, TileBinary, TileUnary};

/// An element-wise function of up to three arguments.
pub(super) trait Function {
    /// How many arguments it looks at.
    const ARITY: usize;
    /// Whether it is long enough to be computed for several vectors at once.
    const LONG: bool;
    /// Bit `w` is set for every pattern `w` of walked operands (bit k for operand k, 1 if unused)
    /// that gets a loop of its own.
    const FORMS: u8;

    /// The value, element by element. Arguments behind `ARITY` are zeros.
    fn apply<V: Elementary>(x: V, y: V, z: V) -> V;
}

const fn forms(patterns: &[u8]) -> u8 {
    let mut forms = 0;
    let mut i = 0;
    while i < patterns.len() {
        forms |= 1 << patterns[i];
        i += 1;
    }
    forms
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident $arity:literal $long:ident [$($form:literal),*] |$x:ident, $y:ident, $z:ident| $value:expr;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl Function for $name {
            const ARITY: usize = $arity;
            const LONG: bool = $long;
            const FORMS: u8 = forms(&[$($form),*]);
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
    Identity 1 false [] |x, y, z| x;
    Neg 1 false [] |x, y, z| x.neg();
    Abs 1 false [] |x, y, z| x.abs();
    Sign 1 false [] |x, y, z| {
        let one = V::constant(1.0);
        let negative = V::select(V::zero().greater(x), one.neg(), V::zero());
        let sign = V::select(x.greater(V::zero()), one, negative);
        V::select(x.is_nan(), x, sign)
    };
    Exp 1 true [] |x, y, z| x.exp();
    Log 1 true [] |x, y, z| x.log();
    Log1p 1 true [] |x, y, z| x.log1p();
    Expm1 1 true [] |x, y, z| x.expm1();
    Sqrt 1 false [] |x, y, z| x.sqrt();
    Tanh 1 true [] |x, y, z| x.tanh();
    Sigmoid 1 true [] |x, y, z| x.sigmoid();
    Erf 1 true [] |x, y, z| x.erf();
    Sin 1 true [] |x, y, z| x.sin();
    Cos 1 true [] |x, y, z| x.cos();
    Floor 1 false [] |x, y, z| x.floor();
    Reciprocal 1 false [] |x, y, z| V::constant(1.0).div(x);
    Step 1 false [] |x, y, z| V::select(x.greater(V::zero()), V::constant(1.0), V::zero());
    Add 2 false [0b101] |x, y, z| x.add(y);
    Sub 2 false [0b101, 0b110] |x, y, z| x.sub(y);
    Mul 2 false [0b101] |x, y, z| x.mul(y);
    Div 2 false [0b101] |x, y, z| x.div(y);
    Max 2 false [0b101] |x, y, z| x.max_nan(y);
    Min 2 false [] |x, y, z| x.min_nan(y);
    Pow 2 false [] |x, y, z| x.pow(y);
    Greater 2 false [0b101] |x, y, z| V::select(x.greater(y), V::constant(1.0), V::zero());
    Equal 2 false [0b101] |x, y, z| V::select(x.equal(y), V::constant(1.0), V::zero());
    /// x·y + z.
    MulAdd 3 false [0b101, 0b011, 0b001] |x, y, z| x.mul_add(y, z);
    /// x ≠ 0 ? y : z; NaN is not 0.
    Select 3 false [] |x, y, z| V::select(x.equal(V::zero()), z, y);
    /// x / (√y + z) for z in `DIV_SQRT_EPS`.
    DivSqrt 3 true [] |x, y, z| x.div_sqrt(y, z);
    /// x / (√y + z) for any z.
    DivSqrtExact 3 false [] |x, y, z| x.div(y.sqrt().add(z));
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
    pub(super) fn by_level<T: HasVectors>(self) -> [TileFn<T>; Level::COUNT] {
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

    /// Whether its first two arguments may change places.
    pub(super) fn commutes(self) -> bool {
        matches!(self, Apply::MulAdd | Apply::Binary(TileBinary::Add | TileBinary::Mul))
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

/// The loop of `F` for every level, in the order of [`Level`].
fn levels<T: HasVectors, F: Function>() -> [TileFn<T>; Level::COUNT] {
    by_level!(portable::<T, F>, neon::<T, F>, avx2::<T, F>, avx512::<T, F>)
}

/// # Safety
/// As [`TileFn`].
unsafe fn portable<T: HasVectors, F: Function>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { map::<T::Portable, F>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[cfg(target_arch = "aarch64")]
unsafe fn neon<T: HasVectors, F: Function>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { map::<T::Neon, F>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<T: HasVectors, F: Function>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { map::<T::Avx2, F>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
unsafe fn avx512<T: HasVectors, F: Function>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { map::<T::Avx512, F>(op, table, n) }
}

/// How an operand is read.
mod form {
    /// One value for all elements.
    pub(super) const FIXED: u8 = 0;
    /// Element by element.
    pub(super) const WALKED: u8 = 1;
    /// Either, found out at run time.
    pub(super) const ANY: u8 = 2;
}

/// `dst[i] = F(a[i], b[i], c[i])` for i below n, or if the operation goes by rows, for the columns of
/// n rows. Every vector of operands is read before the same
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
    // SAFETY: operands are positions in the table, each has the elements that the operation reads, by
    // the caller's promise.
    unsafe {
        let mut map = Map {
            dst: *table.add(op.slots[0].into()),
            at: [1, 2, 3].map(|k| (*table.add(op.slots[k].into())).cast_const()),
            walked: op.walked,
            n: if op.row_steps.is_some() { op.columns } else { n },
        };
        let mut left = n;
        loop {
            map.run_form::<V, F>();
            let Some(row_steps) = op.row_steps else { return };
            left -= 1;
            if left == 0 {
                return;
            }
            map.dst = map.dst.add(op.columns);
            for (at, step) in map.at.iter_mut().zip(row_steps) {
                *at = at.wrapping_add(step);
            }
        }
    }
}

/// One call.
struct Map<S> {
    dst: *mut S,
    at: [*const S; 3],
    /// Bit k is set if operand k is walked.
    walked: u8,
    n: usize,
}

impl<S: Copy> Map<S> {
    /// # Safety
    /// As [`map`].
    #[inline(always)]
    unsafe fn run_form<V: Elementary<Scalar = S>, F: Function>(&self) {
        use form::{ANY, FIXED, WALKED};
        // SAFETY: the caller's promise; each form is the one that `walked` says.
        unsafe {
            // The forms that matter have a loop of their own, where fixed operands stay in
            // registers.
            match self.walked {
                // A long function is not held up by finding out.
                _ if F::LONG || !V::TUNED => self.run::<V, F, ANY, ANY, ANY>(),
                0b111 => self.run::<V, F, WALKED, WALKED, WALKED>(),
                0b101 if F::FORMS & 1 << 0b101 != 0 => self.run::<V, F, WALKED, FIXED, WALKED>(),
                0b110 if F::FORMS & 1 << 0b110 != 0 => self.run::<V, F, FIXED, WALKED, WALKED>(),
                0b011 if F::FORMS & 1 << 0b011 != 0 => self.run::<V, F, WALKED, WALKED, FIXED>(),
                0b001 if F::FORMS & 1 << 0b001 != 0 => self.run::<V, F, WALKED, FIXED, FIXED>(),
                _ => self.run::<V, F, ANY, ANY, ANY>(),
            }
        }
    }

    /// # Safety
    /// As [`map`]; the forms are right.
    #[inline(always)]
    unsafe fn run<V, F, const A: u8, const B: u8, const C: u8>(&self)
    where
        V: Elementary<Scalar = S>,
        F: Function,
    {
        let mut i = 0;
        // SAFETY: only elements below `n` are touched.
        unsafe {
            if F::LONG && V::TUNED {
                i = self.wide::<V::Wide, F, A, B, C>(i);
            } else {
                while V::TUNED && i + 4 * V::N <= self.n {
                    let values = [
                        self.apply::<V, F, A, B, C>(i),
                        self.apply::<V, F, A, B, C>(i + V::N),
                        self.apply::<V, F, A, B, C>(i + 2 * V::N),
                        self.apply::<V, F, A, B, C>(i + 3 * V::N),
                    ];
                    for (k, value) in values.into_iter().enumerate() {
                        value.store(self.dst.add(i + k * V::N));
                    }
                    i += 4 * V::N;
                }
                while i + V::N <= self.n {
                    self.apply::<V, F, A, B, C>(i).store(self.dst.add(i));
                    i += V::N;
                }
            }
            // Once, or a few times behind wide vectors.
            while i < self.n {
                let rest = V::N.min(self.n - i);
                self.partial::<V, F, A, B, C>(i, rest).store_partial(self.dst.add(i), rest);
                i += rest;
            }
        }
    }

    /// From element `i` on, as far as whole vectors go.
    ///
    /// # Safety
    /// As [`Map::run`].
    #[inline(always)]
    unsafe fn wide<V, F, const A: u8, const B: u8, const C: u8>(&self, mut i: usize) -> usize
    where
        V: Elementary<Scalar = S>,
        F: Function,
    {
        while i + V::N <= self.n {
            // SAFETY: only elements below `n` are touched.
            unsafe { self.apply::<V, F, A, B, C>(i).store(self.dst.add(i)) };
            i += V::N;
        }
        i
    }

    /// F of the vector at element `i`.
    ///
    /// # Safety
    /// The walked operands have that vector.
    #[inline(always)]
    unsafe fn apply<V, F, const A: u8, const B: u8, const C: u8>(&self, i: usize) -> V
    where
        V: Elementary<Scalar = S>,
        F: Function,
    {
        // SAFETY: the caller's promise.
        unsafe {
            F::apply(
                self.load::<V, F, 0, A>(i),
                self.load::<V, F, 1, B>(i),
                self.load::<V, F, 2, C>(i),
            )
        }
    }

    /// Operand K of the vector at element `i`.
    ///
    /// # Safety
    /// As [`Map::apply`].
    #[inline(always)]
    unsafe fn load<V, F, const K: usize, const FORM: u8>(&self, i: usize) -> V
    where
        V: Elementary<Scalar = S>,
        F: Function,
    {
        if K >= F::ARITY {
            return V::zero();
        }
        let walked = FORM == form::WALKED || (FORM == form::ANY && self.walked >> K & 1 == 1);
        // SAFETY: the caller's promise.
        unsafe { if walked { V::load(self.at[K].add(i)) } else { V::splat(*self.at[K]) } }
    }

    /// F of the last `rest` elements, from element `i` on.
    ///
    /// # Safety
    /// The walked operands have those elements.
    #[inline(always)]
    unsafe fn partial<V, F, const A: u8, const B: u8, const C: u8>(
        &self,
        i: usize,
        rest: usize,
    ) -> V
    where
        V: Elementary<Scalar = S>,
        F: Function,
    {
        // SAFETY: the caller's promise.
        unsafe {
            F::apply(
                self.load_partial::<V, F, 0, A>(i, rest),
                self.load_partial::<V, F, 1, B>(i, rest),
                self.load_partial::<V, F, 2, C>(i, rest),
            )
        }
    }

    /// # Safety
    /// As [`Map::partial`].
    #[inline(always)]
    unsafe fn load_partial<V, F, const K: usize, const FORM: u8>(&self, i: usize, rest: usize) -> V
    where
        V: Elementary<Scalar = S>,
        F: Function,
    {
        if K >= F::ARITY {
            return V::zero();
        }
        let walked = FORM == form::WALKED || (FORM == form::ANY && self.walked >> K & 1 == 1);
        // SAFETY: the caller's promise.
        unsafe {
            if walked { V::load_partial(self.at[K].add(i), rest) } else { V::splat(*self.at[K]) }
        }
    }
}
