//! "Did you mean": the nearest known name.

/// The name nearest to `written` by edit distance, if it is near enough to be meant.
pub(crate) fn nearest<'a>(
    written: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let written = normal(written);
    // A third of the letters may be wrong; in longer words more can only be chance.
    let limit = (written.chars().count() / 3).clamp(1, 4);
    // No known name is longer than this, and the distance costs the product of the lengths.
    if written.len() > 100 {
        return None;
    }
    names
        .into_iter()
        .map(|name| (edit_distance(&written, &normal(name)), name))
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// Hyphens, underscores, spaces and capitals are spelling, not meaning.
fn normal(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Insertions, deletions, replacements and swaps of neighbors that turn `a` into `b`, where no
/// letter is touched twice (optimal string alignment).
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // rows[i][j] is the distance between the first i letters of a and the first j of b.
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let check = |a, b, want| assert_eq!(edit_distance(a, b), want, "{a} {b}");
        check("", "", 0);
        check("", "abc", 3);
        check("relu", "relu", 0);
        check("relu", "rleu", 1);
        check("relu", "elu", 1);
        check("dense", "dens", 1);
        check("kitten", "sitting", 3);
        check("nadam", "adamw", 2);
        check("эпохи", "эпоха", 1);
    }

    #[test]
    fn the_nearest_name_is_meant() {
        let names = ["learning_rate", "batch_size", "epochs", "seed"];
        let check = |written, want| assert_eq!(nearest(written, names), want, "{written}");
        check("learnig_rate", Some("learning_rate"));
        check("learning-rate", Some("learning_rate"));
        check("LearningRate", Some("learning_rate"));
        check("epoch", Some("epochs"));
        check("sede", Some("seed"));
        check("x", None);
        check("color", None);
        check("", None);
    }
}
