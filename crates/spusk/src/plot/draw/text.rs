//! How wide text will be, without a font at hand.
//!
//! The widths are those of common sans-serif faces, rounded up, so that what fits here fits there.

/// About how many pixels the text takes at a font size in pixels.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// The text, cut with an ellipsis where it would be wider than `most` pixels.
pub(crate) fn fit(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.into();
    }
    let cut = take(text, size, most - width("…", size));
    format!("{}…", cut.trim_end())
}

/// The text, cut in its middle: long names often differ at the end.
pub(crate) fn fit_middle(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.into();
    }
    let half = (most - width("…", size)) / 2.0;
    let end: String = text.chars().rev().collect();
    let head = take(text, size, half);
    let tail: String = take(&end, size, half).chars().rev().collect();
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

/// The characters from the start that fit.
fn take(text: &str, size: f64, most: f64) -> String {
    let mut used = 0.0;
    let fits = |c: &char| {
        used += em(*c) * size;
        used <= most
    };
    text.chars().take_while(fits).collect()
}

/// The text in lines at most `most` pixels wide, broken between words; longer words are cut.
pub(crate) fn wrap(text: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    // Not at spaces that hold a number and its unit together.
    for word in text.split([' ', '\n', '\t']).filter(|word| !word.is_empty()) {
        let word = fit(word, size, most);
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} {word}");
            if width(&longer, size) <= most {
                *line = longer;
                continue;
            }
        }
        lines.push(word);
    }
    lines
}

/// Width of a character in units of the font size.
fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' | '!' | '.' | ',' | ':' | ';' | '·' => 0.30,
        'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '{' | '}' | '/' | '\\' | ' ' | '"' => 0.38,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' | 'ж' | 'ш' | 'щ' | 'ю' | 'ф' | 'ы' => {
            0.92
        }
        '⁰'..='⁹' | '⁻' | '²' | '³' | '¹' => 0.40,
        'a'..='z' | '0'..='9' => 0.585,
        'A'..='Z' => 0.72,
        '\u{0300}'..='\u{036f}' => 0.0,
        '\u{202f}' => 0.25,
        'а'..='я' | 'ё' => 0.62,
        'А'..='Я' | 'Ё' => 0.76,
        // Hangul, Chinese, Japanese, full-width forms and emoji fill a square.
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f000}'..='\u{1faff}' => 1.05,
        _ => 0.65,
    }
}

#[cfg(test)]
mod tests {
    use super::{fit, fit_middle, width, wrap};

    #[test]
    fn cut_text_fits() {
        for text in ["a", "temperature of the sea", "漢字漢字漢字漢字", "ééé", ""] {
            for most in [0.0, 8.0, 20.0, 60.0, 500.0] {
                let cut = fit(text, 12.0, most);
                assert!(width(&cut, 12.0) <= most.max(width("…", 12.0)), "{text} {most}");
                assert_eq!(cut == text, width(text, 12.0) <= most);
                let cut = fit_middle(text, 12.0, most);
                assert!(width(&cut, 12.0) <= most.max(width("…", 12.0)), "{text} {most}");
            }
        }
        assert_eq!(fit_middle("a class of birds, number 17", 10.0, 80.0), "a clas…ber 17");
        assert_eq!(fit("sea level", 10.0, 32.0), "sea…", "no space before the ellipsis");
    }

    #[test]
    fn lines_hold_all_words() {
        let text = "every word of a longer note is kept";
        let lines = wrap(text, 12.0, 90.0);
        assert!(lines.len() > 2 && lines.iter().all(|line| width(line, 12.0) <= 90.0));
        assert_eq!(lines.join(" "), text);
        assert_eq!(wrap("", 12.0, 90.0), [""; 0]);
    }
}
