use super::*;
use crate::data::fixtures::{Folder, npy};
use crate::data::{Batches, Prepared, prepare};

fn floats(values: impl IntoIterator<Item = f32>) -> Vec<u8> {
    values.into_iter().flat_map(f32::to_le_bytes).collect()
}

fn header(element: &str, fortran: bool, shape: &str) -> String {
    let order = if fortran { "True" } else { "False" };
    format!("{{'descr': '{element}', 'fortran_order': {order}, 'shape': {shape}, }}")
}

fn whole() -> DataOptions {
    DataOptions { test: Some(0.0), validation: 0.0, ..DataOptions::default() }
}

fn rows(data: &Prepared) -> (Vec<f32>, Vec<f32>) {
    let count = data.train.len();
    let mut features = vec![0.0; count * data.train.width()];
    let mut targets = vec![0.0; count * data.train.targets()];
    let batches = Batches::new(&data.train, 1, false);
    batches.fill(0, 0..count, &mut features, &mut targets).expect("fills");
    (features, targets)
}

#[test]
fn c_and_fortran_order_and_all_versions_hold_the_same() {
    let folder = Folder::new();
    let value = |row: usize, column: usize| (row * 7 % 13 + column * row) as f32;
    let c = floats((0..60).map(|at| value(at / 3, at % 3)));
    let fortran = floats((0..60).map(|at| value(at % 20, at / 20)));
    let read = |name: &str, bytes: &[u8]| {
        let path = folder.file(name, bytes).display().to_string();
        rows(&prepare(&path, &whole()).expect(name))
    };
    let expected = read("c.npy", &npy(1, &header("<f4", false, "(20, 3)"), &c));
    for version in 1..=3 {
        let bytes = npy(version, &header("<f4", true, "(20, 3)"), &fortran);
        assert!(expected == read("f.npy", &bytes), "{version}");
    }
    let swapped: Vec<u8> = c.chunks(4).flat_map(|four| four.iter().rev().copied()).collect();
    assert!(expected == read("b.npy", &npy(1, &header(">f4", false, "(20, 3)"), &swapped)));
}

#[test]
fn channels_first_become_last() {
    let folder = Folder::new();
    // Pixel (h, w) of channel c of image n is n + 10c + w + 4h.
    let pixels: Vec<u8> =
        (0..8 * 24).map(|at| (at / 24 + at % 24 / 8 * 10 + at % 8) as u8).collect();
    let x = folder.file("x.npy", &npy(1, &header("|u1", false, "(8, 3, 2, 4)"), &pixels));
    let labels: Vec<u8> = (0..8i64).flat_map(|row| (row % 2).to_le_bytes()).collect();
    let y = folder.file("y.npy", &npy(1, &header("<i8", false, "(8,)"), &labels));
    let options = DataOptions { target: Some(y.display().to_string()), ..whole() };
    let data = prepare(&x.display().to_string(), &options).expect("opens");
    assert_eq!(data.preprocessing.shape(), [2, 4, 3]);
    let crate::data::Inputs::Pixels(scale) = &data.preprocessing.inputs else {
        unreachable!("images")
    };
    let (features, targets) = rows(&data);
    assert_eq!(targets, [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    let first: Vec<i64> =
        features[..6].iter().map(|&input| scale.decode(input).round() as i64).collect();
    assert_eq!(first, [0, 10, 20, 1, 11, 21]);
}

#[test]
fn rows_may_be_sequences_of_pictures() {
    let folder = Folder::new();
    // Of sequence n, picture t: pixel (h, w) of channel c is n + 100t + 10c + w + 4h.
    let value = |at: usize| at / 48 + at % 48 / 24 * 100 + at % 24 / 8 * 10 + at % 8;
    let pixels: Vec<u8> = (0..8 * 48).map(|at| value(at) as u8).collect();
    let labels: Vec<u8> = (0..8i64).flat_map(|row| (row % 2).to_le_bytes()).collect();
    let y = folder.file("y.npy", &npy(1, &header("<i8", false, "(8,)"), &labels));
    let options = DataOptions { target: Some(y.display().to_string()), ..whole() };
    let read = |shape: &str| {
        let x = folder.file("x.npy", &npy(1, &header("|u1", false, shape), &pixels));
        prepare(&x.display().to_string(), &options).expect("opens")
    };
    let data = read("(8, 2, 3, 2, 4)");
    assert_eq!(data.preprocessing.shape(), [2, 2, 4, 3]);
    let crate::data::Inputs::Pixels(scale) = &data.preprocessing.inputs else {
        unreachable!("pictures")
    };
    let decoded: Vec<i64> =
        rows(&data).0[..48].iter().map(|&input| scale.decode(input).round() as i64).collect();
    assert_eq!(decoded[..6], [0, 10, 20, 1, 11, 21]);
    assert_eq!(decoded[24..30], [100, 110, 120, 101, 111, 121]);
    // Channels that stand last already stay there.
    assert_eq!(read("(8, 2, 2, 4, 3)").preprocessing.shape(), [2, 2, 4, 3]);
}

#[test]
fn targets_of_all_forms() {
    let folder = Folder::new();
    let x = folder.file(
        "x.npy",
        &npy(1, &header("<f4", false, "(12, 1)"), &floats((0..12).map(|v| v as f32))),
    );
    let read = |bytes: &[u8]| {
        let y = folder.file("y.npy", bytes);
        let options = DataOptions { target: Some(y.display().to_string()), ..whole() };
        prepare(&x.display().to_string(), &options).expect("opens")
    };
    let hot: Vec<u8> = (0..36).map(|at| u8::from(at % 3 == at / 3 % 3)).collect();
    let data = read(&npy(1, &header("|b1", false, "(12, 3)"), &hot));
    assert_eq!(data.preprocessing.class_names(), ["0", "1", "2"]);
    let words: Vec<u8> =
        (0..12).flat_map(|row| if row % 2 == 0 { *b"no\0" } else { *b"ja\0" }).collect();
    let data = read(&npy(1, &header("|S3", false, "(12,)"), &words));
    assert_eq!(data.preprocessing.class_names(), ["ja", "no"]);
    assert_eq!(rows(&data).1[..2], [1.0, 0.0]);
    let numbers = floats((0..24).map(|at| at as f32 * 1.5));
    let data = read(&npy(1, &header("<f4", false, "(12, 2)"), &numbers));
    assert_eq!((data.task, data.preprocessing.outputs()), (Task::Regress, 2));
    assert!((data.preprocessing.unscale(1, f64::from(rows(&data).1[3])) - 4.5).abs() < 1e-5);
}

#[test]
fn headers_are_read_strictly() {
    let sound = |text: &str| parse_header(text.as_bytes()).is_some();
    assert!(sound("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }   \n"));
    assert!(sound("{\"shape\": (3L,), 'descr': '<f8', 'fortran_order': True}"));
    assert!(sound("{'shape': (), 'descr': '<f8', 'fortran_order': True}"));
    for text in [
        "",
        "{",
        "{'descr': '<f8', 'fortran_order': False}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-3,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)} + 1",
        "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
        "{'descr': '<f8', 'fortran_order': exit(), 'shape': (3,)}",
    ] {
        assert!(!sound(text), "{text}");
    }
}

#[test]
fn broken_arrays_are_told() {
    let check = |bytes: &[u8], message: &str| {
        let folder = Folder::new();
        let path = folder.file("x.npy", bytes).display().to_string();
        let error = prepare(&path, &DataOptions::default()).err().expect(message);
        assert_eq!(folder.short(&error), message);
    };
    check(
        b"",
        "x.npy, byte 0: the file ends here, expected the rest of the array that its header promises; the file is cut off; copy or fetch it again",
    );
    check(
        b"hello, world",
        "x.npy, byte 0: got the bytes [68, 65, 6c, 6c, 6f, 2c], expected 93 4e 55 4d 50 59, the \
         magic of NumPy; this is not a NumPy array",
    );
    check(
        &npy(1, &header("|O", false, "(3,)"), &[]),
        "x.npy, byte 10: got the element type `|O`, expected a header such as {'descr': '<f4', \
         'fortran_order': False, 'shape': (3, 4)}; Python objects would have to be executed; save \
         the array as numbers",
    );
    check(
        &npy(1, &header("<c8", false, "(3,)"), &[]),
        "x.npy, byte 10: got the element type `<c8`, expected a header such as {'descr': '<f4', \
         'fortran_order': False, 'shape': (3, 4)}; save it with astype(\"float32\")",
    );
    check(
        &npy(1, &header("<f4", false, "(1000000000000, 3)"), &[0; 24]),
        "x.npy: the header promises the shape [1000000000000, 3], 12000000000000 bytes, expected \
         at most 24 bytes, as the file is; the file is cut off or damaged; copy or fetch it again",
    );
    check(
        &npy(9, &header("<f4", false, "(1, 3)"), &[0; 12]),
        "x.npy, byte 6: got version 9, expected version 1, 2 or 3",
    );
    check(
        &npy(1, &header("<f4", false, "(2, 2)"), &floats([1.0, 2.0, f32::INFINITY, 1.0])),
        "x.npy, line 2, column `c1`: got an infinite number, expected finite numbers, or NaN \
         where a value is missing",
    );
    check(
        &npy(1, &header("<f4", false, "(0, 2)"), &[]),
        "x.npy: got the shape [0, 2], expected rows of numbers",
    );
}
