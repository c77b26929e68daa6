//! For tests: whether a text is Russian.
#![allow(unreachable_pub, dead_code)]

/// Three words of plain Latin letters in a row, outside of what is quoted and of what libraries say, which
/// stands in brackets.
pub fn english(text: &str) -> Option<String> {
    let outside: String = text.split('`').step_by(2).collect();
    let own: String =
        outside.split('(').map(|part| part.rsplit(')').next().unwrap_or("")).collect();
    let words: Vec<&str> = own.split(' ').collect();
    let is_plain = |word: &&str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase());
    words.windows(3).find(|three| three.iter().all(is_plain)).map(|three| three.join(" "))
}

/// Fails for a text that is not Russian; `what` tells which it is.
pub fn assert_russian(what: &str, told: &str) {
    assert!(told.contains(|c: char| ('а'..='я').contains(&c)), "{what} is not Russian: {told}");
    assert_eq!(english(told), None, "{what} is partly English: {told}");
}
