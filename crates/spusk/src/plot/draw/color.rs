//! Colors mixed as the eye sees them.

/// Red, green and blue of sRGB, 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rgb(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Rgb {
    /// As #rrggbb.
    pub(crate) fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// The color on the way from this one (0) to another (1), in equal steps of perception.
    pub(crate) fn toward(self, other: Rgb, share: f64) -> Rgb {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let (a, b) = (self.oklab(), other.oklab());
        from_oklab([0, 1, 2].map(|i| a[i] + share * (b[i] - a[i])))
    }

    /// Lightness and two color axes, where equal distances look equal: OKLab, Ottosson 2020.
    fn oklab(self) -> [f64; 3] {
        let [r, g, b] = [self.0, self.1, self.2].map(|c| linear(f64::from(c) / 255.0));
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        [
            0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
            1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
            0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
        ]
    }

    /// Relative luminance as the accessibility guidelines (WCAG 2) define it.
    fn luminance(self) -> f64 {
        let [r, g, b] = [self.0, self.1, self.2].map(|c| linear(f64::from(c) / 255.0));
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

/// Contrast of two colors by WCAG 2, from 1 to 21.
pub(crate) fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (a.luminance(), b.luminance());
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn from_oklab([lightness, a, b]: [f64; 3]) -> Rgb {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    Rgb(
        byte(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
        byte(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
        byte(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s),
    )
}

/// The sRGB transfer function (IEC 61966-2-1), from screen value to light.
fn linear(c: f64) -> f64 {
    if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

fn byte(light: f64) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let c =
        if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (255.0 * c).round() as u8
}

#[cfg(test)]
mod tests {
    use super::{Rgb, contrast};

    #[test]
    fn ends_and_grays_are_kept() {
        let (a, b) = (Rgb(255, 255, 255), Rgb(3, 80, 140));
        assert_eq!((a.toward(b, 0.0), a.toward(b, 1.0)), (a, b));
        assert_eq!(a.toward(b, f64::NAN), a);
        let Rgb(r, g, b) = Rgb(0, 0, 0).toward(a, 0.5);
        assert!(r == g && g == b && (95..105).contains(&r), "half way to white looks half: {r}");
        assert_eq!(Rgb(0, 114, 178).hex(), "#0072b2");
    }

    #[test]
    fn contrast_of_black_on_white() {
        assert!((contrast(Rgb(0, 0, 0), Rgb(255, 255, 255)) - 21.0).abs() < 1e-9);
    }
}
