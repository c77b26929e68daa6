use super::*;
use crate::data::fixtures::Folder;
use crate::data::prepare;

/// Houses whose price follows from their other columns.
fn houses(rows: usize) -> String {
    let mut text = String::from("area,kind,garden,built,price\n");
    for row in 0..rows {
        let kind = ["flat", "house", "hut"][row % 3];
        let garden = ["yes", "no"][row / 3 % 2];
        text.push_str(&format!(
            "{row}.5,{kind},{garden},2001-0{}-01,{}\n",
            row % 9 + 1,
            row * 7 % 50
        ));
    }
    text
}

fn trained(folder: &Folder) -> Preprocessing {
    let path = folder.file("train.csv", houses(90).as_bytes()).display().to_string();
    prepare(&path, &DataOptions::default()).expect("trains").preprocessing
}

/// Features of all rows, their lines, and the notes.
type Predicted = (Vec<f32>, Vec<u64>, Vec<Said>);

fn predict(
    preprocessing: &Preprocessing,
    spec: &str,
    options: &DataOptions,
) -> Result<Predicted, DataError> {
    let mut rows = NewRows::open(preprocessing, spec, options, false)?;
    let (mut features, mut targets, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    while rows.read(2, &mut features, &mut targets, &mut lines)? > 0 {}
    assert!(targets.is_empty());
    assert_eq!(features.len(), lines.len() * preprocessing.width());
    Ok((features, lines, rows.notes()))
}

#[test]
fn columns_are_found_by_their_names() {
    let folder = Folder::new();
    let preprocessing = trained(&folder);
    let names = preprocessing.input_names();
    assert_eq!(
        names,
        [
            "area",
            "kind = flat",
            "kind = house",
            "kind = hut",
            "garden",
            "built: days",
            "built: month (sin)",
            "built: month (cos)",
            "built: weekday (sin)",
            "built: weekday (cos)"
        ]
    );
    let read = |name: &str, text: &str| {
        let path = folder.file(name, text.as_bytes()).display().to_string();
        predict(&preprocessing, &path, &DataOptions::default()).expect(name)
    };
    let (expected, lines, notes) =
        read("same.csv", "area,kind,garden,built,price\n3.5,hut,no,2001-04-01,9\n");
    assert_eq!((lines, notes.len()), (vec![2], 0));
    assert_eq!(expected[1..4], [0.0, 0.0, 1.0]);
    let (features, _, notes) = read(
        "other.csv",
        "garden;color;built;kind;area\nno;red;2001-04-01;hut;3,5\nno;;2001-04-01;hut;3,5\n",
    );
    assert_eq!(features[..10], expected);
    assert_eq!(features[10..], expected);
    assert!(notes[1].english().ends_with("the model does not use `color`"), "{notes:?}");
    // Without a header, the places say which column is which.
    assert_eq!(read("bare.csv", "3.5,hut,no,2001-04-01\n").0, expected);
    assert_eq!(read("bare5.csv", "3.5,hut,no,2001-04-01,1\n").0, expected);
}

#[test]
fn what_training_did_not_have_is_counted() {
    let folder = Folder::new();
    let preprocessing = trained(&folder);
    let text = "area,kind,garden,built\n,castle,perhaps,\n3.5,tent,no,2001-04-01\n";
    let path = folder.file("new.csv", text.as_bytes()).display().to_string();
    let (features, _, notes) =
        predict(&preprocessing, &path, &DataOptions::default()).expect("reads");
    assert_eq!(features[..10], [0.0; 10]);
    assert_eq!(
        notes,
        [
            "column `area`: 1 value missing, though none was in training; the usual value \
             stands in",
            "column `kind`: 2 values not seen in training, such as `castle` in line 2",
            "column `garden`: 1 value not seen in training, such as `perhaps` in line 2",
            "column `built`: 1 value missing, though none was in training; the usual value \
             stands in",
        ]
    );
}

#[test]
fn what_cannot_be_encoded_is_told_or_skipped() {
    let folder = Folder::new();
    let preprocessing = trained(&folder);
    let check = |text: &str, message: &str| {
        let path = folder.file("new.csv", text.as_bytes()).display().to_string();
        let result = predict(&preprocessing, &path, &DataOptions::default());
        assert_eq!(folder.short(&result.expect_err(message)), message);
        let options = DataOptions { bad_rows: BadRows::Skip, ..DataOptions::default() };
        predict(&preprocessing, &path, &options).map_or(0, |(_, lines, _)| lines.len())
    };
    assert_eq!(
        check(
            "area,built\n1,2001-01-01\n",
            "new.csv: there are no columns `kind`, `garden`, expected all columns that the model \
             was trained with; add them; cells may be empty where a value is not known",
        ),
        0
    );
    assert_eq!(
        check(
            "area,kind,garden,built\n1,hut,no,2001-01-01\nbig,hut,no,2001-01-01\n",
            "new.csv, line 3, column `area`: got `big`, expected a finite number, as in \
             training; correct the cell, or say --bad-rows skip to leave such rows out",
        ),
        1
    );
    assert_eq!(
        check(
            "area,kind,garden,built\n1,hut,no,2001-01-01\n1,hut,no,soon\n",
            "new.csv, line 3, column `built`: got `soon`, expected a date such as 2026-11-23, as \
             in training; correct the cell, or say --bad-rows skip to leave such rows out",
        ),
        1
    );
    assert_eq!(
        check(
            "1,2,3\n4,5,6\n",
            "new.csv: there are 3 columns, expected 4, or 5 with the target, as in training",
        ),
        0
    );
}

#[test]
fn a_test_source_is_encoded_with_the_training_preprocessing() {
    let folder = Folder::new();
    let train = folder.file("train.csv", houses(90).as_bytes()).display().to_string();
    let test = "price,kind,garden,built,area\n10,hut,no,2001-01-01,1\nNA,hut,no,2001-01-01,1\n";
    let test = folder.file("test.csv", test.as_bytes()).display().to_string();
    let options = DataOptions { test_source: Some(test), ..DataOptions::default() };
    let data = prepare(&train, &options).expect("prepares");
    let accounting = &data.accounting;
    assert_eq!((accounting.rows, accounting.train, accounting.test), (90, 81, 0));
    assert_eq!((accounting.test_source_rows, data.test.len()), (2, 1));
    assert_eq!(accounting.test_source_skipped["the target is missing"].first, 3);
    let (mut features, mut target) = ([0.0; 10], [0.0]);
    data.test.row(0, &mut features, &mut target).expect("reads");
    let price = data.preprocessing.unscale(0, f64::from(target[0]));
    assert!((price - 10.0).abs() < 1e-4, "{price}");
    assert_eq!(data.test.origin(0).expect("has one"), "line 2");
}

#[test]
fn unknown_classes_of_a_test_source_are_told() {
    let folder = Folder::new();
    let text: String = (0..30).map(|row| format!("{row}.5,{}\n", ["a", "b"][row % 2])).collect();
    let train = folder.file("train.csv", format!("x,y\n{text}").as_bytes()).display().to_string();
    let test = folder.file("test.csv", b"x,y\n1,a\n2,c\n").display().to_string();
    let options = DataOptions { test_source: Some(test), ..DataOptions::default() };
    let error = prepare(&train, &options).err().expect("has a new class");
    assert_eq!(
        folder.short(&error),
        "test.csv, line 3, column `y`: got the class `c`, which training did not have, expected \
         one of the classes of target `y`: 2 classes (a, b); remove the row, or train with data \
         that have this class"
    );
}

#[test]
fn tables_and_pixels_meet() {
    let folder = Folder::new();
    let digits = prepare("digits", &DataOptions::default()).expect("is built in");
    let mut same = [0.0; 64];
    let Inputs::Pixels(scale) = &digits.preprocessing.inputs else { unreachable!("images") };
    let mut rows = String::new();
    digits.test.row(5, &mut same, &mut [0.0]).expect("reads");
    let cells: Vec<String> =
        same.iter().map(|&input| scale.decode(input).round().to_string()).collect();
    rows.push_str(&cells.join(","));
    rows.push('\n');
    let path = folder.file("digit.csv", rows.as_bytes()).display().to_string();
    let predicted = predict(&digits.preprocessing, &path, &DataOptions::default());
    assert!(predicted.expect("reads").0 == same);
    let again = encode(&digits.preprocessing, "digits", &DataOptions::default());
    assert_eq!(again.expect("encodes").class_rows.iter().sum::<u64>(), 1797);
}

#[test]
fn new_images_are_brought_to_the_training_size() {
    use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
    let folder = Folder::new();
    let digits = prepare("digits", &DataOptions::default()).expect("is built in");
    let image = RgbImage::from_pixel(20, 30, Rgb([8, 8, 8]));
    let path = folder.path().join("photo.png");
    DynamicImage::ImageRgb8(image).save_with_format(&path, ImageFormat::Png).expect("saves");
    let path = path.display().to_string();
    let Inputs::Pixels(scale) = &digits.preprocessing.inputs else { unreachable!("images") };
    let (features, lines, _) =
        predict(&digits.preprocessing, &path, &DataOptions::default()).expect("reads");
    assert_eq!((lines, features), (vec![1], vec![scale.encode(8.0); 64]));
    let options = DataOptions { color: Some(Color::Rgb), ..DataOptions::default() };
    assert!(predict(&digits.preprocessing, &path, &options).is_err());
}
