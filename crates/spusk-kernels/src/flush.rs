//! Numbers too small for the normal form count as 0 while a program runs in f32.
//!
//! A gradient that dies out fills optimizer slots with subnormal numbers, and the processor takes a
//! hundred times as long for each operation on one. All threads of a run flush them alike, so the
//! bits stay independent of the number of threads.

/// Flushes subnormal results and operands on this thread until it is dropped.
pub(crate) struct Flush {
    #[cfg(target_arch = "x86_64")]
    before: u32,
    #[cfg(target_arch = "aarch64")]
    before: u64,
}

#[cfg(target_arch = "x86_64")]
impl Flush {
    /// Flush-to-zero (bit 15) and denormals-are-zero (bit 6) of MXCSR.
    const BITS: u32 = 1 << 15 | 1 << 6;

    pub(crate) fn new() -> Flush {
        let before = control();
        set_control(before | Flush::BITS);
        Flush { before }
    }
}

#[cfg(target_arch = "x86_64")]
impl Drop for Flush {
    fn drop(&mut self) {
        set_control(self.before);
    }
}

#[cfg(target_arch = "x86_64")]
fn control() -> u32 {
    let mut value = 0_u32;
    // SAFETY: stores the control register to a local that is large enough for it.
    unsafe {
        std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut value, options(nostack, preserves_flags));
    }
    value
}

#[cfg(target_arch = "x86_64")]
fn set_control(value: u32) {
    // SAFETY: `value` is what the register held, but for the two bits that flush subnormal numbers;
    // rounding and exception masks stay. The compiler folds no arithmetic of a running program: its
    // operands are in memory that it does not see through. The former value is put back before the
    // caller's own arithmetic goes on.
    unsafe {
        std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const value, options(nostack, preserves_flags));
    }
}

#[cfg(target_arch = "aarch64")]
impl Flush {
    /// Flush-to-zero of FPCR.
    const BITS: u64 = 1 << 24;

    pub(crate) fn new() -> Flush {
        let before = control();
        set_control(before | Flush::BITS);
        Flush { before }
    }
}

#[cfg(target_arch = "aarch64")]
impl Drop for Flush {
    fn drop(&mut self) {
        set_control(self.before);
    }
}

#[cfg(target_arch = "aarch64")]
fn control() -> u64 {
    let value: u64;
    // SAFETY: reads the control register.
    unsafe {
        std::arch::asm!("mrs {}, fpcr", out(reg) value, options(nomem, nostack, preserves_flags));
    }
    value
}

#[cfg(target_arch = "aarch64")]
fn set_control(value: u64) {
    // SAFETY: as on x86-64.
    unsafe {
        std::arch::asm!("msr fpcr, {}", in(reg) value, options(nostack, preserves_flags));
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
impl Flush {
    pub(crate) fn new() -> Flush {
        Flush {}
    }
}

#[cfg(all(test, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[test]
    fn subnormal_numbers_are_zero_only_meanwhile() {
        let halve = || black_box(f32::MIN_POSITIVE) * black_box(0.5);
        assert!(halve() > 0.0);
        {
            let _flush = Flush::new();
            assert_eq!(halve(), 0.0);
        }
        assert!(halve() > 0.0);
    }
}
