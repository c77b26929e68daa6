//! How well each class is named, and what is taken for what.

use serde_json::{Value, json};
use spusk::messages::{self as say, Language};
use spusk::metrics::{Average, ClassificationScores, Confusion};

use crate::terminal::table;

/// Classes that are listed; more would fill the screen.
const CLASSES: usize = 20;
/// Letters of a class above a column.
const LETTERS: usize = 12;

/// Precision, recall and F1 of every class, and the confusion matrix.
pub(super) fn lines(found: &ClassificationScores, names: &[String], l: Language) -> Vec<String> {
    if found.per_class.len() > CLASSES {
        return vec![String::new(), say::lines_many_classes(l, found.per_class.len())];
    }
    let mut lines = vec![String::new()];
    lines.extend(by_class(found, names, l));
    if let Some(confusion) = &found.confusion {
        lines.extend([String::new(), say::lines_confusion(l)]);
        lines.extend(matrix(confusion, names));
    }
    lines
}

fn by_class(found: &ClassificationScores, names: &[String], l: Language) -> Vec<String> {
    let score = |value: Option<f64>| value.map_or("–".into(), |value| l.fixed(value, 4));
    let head = [
        format!("  {}", say::column_class(l)),
        say::precision_word(l),
        say::recall_word(l),
        "F1".into(),
        say::examples_word(l),
    ];
    let mut rows = vec![head.to_vec()];
    for (class, of) in found.per_class.iter().enumerate() {
        let figures = [of.precision, of.recall, of.f1].map(score);
        let name = format!("  {}", name(names, class));
        rows.push([&[name], &figures[..], &[l.count(of.support)]].concat());
    }
    let means = [
        (say::mean_over_classes(l), found.macro_average),
        (say::mean_by_examples(l), found.weighted_average),
    ];
    for (name, mean) in means {
        let Some(Average { precision, recall, f1 }) = mean else { continue };
        let figures = [precision, recall, f1].map(|value| score(Some(value)));
        rows.push([&[format!("  {name}")], &figures[..]].concat());
    }
    table(&rows, &[1, 2, 3, 4])
}

fn matrix(confusion: &Confusion, names: &[String]) -> Vec<String> {
    let classes = confusion.classes();
    let short = |class: usize| match name(names, class) {
        long if long.chars().count() > LETTERS => {
            format!("{}…", long.chars().take(LETTERS - 1).collect::<String>())
        }
        short => short,
    };
    let head = std::iter::once(String::new()).chain((0..classes).map(short)).collect();
    let row = |label: usize| {
        let counts = (0..classes).map(|named| confusion.count(label, named).to_string());
        std::iter::once(format!("  {}", name(names, label))).chain(counts).collect()
    };
    let rows: Vec<Vec<String>> = std::iter::once(head).chain((0..classes).map(row)).collect();
    table(&rows, &(1..=classes).collect::<Vec<usize>>())
}

/// Adds them to an object: all classes, however many.
pub(super) fn add(object: &mut Value, found: &ClassificationScores, names: &[String]) {
    let class = |(class, of): (usize, &spusk::metrics::ClassScore)| {
        json!({
            "class": name(names, class),
            "precision": of.precision,
            "recall": of.recall,
            "f1": of.f1,
            "examples": of.support,
        })
    };
    object["test_classes"] = found.per_class.iter().enumerate().map(class).collect();
    // Rows are what examples are, columns what they are called.
    object["test_confusion"] = match &found.confusion {
        Some(confusion) => {
            let classes = 0..confusion.classes();
            let row = |label| {
                classes.clone().map(|named| confusion.count(label, named)).collect::<Vec<u64>>()
            };
            json!(classes.clone().map(row).collect::<Vec<_>>())
        }
        None => Value::Null,
    };
}

fn name(names: &[String], class: usize) -> String {
    names.get(class).cloned().unwrap_or_else(|| class.to_string())
}
