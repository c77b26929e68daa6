//! Which tensor of a file is which of the network: by the map, by equal names, by equal shapes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Map, Matched, Wanted, changed};
use crate::messages::{self as say, Language, Said};
use crate::safetensors::{Contents, Tensor};

/// What an error lists, at most.
const LISTED: usize = 12;
/// PyTorch counts the batches of batch norm; nothing here needs it.
const COUNTER: &str = "num_batches_tracked";

/// The part of the network that a tensor belongs to.
pub(super) fn module(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(module, _)| module)
}

fn leaf(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, leaf)| leaf)
}

/// Every tensor that is needed, under its name here.
///
/// What the map does not say is guessed: equal names first, then parts of the network with tensors of the
/// same names and shapes. Of parts that look alike, those with the same last name belong together (`norm1`),
/// else their order decides, with numbers in names counted as numbers; that is noted.
///
/// # Errors
/// If a tensor is missing, left over or of another shape, or the map names what is not there.
pub(super) fn matched(wanted: &[Wanted], contents: &Contents, map: &Map) -> Result<Matched, Said> {
    let mut found = Pairs { wanted, taken: BTreeMap::new(), notes: Vec::new() };
    let mut rest: Vec<&Tensor> = Vec::new();
    let mut spoken = BTreeSet::new();
    for tensor in &contents.tensors {
        let Some((entry, ours)) = map.find(&tensor.name) else {
            rest.push(tensor);
            continue;
        };
        spoken.insert(entry.line);
        if let Some(ours) = ours {
            found.take(&ours, tensor).map_err(|what| {
                Said::new(|l| say::map_line_of(l, entry.line, what.in_language(l)))
            })?;
        }
    }
    if let Some(entry) = map.entries().iter().find(|entry| !spoken.contains(&entry.line)) {
        return Err(Said::new(|l| {
            let names = listed(l, contents.tensors.iter().map(described));
            say::map_line_of(l, entry.line, say::map_unknown(l, &entry.theirs, names))
        }));
    }
    rest.retain(|tensor| leaf(&tensor.name) != COUNTER);
    rest.retain(|tensor| !found.is_open(&tensor.name) || found.take(&tensor.name, tensor).is_err());
    let rest = found.guess(rest);
    found.finish(&rest, map)
}

/// Pairs of tensors that are needed and tensors that are there.
struct Pairs<'a> {
    wanted: &'a [Wanted],
    /// By the name here.
    taken: BTreeMap<String, &'a Tensor>,
    notes: Vec<Said>,
}

impl<'a> Pairs<'a> {
    fn is_open(&self, ours: &str) -> bool {
        self.wanted.iter().any(|wanted| wanted.name == ours) && !self.taken.contains_key(ours)
    }

    fn take(&mut self, ours: &str, tensor: &'a Tensor) -> Result<(), Said> {
        if self.wanted.iter().all(|wanted| wanted.name != ours) {
            return Err(Said::new(|l| {
                say::import_unknown(l, ours, listed(l, self.wanted.iter().map(needed)))
            }));
        }
        match self.taken.insert(ours.to_string(), tensor) {
            None => Ok(()),
            Some(other) => Err(Said::new(|l| say::import_both(l, &other.name, &tensor.name, ours))),
        }
    }

    /// Pairs parts that look alike; returns what is left over.
    fn guess(&mut self, given: Vec<&'a Tensor>) -> Vec<&'a Tensor> {
        let open = self.wanted.iter().filter(|wanted| !self.taken.contains_key(&wanted.name));
        let ours = parts(open.map(|wanted| (&*wanted.name, &*wanted.shape)));
        let theirs = parts(given.iter().map(|tensor| (&*tensor.name, &*tensor.shape)));
        let mut pairs = Vec::new();
        let mut by_order = Vec::new();
        for (look, ours) in &ours {
            let Some(theirs) = theirs.get(look) else { continue };
            for (ours, theirs) in alike(ours, theirs) {
                if ours.len() > 1 {
                    by_order.extend(ours.iter().zip(&theirs).map(|(o, t)| format!("{t} → {o}")));
                }
                pairs.extend(ours.into_iter().zip(theirs));
            }
        }
        if !by_order.is_empty() {
            let pairs = |l| listed(l, by_order.iter().cloned());
            self.notes.push(Said::new(|l| say::import_by_order(l, pairs(l))));
        }
        let pairs: BTreeMap<String, String> =
            pairs.into_iter().map(|(ours, theirs)| (theirs, ours)).collect();
        let left = given.into_iter().filter(|tensor| {
            let Some(ours) = pairs.get(module(&tensor.name)) else { return true };
            let name = match ours.is_empty() {
                true => leaf(&tensor.name).to_string(),
                false => format!("{ours}.{}", leaf(&tensor.name)),
            };
            self.take(&name, tensor).is_err()
        });
        left.collect()
    }

    fn finish(self, rest: &[&Tensor], map: &Map) -> Result<Matched, Said> {
        let missing: Vec<&Wanted> = self
            .wanted
            .iter()
            .filter(|wanted| wanted.required && !self.taken.contains_key(&wanted.name))
            .collect();
        if !missing.is_empty() || !rest.is_empty() {
            return Err(Said::new(|l| {
                let mut what = Vec::new();
                if !missing.is_empty() {
                    let names = listed(l, missing.iter().map(|wanted| needed(wanted)));
                    what.push(say::import_missing(l, names));
                }
                if !rest.is_empty() {
                    let names = listed(l, rest.iter().map(|tensor| described(tensor)));
                    what.push(say::import_left_over(l, names));
                }
                say::import_unmatched(l, what.join("; "))
            }));
        }
        let mut matched =
            Matched { contents: Contents::default(), pairs: Vec::new(), notes: self.notes };
        for wanted in self.wanted {
            let Some(&tensor) = self.taken.get(&wanted.name) else {
                matched.notes.push(Said::new(|l| say::import_absent(l, &wanted.name)));
                continue;
            };
            let entry = map.find(&tensor.name).map(|(entry, _)| entry);
            tensor.to_f32().map_err(|error| Said::new(|l| error.in_language(l)))?;
            let tensor_here = changed(tensor, &wanted.name, entry)?;
            if tensor_here.shape != wanted.shape {
                return Err(misfit(wanted, &tensor_here.shape, &tensor.name));
            }
            matched.pairs.push((wanted.name.clone(), tensor.name.clone(), tensor.shape.clone()));
            matched.contents.tensors.push(tensor_here);
        }
        Ok(matched)
    }
}

fn misfit(wanted: &Wanted, got: &[usize], theirs: &str) -> Said {
    let Wanted { name, shape, .. } = wanted;
    let turned: Vec<usize> = got.iter().rev().copied().collect();
    let is_turned = turned == *shape && got.len() == 2;
    let [got, want] = [got, shape].map(|shape| format!("{shape:?}"));
    Said::new(|l| {
        let cure = match is_turned {
            true => say::cure_transpose(l, theirs, name),
            false => say::cure_trained_layers(l),
        };
        say::import_misfit(l, theirs, &got, name, &want, cure)
    })
}

/// The names and shapes of a part's tensors.
type Look = Vec<(String, Vec<usize>)>;

/// The parts of a network with the same look, in the order in which they come here.
fn parts<'n>(tensors: impl Iterator<Item = (&'n str, &'n [usize])>) -> BTreeMap<Look, Vec<String>> {
    let mut order: Vec<&str> = Vec::new();
    let mut looks: BTreeMap<&str, Look> = BTreeMap::new();
    for (name, shape) in tensors {
        let look = looks.entry(module(name)).or_insert_with(|| {
            order.push(module(name));
            Look::new()
        });
        look.push((leaf(name).to_string(), shape.to_vec()));
    }
    // Files often have their tensors in the order of the alphabet.
    order.sort_by_key(|name| natural(name));
    let mut found: BTreeMap<Look, Vec<String>> = BTreeMap::new();
    for name in order {
        let mut look = looks.remove(name).unwrap_or_default();
        look.sort();
        found.entry(look).or_default().push(name.to_string());
    }
    found
}

/// Pairs of lists of the same length: parts with the same last name, then the others. None of those that
/// are not as many on both sides.
fn alike(ours: &[String], theirs: &[String]) -> Vec<(Vec<String>, Vec<String>)> {
    let with = |parts: &[String], tail: &str| -> Vec<String> {
        parts.iter().filter(|part| leaf(part) == tail).cloned().collect()
    };
    let mut pairs = Vec::new();
    let (mut ours, mut theirs) = (ours.to_vec(), theirs.to_vec());
    let tails: BTreeSet<String> = ours.iter().map(|part| leaf(part).to_string()).collect();
    for tail in tails.iter().filter(|tail| tail.parse::<u64>().is_err()) {
        let (a, b) = (with(&ours, tail), with(&theirs, tail));
        if a.len() == b.len() {
            ours.retain(|part| leaf(part) != tail);
            theirs.retain(|part| leaf(part) != tail);
            pairs.push((a, b));
        }
    }
    if ours.len() == theirs.len() && !ours.is_empty() {
        pairs.push((ours, theirs));
    }
    pairs
}

/// A name in pieces, so that `layer10` comes behind `layer9`.
fn natural(name: &str) -> Vec<(u128, String)> {
    let mut pieces: Vec<(u128, String)> = Vec::new();
    let mut digits = false;
    for letter in name.chars() {
        if pieces.is_empty() || letter.is_ascii_digit() != digits {
            pieces.push((0, String::new()));
            digits = letter.is_ascii_digit();
        }
        let Some((number, text)) = pieces.last_mut() else { continue };
        match letter.to_digit(10).filter(|_| digits) {
            Some(digit) => *number = number.saturating_mul(10).saturating_add(digit.into()),
            None => text.push(letter),
        }
    }
    pieces
}

fn needed(wanted: &Wanted) -> String {
    format!("`{}` {:?}", wanted.name, wanted.shape)
}

fn described(tensor: &Tensor) -> String {
    format!("`{}` {:?}", tensor.name, tensor.shape)
}

fn listed(l: Language, mut items: impl Iterator<Item = String>) -> String {
    let first: Vec<String> = items.by_ref().take(LISTED).collect();
    let more = items.count();
    match (first.is_empty(), more) {
        (true, _) => say::data_none(l),
        (false, 0) => first.join(", "),
        (false, more) => say::listed_more(l, first.join(", "), more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(list: &[(&str, &[usize])]) -> Vec<Wanted> {
        let one = |&(name, shape): &(&str, &[usize])| Wanted {
            name: name.into(),
            shape: shape.to_vec(),
            required: true,
        };
        list.iter().map(one).collect()
    }

    fn file(list: &[(&str, &[usize])]) -> Contents {
        let one = |&(name, shape): &(&str, &[usize])| {
            let size = shape.iter().product::<usize>();
            Tensor::f32(name, shape, (0..size).map(|i| i as f32).collect())
        };
        Contents { tensors: list.iter().map(one).collect(), ..Contents::default() }
    }

    fn pairs(ours: &[(&str, &[usize])], theirs: &[(&str, &[usize])], map: &str) -> String {
        let map = Map::parse(map).expect("a map");
        match matched(&wanted(ours), &file(theirs), &map) {
            Ok(matched) => {
                let pair =
                    |(ours, theirs, _): &(String, String, Vec<usize>)| format!("{ours}={theirs}");
                let notes = if matched.notes.is_empty() { "" } else { " noted" };
                matched.pairs.iter().map(pair).collect::<Vec<_>>().join(" ") + notes
            }
            Err(what) => what.english().to_string(),
        }
    }

    const TWO: &[(&str, &[usize])] = &[
        ("layers.0.weight", &[4, 3]),
        ("layers.0.bias", &[4]),
        ("layers.2.weight", &[2, 4]),
        ("layers.2.bias", &[2]),
    ];

    #[test]
    fn names_and_shapes_tell_parts() {
        let theirs: &[(&str, &[usize])] =
            &[("a.bias", &[2]), ("a.weight", &[2, 4]), ("b.bias", &[4]), ("b.weight", &[4, 3])];
        let want = "layers.0.weight=b.weight layers.0.bias=b.bias layers.2.weight=a.weight layers.2.bias=a.bias";
        assert_eq!(pairs(TWO, theirs, ""), want);
        assert_eq!(
            pairs(TWO, TWO, ""),
            "layers.0.weight=layers.0.weight layers.0.bias=layers.0.bias layers.2.weight=layers.2.weight \
             layers.2.bias=layers.2.bias"
        );
    }

    #[test]
    fn parts_that_look_alike_are_told_by_last_names_then_by_order() {
        let ours: &[(&str, &[usize])] = &[
            ("layers.9.norm2.weight", &[3]),
            ("layers.9.norm1.weight", &[3]),
            ("layers.10.weight", &[3]),
        ];
        let theirs: &[(&str, &[usize])] =
            &[("block.norm1.weight", &[3]), ("block.norm2.weight", &[3]), ("norm.weight", &[3])];
        assert_eq!(
            pairs(ours, theirs, ""),
            "layers.9.norm2.weight=block.norm2.weight layers.9.norm1.weight=block.norm1.weight \
             layers.10.weight=norm.weight"
        );
        let many = ["h1.w", "h10.w", "h2.w"].map(|name| (name, &[2][..]));
        let ours = ["layers.0.w", "layers.1.w", "layers.2.w"].map(|name| (name, &[2][..]));
        let want = "layers.0.w=h1.w layers.1.w=h2.w layers.2.w=h10.w noted";
        assert_eq!(pairs(&ours, &many, ""), want);
    }

    #[test]
    fn the_map_goes_first() {
        let theirs: &[(&str, &[usize])] = &[
            ("a.bias", &[4]),
            ("a.weight", &[3, 4]),
            ("b.bias", &[2]),
            ("b.weight", &[2, 4]),
            ("epoch", &[1]),
        ];
        let map = "a = layers.0 transpose\nepoch = -";
        let want = "layers.0.weight=a.weight layers.0.bias=a.bias layers.2.weight=b.weight layers.2.bias=b.bias";
        assert_eq!(pairs(TWO, theirs, map), want);
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let check = |theirs: &[(&str, &[usize])], map: &str, want: &str| {
            let got = pairs(TWO, theirs, map);
            assert!(got.contains(want), "{got}\nexpected {want}");
        };
        let good: &[(&str, &[usize])] =
            &[("a.bias", &[4]), ("a.weight", &[3, 4]), ("b.bias", &[2]), ("b.weight", &[2, 4])];
        check(
            good,
            "",
            "nothing fits `layers.0.weight` [4, 3], `layers.0.bias` [4]; left over: `a.bias` [4], `a.weight` [3, 4]",
        );
        check(
            good,
            "a = layers.0",
            "`a.weight` has shape [3, 4], `layers.0.weight` needs [4, 3]; say `a.weight = layers.0.weight transpose` in the map",
        );
        check(good, "c = layers.0", "line 1 of the map: there is no `c`; there are `a.bias` [4], ");
        check(
            good,
            "a = layers.1",
            "line 1 of the map: the network has no `layers.1.bias`; it has `layers.0.weight` [4, 3], ",
        );
        check(
            good,
            "a = layers.0\nb = layers.0",
            "line 2 of the map: `a.bias` and `b.bias` both become `layers.0.bias`",
        );
        check(
            TWO,
            "layers.0 = layers.0 gates=rzn",
            "`layers.0.weight` has shape [4, 3], whose first axis is not 3 gates of floats",
        );
        check(&good[..2], "", "nothing fits");
        check(&[], "", "nothing fits `layers.0.weight` [4, 3]");
    }

    #[test]
    fn gates_come_in_the_order_that_is_needed() {
        let map = Map::parse("r.weight_hh_l0 = layers.0.weight_hh_l0 gates=iofg").expect("a map");
        let ours = wanted(&[("layers.0.weight_hh_l0", &[4, 1])]);
        let found = matched(&ours, &file(&[("r.weight_hh_l0", &[4, 1])]), &map).expect("fits");
        assert_eq!(found.contents.tensors[0].to_f32().expect("floats")[..], [0.0, 2.0, 3.0, 1.0]);
    }
}
