//! Reports for the tests: usual ones, a full one and a hostile one.

use super::*;
use crate::metrics::{Classification, Outputs, Regression};
use crate::plot::{Best, MistakeImage, Mistakes, Plot, RangeTest, Scale, Series};

/// Numbers from 0 to 1 that look random, by index.
fn noise(i: usize) -> f64 {
    ((i.wrapping_mul(7919) ^ (i >> 3)).wrapping_mul(104_729) % 9973) as f64 / 9973.0
}

pub(super) fn digits() -> ReportData {
    let mut scores = Classification::new(10, Outputs::Logits);
    for i in 0..360 {
        let label = i % 10;
        let mut row: Vec<f64> = (0..10).map(|class| 3.0 * noise(10 * i + class)).collect();
        row[label] += if i % 47 == 5 { 0.0 } else { 5.0 };
        scores.push(&row, &[label]).expect("good rows");
    }
    let scores = scores.finish();
    let image = |mistake: &crate::metrics::Mistake| MistakeImage {
        width: 8,
        height: 8,
        channels: 1,
        pixels: (0..64).map(|p| (255.0 * noise(p + mistake.row as usize)) as u8).collect(),
        label: mistake.label.to_string(),
        predicted: mistake.predicted.to_string(),
        confidence: mistake.confidence,
        row: mistake.row,
    };
    let images = scores.mistakes.iter().map(image).collect();
    let falling = |floor: f64| move |i: u32| floor + 2.2 * (-f64::from(i) / 5.0).exp();
    let epochs = |name: &str, f: &dyn Fn(u32) -> f64| Series::by_epoch(name, (0..40).map(f));
    let loss = Curves {
        title: "Loss".into(),
        y_label: "cross-entropy, nats".into(),
        series: vec![
            epochs("training", &falling(0.01)),
            epochs("validation", &|i| falling(0.07)(i) + f64::from(i) / 900.0),
        ],
        best: Some(Best { x: 27.0, label: "best epoch".into() }),
        ..Curves::default()
    };
    let accuracy = Curves {
        title: "Accuracy".into(),
        y_label: "share named correctly".into(),
        series: vec![epochs("validation", &|i| 0.98 - 0.8 * (-f64::from(i) / 4.0).exp())],
        best: loss.best.clone(),
        ..Curves::default()
    };
    let spread = |name: &str, wide: f64| crate::plot::LayerQuantiles {
        name: name.into(),
        steps: (0..40).map(f64::from).collect(),
        quantiles: (0..40)
            .map(|i| {
                [-3.6, -1.6, -0.7, 0.02, 0.7, 1.7, 4.0]
                    .map(|z| z * wide * (1.0 + f64::from(i) / 30.0))
            })
            .collect(),
    };
    let layers = vec![spread("dense 64 → 128", 0.1), spread("dense 128 → 10", 0.2)];
    let test = |name: &str, shift: f64| {
        Series::new(
            name,
            (0..100).map(|i| {
                let log = -6.0 + 7.0 * f64::from(i) / 99.0 + shift;
                (
                    10_f64.powf(log),
                    2.3 - 1.7 / (1.0 + (-(log + 3.0) * 3.0).exp()) + (log * 4.0).exp(),
                )
            }),
        )
    };
    let setting = |name: &str, value: &str, origin: &str| Setting {
        name: name.into(),
        value: value.into(),
        origin: origin.into(),
    };
    let layer = |name: &str, kind: &str, shape: &str, features, parameters, flops| LayerRow {
        name: name.into(),
        kind: kind.into(),
        shape: shape.into(),
        features,
        parameters,
        flops,
    };
    let note = |what: &str, why: &str| Note { what: what.into(), why: why.into() };
    ReportData {
        title: "digits, mlp:128".into(),
        notes: vec![
            note("The task is classification into 10 classes.", "The target column holds 10 different whole numbers."),
            note("Inputs are standardized.", "Their spreads differ; equal spreads let one learning rate suit all weights."),
            note("Training stopped after epoch 40; the weights of epoch 27 are kept.", "The validation loss had not fallen for 13 epochs."),
        ],
        data: Some(DataSection {
            source: "digits".into(),
            description: "built in, 8 × 8 gray images of handwritten digits (UCI)".into(),
            rows: RowAccount { read: 1797, skipped: vec![], training: 1149, validation: 288, test: 360, ..RowAccount::default() },
            split: "stratified by class, seed 7".into(),
            columns: vec![],
        }),
        model: Some(ModelSection {
            layers: vec![
                layer("", "input", "64", 64, 0, 0),
                layer("layers.0", "dense", "128", 128, 8320, 16_384),
                layer("layers.1", "relu", "128", 128, 0, 128),
                layer("layers.2", "dense", "10", 10, 1290, 2_560),
            ],
            arena_bytes: Some(412_160),
            ..ModelSection::default()
        }),
        settings: vec![
            setting("data", "digits", "default"),
            setting("model", "mlp:128", "automatic"),
            setting("optimizer", "adamw", "default"),
            setting("learning-rate", "0.0021", "automatic"),
            setting("batch-size", "32", "automatic"),
            setting("seed", "7", "flag"),
        ],
        curves: vec![loss, accuracy],
        learning_rate: Some(LearningRateCourse {
            rates: Series::new("", (0..1440).map(|i| {
                let warm = (f64::from(i) / 72.0).min(1.0);
                (f64::from(i), 0.0021 * warm * (0.5 + 0.5 * (f64::from(i) / 1440.0 * std::f64::consts::PI).cos()))
            })),
            ..LearningRateCourse::default()
        }),
        test: Some(TestSection::Classification { scores, classes: (0..10).map(|i| i.to_string()).collect() }),
        mistakes: Some(MistakesSection {
            images: Some(Mistakes { images, ..Mistakes::default() }),
            ..MistakesSection::default()
        }),
        weights: Some(Distributions { layers: layers.clone(), ..Distributions::default() }),
        gradients: Some(Distributions {
            title: "Gradients by layer".into(),
            what: "gradients".into(),
            layers,
            ..Distributions::default()
        }),
        automatic: Some(AutomaticSection {
            text: vec![
                "The learning rate grew from 10⁻⁶ to 10 over 100 steps, with three seeds. The loss fell fastest near 0.001 and exploded beyond 0.4.".into(),
                "Five rates around it then trained for 100 steps each; 0.0021 had the lowest validation loss. This took 0.11 s, 8% of the training time.".into(),
            ],
            range_test: Some(RangeTest {
                seeds: vec![test("seed 1", 0.0), test("seed 2", 0.1), test("seed 3", -0.1)],
                chosen: Some(0.0021),
                marks: vec![Best { x: 0.001, label: "steepest".into() }, Best { x: 0.1, label: "diverges ÷ 4".into() }],
                ..RangeTest::default()
            }),
            race: Some(crate::plot::Race::samples().remove(0).1),
            decisions: vec![],
        }),
        environment: Some(Environment {
            version: "spusk 0.1.0".into(),
            machine: "Linux x86-64, Intel Xeon, 2 cores".into(),
            instruction_set: "AVX-512".into(),
            threads: 2,
            seconds: Some(1.42),
            peak_memory_bytes: Some(21_400_000),
            command: "spusk train --seed 7".into(),
            ..Environment::default()
        }),
        ..ReportData::default()
    }
}

pub(super) fn diabetes() -> ReportData {
    let mut scores = Regression::new(1);
    for i in 0..89 {
        let target = 25.0 + 321.0 * noise(i);
        let predicted = 80.0 + 0.5 * target + 110.0 * (noise(i + 500) - 0.5);
        scores.push(&[predicted], &[target]).expect("good rows");
    }
    let scores = scores.finish();
    let worst = scores.outputs[0].worst.iter().map(|pair| MistakeRow {
        row: pair.row,
        label: format!("{:.0}", pair.target).into(),
        predicted: format!("{:.0}", pair.predicted).into(),
        badness: Some(pair.residual()),
        values: (0..10)
            .map(|i| format!("{:.3}", noise(i + pair.row as usize) - 0.5).into())
            .collect(),
    });
    let columns = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
    let column = |name: &str| ColumnInfo {
        name: name.into(),
        role: "input".into(),
        kind: "number".into(),
        missing: 0,
        summary: "−0.11 to 0.17, mean 0".into(),
    };
    ReportData {
        title: "diabetes.csv, mlp:16".into(),
        mistakes: Some(MistakesSection {
            images: None,
            columns: columns.map(String::from).to_vec(),
            rows: worst.collect(),
            badness: "true − predicted".into(),
        }),
        data: Some(DataSection {
            source: "diabetes.csv".into(),
            description: "CSV, comma, no header".into(),
            rows: RowAccount {
                read: 443,
                skipped: vec![Skipped { reason: "the header of another kind".into(), rows: 1 }],
                training: 282,
                validation: 71,
                test: 89,
                only_watched: false,
            },
            split: "random, seed 7".into(),
            columns: columns.map(column).into(),
        }),
        test: Some(TestSection::Regression { scores, targets: vec!["progression".into()] }),
        ..ReportData::default()
    }
}

/// Every picture and section at once, with text that tries to break out.
pub(super) fn hostile() -> ReportData {
    let nasty = "</script><img src=x onerror=alert(1)>\"'&\u{0}";
    let mut report = digits();
    report.title = nasty.repeat(9);
    report.warnings = vec![nasty.into(), "Stopped by Ctrl-C after epoch 40.".into()];
    report.notes.push(Note { what: nasty.into(), why: nasty.into() });
    report.settings.push(Setting { name: nasty.into(), value: nasty.into(), origin: nasty.into() });
    if let Some(TestSection::Classification { classes, scores }) = &mut report.test {
        *classes = vec![nasty.into(); 10];
        scores.log_loss = Some(f64::NAN);
    }
    for curves in &mut report.curves {
        curves.y_scale = Scale::Log;
        curves.series[0].name = nasty.into();
        curves.series[0].y = vec![f64::NAN; 40];
    }
    if let Some(data) = &mut report.data {
        data.rows.read = u64::MAX;
        data.rows.skipped = vec![Skipped { reason: nasty.into(), rows: u64::MAX }];
        data.columns = vec![
            ColumnInfo {
                name: nasty.into(),
                summary: nasty.repeat(30).into(),
                ..Default::default()
            };
            300
        ];
    }
    if let Some(environment) = &mut report.environment {
        environment.command = format!("spusk train --data {}", "/a/very/long/path".repeat(20));
        environment.seconds = Some(f64::INFINITY);
    }
    report.mistakes = diabetes().mistakes.map(|mut section| {
        section.rows[0].values = vec![nasty.into()];
        section.rows[1].badness = Some(f64::NAN);
        section
    });
    report.pictures = Picture::samples().into_iter().map(|(_, picture)| picture).collect();
    report
}
