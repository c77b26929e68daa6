//! Text from outside as it may stand in a message: short, on one line, nothing invisible.

/// A name or value: at most 60 letters.
pub(crate) fn shown(text: &str) -> String {
    cut(text, 60)
}

/// What a JSON reader says; it quotes the file, of any length and with any letters.
pub(crate) fn json_error(error: &serde_json::Error) -> String {
    cut(&error.to_string(), 300)
}

fn cut(text: &str, limit: usize) -> String {
    let mut shown: String = text.chars().take(limit).flat_map(visible).collect();
    if text.chars().nth(limit).is_some() {
        shown.push('…');
    }
    shown
}

fn visible(letter: char) -> impl Iterator<Item = char> {
    let escaped = letter.is_control().then(|| letter.escape_debug());
    let plain = (!letter.is_control()).then_some(letter);
    escaped.into_iter().flatten().chain(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_shown_safely() {
        assert_eq!(shown("plain"), "plain");
        assert_eq!(shown("a\nb\u{1b}[31m"), "a\\nb\\u{1b}[31m");
        assert_eq!(shown(&"x".repeat(61)), format!("{}…", "x".repeat(60)));
    }
}
