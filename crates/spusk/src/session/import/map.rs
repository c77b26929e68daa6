//! Maps of names: which tensor of a file is which of the network.

use std::collections::BTreeMap;

use crate::messages::{self as say, Said};

/// A map: what it does not say is guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Map {
    entries: Vec<Entry>,
    /// Where the line of a name stands.
    places: BTreeMap<String, usize>,
}

/// A line of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands, from 1.
    pub line: usize,
    /// The name of a tensor in the file, or of a part of the network that has tensors.
    pub theirs: String,
    /// Its name here; `None` leaves it out.
    pub ours: Option<String>,
    /// A matrix `[in, out]` of the file becomes `[out, in]`.
    pub transpose: bool,
    /// The blocks of the first axis, in the order in which they are needed: gates of recurrent layers.
    pub gates: Option<Vec<usize>>,
}

/// The orders of gates that networks have here, which are PyTorch's.
const ORDERS: [&str; 2] = ["ifgo", "rzn"];

impl Map {
    /// Reads lines `their.name = our.name [transpose] [gates=iofg]`, or `their.name = -` for what is left
    /// out. Names may be those of parts: `encoder = layers.2` stands for all tensors inside. `#` starts a
    /// comment. `gates` says in which order the file has the gates.
    ///
    /// # Errors
    /// At the first line that means nothing.
    pub fn parse(text: &str) -> Result<Map, Said> {
        let mut map = Map::default();
        for (i, line) in text.lines().enumerate() {
            let (line, text) = (i + 1, line.split('#').next().unwrap_or("").trim());
            if text.is_empty() {
                continue;
            }
            let entry = entry(line, text)
                .map_err(|what| Said::new(|l| say::map_line(l, line, what.in_language(l))))?;
            if let Some(&before) = map.places.get(&entry.theirs) {
                let before = map.entries[before].line;
                return Err(Said::new(|l| say::map_twice(l, line, &entry.theirs, before)));
            }
            map.places.insert(entry.theirs.clone(), map.entries.len());
            map.entries.push(entry);
        }
        Ok(map)
    }

    /// Its lines, in their order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The line that speaks of a tensor of the file, and the tensor's name here by it. The longest name
    /// wins.
    pub(super) fn find(&self, theirs: &str) -> Option<(&Entry, Option<String>)> {
        let ends = theirs.match_indices('.').map(|(end, _)| end);
        let names = std::iter::once(theirs.len()).chain(ends.rev()).map(|end| &theirs[..end]);
        let place = names.filter_map(|name| self.places.get(name)).next()?;
        let entry = self.entries.get(*place)?;
        let rest = &theirs[entry.theirs.len()..];
        Some((entry, entry.ours.as_ref().map(|ours| format!("{ours}{rest}"))))
    }
}

fn entry(line: usize, text: &str) -> Result<Entry, Said> {
    let (theirs, rest) = text
        .split_once('=')
        .ok_or_else(|| Said::new(|l| say::map_no_sign(l, say::map_usage(l))))?;
    let mut words = rest.split_whitespace();
    let (theirs, ours) = (theirs.trim(), words.next().unwrap_or(""));
    if theirs.is_empty() || ours.is_empty() {
        return Err(Said::new(|l| say::map_no_name(l, say::map_usage(l))));
    }
    let ours = (ours != "-").then(|| ours.to_string());
    let mut entry = Entry { line, theirs: theirs.into(), ours, transpose: false, gates: None };
    for word in words {
        match word.split_once('=') {
            None if word == "transpose" => entry.transpose = true,
            Some(("gates", given)) => entry.gates = Some(order(given)?),
            _ => return Err(Said::new(|l| say::map_no_meaning(l, word, say::map_usage(l)))),
        }
    }
    Ok(entry)
}

/// Where each gate that is needed stands among those given.
fn order(given: &str) -> Result<Vec<usize>, Said> {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    let needed = ORDERS.into_iter().find(|needed| sorted(needed) == sorted(given));
    let needed = needed.ok_or_else(|| Said::new(|l| say::map_gates(l, given)))?;
    Ok(needed.chars().filter_map(|gate| given.chars().position(|letter| letter == gate)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_tensors_and_parts() {
        let text = "# ours\nfc.weight = layers.0.weight transpose\n\nrnn = layers.2 gates=iofg # onnx\nextra=-\n";
        let map = Map::parse(text).expect("a map");
        assert_eq!(map.entries().len(), 3);
        let found = |name: &str| map.find(name).map(|(entry, ours)| (entry.line, ours));
        assert_eq!(found("fc.weight"), Some((2, Some("layers.0.weight".into()))));
        assert!(map.entries()[0].transpose);
        assert_eq!(found("rnn.bias_hh_l0"), Some((4, Some("layers.2.bias_hh_l0".into()))));
        assert_eq!(map.entries()[1].gates, Some(vec![0, 2, 3, 1]));
        assert_eq!(found("extra"), Some((5, None)));
        assert_eq!(found("rnn2.weight"), None);
        assert_eq!(found("fc.bias"), None);
    }

    #[test]
    fn what_means_nothing_is_refused() {
        let check = |text: &str, want: &str| {
            let error = Map::parse(text).expect_err(text);
            assert!(error.english().contains(want), "{text}: {error:?}");
        };
        check("a = b\nc d", "line 2: no `=`");
        check("a =", "line 1: a name is missing");
        check("= b", "line 1: a name is missing");
        check("a = b turn", "`turn` means nothing here");
        check("a = b gates=iffo", "gates=iffo: expected the letters i, f, g, o of an LSTM");
        check("a = b\na = c", "line 2: `a` stands in line 1 already");
    }
}
