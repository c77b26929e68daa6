//! Tokens: how texts become numbers. Fitted on the training part, saved with the model.
//!
//! Number 0 is padding. Words and letters that the training part did not have, or had too seldom,
//! become an unknown token; bytes need none.

mod pairs;
mod words;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::error::DataError;
use crate::messages::{self as say, Language};
use pairs::{Merger, learn_merges};
use words::{UNKNOWN_WORDS, clean, pieces, unknown_word, words};

/// The number of padding.
pub(crate) const PADDING: usize = 0;

/// No text becomes more tokens than this.
pub(crate) const MOST_TOKENS: usize = 1 << 14;

/// No vocabulary is larger than this.
pub(crate) const MOST_VOCABULARY: usize = 1 << 20;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Words, numbers and signs, in lower case.
    #[default]
    Word,
    /// Letters, as they stand.
    Character,
    /// Pieces of words, learned by merging the most frequent pairs of bytes.
    Bpe,
}

impl TokenKind {
    /// The word of the command line.
    pub fn name(self) -> &'static str {
        match self {
            TokenKind::Word => "word",
            TokenKind::Character => "character",
            TokenKind::Bpe => "bpe",
        }
    }

    /// Tokens that a vocabulary has at most, where nothing else is said.
    pub(crate) fn usual_vocabulary(self) -> usize {
        match self {
            TokenKind::Word => 20_000,
            TokenKind::Character => 1000,
            TokenKind::Bpe => 4000,
        }
    }
}

/// A vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tokens", rename_all = "snake_case")]
pub enum Tokens {
    /// 1 to 4 are unknown words, numbers, mixtures of both, and signs; then come `words`.
    Word {
        /// The words, the most frequent first.
        words: Vec<String>,
    },
    /// 1 is any unknown letter; then come `letters`.
    Character {
        /// The letters, the most frequent first.
        letters: String,
    },
    /// 1 to 256 are the bytes; then come the merges.
    Bpe {
        /// Pairs of numbers that become the next number: Sennrich, Haddow & Birch 2016, "Neural machine
        /// translation of rare words with subword units", on bytes.
        merges: Vec<(u32, u32)>,
    },
}

/// The number of the first word, letter or merge.
const FIRST_WORD: usize = 1 + UNKNOWN_WORDS.len();
const UNKNOWN_LETTER: usize = 1;
const FIRST_LETTER: usize = 2;
const FIRST_MERGE: usize = 257;

impl Tokens {
    /// What a token is.
    pub fn kind(&self) -> TokenKind {
        match self {
            Tokens::Word { .. } => TokenKind::Word,
            Tokens::Character { .. } => TokenKind::Character,
            Tokens::Bpe { .. } => TokenKind::Bpe,
        }
    }

    /// How many numbers there are, padding and unknown tokens among them.
    pub fn vocab_size(&self) -> usize {
        match self {
            Tokens::Word { words } => FIRST_WORD + words.len(),
            Tokens::Character { letters } => FIRST_LETTER + letters.chars().count(),
            Tokens::Bpe { merges } => FIRST_MERGE + merges.len(),
        }
    }

    /// Whether the form can have been made by a fit.
    pub(crate) fn is_sound(&self) -> bool {
        let sound = match self {
            Tokens::Bpe { merges } => merges.iter().enumerate().all(|(index, &(left, right))| {
                let next = FIRST_MERGE + index;
                let known = |token: u32| (1..next).contains(&(token as usize));
                known(left) && known(right)
            }),
            Tokens::Word { .. } | Tokens::Character { .. } => true,
        };
        sound && self.vocab_size() <= MOST_VOCABULARY
    }

    /// The vocabulary in words.
    pub(crate) fn describe(&self, l: Language) -> String {
        let size = self.vocab_size() as u64;
        match self {
            Tokens::Word { words } => say::use_words(l, l.counted(words.len() as u64, "word")),
            Tokens::Character { letters } => {
                say::use_characters(l, l.counted(letters.chars().count() as u64, "character"))
            }
            Tokens::Bpe { .. } => say::use_byte_pairs(l, l.counted(size - 1, "token")),
        }
    }
}

/// Different words or letters that are counted at once; when there are more, the rarest are forgotten
/// (Manku & Motwani 2002, "Approximate frequency counts over data streams").
const MOST_COUNTED: usize = 1 << 20;

/// Counts what the training texts hold.
pub(crate) struct Counter {
    kind: TokenKind,
    counts: HashMap<String, u64>,
    /// What was forgotten came at most this often.
    forgotten: u64,
}

impl Counter {
    pub(crate) fn new(kind: TokenKind) -> Counter {
        Counter { kind, counts: HashMap::new(), forgotten: 0 }
    }

    pub(crate) fn add(&mut self, text: &str) {
        match self.kind {
            TokenKind::Word => words(text, |word| self.count(word)),
            TokenKind::Character => {
                let mut buffer = [0; 4];
                clean(text).chars().for_each(|letter| self.count(letter.encode_utf8(&mut buffer)));
            }
            TokenKind::Bpe => pieces(&clean(text), |piece| self.count(piece)),
        }
    }

    fn count(&mut self, word: &str) {
        match self.counts.get_mut(word) {
            Some(count) => *count += 1,
            None => {
                if self.counts.len() >= MOST_COUNTED {
                    self.forgotten += 1;
                    let least = self.forgotten;
                    self.counts.retain(|_, count| *count > least);
                }
                self.counts.insert(word.to_owned(), 1);
            }
        }
    }

    /// The vocabulary of at most `size` numbers; words and letters must come `least` times.
    pub(crate) fn finish(self, size: usize, least: u64) -> Tokens {
        let mut counts: Vec<(String, u64)> = self.counts.into_iter().collect();
        counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let frequent = |room: usize| {
            let enough = counts.iter().filter(|(_, count)| *count >= least);
            enough.take(room).map(|(word, _)| word.clone())
        };
        match self.kind {
            TokenKind::Word => {
                Tokens::Word { words: frequent(size.saturating_sub(FIRST_WORD)).collect() }
            }
            TokenKind::Character => {
                Tokens::Character { letters: frequent(size.saturating_sub(FIRST_LETTER)).collect() }
            }
            TokenKind::Bpe => {
                let merges = learn_merges(&counts, size.saturating_sub(FIRST_MERGE), least);
                Tokens::Bpe { merges }
            }
        }
    }
}

/// A vocabulary, ready to turn texts into numbers.
pub(crate) struct Tokenizer {
    form: Form,
}

enum Form {
    Word(HashMap<String, u32>),
    Character(HashMap<char, u32>),
    Bpe(Merger),
}

impl Tokenizer {
    pub(crate) fn new(tokens: &Tokens) -> Tokenizer {
        let form = match tokens {
            Tokens::Word { words } => {
                let numbered = words.iter().enumerate();
                Form::Word(
                    numbered.map(|(i, word)| (word.clone(), (FIRST_WORD + i) as u32)).collect(),
                )
            }
            Tokens::Character { letters } => {
                let numbered = letters.chars().enumerate();
                Form::Character(numbered.map(|(i, c)| (c, (FIRST_LETTER + i) as u32)).collect())
            }
            Tokens::Bpe { merges } => Form::Bpe(Merger::new(merges)),
        };
        Tokenizer { form }
    }

    /// The numbers of a text, all of them.
    pub(crate) fn numbers(&self, text: &str, numbers: &mut Vec<u32>) {
        numbers.clear();
        match &self.form {
            Form::Word(known) => words(text, |word| {
                let unknown = || 1 + unknown_word(word) as u32;
                numbers.push(known.get(word).copied().unwrap_or_else(unknown));
            }),
            Form::Character(known) => {
                let letters = clean(text);
                let number = |letter| known.get(&letter).copied().unwrap_or(UNKNOWN_LETTER as u32);
                numbers.extend(letters.chars().map(number));
            }
            Form::Bpe(merger) => pieces(&clean(text), |piece| merger.split(piece, numbers)),
        }
    }
}

/// Texts, ready to be written as a network's inputs: the first `inputs.len()` numbers, then padding.
pub(crate) struct TextEncoder {
    tokenizer: Tokenizer,
    numbers: Vec<u32>,
}

/// What became of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TextFacts {
    pub(crate) tokens: usize,
    pub(crate) unknown: usize,
}

impl TextEncoder {
    pub(crate) fn new(tokens: &Tokens) -> TextEncoder {
        TextEncoder { tokenizer: Tokenizer::new(tokens), numbers: Vec::new() }
    }

    pub(crate) fn encode(&mut self, text: &str, inputs: &mut [f32]) -> TextFacts {
        self.tokenizer.numbers(text, &mut self.numbers);
        inputs.fill(PADDING as f32);
        for (input, &number) in inputs.iter_mut().zip(&self.numbers) {
            *input = number as f32;
        }
        let first = match self.tokenizer.form {
            Form::Word(_) => FIRST_WORD,
            Form::Character(_) => FIRST_LETTER,
            Form::Bpe(_) => 0,
        };
        let unknown = self.numbers.iter().filter(|&&number| (number as usize) < first).count();
        TextFacts { tokens: self.numbers.len(), unknown }
    }
}

/// The text that a network reads, from its inputs; for people.
pub(crate) fn decode(tokens: &Tokens, inputs: &[f32]) -> String {
    const UNKNOWN: &str = "‹?›";
    let numbers = inputs.iter().map(|&input| input as usize).take_while(|&n| n != PADDING);
    match tokens {
        Tokens::Word { words } => {
            let word = |n: usize| match n.checked_sub(FIRST_WORD) {
                Some(index) => words.get(index).map_or(UNKNOWN, String::as_str),
                None => UNKNOWN_WORDS.get(n - 1).copied().unwrap_or(UNKNOWN),
            };
            numbers.map(word).collect::<Vec<_>>().join(" ")
        }
        Tokens::Character { letters } => {
            let letters: Vec<char> = letters.chars().collect();
            let letter = |n: usize| letters.get(n.wrapping_sub(FIRST_LETTER)).copied();
            numbers.map(|n| letter(n).unwrap_or('□')).collect()
        }
        Tokens::Bpe { merges } => {
            let mut bytes = Vec::new();
            numbers.for_each(|n| pairs::spell(merges, n as u32, &mut bytes));
            String::from_utf8_lossy(&bytes).trim_start().to_owned()
        }
    }
}

/// The number of tokens that a text has, for a length that suits most texts: a histogram.
#[derive(Default)]
pub(crate) struct Lengths {
    /// How many texts have so many tokens; the last place stands for all longer ones.
    counts: Vec<u64>,
    total: u64,
}

/// The share of texts that are read whole where no length is set.
pub(crate) const WHOLE: f64 = 0.99;

impl Lengths {
    pub(crate) fn add(&mut self, tokens: usize) {
        let place = tokens.min(MOST_TOKENS);
        if self.counts.len() <= place {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += 1;
        self.total += 1;
    }

    /// The least length that a share of all texts do not exceed; at least 1.
    pub(crate) fn quantile(&self, share: f64) -> usize {
        let wanted = share * self.total as f64;
        let mut sum = 0;
        for (tokens, count) in self.counts.iter().enumerate() {
            sum += count;
            if sum as f64 >= wanted {
                return tokens.max(1);
            }
        }
        1
    }

    /// Texts of more tokens than `length`.
    pub(crate) fn longer(&self, length: usize) -> u64 {
        self.counts.iter().skip(length + 1).sum()
    }

    /// The usual number of tokens.
    pub(crate) fn median(&self) -> usize {
        self.quantile(0.5)
    }
}

/// Takes a text.
type Take<'a> = dyn FnMut(&str) + 'a;

/// Reads the vocabulary off texts: `each` hands all of them out, as often as it is called.
pub(crate) fn learn(
    kind: TokenKind,
    size: usize,
    least: u64,
    each: &mut dyn FnMut(&mut Take<'_>) -> Result<(), DataError>,
) -> Result<(Tokens, Lengths), DataError> {
    let mut counter = Counter::new(kind);
    each(&mut |text| counter.add(text))?;
    let tokens = counter.finish(size, least);
    let tokenizer = Tokenizer::new(&tokens);
    let (mut lengths, mut numbers) = (Lengths::default(), Vec::new());
    each(&mut |text| {
        tokenizer.numbers(text, &mut numbers);
        lengths.add(numbers.len());
    })?;
    Ok((tokens, lengths))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 4] = [
        "Call 0800 NOW, call!",
        "call me now :)",
        "It's low, lower, lowest — 'lowest' of the low. £100",
        "",
    ];

    fn vocabulary(kind: TokenKind, size: usize, least: u64) -> (Tokens, Lengths) {
        learn(kind, size, least, &mut |take| {
            TEXTS.iter().for_each(|text| take(text));
            Ok(())
        })
        .expect("nothing fails")
    }

    fn numbers(tokens: &Tokens, text: &str, length: usize) -> (Vec<f32>, TextFacts) {
        let mut inputs = vec![9.0; length];
        let facts = TextEncoder::new(tokens).encode(text, &mut inputs);
        (inputs, facts)
    }

    #[test]
    fn words_are_numbered_by_frequency_and_unknown_ones_by_their_form() {
        let (tokens, lengths) = vocabulary(TokenKind::Word, 100, 2);
        let Tokens::Word { words } = &tokens else { unreachable!("it was asked for") };
        assert_eq!(words[..3], ["'", ",", "call"]);
        assert!(words.contains(&"low".to_owned()) && !words.contains(&"lower".to_owned()));
        let (inputs, facts) = numbers(&tokens, "CALL x9 9 zebra ~ call", 8);
        assert_eq!(inputs, [7.0, 3.0, 2.0, 1.0, 4.0, 7.0, 0.0, 0.0]);
        assert_eq!(facts, TextFacts { tokens: 6, unknown: 4 });
        assert_eq!(decode(&tokens, &inputs), "call ‹mixed› ‹number› ‹word› ‹sign› call");
        assert_eq!((lengths.quantile(0.0), lengths.longer(7)), (1, 1));
        assert!(tokens.is_sound() && tokens.vocab_size() == 5 + words.len());
    }

    #[test]
    fn letters_are_kept_as_they_stand() {
        let (tokens, _) = vocabulary(TokenKind::Character, 1000, 1);
        let (inputs, facts) = numbers(&tokens, "low \t £ж", 9);
        assert_eq!(decode(&tokens, &inputs), "low £□");
        assert_eq!((facts.tokens, facts.unknown, inputs[6]), (6, 1, 0.0));
        let (small, _) = vocabulary(TokenKind::Character, 6, 1);
        assert_eq!(small.vocab_size(), 6);
    }

    #[test]
    fn pairs_of_bytes_give_every_text_back() {
        let (tokens, _) = vocabulary(TokenKind::Bpe, 300, 2);
        assert!(tokens.is_sound());
        for text in ["low lower lowest", "никогда не виданное", "a  b", ""] {
            let (inputs, facts) = numbers(&tokens, text, 60);
            assert_eq!(decode(&tokens, &inputs), clean(text), "{text}");
            assert!(facts.tokens <= text.len() + 1 && facts.unknown == 0);
        }
        let (_, facts) = numbers(&tokens, "low lowest", 60);
        assert!(facts.tokens <= 3, "frequent words are one token or two: {facts:?}");
        let broken = Tokens::Bpe { merges: vec![(1, 257)] };
        assert!(!broken.is_sound());
    }

    #[test]
    fn counting_forgets_the_rarest_first() {
        let mut counter = Counter::new(TokenKind::Word);
        for i in 0..MOST_COUNTED + 10 {
            counter.count(&format!("w{i}"));
            counter.count("often");
        }
        assert!(counter.counts.len() <= MOST_COUNTED && counter.forgotten > 0);
        assert!(counter.counts["often"] > 1000);
    }
}
