//! `--language ru`: what people are told is Russian from end to end.

use super::{Place, Ran};

/// Words of the field and of this program that Russian texts use as they are.
const TECHNICAL: &[&str] = &[
    "ReLU",
    "relu",
    "dense",
    "softmax",
    "AdamW",
    "adamw",
    "cosine",
    "cross_entropy",
    "mse",
    "seed",
    "mlp",
    "CSV",
    "PNG",
    "SVG",
    "ROC",
    "AUC",
    "RMSE",
    "MAE",
    "MSE",
    "MAPE",
    "sMAPE",
    "MASE",
    "FLOP",
    "FLOPs",
    "GFLOP",
    "UCI",
    "AVX",
    "spusk",
    "input",
    "forecast",
    "linux",
    "threshold",
    "sigmoid",
    "tanh",
    "softplus",
    "elu",
    "silu",
    "gelu",
    "maxout",
];

/// Words that only an English sentence has.
const ENGLISH: &[&str] = &[
    "the",
    "of",
    "is",
    "are",
    "and",
    "with",
    "for",
    "from",
    "to",
    "by",
    "that",
    "on",
    "at",
    "this",
    "was",
    "were",
    "not",
    "no",
    "than",
    "examples",
    "rows",
    "training",
    "validation",
    "test",
    "loss",
    "epoch",
    "step",
    "steps",
    "layers",
    "weights",
    "parameters",
    "seconds",
    "accuracy",
    "target",
    "note",
    "warning",
];

/// What a reader of the page sees, piece by piece; settings are code.
fn visible(page: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        pieces.push(rest[..start].to_owned());
        let end = match &rest[start..] {
            style if style.starts_with("<style") => rest.find("</style>"),
            script if script.starts_with("<script") => rest.find("</script>"),
            code if code.starts_with("<section id=\"settings\"") => rest.find("</section>"),
            code if code.starts_with("<section id=\"environment\"") => rest.find("</section>"),
            _ => Some(start),
        };
        let end = end.expect("it is closed");
        rest = &rest[end + rest[end..].find('>').expect("it is closed") + 1..];
    }
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

/// Without code: the setting of a layer, formulas, flags, paths, names of parameters, settings and their values, what stands in backticks.
fn without_code(text: &str) -> String {
    let outside: Vec<&str> = text.split('`').step_by(2).collect();
    let mut kept = Vec::new();
    let mut after_equals = false;
    for token in outside.join(" ").split_whitespace() {
        let is_code = after_equals
            || token.starts_with("--")
            || token.contains(['_', '/', '='])
            || token.contains("layers.")
            || token.contains("max(");
        after_equals = token == "=" || token == "dropout";
        if !is_code {
            kept.push(token.to_owned());
        }
    }
    kept.join(" ")
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// No English word, no three other words in Latin letters one after another, no decimal point.
fn check_russian<'a>(what: &str, pieces: impl IntoIterator<Item = &'a str>) {
    let pieces: Vec<&str> = pieces.into_iter().collect();
    let cyrillic = |c: char| ('\u{400}'..'\u{500}').contains(&c);
    assert!(pieces.iter().filter(|piece| piece.chars().any(cyrillic)).count() > 10, "{what}");
    for piece in pieces {
        let piece = &*without_code(piece);
        let mut latin = 0;
        for word in words_of(piece) {
            assert!(!ENGLISH.contains(&word), "{what}: `{word}` in: {piece}");
            let plain = word.chars().all(|c| c.is_ascii_alphabetic()) && word.len() > 1;
            latin = if plain && !TECHNICAL.contains(&word) { latin + 1 } else { 0 };
            assert!(latin < 4, "{what}: not Russian: {piece}");
        }
        let letters: Vec<char> = piece.chars().collect();
        for three in letters.windows(3) {
            let between_digits = three[0].is_ascii_digit() && three[2].is_ascii_digit();
            assert!(!(between_digits && three[1] == '.'), "{what}: a decimal point in: {piece}");
        }
    }
}

/// What a command says, on both streams.
fn told(place: &Place, words: &[&str]) -> String {
    let ran = place.good(&[words, &["--language", "ru"]].concat());
    format!("{}{}", ran.stdout, ran.stderr)
}

/// Lines of a terminal; runs, paths and settings are code.
fn check_lines(what: &str, text: &str) {
    let is_code = |line: &&str| line.contains("spusk ") || line.contains("run");
    check_russian(what, text.lines().filter(|line| !is_code(line)));
}

fn check_training(what: &str, words: &[&str]) {
    let place = Place::new();
    place.houses();
    let mut series = String::from("day,sales\n");
    for day in 0..160 {
        let value = 10.0 + f64::from(day) * 0.05 + f64::from(day % 7);
        let (month, day) = (1 + day / 28, 1 + day % 28);
        series += &format!("2025-{month:02}-{day:02},{value}\n");
    }
    place.write("sales.csv", &series);
    let tail = ["--language", "ru", "--seed", "3", "--out", "run"];
    let said = place.good(&[&["train"], words, &tail].concat());
    check_lines(what, &said.stdout);
    let page = String::from_utf8(place.bytes("run/report.html")).expect("text");
    assert!(page.contains("<html lang=\"ru\">"));
    let pieces = visible(&page);
    check_russian(what, pieces.iter().map(String::as_str));
    // The same run in English, and in Russian again: nothing of the language is kept.
    place.good(&["report", "run", "--language", "en", "--out", "english.html"]);
    let english = String::from_utf8(place.bytes("english.html")).expect("text");
    let cyrillic = |c: char| ('\u{400}'..'\u{500}').contains(&c);
    assert!(!english.contains(cyrillic), "{what}: {:?}", english.find(cyrillic));
    place.good(&["report", "run", "--language", "ru", "--out", "again.html"]);
    assert_eq!(place.bytes("again.html"), page.as_bytes());
}

#[test]
fn a_training_on_classes_is_told_in_russian() {
    check_training("iris", &["--data", "iris", "--epochs", "3"]);
    check_training("digits", &["--model", "mlp:16", "--epochs", "2"]);
}

#[test]
fn a_training_on_numbers_is_told_in_russian() {
    check_training("houses", &["--data", "houses.csv", "--target", "price", "--epochs", "2"]);
}

#[test]
fn a_forecast_is_told_in_russian() {
    let words = ["--data", "sales.csv", "--task", "forecast", "--horizon", "4", "--epochs", "2"];
    check_training("sales", &words);
}

#[test]
fn an_autoencoder_is_told_in_russian() {
    let words = ["--data", "iris", "--task", "autoencode", "--model", "mlp:2", "--epochs", "2"];
    check_training("codes", &words);
}

#[test]
fn everything_of_a_run_is_told_in_russian() {
    let place = Place::new();
    let words =
        ["train", "--data", "iris", "--model", "mlp:8", "--epochs", "5", "--language", "ru"];
    place.good(&[&words[..], &["--out", "run"]].concat());
    place.good(&["report", "run", "--full", "--points", "5", "--language", "ru", "--activations"]);
    let page = String::from_utf8(place.bytes("run/full.html")).expect("text");
    let pieces = visible(&page);
    check_russian("full", pieces.iter().map(String::as_str));
    let scored = place.good(&["evaluate", "run", "--language", "ru"]);
    assert!(scored.stdout.contains("проверка на новых примерах"), "{}", scored.stdout);
    let told =
        place.good(&["predict", "run", "--data", "iris", "--out", "p.csv", "--language", "ru"]);
    assert!(told.stderr.contains("предсказано строк: 150"), "{}", told.stderr);
    // Files for programs know no language.
    let csv = String::from_utf8(place.bytes("p.csv")).expect("text");
    assert!(csv.starts_with("line,") && !csv.contains('\u{202f}'), "{csv}");
}

#[test]
fn commands_that_show_something_speak_russian() {
    let place = Place::new();
    let train = ["train", "--data", "digits", "--epochs", "1", "--out", "run", "--quiet"];
    place.good(&[&train[..], &["--model", "dense 8, tanh"]].concat());
    let check = |command: &[&str], pieces: &[&str]| {
        let text = told(&place, command);
        pieces.iter().for_each(|piece| assert!(text.contains(piece), "no {piece} in: {text}"));
        for line in text.lines().map(without_code) {
            // Kernels have English names, and what `list` takes; nothing else is English.
            let known =
                ["×", "[layers", "s) ", "spusk list"].iter().any(|sign| line.contains(sign));
            let english = words_of(&line).find(|word| ENGLISH.contains(word));
            assert!(known || english.is_none(), "{english:?} in: {line}");
        }
    };
    check(
        &["describe", "run"],
        &[
            "digits: размеры примера: 8 × 8 × 1",
            "слой",
            "потеря cross_entropy",
            "ядра шага обучения",
        ],
    );
    check(&["list"], &["слои (layers)", "С аргументами: spusk list layers"]);
    let neuron = "neuron --inputs 1,0.5 --weights -2,4 --bias -3 --activation threshold";
    let neuron: Vec<&str> = neuron.split(' ').collect();
    check(&neuron, &["вход 2: 0,5 · 4 = 2", "сумма: −2 + 2 − 3 = −3", "threshold(−3) = 0: нет"]);
    check(
        &["export", "run", "--onnx", "net.onnx", "--examples", "some.safetensors"],
        &["net.onnx: ", " Б\n", "примеров: 16"],
    );
    let import = ["import", "run/model.safetensors", "--into", "run/experiment.toml"];
    check(&[&import[..], &["--out", "again"]].concat(), &["тензор", "сохранено: again"]);
    check(&["bench", "W3", "--kernels"], &["мкс", "ГБ/с", "вместе, ядер "]);
    let bench = ["bench", "W3", "--seconds", "0.02", "--threads", "1"];
    check(&bench, &["средний квадрат ошибки", "мкс", "предел снизу"]);
}

#[test]
fn errors_are_told_in_the_language_that_is_asked_for() {
    let place = Place::new();
    place.houses();
    let train = ["train", "--data", "iris", "--model", "mlp:4", "--epochs", "1"];
    place.good(&[&train[..], &["--learning-rate", "0.01", "--out", "run", "--quiet"]].concat());
    place.write("tulips.csv", "5.1,3.5,1.4,0.2,tulip\n");
    place.write("short.csv", "x,y\n1,2\n3\n4,5\n6,7\n");
    std::fs::create_dir(place.path("empty")).expect("there is room");
    let cyrillic = |c: char| ('\u{400}'..'\u{500}').contains(&c);
    let check = |words: &str, status: i32, said: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        let text = place.bad(status, &[&words[..], &["--language", "ru"]].concat());
        assert!(text.starts_with("ошибка: ") && text.contains(said), "{words:?}: {text}");
        let english = place.bad(status, &words);
        assert!(english.starts_with("error: ") && !english.contains(cyrillic), "{english}");
    };
    check("train --data nowhere.csv", 1, "нет такого файла или каталога");
    check("train --data irris", 1, "нет такого источника, ожидалось: встроенный набор или путь");
    check("train --data irris", 1, "может быть, `iris`?");
    check("train --data houses.csv --target prise", 1, "столбца `prise` нет");
    check("train --data short.csv", 1, "short.csv, строка 3: в строке ячеек: 1");
    check("train --data iris --optimizer adamm", 2, "метода `adamm` нет");
    check("train --data iris --model dense:x", 2, "ожидалось: аргумент, а стоит `:`");
    check("train --data iris --epochs=-3", 2, "`epochs`: ожидалось целое число не меньше 1");
    check("train --data iris --set epoch=3", 2, "может быть, `epochs` в [training]?");
    check("train nowhere.toml", 1, "не удаётся прочесть файл настроек nowhere.toml");
    check("predict nowhere --data iris", 1, "каталога nowhere нет");
    check("evaluate empty", 1, "в нём нет experiment.toml");
    check("evaluate run --data tulips.csv", 1, "класс `tulip`, которого при обучении не было");
    check("minimize 2*x+*y", 1, "позиция 5");
    check("minimize x^2 --at y=1", 2, "переменной `y` в формуле нет");
    check("neuron --inputs 1,2 --weights 5", 2, "входов 2, а весов 1");
    place.write("run/model.safetensors", "damaged");
    check("predict run --data iris", 1, "run/model.safetensors");
}

#[test]
fn the_command_line_is_told_in_the_language_that_is_asked_for() {
    let place = Place::new();
    // By the flag and by the locale.
    let help = place.good(&["train", "--help", "--language", "ru"]);
    assert!(help.stdout.contains("Использование: spusk train [ФЛАГИ]"), "{}", help.stdout);
    assert!(help.stderr.is_empty(), "{}", help.stderr);
    let locale = |words: &[&str]| {
        let output = place.command(words).env("LC_ALL", "ru_RU.UTF-8").output();
        Ran::of(output.expect("the binary starts"))
    };
    assert_eq!(locale(&["help", "train"]).stdout, help.stdout);
    assert_eq!(locale(&["train", "--help"]).stdout, help.stdout);
    assert!(locale(&["train", "--help", "--language=en"]).stdout.contains("Usage: spusk train"));
    assert!(locale(&["--version"]).stdout.starts_with("spusk "));
    // Without a command help is a complaint, as in English.
    let none = locale(&[]);
    assert_eq!(none.status, 2);
    assert!(none.stderr.contains("Команды:"), "{}", none.stderr);
    let wrong = locale(&["train", "--epoch", "3"]);
    assert_eq!((wrong.status, wrong.stdout.as_str()), (2, ""));
    assert!(wrong.stderr.starts_with("ошибка: флага `--epoch` нет"), "{}", wrong.stderr);
    assert!(wrong.stderr.ends_with("Подробнее — с флагом --help.\n"), "{}", wrong.stderr);
    let noise = locale(&["enhance", "run", "a.png", "--out", "b.png", "--noise", "300"]).stderr;
    assert!(noise.contains("ожидалось: число больше 0, но не больше 255"), "{noise}");
    assert!(place.bad(2, &["train", "--epoch", "3"]).starts_with("error: unexpected argument"));
}

#[test]
fn lists_are_told_in_russian() {
    let place = Place::new();
    for (what, said) in [
        ("models", "остаточных блоков"),
        ("layers", "Полносвязный слой: y = x · W + b."),
        ("losses", "Средний квадрат ошибки"),
        ("optimizers", "Простой градиентный спуск: новое = старое − шаг · градиент."),
        (
            "schedules",
            "Шагов в начале, за которые множитель растёт от 0 до 1: целое число не меньше 0",
        ),
        ("sources", "две спирали одна вокруг другой"),
        ("settings", "Проходов по обучающим примерам, или \"auto\"."),
    ] {
        let list = place.good(&["list", what, "--language", "ru"]).stdout;
        assert!(list.contains(said), "{what}: {list}");
    }
}

#[test]
fn refusals_are_told_in_russian() {
    let place = Place::new();
    place.houses();
    place.write("broken.toml", "[training\nseed = 1\n");
    place.write("short.safetensors", "no");
    place.write("gaps.csv", "day,y\n2025-01-01,1\n2025-01-02,2\n2025-01-02,4\n2025-01-09,3\n");
    let refused = |status: i32, line: &str, piece: &str| {
        let words: Vec<&str> = line.split(' ').chain(["--language", "ru"]).collect();
        let told = place.bad(status, &words);
        assert!(told.contains(piece), "{line}: no {piece} in: {told}");
        // What a library says stands in brackets.
        let own: String =
            told.split('(').map(|part| part.rsplit(')').next().unwrap_or("")).collect();
        for line in own.lines().filter(|line| !line.contains('|')) {
            let line = without_code(line);
            assert_eq!(words_of(&line).find(|word| ENGLISH.contains(word)), None, "{told}");
        }
    };
    refused(1, "train --data iris --model mlp:99999999999", "а свободно");
    refused(1, "train --data iris --model lenet", "форма входа");
    refused(1, "train broken.toml", "это не TOML");
    refused(2, "train --data digits --size 0x10", "высота и ширина от 1 до 4096");
    refused(2, "train --data digits --set training.seed.a.b=3", "на такой глубине");
    refused(
        1,
        "train --data gaps.csv --task forecast --horizon 1 --repeats error",
        "время `2025-01-02` повторяется",
    );
    refused(2, "train --data gaps.csv --task forecast --horizon 0", "целое число не меньше 1");
    refused(
        1,
        "train --data iris --init short.safetensors --model mlp:4 --epochs 1 --learning-rate 0.1",
        "он пуст или обрезан",
    );
    refused(1, "train --data iris --augment blur --model mlp:4", "изменения `blur` нет");
}
