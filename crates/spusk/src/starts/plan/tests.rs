use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;
use crate::data::{DataOptions, prepare};
use crate::layers::{Dropout, Relu};
use crate::messages::Language;
use crate::optimizers::Sgd;
use crate::schedules::Exponential;
use crate::starts::{Outcome, RunFound, account, page};

fn request() -> StartsRequest {
    StartsRequest {
        layers: None,
        widths: vec![4, 24],
        activation: Relu.into(),
        init: Initializer::Cube,
        optimizer: Sgd::default().into(),
        runs: 7,
        epochs: 2,
        batch_size: 16,
        learning_rate: 0.05,
        schedule: Exponential::default().into(),
        rows: 200,
        side: Some(5),
        seed: 3,
        index: IndexRequest { networks: 1, rows: 50, dense: 250, probes: 2, steps: 10 },
        threads: 1,
    }
}

fn found(request: &StartsRequest, folder: impl Fn(&Planned) -> Folder) -> StartsFound {
    let data = prepare("digits", &DataOptions::default()).expect("they are built in");
    let planned = plan(&data, request).expect("there are rows");
    let never = AtomicBool::new(false);
    let runs = planned.starts().run(&folder(&planned), &never, &|_| {}).expect("it runs");
    planned.found(runs, 0.0)
}

/// A file of texts of two kinds, told apart by a word.
fn texts() -> tempfile::NamedTempFile {
    let words = ["tea", "ship", "stone", "window", "green"];
    let line = |i: usize| {
        let (word, kind) = if i.is_multiple_of(2) { ("good", "yes") } else { ("bad", "no") };
        let others = [words[i % 5], words[i / 5 % 5], words[i / 25 % 5]];
        format!("the {} {word} of the {} and {} {i},{kind}\n", others[0], others[1], others[2])
    };
    let text: String = (0..200).map(line).collect();
    let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
    std::fs::write(file.path(), format!("text,kind\n{text}")).expect("it is written");
    file
}

#[test]
fn texts_get_an_embedding_in_front() {
    let file = texts();
    let data = prepare(file.path().to_str().expect("a path"), &DataOptions::default())
        .expect("it is a table");
    assert!(crate::session::is_of_texts(&data.preprocessing));
    let text = ["lstm", "4", "last=true"].join(" ");
    let given = [crate::experiment::Override::flag("--model", "model.layers", &text)];
    let parsed = crate::experiment::Experiment::parse("", "", &given, crate::session::vocabulary());
    let crate::experiment::Layers::These(specs) = parsed.expect("it is a layer").model.layers
    else {
        panic!("layers were given")
    };
    let named: Vec<AnyLayer> =
        specs.iter().map(|spec| AnyLayer::from_spec(spec).expect("a layer")).collect();
    for layers in [None, Some(("lstm:4".to_string(), named))] {
        let request = StartsRequest { layers, runs: 2, epochs: 1, ..request() };
        let planned = plan(&data, &request).expect("there are rows");
        assert_eq!(planned.usual_for_texts().is_some(), request.layers.is_none());
        let never = AtomicBool::new(false);
        let runs = planned.starts().run(&Folder::none(), &never, &|_| {}).expect("it runs");
        let found = planned.found(runs, 0.0);
        assert_eq!((found.kinds.len(), found.kinds[0].test().lost), (1, 0));
    }
}

#[test]
fn the_hessians_are_part_of_the_forecast() {
    let data = prepare("digits", &DataOptions::default()).expect("they are built in");
    let planned = plan(&data, &request()).expect("there are rows");
    let forecast = planned.starts().forecast(&|_| 0).expect("it fits");
    assert!(forecast.hessians > 0.0 && forecast.seconds > 0.0);
    // Those of the first runs are over with these.
    assert_eq!(planned.starts().forecast(&|_| 1).expect("it fits").hessians, 0.0);
}

#[test]
fn neither_threads_nor_an_end_in_the_middle_change_a_result() {
    let request = request();
    let whole = found(&request, |_| Folder::none());
    assert_eq!(whole.kinds.len(), 2);
    assert_eq!((whole.rows[0], &whole.shape[..]), (200, &[5, 5, 1][..]));
    assert!(whole.kinds.iter().all(|kind| kind.runs.len() == 7 && kind.test().lost == 0));
    // 25·4 + 4 + 4·10 + 10 parameters are counted, those of the wider networks estimated.
    let index = |kind: usize| whole.kinds[kind].runs[0].index.expect("it was asked of the first");
    assert!(index(0).counted && !index(1).counted);
    let both = StartsRequest { threads: 2, ..request.clone() };
    assert_eq!(found(&both, |_| Folder::none()), whole);

    let place = tempfile::tempdir().expect("a folder");
    let data = prepare("digits", &DataOptions::default()).expect("they are built in");
    let planned = plan(&data, &both).expect("there are rows");
    let folder = Folder::open(place.path(), planned.settings()).expect("it is empty");
    // Stopped behind the first job; then the last line of what it kept is cut off.
    let (stop, told) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ended = planned.starts().run(&folder, &stop, &|progress| {
        told.store(progress.done, Ordering::Relaxed);
        stop.store(true, Ordering::Relaxed);
    });
    assert!(ended.expect_err("it was stopped").to_string().contains("goes on"));
    assert!((1..14).contains(&told.load(Ordering::Relaxed)));
    drop(folder);
    let file = place.path().join("runs.jsonl");
    let text = std::fs::read(&file).expect("it was kept");
    std::fs::write(&file, &text[..text.len() - 9]).expect("it can be written");
    let again = found(&both, |planned| {
        let folder = Folder::open(place.path(), planned.settings()).expect("it is the same");
        assert!(planned.done(&folder, 0) + planned.done(&folder, 1) < 14);
        folder
    });
    assert_eq!(again.to_json(false).to_string(), whole.to_json(false).to_string());
    // Another experiment is not mixed in.
    let other = StartsRequest { epochs: 3, ..both };
    let planned = plan(&data, &other).expect("there are rows");
    let refused = Folder::open(place.path(), planned.settings()).map(|_| ());
    let error = refused.expect_err("other epochs").to_string();
    assert!(error.contains("epochs: 2 → 3"), "{error}");
}

#[test]
fn a_job_in_the_middle_goes_on_from_its_state() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(place.path(), &json!({})).expect("it is empty");
    let state: Vec<f32> = (0..50).map(|i| i as f32 * 0.1).collect();
    folder.keep(1, &[3, 4, 5], 17, &state).expect("it can be written");
    assert_eq!(folder.state(1, &[3, 4, 5]), Some((17, state)));
    assert_eq!(folder.state(1, &[3, 5]), None, "other runs");
    assert_eq!(folder.state(0, &[3, 4, 5]), None);
    let file = place.path().join("state-1-3-5");
    let mut bytes = std::fs::read(&file).expect("it is there");
    bytes[100] ^= 1;
    std::fs::write(&file, bytes).expect("it can be written");
    assert_eq!(folder.state(1, &[3, 4, 5]), None, "damaged");
}

#[test]
fn what_stands_behind_a_damaged_line_is_trained_again() {
    let place = tempfile::tempdir().expect("a folder");
    let open = || Folder::open(place.path(), &json!({})).expect("it is the same");
    let outcome = Outcome { loss: 0.5, accuracy: 0.25 };
    let found = RunFound { train: outcome, test: outcome, index: None };
    open().put(0, &[(0, found), (1, found)]).expect("it can be written");
    let file = place.path().join("runs.jsonl");
    let whole = std::fs::read(&file).expect("it is there");
    // A line without an end, however long it is, and a line that is none.
    for damage in [vec![b'x'; 1 << 20], b"nothing\n".to_vec()] {
        let text = [&whole[..], &damage, &whole[..]].concat();
        std::fs::write(&file, text).expect("it can be written");
        assert_eq!(open().found().into_keys().collect::<Vec<_>>(), [(0, 0), (0, 1)]);
        assert_eq!(std::fs::read(&file).expect("it is there"), whole, "it is cut off");
    }
}

#[test]
fn other_networks_are_trained_one_by_one() {
    let layers = vec![Dense::new(6).into(), Dropout::default().into(), Relu.into()];
    let request =
        StartsRequest { layers: Some(("small".into(), layers)), runs: 4, threads: 2, ..request() };
    let data = prepare("iris", &DataOptions::default()).expect("it is built in");
    let planned = plan(&data, &request).expect("there are rows");
    assert!(!planned.together());
    let never = AtomicBool::new(false);
    let runs = planned.starts().run(&Folder::none(), &never, &|_| {}).expect("it runs");
    let found = planned.found(runs, 1.0);
    assert_eq!((found.kinds.len(), found.kinds[0].runs.len()), (1, 4));
    let test = found.kinds[0].test();
    assert!(test.lost == 0 && test.quantile(0.0) < test.quantile(1.0));
    assert!(found.to_json(true)["seconds"] == 1.0 && found.to_json(false)["seconds"].is_null());
}

#[test]
fn the_page_says_what_the_terminal_says_and_shows_it() {
    let found = found(&request(), |_| Folder::none());
    for l in [Language::English, Language::Russian] {
        let page = page("starts", &found, l);
        assert_eq!(page.pictures.len(), 4);
        assert_eq!(page.html.matches("<figure>").count(), 4);
        let parts = account(&found, l);
        assert_eq!(parts.len(), 5);
        assert!(parts.last().is_some_and(|part| part.sentences.len() == 5));
        assert!(parts.iter().all(|part| page.html.contains(&part.heading)));
    }
}

#[test]
fn conclusions_follow_the_numbers() {
    let mut found = found(&request(), |_| Folder::none());
    let mut spread = |narrow: f64, wide: f64| {
        for (kind, scale) in found.kinds.iter_mut().zip([narrow, wide]) {
            kind.runs = (0..100)
                .map(|i| {
                    let loss = 2.0 + scale * (f64::from(i) * 0.917).sin();
                    let outcome = crate::starts::Outcome { loss, accuracy: 0.5 };
                    RunFound { train: outcome, test: outcome, index: None }
                })
                .collect();
        }
        crate::starts::conclusions(&found, Language::English)
    };
    assert!(spread(1.0, 0.1)[0].starts_with("As the lecture says"));
    assert!(spread(0.1, 1.0)[0].starts_with("This contradicts the lecture"));
    assert!(spread(1.0, 1.0)[0].starts_with("These trainings do not decide"));
}
