//! Data as people have them: photos of all sizes, sums of money, comments, files named twice.

use std::path::Path;

use spusk::picture::Picture;

use super::Place;

fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

/// Pictures of two classes, no two of one size; those of class b are brighter at the right.
fn photos(place: &Place) {
    for number in 0..24usize {
        let (height, width) = (40 + number * 7 % 30, 50 + number * 5 % 40);
        let is_b = number % 2 == 1;
        let value = |x: usize| {
            let bright = (x * 2 > width) == is_b;
            if bright { 180 + (number % 5) as u8 } else { 40 }
        };
        let pixels = (0..height).flat_map(|_| (0..width).map(value)).collect();
        let picture = Picture { height, width, channels: 1, pixels, alpha: None };
        let class = if is_b { "b" } else { "a" };
        let path = place.path(&format!("photos/{class}"));
        std::fs::create_dir_all(&path).expect("the directory can be made");
        let png = picture.encode(Path::new("one.png")).expect("encodes");
        std::fs::write(path.join(format!("{number}.png")), png).expect("it can be written");
    }
}

#[test]
fn folders_of_photos_of_any_size_train() {
    let place = Place::new();
    photos(&place);
    let train = "train --data photos/ --model mlp:8 --epochs 8 --learning-rate 0.003 --out run";
    let ran = place.good(&words(train));
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains("different sizes and are resized to"), "{said}");
    assert!(said.contains("the source names 2 classes (`a`, `b`)"), "{said}");
    // What was chosen stands in the run, so that it holds for new pictures.
    let saved = String::from_utf8(place.bytes("run/experiment.toml")).expect("is text");
    let size = saved.lines().find(|line| line.starts_with("size = ")).expect("is saved");
    assert_ne!(size, "size = \"auto\"");
    let ran = place.good(&words("predict run --data photos/b/1.png"));
    let line = ran.stdout.lines().nth(1).expect("a row");
    assert!(line.starts_with("photos/b/1.png,"), "{line}");
    place.good(&words("evaluate run"));
    let ran = place.good(&words(
        "train --data photos/ --size 12x16 --model linear --epochs 2 --learning-rate 0.01 --out small",
    ));
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains("images are resized to 12 × 16 pixels"), "{said}");
}

#[test]
fn predictions_are_not_written_over_what_they_are_made_of() {
    let place = Place::new();
    place.houses();
    let train = "train --data houses.csv --target price --model linear --epochs 3 --learning-rate 0.01 --out run --quiet";
    place.good(&words(train));
    place.write("new.csv", "area,rooms,city\n100,3,Oslo\n");
    let before = place.bytes("new.csv");
    for out in ["new.csv", "./new.csv", "run/../new.csv"] {
        let error = place.bad(1, &["predict", "run", "--data", "new.csv", "--out", out]);
        assert!(error.contains("is read, so it is not written over"), "{error}");
    }
    assert_eq!(place.bytes("new.csv"), before);
    place.good(&words("predict run --data new.csv --out other.csv"));
    place.good(&words("predict run --data new.csv --out other.csv"));
}

#[test]
fn rows_that_cannot_be_read_are_left_out_of_predictions_and_scores() {
    let place = Place::new();
    place.houses();
    let train = "train --data houses.csv --target price --model linear --epochs 3 --learning-rate 0.01 --out run --quiet";
    place.good(&words(train));
    place.write(
        "new.csv",
        "area,rooms,city,price\n100,3,Oslo,205\nlarge,2,Rome,110\n70,2,Rome,130\n",
    );
    let error = place.bad(1, &words("predict run --data new.csv"));
    assert!(error.contains("--bad-rows skip"), "{error}");
    let ran = place.good(&words("predict run --data new.csv --bad-rows skip"));
    assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
    assert!(ran.stderr.contains("1 skipped: a cell that does not fit"), "{}", ran.stderr);
    place.bad(1, &words("evaluate run --data new.csv"));
    let ran = place.good(&words("evaluate run --data new.csv --bad-rows skip --format json"));
    assert_eq!(ran.last()["test_rows"], 2);
}

#[test]
fn a_test_on_the_training_data_is_said() {
    let place = Place::new();
    place.houses();
    let train = "train --data houses.csv --test ./houses.csv --target price --model linear --epochs 2 --learning-rate 0.01 --out run";
    let ran = place.good(&words(train));
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains("the test data are the training data"), "{said}");
}

#[test]
fn everyday_spellings_are_numbers_in_training_and_in_prediction() {
    let place = Place::new();
    let mut text =
        String::from("# sales, by shop\n# in dollars\nShopId,turnover,rebate,balance,price\n");
    for i in 0..120u32 {
        let turnover = 600 + i * 7919 % 900;
        let (whole, rest) = (turnover / 1000, turnover % 1000);
        let spelled =
            if whole > 0 { format!("\"{whole},{rest:03}.5\"") } else { format!("{rest}.5") };
        let balance = if i % 3 == 0 { format!("({}.25)", i % 9) } else { format!("{}.25", i % 7) };
        let price = turnover + 3 * (i % 11);
        text += &format!("{},{spelled},{}%,{balance},${price}.50\n", i + 1, i % 11);
    }
    place.write("shops.csv", &text);
    let train = "train --data shops.csv --target price --model linear --epochs 40 --learning-rate 0.03 --out run";
    let ran = place.good(&words(train));
    let said = format!("{}{}", ran.stdout, ran.stderr);
    for want in
        ["written like 1,", "written like 0% for 0", "2 lines of comments", "numbers the rows"]
    {
        assert!(said.contains(want), "{want}: {said}");
    }
    assert!(!said.contains("category"), "{said}");
    place.write("new.csv", "ShopId,turnover,rebate,balance\n500,\"1,200.5\",4%,(1.25)\n");
    let ran = place.good(&words("predict run --data new.csv"));
    let line = ran.stdout.lines().nth(1).expect("a row");
    let price: f64 = line.split(',').nth(1).and_then(|p| p.parse().ok()).expect("a number");
    assert!((price - 1212.5).abs() < 120.0, "{line}");
}

#[test]
fn a_folder_may_be_called_as_a_kind_of_file() {
    let place = Place::new();
    photos(&place);
    std::fs::rename(place.path("photos"), place.path("csv")).expect("renames");
    place.good(&words("train --data csv --model linear --epochs 1 --learning-rate 0.01 --out run"));
}
