//! Two-byte floats, widened to 32 bits. Both widenings are exact.

/// The upper half of a 32-bit float.
pub(super) fn bf16_to_f32(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// IEEE 754 binary16: one bit of sign, five of exponent (bias 15), ten of fraction.
pub(super) fn f16_to_f32(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let exponent = u32::from(bits >> 10) & 0x1f;
    let fraction = u32::from(bits) & 0x3ff;
    let magnitude = match exponent {
        // No implied one: the fraction counts steps of 2⁻²⁴, all exact in 32 bits.
        0 => (fraction as f32 / 16_777_216.0).to_bits(),
        31 => 0x7f80_0000 | fraction << 13,
        // The bias of 32-bit floats is 127.
        _ => (exponent + 112) << 23 | fraction << 13,
    };
    f32::from_bits(sign | magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: (−1)ˢ · 2^(e−15) · (1 + m/1024), without the one and with e = 1 if e is 0.
    fn f16_reference(bits: u16) -> f64 {
        let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
        let exponent = i32::from(bits >> 10 & 0x1f);
        let fraction = f64::from(bits & 0x3ff) / 1024.0;
        sign * match exponent {
            0 => fraction * (-14f64).exp2(),
            31 if fraction == 0.0 => f64::INFINITY,
            31 => f64::NAN,
            _ => (1.0 + fraction) * f64::from(exponent - 15).exp2(),
        }
    }

    #[test]
    fn every_f16_is_its_definition() {
        for bits in 0..=u16::MAX {
            let (got, want) = (f64::from(f16_to_f32(bits)), f16_reference(bits));
            let same = got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan();
            assert!(same, "{bits:#06x}: got {got}, expected {want}");
        }
    }

    #[test]
    fn bf16_is_a_cut_f32() {
        for (bits, want) in [(0x3f80, 1.0), (0xc000, -2.0), (0x0000, 0.0), (0x7f80, f32::INFINITY)]
        {
            assert_eq!(bf16_to_f32(bits), want);
        }
    }
}
