//! The built binary, from the outside: what users and scripts see.

mod activations;
mod bench;
mod choices;
mod data;
mod doctor;
mod elsewhere;
mod encode;
mod enhance;
mod exchange;
mod forecast;
mod interrupt;
mod kill;
mod landscape;
mod minimize;
mod neuron;
mod refusals;
mod report;
mod result;
mod russian;
mod sequences;
mod starts;
mod stopping;
mod train;
mod usage;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A directory of its own with the binary in it, so to speak.
struct Place {
    directory: TempDir,
}

/// What came of a command.
struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new() -> Place {
        Place { directory: tempfile::tempdir().expect("there is room for a directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the directory can be written");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spusk"));
        // What is said must not depend on who runs the tests.
        command.args(arguments).current_dir(self.directory.path()).env("LC_ALL", "C");
        command
    }

    /// Runs to the end, whatever that is.
    fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().expect("the binary starts");
        Ran::of(output)
    }

    /// Runs to a good end.
    fn good(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran
    }

    /// Runs to a bad end, and returns what is said.
    fn bad(&self, status: i32, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, status, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        let begins = ["error: ", "ошибка: "].iter().any(|word| ran.stderr.starts_with(word));
        assert!(begins, "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{arguments:?}: {}", ran.stderr);
        ran.stderr
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A table whose price follows from the rest, but for a little noise.
    fn houses(&self) {
        let mut text = String::from("area,rooms,city,price\n");
        for i in 0..240u32 {
            let (area, rooms) = (30 + i * 7919 % 170, 1 + i % 6);
            let (city, extra) = [("Oslo", 90), ("Rome", 50), ("Lima", 20)][(i % 3) as usize];
            let noise = f64::from(i * 31 % 17) / 4.0;
            let price = f64::from(area + 5 * rooms + extra) + noise;
            text += &format!("{area},{rooms},{city},{price}\n");
        }
        self.write("houses.csv", &text);
    }
}

impl Ran {
    fn of(output: Output) -> Ran {
        Ran {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("what is printed is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("what is said is UTF-8"),
        }
    }

    /// The objects, one a line.
    fn objects(&self) -> Vec<Value> {
        objects(&self.stdout)
    }

    /// The last object.
    fn last(&self) -> Value {
        self.objects().pop().expect("something is printed")
    }
}

fn objects(text: &str) -> Vec<Value> {
    let parse =
        |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    text.lines().map(parse).collect()
}

/// The objects of one event.
fn events<'a>(objects: &'a [Value], event: &str) -> Vec<&'a Value> {
    objects.iter().filter(|object| object["event"] == event).collect()
}

/// A tensor of a file, as f32.
fn tensor(file: &Path, name: &str) -> Vec<f32> {
    let contents = spusk::safetensors::read(file).expect("the file is whole");
    let tensor = contents.get(name).unwrap_or_else(|| panic!("there is no {name}"));
    tensor.to_f32().expect("it is of numbers").into_owned()
}
