//! Denormal numbers count as zeros while a program runs.
//!
//! Momentum that decays without new gradients ends among the denormal numbers (below 1.2e-38) and,
//! rounded to the nearest, stays there for good. Processors compute with them in microcode, a
//! hundred times slower.

/// While it lives, this thread reads denormal numbers as 0 and rounds to 0 instead of to them (and
/// so do threads that it starts meanwhile).
///
/// On x86-64 by the FTZ and DAZ bits of MXCSR, on AArch64 by the FZ bit of FPCR; elsewhere nothing
/// changes.
pub(crate) struct FlushDenormals {
    before: Word,
    /// It belongs to the thread that made it.
    _thread: std::marker::PhantomData<*const ()>,
}

#[cfg(target_arch = "aarch64")]
type Word = u64;
#[cfg(not(target_arch = "aarch64"))]
type Word = u32;

impl FlushDenormals {
    /// Begins.
    pub(crate) fn new() -> Self {
        let before = read();
        write(before | FLUSH);
        FlushDenormals { before, _thread: std::marker::PhantomData }
    }
}

impl Drop for FlushDenormals {
    fn drop(&mut self) {
        write(self.before);
    }
}

/// Flush to zero (bit 15) and denormals are zeros (bit 6).
#[cfg(target_arch = "x86_64")]
const FLUSH: Word = 1 << 15 | 1 << 6;
/// Flush to zero.
#[cfg(target_arch = "aarch64")]
const FLUSH: Word = 1 << 24;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const FLUSH: Word = 0;

#[cfg(target_arch = "x86_64")]
fn read() -> Word {
    let mut word: Word = 0;
    // SAFETY: stores the control word, which every x86-64 processor has, where it is told to.
    unsafe {
        std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut word, options(nostack, preserves_flags));
    }
    word
}

#[cfg(target_arch = "x86_64")]
fn write(word: Word) {
    // SAFETY: loads a control word that differs from the thread's own in FTZ and DAZ at most, so no
    // reserved bit is set and nothing is unmasked. The compiler takes floating-point arithmetic for
    // what it is without them; the difference, which we want, is that tiny results become 0.
    unsafe {
        std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const word, options(nostack, preserves_flags));
    }
}

#[cfg(target_arch = "aarch64")]
fn read() -> Word {
    let word: Word;
    // SAFETY: reads the control register, which every AArch64 processor has.
    unsafe {
        std::arch::asm!("mrs {}, fpcr", out(reg) word, options(nomem, nostack, preserves_flags));
    }
    word
}

#[cfg(target_arch = "aarch64")]
fn write(word: Word) {
    // SAFETY: as on x86-64, with the bit FZ.
    unsafe {
        std::arch::asm!("msr fpcr, {}", in(reg) word, options(nostack, preserves_flags));
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn read() -> Word {
    0
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn write(_: Word) {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    // Never inlined, so that the compiler does not move the arithmetic over the switch.
    #[inline(never)]
    fn multiply(a: f32, b: f32) -> f32 {
        black_box(black_box(a) * black_box(b))
    }

    fn half() -> f32 {
        multiply(f32::MIN_POSITIVE, 0.5)
    }

    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    #[test]
    fn denormals_are_zeros_as_long_as_it_lives() {
        let denormal = half();
        assert!(denormal > 0.0);
        let outer = FlushDenormals::new();
        assert_eq!(half().to_bits(), 0);
        assert_eq!(multiply(denormal, 4.0).to_bits(), 0);
        let inner = FlushDenormals::new();
        assert_eq!(half().to_bits(), 0);
        drop(inner);
        assert_eq!(half().to_bits(), 0, "the inner guard leaves the outer one's setting");
        drop(outer);
        assert!(half() > 0.0);
    }
}
