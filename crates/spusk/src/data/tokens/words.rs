//! Cutting a text into words, numbers and signs.

/// What unknown words are called, in the order of their numbers.
pub(super) const UNKNOWN_WORDS: [&str; 4] = ["‹word›", "‹number›", "‹mixed›", "‹sign›"];

/// The place in [`UNKNOWN_WORDS`] that a word is of: its form says something where the word does not,
/// as that a telephone number stands there.
pub(super) fn unknown_word(word: &str) -> usize {
    let digits = word.chars().any(char::is_numeric);
    let letters = word.chars().any(char::is_alphabetic);
    match (letters, digits) {
        (true, false) => 0,
        (false, true) => 1,
        (true, true) => 2,
        (false, false) => 3,
    }
}

/// The words of a text in lower case: runs of letters, digits and marks on letters; any other sign by
/// itself.
pub(super) fn words(text: &str, mut take: impl FnMut(&str)) {
    let mut word = String::new();
    for letter in text.chars() {
        if letter.is_alphanumeric() || is_mark(letter) {
            word.extend(letter.to_lowercase());
            continue;
        }
        if !word.is_empty() {
            take(&word);
            word.clear();
        }
        if !letter.is_whitespace() && !letter.is_control() {
            let mut buffer = [0; 4];
            take(letter.encode_utf8(&mut buffer));
        }
    }
    if !word.is_empty() {
        take(&word);
    }
}

/// Marks that stand on the letter before (accents, and the vowels of some scripts).
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{200d}')
}

/// The text with one blank for every run of blanks, and none at its ends.
pub(super) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !clean.is_empty() {
            clean.push(' ');
        }
        clean.push_str(word);
    }
    clean
}

/// Pieces that no pair of bytes goes across: a run of letters, of digits or of other signs, with the
/// blank in front of it.
pub(super) fn pieces(text: &str, mut take: impl FnMut(&str)) {
    let class = |letter: char| match letter {
        letter if letter.is_alphabetic() || is_mark(letter) => 0,
        letter if letter.is_numeric() => 1,
        _ => 2,
    };
    let mut start = 0;
    let mut before = None;
    for (at, letter) in text.char_indices() {
        let blank = letter == ' ';
        if at > start && (blank || before.is_some_and(|before| before != class(letter))) {
            take(&text[start..at]);
            start = at;
        }
        before = (!blank).then(|| class(letter));
    }
    if start < text.len() {
        take(&text[start..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut() {
        let cut = |text: &str| {
            let mut all = Vec::new();
            words(text, |word| all.push(word.to_owned()));
            all
        };
        assert_eq!(cut("Don't PAY £5.20!"), ["don", "'", "t", "pay", "£", "5", ".", "20", "!"]);
        assert_eq!(cut("Ёлка\u{301} naïve"), ["ёлка\u{301}", "naïve"]);
        assert!(cut(" \t").is_empty());
        let cut = |text: &str| {
            let mut all = Vec::new();
            pieces(&clean(text), |piece| all.push(piece.to_owned()));
            all
        };
        assert_eq!(cut("Call  0800now !! ok"), ["Call", " 0800", "now", " !!", " ok"]);
    }
}
