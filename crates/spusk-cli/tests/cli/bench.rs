//! `spusk bench`: that it measures, not how quick this computer is.

use super::Place;

#[test]
fn kernels_are_timed() {
    let place = Place::new();
    let printed = place.good(&["bench", "W3", "--kernels"]).stdout;
    assert!(printed.contains("matmul 32×16×16") && printed.contains("together"), "{printed}");
    assert!(place.bad(2, &["bench", "W10", "--kernels"]).contains("--kernels takes"));
}

#[test]
fn a_workload_is_timed() {
    let place = Place::new();
    let words = ["bench", "W3", "w9", "--seconds", "0.02", "--threads", "1", "--format", "json"];
    let objects = place.good(&words).objects();
    let names: Vec<_> = objects.iter().map(|object| object["workload"].as_str()).collect();
    assert_eq!(names, [Some("W3"), Some("W9-mlp")]);
    for object in &objects {
        assert_eq!((&object["peer"], &object["threads"]), (&"spusk".into(), &1.into()));
        for key in ["median_step_us", "samples_per_s", "floor_us"] {
            assert!(object[key].as_f64() > Some(0.0), "{key} in {object}");
        }
    }
}

#[test]
fn scaling_doubles_four_things() {
    let words = ["bench", "scaling", "--seconds", "0.001", "--threads", "1", "--format", "json"];
    let objects = Place::new().good(&words).objects();
    for what in ["width", "depth", "batch", "rows"] {
        let of: Vec<_> = objects.iter().filter(|object| object["doubles"] == what).collect();
        assert_eq!(of.len(), 5, "{what}");
        for pair in of.windows(2) {
            assert_eq!(pair[0]["size"].as_u64().map(|size| 2 * size), pair[1]["size"].as_u64());
            assert!(pair[0]["flops"].as_u64() < pair[1]["flops"].as_u64(), "{what}");
        }
    }
}

/// An IDX file of bytes.
fn idx(sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, sizes.len() as u8];
    sizes.iter().for_each(|size| file.extend(size.to_be_bytes()));
    file.extend(bytes);
    file
}

#[test]
fn the_whole_process_reads_learns_and_tests() {
    let place = Place::new();
    std::fs::create_dir(place.path("mnist")).expect("there is room");
    for (part, rows) in [("train", 2600u32), ("t10k", 300)] {
        let labels: Vec<u8> = (0..rows).map(|row| (row * 7 % 10) as u8).collect();
        // Each class lights rows of its own; what else is lit says nothing.
        let pixel = |row: u32, at: u32| {
            let lit = at / 28 / 2 == u32::from(labels[row as usize])
                || (row * 31 + at * 17).is_multiple_of(9);
            if lit { 200 } else { 0 }
        };
        let images: Vec<u8> = (0..rows)
            .flat_map(|row| (0..784).map(move |at| (row, at)))
            .map(|(r, a)| pixel(r, a))
            .collect();
        let write = |kind: &str, bytes: Vec<u8>| {
            std::fs::write(place.path(&format!("mnist/{part}-{kind}-ubyte")), bytes).expect("room");
        };
        write("images-idx3", idx(&[rows, 28, 28], &images));
        write("labels-idx1", idx(&[rows], &labels));
    }
    let words = ["bench", "W10", "--data", "mnist", "--threads", "1", "--format", "json"];
    let object = place.good(&words).last();
    let time = |key: &str| object[key].as_f64().unwrap_or_else(|| panic!("{key} in {object}"));
    assert!(time("cold_start_s") > 0.0);
    assert!(time("cold_start_s") < time("seconds_to_975"));
    assert!(time("seconds_to_975") <= time("seconds_to_98"));
    let accuracies = object["accs"].as_array().expect("a list");
    assert!(accuracies.last().and_then(|last| last.as_f64()) >= Some(0.98), "{object}");
    assert!(place.bad(2, &["bench", "W10"]).contains("--data DIR"));
    assert!(place.bad(1, &["bench", "W10", "--data", "none"]).contains("none"));
}
