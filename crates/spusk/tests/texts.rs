//! Tables with a column of texts: what is found in them, and what is said of broken ones.
#![allow(missing_docs, clippy::print_stderr, clippy::expect_used)]

use std::fmt::Write as _;
use std::path::Path;

use spusk::data::{DataOptions, Encoding, Inputs, NewRows, Prepared, Task, prepare};

const WORDS: [&str; 8] = ["sun", "rain", "wind", "snow", "cloud", "storm", "fog", "hail"];

/// A message of its own for every number.
fn message(i: usize) -> String {
    let word = |k: usize| WORDS[(i * (k + 3) / (k + 1)) % WORDS.len()];
    format!("Day {i}: {} and {} before the {}!", word(0), word(1), word(2))
}

fn kind(i: usize) -> &'static str {
    if i.is_multiple_of(3) { "wet" } else { "dry" }
}

/// A table with its `form`: `#` stands for the number, `@` for the message, `*` for the class.
fn table(header: &str, form: &str, more: &str) -> Vec<u8> {
    let mut text = header.to_owned();
    for i in 0..60 {
        let row = form.replace('#', &i.to_string()).replace('*', kind(i));
        let _ = writeln!(text, "{}", row.replace('@', &message(i)));
    }
    (text + more).into_bytes()
}

fn read(file: &str, bytes: &[u8], options: &str) -> Result<Prepared, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(file);
    std::fs::write(&path, bytes).expect("writes");
    let options: DataOptions = toml::from_str(options).expect(options);
    let place = format!("{}/", folder.path().display());
    prepare(&path.display().to_string(), &options)
        .map_err(|error| error.to_string().replace(&place, ""))
}

/// The name of the column of texts, and its encoding.
fn text_column(data: &Prepared) -> (&str, &Encoding) {
    let Inputs::Table { columns, .. } = &data.preprocessing.inputs else {
        unreachable!("it is a table")
    };
    let text = |encoding: &Encoding| matches!(encoding, Encoding::Text { .. });
    let column = columns.iter().find(|column| text(&column.encoding)).expect("there are texts");
    (&column.name, &column.encoding)
}

#[test]
fn texts_are_found_in_tables_of_every_form() {
    for (file, header, form, target) in [
        ("t.csv", "kind,note\n", "*,@", "kind"),
        ("t.csv", "size,note,kind\n", "#,@,*", "kind"),
        ("t.tsv", "", "*\t@", "c1"),
        ("lines", "", "*\t@", "c1"),
        ("t.jsonl", "", "{\"label\": \"*\", \"note\": \"@\", \"size\": #}", "label"),
        ("t.ndjson", "", "{\"note\": \"@\", \"sure\": true, \"label\": \"*\"}", "label"),
    ] {
        let data = read(file, &table(header, form, ""), "").expect(form);
        assert_eq!((data.accounting.rows, data.task), (60, Task::Classify), "{form}");
        let names = data.preprocessing.target.clone();
        let spusk::data::Target::Classes { column, .. } = names else { unreachable!("classes") };
        assert_eq!(column, target, "{form}");
        let (name, encoding) = text_column(&data);
        assert!(name == "note" || name == "c2", "{form}: {name}");
        let Encoding::Text { length, .. } = encoding else { unreachable!("found so") };
        assert_eq!(*length, 10, "{form}");
        let block = data.preprocessing.text().expect("there are texts");
        let mut features = vec![0.0; data.train.width()];
        data.train.row(0, &mut features, &mut [0.0]).expect("reads");
        let tokens = &features[block.start..block.start + block.length];
        let whole = |token: &f32| token.fract() == 0.0 && (*token as usize) < block.vocab_size;
        assert!(tokens.iter().all(whole) && tokens[0] > 0.0, "{form}: {tokens:?}");
    }
}

#[test]
fn names_and_categories_are_no_texts() {
    let check = |form: &str, options: &str, width: usize| {
        let data = read("t.csv", &table("size,a,b\n", form, ""), options).expect(form);
        assert!(data.preprocessing.text().is_none(), "{form}");
        assert_eq!(data.preprocessing.width(), width, "{form}");
    };
    // A name in every row, and a sentence that repeats.
    check("#,Mr # of Oslo,*", "", 1);
    check("#,one of only a few long values,*", "", 1);
    check("#,@,*", "ignore = ['a']", 1);
    check("#,@,*", "columns = { a = 'category' }", 1);
    let text = read("t.csv", &table("size,a,b\n", "#,Mr # of Oslo,*", ""), "text = 'a'");
    assert_eq!(text.expect("it is named").preprocessing.width(), 5);
}

#[test]
fn lone_quotes_are_letters_in_tables_with_tabs() {
    let quotes =
        "dry\t\"Wait for the rain, it comes soon\" she said\nwet\tso it came \"at last\"\n";
    let data = read("t.tsv", &table("", "*\t@", quotes), "").expect("quotes are letters");
    assert_eq!(data.accounting.rows, 62);
    assert!(data.notes.iter().any(|note| note.english().contains("a quote is a letter here")));
    let error = read("t.tsv", &table("", "*\t@", quotes), "quotes = true").err();
    assert!(error.expect("a lone quote").contains("behind a closing quote"));
    // Where every quoted cell ends as it begins, quotes are bounds.
    let data = read("t.tsv", &table("", "*\t\"@\"", ""), "text_length = 3").expect("all quoted");
    assert!(data.notes.iter().all(|note| !note.english().contains("quote")), "{:?}", data.notes);
    let data = read("t.csv", &table("", "*,@", "wet,so \"it\" came to us at last\n"), "");
    assert_eq!(data.expect("inside a cell").accounting.rows, 61);
    let data = read("t.csv", &table("", "*,@", "wet,\"so it came to us\n"), "quotes = false");
    assert_eq!(data.expect("quotes are letters").accounting.rows, 61);
}

#[test]
fn every_text_is_accounted_for() {
    let latin =
        [&table("kind,note\n", "*,@", "")[..], b"wet,caf\xe9 by the sea in the rain\nwet,\n"];
    let data = read("t.csv", &latin.concat(), "bad_rows = 'skip'").expect("skips");
    assert_eq!((data.accounting.rows, data.accounting.skipped_rows()), (62, 1));
    assert_eq!(data.accounting.skipped["a text that is not UTF-8"].first, 62);
    let skip = read("t.csv", &latin.concat(), "bad_rows = 'skip'\nfill = 'skip'").expect("skips");
    assert_eq!(skip.accounting.skipped["a cell is missing"].count, 1);
    let error = read("t.csv", &latin.concat(), "fill = 'error'\nbad_rows = 'skip'").err();
    assert!(error.expect("empty").starts_with("t.csv, line 63, column `note`: a cell is missing"));
}

#[test]
fn predictions_see_what_training_saw() {
    for tokens in ["word", "character", "bpe"] {
        let options = format!("tokens = '{tokens}'\ntest = 0.0\nvalidation = 0.0");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.jsonl");
        let form = "{\"label\": \"*\", \"note\": \"@\", \"size\": #}";
        std::fs::write(&path, table("", form, "")).expect("writes");
        let options: DataOptions = toml::from_str(&options).expect("parses");
        let data = prepare(&path.display().to_string(), &options).expect("reads");
        let saved = serde_json::to_string(&data.preprocessing).expect("has a text form");
        let preprocessing = serde_json::from_str(&saved).expect("reads back");
        assert_eq!(data.preprocessing, preprocessing, "{tokens}");
        let again = |file: &str, bytes: &[u8]| {
            let path = folder.path().join(file);
            std::fs::write(&path, bytes).expect("writes");
            let spec = path.display().to_string();
            let mut rows = NewRows::open(&preprocessing, &spec, &options, true).expect("opens");
            let (mut features, mut targets, mut lines) = (Vec::new(), Vec::new(), Vec::new());
            while rows.read(7, &mut features, &mut targets, &mut lines).expect("reads") > 0 {}
            (features, rows.notes())
        };
        let mut expected = Vec::new();
        for row in 0..data.train.len() {
            let mut features = vec![0.0; data.train.width()];
            data.train.row(row, &mut features, &mut [0.0]).expect("reads");
            expected.extend(features);
        }
        // Other columns in another order, in another form of table.
        let (features, notes) = again("new.csv", &table("size,label,note\n", "#,*,@", ""));
        assert!(features == expected, "{tokens}");
        assert!(notes.iter().all(|note| !note.english().contains("longer")), "{notes:?}");
        let strange = "1,wet,жжж unknown words of another world entirely\n2,wet,\n";
        let (_, notes) = again("strange.csv", &[b"size,label,note\n", strange.as_bytes()].concat());
        assert!(
            notes.iter().any(|note| note.english().contains("1 text without a token")),
            "{notes:?}"
        );
        let unknown = notes.iter().any(|note| note.english().contains("not in the vocabulary"));
        assert_eq!(unknown, tokens != "bpe", "{notes:?}");
    }
}

#[test]
fn texts_that_do_not_fit_into_memory_are_the_same() {
    let bytes = table("size,note,kind\n", "#,@,*", "");
    let rows = |options: &str| {
        let data = read("t.csv", &bytes, options).expect("reads");
        let mut features = vec![0.0; data.train.width()];
        data.train.row(5, &mut features, &mut [0.0]).expect("reads");
        (data.preprocessing.clone(), features, data.train.is_spooled())
    };
    let (small, large) = (rows("memory_limit = 64"), rows(""));
    assert!(small.2 && !large.2 && (small.0, small.1) == (large.0, large.1));
}

#[test]
fn broken_texts_give_one_clear_error() {
    let json = "{\"label\": \"*\", \"note\": \"@\"}";
    let csv = |more: &[u8]| [&table("kind,note\n", "*,@", "")[..], more].concat();
    let cases: Vec<(&str, &str, Vec<u8>, &str)> = vec![
        ("not UTF-8 in a text", "t.csv", csv(b"wet,caf\xe9 by the sea in rain\n"), ""),
        ("no such column of texts", "t.csv", csv(b""), "text = 'notes'"),
        ("texts as target", "t.csv", csv(b""), "target = 'note'"),
        ("texts as target and as text", "t.csv", csv(b""), "target = 'note'\ntext = 'note'"),
        ("texts only", "t.csv", table("note\n", "@", ""), ""),
        ("a small vocabulary", "t.csv", csv(b""), "vocabulary = 3"),
        ("a small vocabulary of bytes", "t.csv", csv(b""), "vocabulary = 100\ntokens = 'bpe'"),
        ("no tokens", "t.csv", csv(b""), "text_length = 0"),
        ("too many tokens", "t.csv", csv(b""), "text_length = 1000000"),
        ("a broken line of JSON", "t.jsonl", table("", json, "{\"label\": \"wet\", \"no\n"), ""),
        ("a list in JSON", "t.jsonl", table("", json, "{\"label\": \"wet\", \"note\": [1]}\n"), ""),
        ("no object in JSON", "t.jsonl", table("", json, "[\"wet\", \"a note\"]\n"), ""),
        (
            "not UTF-8 in JSON",
            "t.jsonl",
            [&table("", json, "")[..], b"{\"label\": \"\xe9\"}\n"].concat(),
            "",
        ),
        ("a name without an end that is no table", "notes", b"Call me\nIshmael.\n".to_vec(), ""),
    ];
    let mut told = String::new();
    for (name, file, bytes, options) in cases {
        let error = read(file, &bytes, options).err().expect(name);
        let _ = writeln!(told, "{name}\n    {error}");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn the_spam_collection_is_read_whole() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/sms_spam/SMSSpamCollection");
    if !path.exists() {
        eprintln!("skipped: sms_spam/SMSSpamCollection is not there");
        return;
    }
    let data = prepare(&path.display().to_string(), &DataOptions::default()).expect("reads");
    assert_eq!((data.accounting.rows, data.accounting.skipped_rows()), (5574, 0));
    assert_eq!(data.preprocessing.class_names(), ["ham", "spam"]);
    assert!(data.notes.iter().any(|note| note.english().contains("a quote is a letter here")));
    assert_eq!(text_column(&data).0, "c2");
}
