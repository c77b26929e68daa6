//! Broken tables, and what is said about each of them: the texts are a snapshot.
#![allow(missing_docs, clippy::expect_used)]

#[path = "../src/messages/check.rs"]
mod check;

use std::fmt::Write as _;
use std::io::Write as _;

use check::assert_russian;
use flate2::{Compression, write::GzEncoder};
use spusk::data::{DataOptions, prepare};
use spusk::messages::Language;

/// A table of `rows` good rows and the given ones.
fn table(header: &str, good: &str, bad: &[&str]) -> Vec<u8> {
    let mut text = format!("{header}\n");
    for row in 0..12 {
        let _ = writeln!(text, "{}", good.replace('#', &row.to_string()));
    }
    for row in bad {
        let _ = writeln!(text, "{row}");
    }
    text.into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("writes");
    encoder.finish().expect("finishes")
}

fn damaged(mut bytes: Vec<u8>, at: usize) -> Vec<u8> {
    bytes[at] ^= 0x55;
    bytes
}

/// A kind of damage: its name, the file, its bytes, and the options.
type Case = (&'static str, &'static str, Vec<u8>, &'static str);

fn cases() -> Vec<Case> {
    let houses = |bad: &[&str]| table("rooms,area,price", "#,1#.5,3#", bad);
    let classes = |bad: &[&str]| table("x,kind", "0.#,a", bad);
    let gz = || gzip(&houses(&[]));
    vec![
        // The file as such.
        ("empty", "t.csv", b"".to_vec(), ""),
        ("blank lines only", "t.csv", b"\n\n  \n".to_vec(), ""),
        ("header only", "t.csv", b"rooms,area,price\n".to_vec(), ""),
        ("byte order mark only", "t.csv", b"\xef\xbb\xbf".to_vec(), ""),
        ("UTF-16", "t.csv", b"\xff\xfea\0,\0b\0\n\0".to_vec(), ""),
        ("zero bytes", "t.csv", b"a,b\n1,\0\n".to_vec(), ""),
        ("an executable", "t.csv", b"\x7fELF\x02\x01\x01\0\0".to_vec(), ""),
        ("not UTF-8 in the header", "t.csv", b"pr\xe9cio,b\n1,2\n3,4\n".to_vec(), ""),
        ("not UTF-8 in a word", "t.csv", b"x,y\n1,caf\xe9\n2,tea\n3,tea\n".to_vec(), ""),
        ("one endless line", "t.csv", vec![b'x'; (16 << 20) + 300_000], ""),
        ("too many columns", "t.csv", [vec![b','; 70_000], b"\n".to_vec()].concat(), ""),
        ("packed and cut off", "t.csv.gz", gz()[..60].to_vec(), ""),
        ("packed and damaged", "t.csv.gz", damaged(gz(), 40), ""),
        (
            "packed with a wrong sum",
            "t.csv.gz",
            {
                let end = gz().len() - 8;
                damaged(gz(), end)
            },
            "",
        ),
        ("packed nothing", "t.csv.gz", gzip(b""), ""),
        // Records.
        ("a short row", "t.csv", houses(&["7,8"]), ""),
        ("a long row", "t.csv", houses(&["7,8,9,10"]), ""),
        ("a header that is too short", "t.csv", table("rooms,price", "1,2,#", &[]), ""),
        ("a header that is too long", "t.csv", table("a,b,c,d", "1,2,#", &[]), ""),
        ("an open quote", "t.csv", houses(&["7,\"8,9", "1,2,3"]), ""),
        ("an open quote in the header", "t.csv", b"a,\"b\n1,2\n3,4\n".to_vec(), ""),
        ("text behind a quote", "t.csv", houses(&["7,\"8\"x,9"]), ""),
        ("the last row cut off", "t.csv", houses(&[])[..100].to_vec(), ""),
        ("a wrong delimiter set", "t.csv", houses(&[]), "delimiter = ';'"),
        ("decimal commas among points", "t.tsv", table("a\tb", "1.#\t2.5", &["1,5\t3.5"]), ""),
        // Cells.
        ("a word among numbers", "t.csv", houses(&["7,lots,9"]), ""),
        ("two words among numbers", "t.csv", houses(&["7,lots,9", "7,few,9"]), ""),
        ("a number that is too large", "t.csv", houses(&["7,1e999,9"]), ""),
        ("infinity", "t.csv", houses(&["7,inf,9"]), ""),
        ("a currency", "t.csv", houses(&["7,$8,9"]), ""),
        ("thousands cut wrongly", "t.csv", houses(&["7,\"1,23,456\",9"]), ""),
        ("numbers that cannot be squared", "t.csv", houses(&["7,1e200,9", "8,-1e200,9"]), ""),
        ("an impossible date", "t.csv", table("day,y", "2026-01-1#,#", &[]), ""),
        ("a word among dates", "t.csv", table("day,y", "2026-01-01,#", &["soon,9"]), ""),
        ("a very long word", "t.csv", houses(&[&format!("7,{},9", "w".repeat(5000))]), ""),
        ("control characters", "t.csv", houses(&["7,a\u{7}\u{1b}[31m,9"]), ""),
        // Targets.
        ("no such target", "t.csv", houses(&[]), "target = 'cost'"),
        ("a target number out of range", "t.csv", houses(&[]), "target = '4'"),
        ("one class only", "t.csv", classes(&[]), ""),
        ("a constant target", "t.csv", table("x,y", "#,2.5", &[]), ""),
        ("all targets missing", "t.csv", table("x,y", "#,NA", &[]), ""),
        ("a class for every row", "t.csv", table("x,name", "0.5,n#", &[]), "target = 'name'"),
        ("dates as target", "t.csv", table("x,day", "#,2026-01-01", &[]), "target = 'day'"),
        ("words as regression", "t.csv", classes(&["1,b"]), "task = 'regress'"),
        ("no feature", "t.csv", table("y", "#", &[]), ""),
        ("no useful feature", "t.csv", table("x,y", "5,#", &[]), ""),
        ("several targets of words", "t.csv", table("x,k,y", "#,a,#", &[]), "target = 'k,y'"),
        // Options.
        ("an unknown column ignored", "t.csv", houses(&[]), "ignore = ['roms']"),
        ("the target ignored", "t.csv", houses(&[]), "ignore = ['price']"),
        ("an unknown column's kind", "t.csv", houses(&[]), "columns = { x = 'number' }"),
        ("words read as numbers", "t.csv", classes(&["1,b"]), "columns = { kind = 'number' }"),
        ("numbers read as dates", "t.csv", houses(&[]), "columns = { area = 'date' }"),
        ("no header where there is one", "t.csv", houses(&[]), "header = false"),
        (
            "all rows skipped",
            "t.csv",
            table("a,b", "1,2,3", &[]),
            "bad_rows = 'skip'\nheader = false\ndelimiter = ';'\ncolumns = { c1 = 'number' }",
        ),
        ("a text", "t.txt", b"Call me Ishmael.".to_vec(), ""),
        ("an unknown kind of file", "t.xlsx", b"PK".to_vec(), ""),
    ]
}

#[test]
fn every_broken_table_gives_one_clear_error() {
    let mut texts = String::new();
    let cases = cases();
    assert!(cases.len() >= 40, "{} kinds", cases.len());
    for (name, file, bytes, options) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(file);
        std::fs::write(&path, bytes).expect("writes");
        let options: DataOptions = toml::from_str(options).expect(name);
        let error = match prepare(&path.display().to_string(), &options) {
            Err(error) => error.to_string(),
            Ok(data) => format!("READ: {}", data.describe().join("\n      ")),
        };
        let error = error.replace(&format!("{}/", folder.path().display()), "");
        assert!(!error.contains('\u{7}') && error.len() < 1000, "{name}: {error}");
        let _ = writeln!(texts, "{name}\n    {error}");
    }
    insta::assert_snapshot!(texts);
}

#[test]
fn every_error_is_told_in_russian() {
    let mut cases = cases();
    cases.push(("an array", "x.npy", b"no array at all, and much too long".to_vec(), ""));
    cases.push(("an archive", "x.npz", b"no archive".to_vec(), ""));
    cases.push(("a picture", "x.png", b"no picture".to_vec(), ""));
    let mut checked = 0;
    for (name, file, bytes, options) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(file);
        std::fs::write(&path, bytes).expect("writes");
        let options: DataOptions = toml::from_str(options).expect(name);
        let Err(error) = prepare(&path.display().to_string(), &options) else { continue };
        let told = error.in_language(Language::Russian);
        assert_russian(name, &told);
        checked += 1;
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn files_and_folders_that_are_not_there_are_told() {
    let error = |spec: &str| {
        let result = prepare(spec, &DataOptions::default());
        result.err().expect(spec).to_string()
    };
    assert_eq!(error("no/such.csv"), "no/such.csv: there is no such file or directory");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    std::fs::create_dir(&path).expect("makes");
    assert!(error(&path.display().to_string()).contains("there are no images"));
    assert!(
        error(&format!("csv:{}", path.display())).ends_with("this is a directory, expected a file")
    );
}
