//! A run from its creation to its last line.

use std::time::Duration;

use super::*;
use crate::experiment::Vocabulary;
use crate::fs::simulated::{Loss, Simulated};

fn in_directory(check: impl FnOnce(&Path)) {
    let directory = tempfile::tempdir().unwrap();
    check(directory.path());
}

fn create(parent: &Path, name: &str) -> Result<RunWriter, RunError> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_392_000);
    RunWriter::create(&NewRun { out: None, parent, name, now })
}

fn create_at(out: &Path) -> Result<RunWriter, RunError> {
    let parent = Path::new("not used");
    RunWriter::create(&NewRun { out: Some(out), parent, name: "x", now: SystemTime::UNIX_EPOCH })
}

/// The error, with the directory left out of it.
fn message<T>(root: &Path, result: Result<T, RunError>) -> String {
    let error = result.err().expect("this cannot work").to_string();
    error.replace(&root.display().to_string(), "<dir>")
}

#[test]
fn names_are_unique_and_harmless() {
    in_directory(|root| {
        let name = |name: &str| {
            let run = create(&root.join("deep/runs"), name).unwrap();
            run.path().file_name().unwrap().to_str().unwrap().to_string()
        };
        assert_eq!(name("digits"), "2026-11-23-digits");
        assert_eq!(name("digits"), "2026-11-23-digits-2");
        assert_eq!(name("digits"), "2026-11-23-digits-3");
        assert_eq!(name("../a b/c\0.csv"), "2026-11-23-a-b-c-.csv");
        assert_eq!(name(""), "2026-11-23-run");
        assert_eq!(name("эпоха"), "2026-11-23-эпоха");
        assert_eq!(name(&"x".repeat(999)).len(), 71);
    });
}

#[test]
fn everything_written_reads_back() {
    in_directory(|root| {
        let run = create_at(&root.join("run")).unwrap();
        let mut experiment = Experiment { name: Some("first".into()), ..Experiment::default() };
        run.write_experiment(&experiment).unwrap();
        experiment.training.seed = 7;
        run.write_experiment(&experiment).unwrap();
        let weights = [Tensor::f32("layers.0.weight", [1, 2], vec![1.0, f32::NAN])];
        let metadata = [("task".to_string(), "classify".to_string())].into();
        run.write_model(&weights, &metadata).unwrap();
        run.write_preprocessing(&vec![(1.5, "a")]).unwrap();
        run.write_report("<html>").unwrap();
        run.write_report_data(&3).unwrap();
        run.write_picture("loss", "<svg/>").unwrap();
        run.write_picture("class a/b", "<svg/>").unwrap();

        let dir = RunDir::open(run.path()).unwrap();
        assert_eq!(dir.experiment(Vocabulary::default()).unwrap(), experiment);
        let model = dir.model().unwrap();
        assert_eq!(model.get("layers.0.weight").unwrap().shape, [1, 2]);
        assert_eq!(model.metadata["task"], "classify");
        assert_eq!(dir.preprocessing::<Vec<(f64, String)>>().unwrap(), [(1.5, "a".to_string())]);
        assert_eq!(dir.report_data::<u64>().unwrap(), 3);
        assert_eq!(std::fs::read_to_string(dir.report_path()).unwrap(), "<html>");
        assert_eq!(Disk.list(&dir.path().join("pictures")).unwrap(), ["class-a-b.svg", "loss.svg"]);
        assert!(dir.checkpoint().unwrap().is_none());
        let mut files = Disk.list(dir.path()).unwrap();
        files.sort();
        insta::assert_snapshot!(files.join("\n"));
    });
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    in_directory(|root| {
        let run = create_at(&root.join("run")).unwrap();
        run.write_experiment(&Experiment::default()).unwrap();
        let dir = run.dir();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        let model = |format: &str| {
            let metadata = [("spusk_format".to_string(), format.to_string())].into();
            let file = File::create(dir.path().join("model.safetensors"));
            Layout::new(&[], &metadata).unwrap().write(&mut file.unwrap()).unwrap();
            message(root, dir.model())
        };
        std::fs::create_dir(root.join("empty")).unwrap();
        std::fs::write(root.join("file"), "").unwrap();
        let mut messages = vec![
            message(root, RunDir::open(&root.join("none"))),
            message(root, RunDir::open(&root.join("file"))),
            message(root, RunDir::open(&root.join("empty"))),
            message(root, RunWriter::resume(&root.join("empty"))),
            message(root, create_at(&root.join("run"))),
            message(root, create_at(&root.join("file"))),
            message(root, create(&root.join("file"), "x")),
            message(root, dir.model()),
            message(root, dir.preprocessing::<u64>()),
            message(root, dir.report_data::<u64>()),
            message(root, dir.metrics()),
            model("2"),
            model("x"),
        ];
        for text in [
            "",
            "[]",
            "{\"format\": 2, \"new\": 1}",
            "{\"format\": 1}",
            "{\"format\": 1, \"content\": \"x\"}",
            "{\"content\": 1}",
        ] {
            write("preprocessing.json", text);
            messages.push(message(root, dir.preprocessing::<u64>()));
        }
        for text in ["{}\n", "{\"format\":2}\n", "{\"format\":1}\n{\"a\":}\n", "\u{0}\n"] {
            write("metrics.jsonl", text);
            messages.push(message(root, dir.metrics()));
        }
        write("experiment.toml", "format = 2\n");
        messages.push(message(root, dir.experiment(Vocabulary::default())));
        insta::assert_snapshot!(messages.join("\n"));
    });
}

#[test]
fn the_second_trainer_is_told_who_is_first() {
    in_directory(|root| {
        let path = root.join("run");
        let run = create_at(&path).unwrap();
        run.write_experiment(&Experiment::default()).unwrap();
        let second = message(root, RunWriter::resume(&path));
        let want = format!(
            "the run <dir>/run is locked by pid {}; wait for it to end, or stop it",
            std::process::id()
        );
        assert_eq!(second, want);
        RunDir::open(&path).expect("reading needs no lock");
        drop(run);
        RunWriter::resume(&path).expect("the lock is given back");
    });
}

#[test]
fn leftovers_are_removed_and_foreign_files_are_not() {
    in_directory(|root| {
        let path = root.join("run");
        let run = create_at(&path).unwrap();
        run.write_experiment(&Experiment::default()).unwrap();
        run.write_picture("loss", "<svg/>").unwrap();
        drop(run);
        let leftovers = ["model.safetensors.tmp-77", "pictures/loss.svg.tmp-77"];
        let foreign = ["notes.tmp-1", "report.html.tmp-", "experiment.toml.tmp-mine"];
        for name in leftovers.iter().chain(&foreign) {
            std::fs::write(path.join(name), "").unwrap();
        }
        RunWriter::resume(&path).unwrap();
        leftovers.iter().for_each(|name| assert!(!path.join(name).exists(), "{name}"));
        foreign.iter().for_each(|name| assert!(path.join(name).exists(), "{name}"));
    });
}

fn lines(run: &RunWriter) -> String {
    std::fs::read_to_string(run.path().join("metrics.jsonl")).unwrap()
}

#[test]
fn a_resumed_metrics_file_is_that_of_an_undisturbed_run() {
    in_directory(|root| {
        let run = create_at(&root.join("run")).unwrap();
        run.write_experiment(&Experiment::default()).unwrap();
        let (mut log, shortened) = run.metrics(0).unwrap();
        assert_eq!(shortened, None);
        log.append(&serde_json::json!({ "event": "epoch", "epoch": 1 })).unwrap();
        let at = log.position();
        log.append(&serde_json::json!({ "event": "epoch", "epoch": 2 })).unwrap();
        let undisturbed = lines(&run);
        assert_eq!(run.dir().metrics().unwrap().len(), 2);

        let (mut log, shortened) = run.metrics(at).unwrap();
        assert_eq!((shortened, log.position()), (None, at));
        log.append(&serde_json::json!({ "event": "epoch", "epoch": 2 })).unwrap();
        assert_eq!(lines(&run), undisturbed);

        // Changed from outside: whole lines are kept, and the loss is told.
        let (_, shortened) = run.metrics(at + 5).unwrap();
        let shortened = shortened.unwrap();
        assert_eq!(shortened, Shortened { expected: at + 5, kept: at });
        assert_eq!(
            shortened.to_string(),
            "metrics.jsonl was changed from outside: 5 bytes before the checkpoint are lost"
        );
        let (_, shortened) = run.metrics(10_000).unwrap();
        assert_eq!(shortened.unwrap().kept, at);
        std::fs::remove_file(run.path().join("metrics.jsonl")).unwrap();
        assert_eq!(run.metrics(at).unwrap().1.unwrap().kept, 0);
        assert_eq!(lines(&run), "{\"format\":1}\n");
    });
}

#[test]
fn a_line_being_written_is_left_out() {
    let parse = |text: &str| metrics::parse(text.as_bytes()).unwrap().len();
    assert_eq!(parse("{\"format\":1}\n{\"a\":1}\n{\"b\":"), 1);
    assert_eq!(parse("{\"format\":1}\n"), 0);
    assert_eq!(parse("{\"for"), 0);
    assert_eq!(parse(""), 0);
}

/// Metrics, then the checkpoint that counts on them: after a power loss the file is never shorter
/// than the checkpoint knows.
#[test]
fn power_loss_never_takes_metrics_that_a_checkpoint_counts_on() {
    let metrics = Path::new("/metrics.jsonl");
    let checkpoints = Path::new("/checkpoints");
    let train = |fs: &Simulated| -> Result<(), RunError> {
        let (mut checkpoints, restored) = Checkpoints::open(Arc::new(fs.clone()), checkpoints)?;
        let mut state = restored.map(|found| found.state).unwrap_or_default();
        let (mut log, shortened) = MetricsLog::open(fs, metrics, state.progress.metrics_bytes)?;
        assert_eq!(shortened, None);
        while state.progress.step < 4 {
            state.progress.step += 1;
            log.append(&serde_json::json!({ "event": "step", "step": state.progress.step }))?;
            log.save_checkpoint(&mut checkpoints, &mut state)?;
        }
        Ok(())
    };
    let undisturbed = Simulated::default();
    train(&undisturbed).unwrap();
    let want = undisturbed.read(metrics, 9999).unwrap();
    for cut in 0..undisturbed.steps() {
        for loss in Loss::all() {
            let fs = Simulated::default();
            fs.cut_power_after(Some(cut));
            // Where only a deletion is cut off, it ends well all the same.
            let _ = train(&fs);
            let fs = fs.after_power_loss(loss);
            train(&fs).unwrap();
            assert_eq!(fs.read(metrics, 9999).unwrap(), want, "cut after {cut}, {loss:?}");
        }
    }
}
