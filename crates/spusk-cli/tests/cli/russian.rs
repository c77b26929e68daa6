//! `--language ru`: what people are told is Russian from end to end.

use super::Place;

/// Words of the field and of this program that Russian texts use as they are.
const TECHNICAL: &[&str] = &[
    "ReLU",
    "relu",
    "dense",
    "softmax",
    "AdamW",
    "adamw",
    "cosine",
    "cross_entropy",
    "mse",
    "seed",
    "mlp",
    "CSV",
    "PNG",
    "SVG",
    "ROC",
    "AUC",
    "RMSE",
    "MAE",
    "MSE",
    "MAPE",
    "sMAPE",
    "MASE",
    "FLOP",
    "FLOPs",
    "GFLOP",
    "UCI",
    "AVX",
    "spusk",
    "input",
    "forecast",
    "linux",
    "threshold",
    "sigmoid",
    "tanh",
    "softplus",
    "elu",
    "silu",
    "gelu",
    "maxout",
];

/// Words that only an English sentence has.
const ENGLISH: &[&str] = &[
    "the",
    "of",
    "is",
    "are",
    "and",
    "with",
    "for",
    "from",
    "to",
    "by",
    "that",
    "on",
    "at",
    "this",
    "was",
    "were",
    "not",
    "no",
    "than",
    "examples",
    "rows",
    "training",
    "validation",
    "test",
    "loss",
    "epoch",
    "step",
    "steps",
    "layers",
    "weights",
    "parameters",
    "seconds",
    "accuracy",
    "target",
    "note",
    "warning",
];

/// What a reader of the page sees, piece by piece; settings are code.
fn visible(page: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        pieces.push(rest[..start].to_owned());
        let end = match &rest[start..] {
            style if style.starts_with("<style") => rest.find("</style>"),
            script if script.starts_with("<script") => rest.find("</script>"),
            code if code.starts_with("<section id=\"settings\"") => rest.find("</section>"),
            code if code.starts_with("<section id=\"environment\"") => rest.find("</section>"),
            _ => Some(start),
        };
        let end = end.expect("it is closed");
        rest = &rest[end + rest[end..].find('>').expect("it is closed") + 1..];
    }
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

/// Without code: the setting of a layer, formulas, flags, paths, names of parameters, settings and their values, what stands in backticks.
fn without_code(text: &str) -> String {
    let outside: Vec<&str> = text.split('`').step_by(2).collect();
    let mut kept = Vec::new();
    let mut after_equals = false;
    for token in outside.join(" ").split_whitespace() {
        let is_code = after_equals
            || token.starts_with("--")
            || token.contains(['_', '/', '='])
            || token.contains("layers.")
            || token.contains("max(");
        after_equals = token == "=" || token == "dropout";
        if !is_code {
            kept.push(token.to_owned());
        }
    }
    kept.join(" ")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// No English word, no three other words in Latin letters one after another, no decimal point.
fn check_russian<'a>(what: &str, pieces: impl IntoIterator<Item = &'a str>) {
    let pieces: Vec<&str> = pieces.into_iter().collect();
    let cyrillic = |c: char| ('\u{400}'..'\u{500}').contains(&c);
    assert!(pieces.iter().filter(|piece| piece.chars().any(cyrillic)).count() > 10, "{what}");
    for piece in pieces {
        let piece = &*without_code(piece);
        let mut latin = 0;
        for word in words(piece) {
            assert!(!ENGLISH.contains(&word), "{what}: `{word}` in: {piece}");
            let plain = word.chars().all(|c| c.is_ascii_alphabetic()) && word.len() > 1;
            latin = if plain && !TECHNICAL.contains(&word) { latin + 1 } else { 0 };
            assert!(latin < 4, "{what}: not Russian: {piece}");
        }
        let letters: Vec<char> = piece.chars().collect();
        for three in letters.windows(3) {
            let between_digits = three[0].is_ascii_digit() && three[2].is_ascii_digit();
            assert!(!(between_digits && three[1] == '.'), "{what}: a decimal point in: {piece}");
        }
    }
}

/// Lines of a terminal; runs, paths and settings are code.
fn check_lines(what: &str, text: &str) {
    let is_code = |line: &&str| line.contains("spusk ") || line.contains("run");
    check_russian(what, text.lines().filter(|line| !is_code(line)));
}

fn check_training(what: &str, words: &[&str]) {
    let place = Place::new();
    place.houses();
    let mut series = String::from("day,sales\n");
    for day in 0..160 {
        let value = 10.0 + f64::from(day) * 0.05 + f64::from(day % 7);
        let (month, day) = (1 + day / 28, 1 + day % 28);
        series += &format!("2025-{month:02}-{day:02},{value}\n");
    }
    place.write("sales.csv", &series);
    let tail = ["--language", "ru", "--seed", "3", "--out", "run"];
    let said = place.good(&[&["train"], words, &tail].concat());
    check_lines(what, &said.stdout);
    let page = String::from_utf8(place.bytes("run/report.html")).expect("text");
    assert!(page.contains("<html lang=\"ru\">"));
    let pieces = visible(&page);
    check_russian(what, pieces.iter().map(String::as_str));
    // The same run in English, and in Russian again: nothing of the language is kept.
    place.good(&["report", "run", "--language", "en", "--out", "english.html"]);
    let english = String::from_utf8(place.bytes("english.html")).expect("text");
    let cyrillic = |c: char| ('\u{400}'..'\u{500}').contains(&c);
    assert!(!english.contains(cyrillic), "{what}: {:?}", english.find(cyrillic));
    place.good(&["report", "run", "--language", "ru", "--out", "again.html"]);
    assert_eq!(place.bytes("again.html"), page.as_bytes());
}

#[test]
fn a_training_on_classes_is_told_in_russian() {
    check_training("iris", &["--data", "iris", "--epochs", "3"]);
    check_training("digits", &["--model", "mlp:16", "--epochs", "2"]);
}

#[test]
fn a_training_on_numbers_is_told_in_russian() {
    check_training("houses", &["--data", "houses.csv", "--target", "price", "--epochs", "2"]);
}

#[test]
fn a_forecast_is_told_in_russian() {
    let words = ["--data", "sales.csv", "--task", "forecast", "--horizon", "4", "--epochs", "2"];
    check_training("sales", &words);
}

#[test]
fn an_autoencoder_is_told_in_russian() {
    let words = ["--data", "iris", "--task", "autoencode", "--model", "mlp:2", "--epochs", "2"];
    check_training("codes", &words);
}

#[test]
fn everything_of_a_run_is_told_in_russian() {
    let place = Place::new();
    let words =
        ["train", "--data", "iris", "--model", "mlp:8", "--epochs", "5", "--language", "ru"];
    place.good(&[&words[..], &["--out", "run"]].concat());
    place.good(&["report", "run", "--full", "--points", "5", "--language", "ru", "--activations"]);
    let page = String::from_utf8(place.bytes("run/full.html")).expect("text");
    let pieces = visible(&page);
    check_russian("full", pieces.iter().map(String::as_str));
    let scored = place.good(&["evaluate", "run", "--language", "ru"]);
    assert!(scored.stdout.contains("проверка на новых примерах"), "{}", scored.stdout);
    let told =
        place.good(&["predict", "run", "--data", "iris", "--out", "p.csv", "--language", "ru"]);
    assert!(told.stderr.contains("предсказано строк: 150"), "{}", told.stderr);
    // Files for programs know no language.
    let csv = String::from_utf8(place.bytes("p.csv")).expect("text");
    assert!(csv.starts_with("line,") && !csv.contains('\u{202f}'), "{csv}");
}
