use std::collections::BTreeSet;

use clap::{Command, CommandFactory};

use super::{arguments, command, errors, everywhere, settings, words};
use crate::Arguments;

fn cyrillic(text: &str) -> bool {
    text.chars().any(|c| ('\u{400}'..'\u{500}').contains(&c))
}

/// A command and all below it.
fn tree(command: &Command) -> Vec<&Command> {
    std::iter::once(command).chain(command.get_subcommands().flat_map(tree)).collect()
}

#[test]
fn every_command_and_argument_has_a_russian_text() {
    let (russian, english) = (command(), Arguments::command());
    for command in tree(&russian) {
        let (name, words) = (command.get_name(), words::of(command.get_name()));
        assert!(cyrillic(words.about), "`{name}` has no Russian text");
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            let text = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(cyrillic(&text), "`{id}` of `{name}` has no Russian text");
            let heading = argument.get_help_heading();
            assert!(heading.is_some_and(cyrillic), "`{id}` of `{name}` stands under {heading:?}");
        }
    }
    // What stands in one language stands in the other.
    for command in tree(&english) {
        let (name, words) = (command.get_name(), words::of(command.get_name()));
        assert_eq!(words.after.is_empty(), command.get_after_help().is_none(), "below `{name}`");
        let paragraphs = |text: &str| text.split("\n\n").count();
        let long = command.get_long_about().map_or(1, |about| paragraphs(&about.to_string()));
        assert_eq!(paragraphs(words.about), long, "about `{name}`");
        for argument in command.get_arguments() {
            for value in argument.get_possible_values() {
                let (id, value, help) =
                    (argument.get_id().as_str(), value.get_name(), value.get_help());
                assert_eq!(
                    words::value(id, value).is_some(),
                    help.is_some(),
                    "{id} {value} of `{name}`"
                );
            }
        }
    }
}

#[test]
fn every_russian_text_belongs_to_something() {
    let command = command();
    let tree = tree(&command);
    let of = |name: &str| tree.iter().find(|command| command.get_name() == name);
    let ids = |command: &Command| -> BTreeSet<String> {
        command.get_arguments().map(|argument| argument.get_id().to_string()).collect()
    };
    let mut named = BTreeSet::new();
    for words in words::ROOMS.iter().copied().flatten() {
        let name = words.command;
        assert!(named.insert(name), "`{name}` has two texts");
        let known = ids(of(name).unwrap_or_else(|| panic!("there is no command `{name}`")));
        let mut own = BTreeSet::new();
        for (id, text) in words.arguments {
            assert!(known.contains(*id), "`{name}` has no argument `{id}`");
            assert!(own.insert(id), "`{id}` of `{name}` has two texts");
            let shared = everywhere::ARGUMENTS.contains(&(id, text));
            assert!(!shared, "`{id}` of `{name}` says what it says everywhere");
        }
    }
    let everywhere_known: BTreeSet<String> = tree.iter().flat_map(|command| ids(command)).collect();
    for (id, _) in everywhere::ARGUMENTS.iter().chain(settings::SETTINGS) {
        assert!(everywhere_known.contains(*id), "there is no argument `{id}`");
    }
    for (id, value, _) in everywhere::VALUES {
        let arguments = tree.iter().flat_map(|command| command.get_arguments());
        let mut values = arguments
            .filter(|argument| argument.get_id() == id)
            .flat_map(|argument| argument.get_possible_values());
        assert!(values.any(|known| known.get_name() == *value), "`{id}` has no value `{value}`");
    }
}

/// What is printed for these words.
fn said(line: &[&str]) -> String {
    let line = std::iter::once("spusk").chain(line.iter().copied()).map(Into::into).collect();
    let error = arguments(line).err().unwrap_or_else(|| panic!("nothing is said"));
    match error.use_stderr() {
        true => errors::in_russian(&error),
        false => error.to_string(),
    }
}

#[test]
fn help_has_no_english_sentence() {
    let command = command();
    for name in tree(&command).iter().map(|command| command.get_name()) {
        for flag in ["-h", "--help"] {
            let line = if name == "spusk" { vec![flag] } else { vec![name, flag] };
            let help = said(&line);
            assert!(help.contains("\nИспользование: spusk"), "{line:?}: {help}");
            for english in [
                "Usage",
                "Options",
                "OPTIONS",
                "Arguments",
                "Commands",
                "Print",
                "default",
                "ossible",
                " the ",
                " of ",
                " is ",
                " to ",
                " and ",
                " with ",
                " for ",
            ] {
                assert!(!help.contains(english), "{english:?} in {line:?}: {help}");
            }
        }
    }
}

#[test]
fn help_is_told_by_the_command_too() {
    assert_eq!(said(&["help", "train"]), said(&["train", "--help"]));
    assert_eq!(said(&["help"]), said(&["--help"]));
    assert!(said(&["help", "paint"]).starts_with("ошибка: команды `paint` нет"));
}

#[test]
fn sections_stand_in_order_with_their_defaults() {
    let help = said(&["train", "--help"]);
    let places = ["Аргументы:", "Флаги:", "Запуск:", "Данные:", "Сеть:", "Обучение:", "Настройки:"]
        .map(|heading| {
            help.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("{heading}: {help}"))
        });
    assert!(places.is_sorted(), "{help}");
    assert!(help.contains("- human: для людей\n"), "{help}");
    assert!(help.contains("[если не дано: human]"), "{help}");
    assert!(said(&["starts", "-h"]).contains("[если не дано: \"exponential end=0.01\"]"));
    assert!(said(&["-h"]).contains("[значения: en, ru]"));
    assert!(said(&["train", "-h"]).contains("Печатать только результат\n"));
    let help = said(&["enhance", "-h"]);
    assert!(help.find("  <RUN>") < help.find("  <PICTURE>"), "{help}");
}

#[test]
fn wrong_words_are_explained() {
    let check = |line: &[&str], wanted: &[&str]| {
        let said = said(line);
        assert!(said.starts_with("ошибка: "), "{said}");
        assert!(said.ends_with("Подробнее — с флагом --help."), "{said}");
        wanted.iter().for_each(|wanted| assert!(said.contains(wanted), "{wanted}: {said}"));
    };
    // Names that there are not.
    check(&["train", "--epoch", "3"], &["флага `--epoch` нет", "может быть, `--epochs`?"]);
    check(
        &["evaluate", "a", "b"],
        &["`b` — лишнее слово", "Использование: spusk evaluate [ФЛАГИ]"],
    );
    check(&["paint"], &["команды `paint` нет", "spusk [ФЛАГИ] <КОМАНДА>"]);
    check(&["trian"], &["команды `trian` нет", "совет: может быть, `train`?"]);
    check(&["evaluate", "-x"], &["флага `-x` нет", "если `-x` — значение, пишите `-- -x`"]);
    check(&["--epochs=3", "train"], &["флага `--epochs` нет", "есть `train --epochs`"]);
    check(&["--", "train"], &["есть команда `train`; уберите `--` перед ней"]);
    // What is missing.
    check(&["export"], &["не дано обязательное:\n  --onnx <FILE.onnx>\n  <RUN>"]);
    check(&["activations", "--only", "relu"], &["не дано обязательное:\n  --race"]);
    check(&["train", "--epochs"], &["у `--epochs <N>` нет значения"]);
    check(&["landscape", "--line", "a"], &["у `--line <A> <B>` значений 1, а нужно 2"]);
    // Values.
    check(
        &["list", "layer"],
        &["значение `layer` не подходит для `[WHAT]`", "layers", "может быть, `layers`?"],
    );
    check(&["list", "--language", "de"], &["`de` не подходит", "[значения: en, ru]"]);
    check(&["doctor", "a", "--steps", "x"], &["`x` не подходит", "ожидалось целое число"]);
    check(&["doctor", "a", "--steps", "0"], &["ожидалось целое число не меньше 1"]);
    check(&["activations", "--seeds", "2000"], &["ожидалось целое число от 1 до 1000"]);
    check(&["evaluate", "a", "--threads=-1"], &["ожидалось целое число не меньше 0"]);
    check(&["evaluate", "a", "--threads=99999999999999999999"], &["число слишком велико"]);
    check(&["bench", "--seconds", "x"], &["`--seconds <X>`: ожидалось число"]);
    check(&["enhance", "a", "b", "--out", "c", "--noise", "300"], &["значение `300` не подходит"]);
    // What does not go together.
    check(&["report", "a", "--rows", "1", "--rows", "2"], &["`--rows <N>` дано дважды"]);
    check(&["landscape", "a", "--line", "b", "c"], &["не сочетается с"]);
}
