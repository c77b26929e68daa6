//! The two number formats.

/// A number format that programs run in: `f32` for training, `f64` for checks and formulas.
pub trait Element:
    Copy
    + Send
    + Sync
    + PartialEq
    + PartialOrd
    + std::fmt::Debug
    + std::fmt::Display
    + Default
    + std::ops::Add<Output = Self>
    + std::ops::Sub<Output = Self>
    + std::ops::Mul<Output = Self>
    + std::ops::Div<Output = Self>
    + std::ops::Neg<Output = Self>
    + std::panic::UnwindSafe
    + std::panic::RefUnwindSafe
    + 'static
    + crate::simd::HasVectors
    + crate::kernel::Prepare
{
    /// Its usual name.
    const NAME: &'static str;
    /// Whether programs take subnormal numbers for 0.
    const FLUSHES: bool;
    /// 0.
    const ZERO: Self;
    /// Binary digits of precision; whole numbers up to 2 to this power are exact.
    const MANTISSA_DIGITS: u32;
    /// Rounds to the nearest.
    fn from_f64(value: f64) -> Self;
    /// Exact.
    fn to_f64(self) -> f64;
    /// `self · factor + term`, rounded once.
    fn mul_add(self, factor: Self, term: Self) -> Self;
}

impl Element for f32 {
    const NAME: &'static str = "f32";
    const FLUSHES: bool = true;
    const ZERO: Self = 0.0;
    const MANTISSA_DIGITS: u32 = f32::MANTISSA_DIGITS;
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        f32::mul_add(self, factor, term)
    }
    fn from_f64(value: f64) -> Self {
        value as f32
    }
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Element for f64 {
    const NAME: &'static str = "f64";
    const FLUSHES: bool = false;
    const ZERO: Self = 0.0;
    const MANTISSA_DIGITS: u32 = f64::MANTISSA_DIGITS;
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        f64::mul_add(self, factor, term)
    }
    fn from_f64(value: f64) -> Self {
        value
    }
    fn to_f64(self) -> f64 {
        self
    }
}
