//! Remakes every picture of the documents with the commands that the documents name, and the page that shows
//! them.
//!
//! ```text
//! cargo build --release
//! cargo run --release -p spusk-cli --example gallery -- docs [--data ../shared/data] [--only starts]
//! ```
//!
//! What needs data that are not there keeps its old picture.
#![allow(clippy::print_stdout)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

type Failure = Box<dyn std::error::Error>;

/// A command with the pictures that it makes: where they stand in the working folder, the name in
/// `pictures/`, and what they show.
struct Shown {
    heading: &'static str,
    /// The page that tells of it.
    page: &'static str,
    /// `DATA` is the folder of data.
    words: &'static [&'static str],
    pictures: &'static [(&'static str, &'static str, &'static str)],
}

const ALL: &[Shown] = &[
    Shown {
        heading: "A training",
        page: "../README.md",
        words: &["train", "--data", "digits", "--out", "digits"],
        pictures: &[
            (
                "digits/pictures/curves.svg",
                "digits-curves.svg",
                "The loss of the built-in digits by epoch",
            ),
            ("digits/pictures/mistakes.svg", "digits-mistakes.svg", "Its worst mistakes"),
            (
                "digits/pictures/confusion_matrix.svg",
                "digits-confusion.svg",
                "What is taken for what",
            ),
        ],
    },
    Shown {
        heading: "A formula of one variable",
        page: "minimize.md",
        words: &["minimize", "x^3-3*x", "--on", "-3..3", "--step-sweep", "--out", "cubic"],
        pictures: &[
            ("cubic/curve.svg", "minimize-curve.svg", "Horizontal tangents and the descent"),
            (
                "cubic/step_sweep.svg",
                "minimize-sweep.svg",
                "Steps too small, good, oscillating, diverging",
            ),
        ],
    },
    Shown {
        heading: "A formula of two variables",
        page: "minimize.md",
        words: &[
            "minimize",
            "(x^2+y-11)^2+(x+y^2-7)^2",
            "--on",
            "-5..5",
            "--starts",
            "500",
            "--out",
            "himmelblau",
        ],
        pictures: &[
            (
                "himmelblau/contours.svg",
                "minimize-contours.svg",
                "Himmelblau's function from above",
            ),
            ("himmelblau/surface.svg", "minimize-surface.svg", "The same as a surface"),
            (
                "himmelblau/basins.svg",
                "minimize-basins.svg",
                "Which minimum each of 500 starts reaches",
            ),
        ],
    },
    Shown {
        heading: "Activation functions",
        page: "activations.md",
        words: &[
            "activations",
            "--race",
            "--data",
            "digits",
            "--seeds",
            "5",
            "--pictures",
            "activations",
        ],
        pictures: &[
            ("activations/activations.svg", "activations.svg", "All activations with their slopes"),
            ("activations/race.svg", "activations-race.svg", "Which one wins on the digits"),
        ],
    },
    Shown {
        heading: "Many starts",
        page: "starts.md",
        words: &["starts", "--quick", "--data", "DATA/mnist", "--pictures", "starts"],
        pictures: &[
            ("starts/losses.svg", "starts-losses.svg", "Test losses of 500 trainings by width"),
            ("starts/ecdf.svg", "starts-ecdf.svg", "The same as shares of trainings below a loss"),
            ("starts/train-test.svg", "starts-train-test.svg", "Training and test loss of each"),
            (
                "starts/correlation.svg",
                "starts-correlation.svg",
                "Their correlation beside the published one",
            ),
        ],
    },
    Shown {
        heading: "A network for the pictures below",
        page: "landscape.md",
        words: &[
            "train",
            "--data",
            "DATA/mnist",
            "--model",
            "mlp:128",
            "--epochs",
            "3",
            "--learning-rate",
            "0.003",
            "--seed",
            "1",
            "--out",
            "m1",
        ],
        pictures: &[],
    },
    Shown {
        heading: "A second one",
        page: "landscape.md",
        words: &[
            "train",
            "--data",
            "DATA/mnist",
            "--model",
            "mlp:128",
            "--epochs",
            "3",
            "--learning-rate",
            "0.003",
            "--seed",
            "2",
            "--out",
            "m2",
        ],
        pictures: &[],
    },
    Shown {
        heading: "The loss surface",
        page: "landscape.md",
        words: &["landscape", "m1", "--plane", "all", "--curvature", "--pictures", "planes"],
        pictures: &[
            (
                "planes/random-map.svg",
                "landscape-random-map.svg",
                "A random plane through the weights",
            ),
            (
                "planes/path-surface.svg",
                "landscape-path-surface.svg",
                "The training's path over its plane",
            ),
            (
                "planes/spectrum.svg",
                "landscape-spectrum.svg",
                "The density of the Hessian's spectrum",
            ),
        ],
    },
    Shown {
        heading: "Between two networks",
        page: "landscape.md",
        words: &["landscape", "--line", "m1", "m2", "--pictures", "line"],
        pictures: &[(
            "line/line.svg",
            "landscape-line.svg",
            "The loss on the way from one to the other",
        )],
    },
    Shown {
        heading: "Restored pictures",
        page: "images.md",
        words: &["train", "EXPERIMENTS/denoise.toml", "--data", "DATA/images", "--out", "denoise"],
        pictures: &[(
            "denoise/pictures/comparison.svg",
            "denoise.svg",
            "Parts of unseen photographs with noise, restored, and true",
        )],
    },
];

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let flag = |name: &str| {
        let at = arguments.iter().position(|a| a == name);
        at.and_then(|at| arguments.get(at + 1)).cloned()
    };
    let docs = PathBuf::from(arguments.first().map_or("docs", String::as_str));
    let data = std::path::absolute(flag("--data").unwrap_or_else(|| "../shared/data".into()))?;
    let spusk = match flag("--spusk") {
        Some(path) => std::path::absolute(path)?,
        // The example stands in a folder beside the binary.
        None => std::env::current_exe()?.with_file_name("../spusk"),
    };
    let experiments = std::path::absolute("experiments")?;
    let place = std::env::temp_dir().join(format!("spusk-gallery-{}", std::process::id()));
    std::fs::create_dir_all(&place)?;
    let mut page = String::from(
        "# Gallery\n\nEvery picture of these pages, with the command that makes it; one command remakes all of them:\n\n\
         ```\ncargo build --release\ncargo run --release -p spusk-cli --example gallery -- docs\n```\n",
    );
    let only = flag("--only");
    for shown in ALL {
        let wanted = only.as_ref().is_none_or(|only| shown.words.contains(&only.as_str()));
        let replaced = |word: &&str| {
            let (data, experiments) = (data.display(), experiments.display());
            word.replace("DATA", &data.to_string()).replace("EXPERIMENTS", &experiments.to_string())
        };
        let words: Vec<String> = shown.words.iter().map(replaced).collect();
        let missing =
            words.iter().find(|word| Path::new(word).is_absolute() && !Path::new(word).exists());
        match missing {
            _ if !wanted => {}
            Some(missing) => println!("{}: skipped, there is no {missing}", shown.heading),
            None => make(shown, &words, &spusk, &place, &docs)?,
        }
        tell(&mut page, shown, &docs)?;
    }
    std::fs::write(docs.join("gallery.md"), page)?;
    std::fs::remove_dir_all(&place)?;
    Ok(())
}

/// Runs the command and takes its pictures.
fn make(
    shown: &Shown,
    words: &[String],
    spusk: &Path,
    place: &Path,
    docs: &Path,
) -> Result<(), Failure> {
    println!("spusk {}", shown.words.join(" "));
    let ran = Command::new(spusk).args(words).args(language(words)).current_dir(place).output()?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into());
    }
    std::fs::create_dir_all(docs.join("pictures"))?;
    for (from, to, _) in shown.pictures {
        std::fs::copy(place.join(from), docs.join("pictures").join(to))
            .map_err(|error| format!("{from}: {error}"))?;
    }
    Ok(())
}

/// The pictures of the documents are English; trainings speak no other language.
fn language(words: &[String]) -> &'static [&'static str] {
    if words.first().is_some_and(|word| word == "train") { &[] } else { &["--language", "en"] }
}

/// A section of the page, if there are pictures.
fn tell(page: &mut String, shown: &Shown, docs: &Path) -> Result<(), Failure> {
    let there = |name: &&str| docs.join("pictures").join(name).exists();
    let pictures: Vec<_> = shown.pictures.iter().filter(|(_, name, _)| there(name)).collect();
    if pictures.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = shown
        .words
        .iter()
        .map(|word| word.replace("DATA/", "").replace("EXPERIMENTS/", "experiments/"))
        .map(|word| if word.contains(['*', '^', '(']) { format!("\"{word}\"") } else { word })
        .collect();
    write!(
        page,
        "\n## {}\n\n`spusk {}` ([more]({}))\n",
        shown.heading,
        words.join(" "),
        shown.page
    )?;
    for (_, name, what) in pictures {
        write!(page, "\n![{what}](pictures/{name})\n\n{what}.\n")?;
    }
    Ok(())
}
