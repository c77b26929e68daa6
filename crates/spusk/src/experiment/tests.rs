//! The experiment as a whole: what it reads, what it says about what it cannot read, and that what
//! it prints reads back.

use proptest::prelude::*;

use super::*;
use crate::messages::Language;
use crate::messages::check::assert_russian;

const SWITCH_OFF: Option<&str> = Some("false");

const fn argument(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    positional: bool,
) -> ArgumentHelp {
    ArgumentHelp { name, summary: "what it is for", kind, default, positional }
}

const fn item(
    name: &'static str,
    example: &'static str,
    arguments: &'static [ArgumentHelp],
) -> Help {
    Help { name, aliases: &[], summary: "", example, arguments, contains_layers: false }
}

/// A small vocabulary with every kind of argument.
pub(super) const VOCABULARY: Vocabulary = Vocabulary {
    layers: &[
        Help {
            aliases: &["linear", "fc"],
            ..item(
                "dense",
                "dense 256",
                &[
                    argument("features", Kind::Integer(1), None, true),
                    argument("bias", Kind::Switch, Some("true"), false),
                ],
            )
        },
        item("relu", "relu", &[]),
        item("tanh", "tanh", &[]),
        item(
            "leaky_relu",
            "leaky_relu 0.1",
            &[argument("slope", Kind::Number(Range::ANY), Some("0.1"), true)],
        ),
        item(
            "dropout",
            "dropout 0.1",
            &[argument("dropout_rate", Kind::Number(Range::FRACTION), None, true)],
        ),
        Help { contains_layers: true, ..item("residual", "residual(dense 64, relu)", &[]) },
        item(
            "conv",
            "conv 32 3x3",
            &[
                argument("out_channels", Kind::Integer(1), None, true),
                argument("kernel_size", Kind::Word, Some("3x3"), true),
                argument("padding", Kind::Choice(&["same", "valid"]), Some("same"), false),
            ],
        ),
        item("bins", "bins [1, 2]", &[argument("at", Kind::Numbers(Range::ANY), None, true)]),
    ],
    losses: &[
        item("mean_squared", "mean_squared", &[]),
        item("cross_entropy", "cross_entropy", &[]),
    ],
    optimizers: &[
        item(
            "adamw",
            "adamw beta1=0.9",
            &[
                argument("beta1", Kind::Number(Range::FRACTION), Some("0.9"), false),
                argument("beta2", Kind::Number(Range::FRACTION), Some("0.999"), false),
            ],
        ),
        item(
            "sgd",
            "sgd momentum=0.9 nesterov",
            &[
                argument("momentum", Kind::Number(Range::FRACTION), Some("0"), false),
                argument("nesterov", Kind::Switch, SWITCH_OFF, false),
            ],
        ),
    ],
    schedules: &[
        item("constant", "constant", &[]),
        item(
            "cosine",
            "cosine warmup=100",
            &[argument("warmup", Kind::Integer(0), Some("0"), false)],
        ),
    ],
};

fn parse(text: &str, given: &[Override]) -> Result<Experiment, ExperimentError> {
    Experiment::parse("experiment.toml", text, given, VOCABULARY)
}

fn model(text: &str) -> Override {
    Override::flag("--model", "model.layers", text)
}

/// All error texts under each other, for one snapshot.
fn errors<'a>(cases: impl IntoIterator<Item = (&'a str, Vec<Override>)>) -> String {
    let mut text = String::new();
    for (input, given) in cases {
        let error = parse(input, &given).expect_err(input);
        for problem in &error.problems {
            assert_russian(input, problem.message.in_language(Language::Russian));
            if let Some(help) = &problem.help {
                assert_russian(input, help.in_language(Language::Russian));
            }
        }
        text.push_str(&format!("{error}\n\n────────\n"));
    }
    text
}

#[test]
fn broken_files() {
    let cases = [
        // The grammar of TOML.
        "[training\nepochs = 1",
        "[training]\nepochs 1",
        "[training]\nepochs = ",
        "[training]\noptimizer = adamw",
        "[training]\nepochs = 1\nepochs = 2",
        "[training]\nseed = 1\n[training]\nseed = 2",
        "[training]\ntime_limit = \"10m",
        "[data]\nsource = \"a\\qb\"",
        "seed = 1 2",
        "x = [1, 2",
        // Names.
        "[training]\nlearnig_rate = 0.1",
        "[training]\nlr = 0.1",
        "[traning]\nepochs = 1",
        "learning_rate = 0.1",
        "[data]\nepochs = 1",
        "[data]\ncolor = \"red\"",
        "color = \"red\"",
        "[\"strange\\nname\"]\nx = 1",
        // Types.
        "[training]\nlearning_rate = \"fast\"",
        "[training]\nlearning_rate = \"0.1\"",
        "[training]\nepochs = 2.5",
        "[training]\nepochs = \"many\"",
        "[training]\nshuffle = \"yes\"",
        "[training]\nearly_stopping = 1",
        "[data]\nsource = [1]",
        "[data]\nignore = [\"a\", true]",
        "[data]\ntask = \"clasify\"",
        "[data]\ntask = \"dance\"",
        "[training]\nseed = 1979-05-27",
        "training = 5",
        "[training]\noptimizer = 3",
        "[training]\nclass_weights = { cat = -1 }",
        "[training]\nclass_weights = \"equal\"",
        // Ranges.
        "[training]\nlabel_smoothing = 1.5",
        "[training]\nlearning_rate = 0",
        "[training]\nlearning_rate = nan",
        "[training]\nlearning_rate = inf",
        "[training]\nbatch_size = 0",
        "[training]\nseed = -1",
        "[training]\nseed = 99999999999999999999",
        "[training]\nclip_norm = -1",
        "[training]\ntime_limit = \"10\"",
        "[training]\ncheckpoint_every = \"sometimes\"",
        "[data]\nvalidation_fraction = 0.5\ntest_fraction = 0.6",
        "[data]\ndelimiter = \"ab\"",
        "[data]\nsize = \"0x10\"",
        "[data]\nsize = 0x10",
        "[data]\nsize = [16, 0o20]",
        "[data]\nsize = \"+4x5\"",
        "[data]\nsize = \"4x5x3\"",
        "format = 2\nnew_setting = 1",
        "format = \"one\"",
        // Items.
        "[training]\noptimizer = \"adam\"",
        "[training]\noptimizer = \"adamw beta1=1.5\"",
        "[training]\noptimizer = { name = \"adamw\", beta3 = 0.5 }",
        "[training]\noptimizer = { beta1 = 0.5 }",
        "[training.optimizer]\nname = \"sgd\"\nmomentum = \"high\"",
        "[training]\nschedule = \"cosine warmup=-1\"",
        "[training]\nloss = \"mean_squared, cross_entropy\"",
        "[training]\nloss = \"\"",
        "[model]\nlayers = [\"dense 10\", \"rleu\"]",
        "[model]\nlayers = [[\"dense 10\"]]",
        "[model]\nlayers = \"\"",
        "[model]\nlayers = \"\"\"\ndense 10,\n  rleu\"\"\"",
        "[model]\nlayers = \"re\\u006cux\"",
        "[[model.layers]]\nlayer = \"dense\"\nfeatures = \"ten\"",
        "[[model.layers]]\nlayer = \"dense\"",
        "[[model.layers]]\nfeatures = 10",
        "[[model.layers]]\nlayer = \"residual\"\nlayers = 3",
        "model = \"dense\"",
    ];
    assert!(cases.len() >= 40, "{} kinds", cases.len());
    insta::assert_snapshot!(errors(cases.map(|text| (text, Vec::new()))));
}

#[test]
fn broken_short_forms() {
    let cases = [
        "dense",
        "dens 10",
        "linear 10",
        "Dense 10",
        "256, 128",
        "dense 10 20",
        "dense 0",
        "dense -5",
        "dense 2.5",
        "dense ten",
        "dense 1e300",
        "dense features=",
        "dense feature=10",
        "dense 10 features=20",
        "dense 10 bias=maybe",
        "dense 10 bia",
        "dense 10;relu",
        "dense:10",
        "dense(10)",
        "dense 10,, relu",
        ", relu",
        "relu 3",
        "dropout 1.5",
        "dropout 50%",
        "residual",
        "residual()",
        "residual(dense 10, relu",
        "residual(relu))",
        "residual(relu relu)",
        "residual(relu; relu)",
        "conv 32 padding=sane",
        "conv 32 3x3 same",
        "bins 3",
        "bins [1, two]",
        "bins [1 2]",
        "bins [1",
        "Lenet, lenett",
        "mlp 256",
        "mlp:",
        "mlp:0",
        "mlp:256,x9",
        "mlp:256 activaton=tanh",
        "mlp:256 activation=tahn",
        "mlp:256 dropout=2",
        "mlp:256 dropout=",
        "transistor",
        "слой 3",
        "\u{1b}[31mred",
    ];
    insta::assert_snapshot!(errors(cases.map(|text| ("", vec![model(text)]))));
}

#[test]
fn broken_command_lines() {
    let flag = Override::flag;
    let set = Override::set;
    let cases = [
        vec![flag("--epochs", "training.epochs", "ten")],
        vec![flag("--learning-rate", "training.learning_rate", "-1")],
        vec![flag("--optimizer", "training.optimizer", "adan")],
        vec![flag("--optimizer", "training.optimizer", "sgd momentum=high")],
        vec![flag("--size", "data.size", "0x10")],
        vec![flag("--size", "data.size", "10x0")],
        vec![set("seed")],
        vec![set("")],
        vec![set("=3")],
        vec![set("sed=3")],
        vec![set("training.sed=3")],
        vec![set("training=3")],
        vec![set("data.seed=3")],
        vec![set("seed.x=3")],
        vec![set("optimizer.beta1=0.5")],
        vec![set("optimizer=adamw"), set("optimizer.beta1=2")],
        vec![set("optimizer=adamw"), set("optimizer.beta=0.5")],
        vec![set("a.b.c.d=3")],
        vec![set("training.seed.a.b=3")],
        vec![set("seed=1\nepochs = 2")],
    ];
    insta::assert_snapshot!(errors(cases.map(|given| ("", given))));
}

#[test]
fn all_problems_are_shown_at_once() {
    let text = "epocs = 3\n[data]\ntask = 1\n[training]\nlearning_rate = -1\nsede = 2\n";
    let error = parse(text, &[Override::set("threads=0")]).unwrap_err();
    let places: Vec<_> = error.problems.iter().map(|p| (p.source_name(), p.line())).collect();
    let file = "experiment.toml";
    assert_eq!(places, [(file, 1), (file, 3), (file, 5), (file, 6), ("command line", 1)]);
    let many: String = (0..15).map(|i| format!("unknown{i} = 1\n")).collect();
    assert!(parse(&many, &[]).unwrap_err().to_string().ends_with("\n\nand 5 more problems"));
}

#[test]
fn files_that_are_no_text() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("experiment.toml");
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let error = Experiment::load(&path, &[], VOCABULARY).unwrap_err().to_string();
        error.replace(&path.display().to_string(), "experiment.toml")
    };
    let not_text = load(b"[data]\nsource = \"caf\xe9.csv\"\n");
    let too_long = load(&vec![b'#'; (1 << 20) + 1]);
    std::fs::remove_file(&path).unwrap();
    let missing = Experiment::load(&path, &[], VOCABULARY).unwrap_err().to_string();
    insta::assert_snapshot!(format!("{not_text}\n\n{too_long}"));
    assert!(missing.starts_with("cannot read the experiment "), "{missing}");
}

#[test]
fn what_is_given_is_set() {
    let text = "
        data = 'houses.csv'
        model = 'mlp:8'
        [training]
        learning_rate = 1
        optimizer = { name = 'sgd', nesterov = true, momentum = 0.9 }
        schedule = 'cosine warmup=10'
        time_limit = '1h30m'
        class_weights = { cat = 1, 'big dog' = 2.5 }
        checkpoint_every = 500
        clip_norm = 2
        ";
    let given = [
        Override::flag("--target", "data.target", "3"),
        Override::flag("--shuffle", "training.shuffle", "off"),
        Override::set("seed=18446744073709551615"),
        Override::set("training.clip_norm=off"),
        Override::set("optimizer.momentum=0.5"),
        Override::set("data.ignore=[\"id\", \"name\"]"),
        Override::set("name=first try"),
    ];
    let experiment = parse(text, &given).unwrap();
    assert_eq!(experiment.data.source, "houses.csv");
    assert_eq!(experiment.data.target.as_deref(), Some("3"));
    assert_eq!(experiment.data.ignore, ["id", "name"]);
    assert_eq!(experiment.name.as_deref(), Some("first try"));
    let Layers::These(layers) = &experiment.model.layers else { panic!("layers are given") };
    assert_eq!(print_layers(layers), "dense 8, relu");
    let training = &experiment.training;
    assert_eq!(training.learning_rate, Auto::Set(1.0));
    assert_eq!(training.optimizer.set().unwrap().to_string(), "sgd momentum=0.5 nesterov");
    assert_eq!(training.time_limit, Some(Duration::from_secs(5400)));
    assert_eq!(training.checkpoint_every, Auto::Set(Every::Steps(500)));
    assert_eq!((training.seed, training.shuffle, training.clip_norm), (u64::MAX, false, None));
    let ClassWeights::Of(weights) = &training.class_weights else { panic!("weights are given") };
    assert_eq!(weights["big dog"], 2.5);
}

#[test]
fn layers_may_be_tables() {
    let text = "
        [[model.layers]]
        layer = 'dense'
        features = 16
        bias = false
        [[model.layers]]
        layer = 'residual'
        layers = ['dense 16, relu', { layer = 'dropout', dropout_rate = 0.5 }]
        ";
    let Layers::These(layers) = parse(text, &[]).unwrap().model.layers else { panic!("given") };
    let want = "dense 16 bias=false, residual(dense 16, relu, dropout 0.5)";
    assert_eq!(print_layers(&layers), want);
}

#[test]
fn the_default_experiment_is_printed_with_comments() {
    let text = Experiment::default().to_toml();
    insta::assert_snapshot!(text);
    assert_eq!(parse(&text, &[]).unwrap(), Experiment::default());
    assert_eq!(parse("", &[]).unwrap(), Experiment::default());
    assert_eq!(parse("\u{feff}format = 1\r\n", &[]).unwrap(), Experiment::default());
}

#[test]
fn every_setting_is_documented_and_its_example_reads() {
    for setting in settings::settings() {
        let path = setting.path();
        assert!(setting.doc.ends_with('.') && setting.doc.len() > 10, "{path}");
        let text = match setting.section {
            "" => format!("{} = {}", setting.name, setting.example),
            section => format!("[{section}]\n{} = {}", setting.name, setting.example),
        };
        parse(&text, &[]).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Every field must be in the list, else it would be read and printed nowhere: the fields are
/// counted by taking each struct apart.
#[test]
fn every_field_is_a_setting() {
    let fields = format!("{:#?}", Experiment::default());
    let count = |section: &str, depth: usize| {
        let start = fields.find(section).unwrap() + section.len();
        let indent = format!("\n{}", " ".repeat(4 * depth));
        let body = fields[start..].split(&format!("\n{}}}", " ".repeat(4 * (depth - 1)))).next();
        let is_field = |line: &&str| !line.starts_with(' ') && line.contains(':');
        body.unwrap().split(&indent).filter(is_field).count()
    };
    for (section, count) in [
        ("", count("Experiment {", 1) - 3),
        ("data", count("DataSettings {", 2)),
        ("model", count("ModelSettings {", 2)),
        ("training", count("TrainingSettings {", 2)),
    ] {
        let listed = settings::settings().iter().filter(|s| s.section == section).count();
        assert_eq!(listed, count, "[{section}]");
    }
}

#[test]
fn no_name_is_anothers_alias() {
    let all = settings::settings();
    for setting in &all {
        for other in &all {
            assert!(!other.aliases.contains(&setting.name) || setting.section != other.section);
        }
    }
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |x| x.is_finite()),
        (-1000i32..1000).prop_map(f64::from),
        Just(-0.0),
    ]
}

fn positive() -> impl Strategy<Value = f64> {
    number().prop_map(f64::abs).prop_filter("positive", |&x| x > 0.0)
}

fn fraction() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..0.49f64, Just(0.0), Just(1e-300)]
}

fn duration() -> impl Strategy<Value = Duration> {
    (1u64..10_000_000_000).prop_map(Duration::from_millis)
}

fn auto<T: std::fmt::Debug + Clone + 'static>(
    set: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Auto<T>> {
    prop_oneof![Just(Auto::Auto), set.prop_map(Auto::Set)]
}

fn layer() -> impl Strategy<Value = Spec> {
    let number_of = |name: &'static str, argument: &'static str, values: BoxedStrategy<f64>| {
        values.prop_map(move |x| Spec::new(name).with(argument, Value::Number(x)))
    };
    let word = "[a-zA-Z0-9_.+/-]{1,6}"
        .prop_filter("not read as another argument", |word| word != "padding");
    let leaf = prop_oneof![
        Just(Spec::new("relu")),
        number_of("dense", "features", (1u32..5000).prop_map(f64::from).boxed()),
        number_of("leaky_relu", "slope", number().boxed()),
        number_of("dropout", "dropout_rate", fraction().boxed()),
        (1u32..99, any::<bool>()).prop_map(|(n, bias)| Spec::new("dense")
            .with("features", Value::Number(n.into()))
            .with("bias", Value::Switch(bias))),
        (1u32..99, word, any::<bool>()).prop_map(|(n, word, same)| Spec::new("conv")
            .with("out_channels", Value::Number(n.into()))
            .with("kernel_size", Value::Word(word))
            .with("padding", Value::Word(if same { "same" } else { "valid" }.into()))),
        prop::collection::vec(number(), 0..4)
            .prop_map(|at| Spec::new("bins").with("at", Value::Numbers(at))),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop::collection::vec(inner, 1..4)
            .prop_map(|layers| Spec { layers, ..Spec::new("residual") })
    })
}

fn optimizer() -> impl Strategy<Value = Spec> {
    prop_oneof![
        Just(Spec::new("adamw")),
        (fraction(), any::<bool>()).prop_map(|(momentum, nesterov)| Spec::new("sgd")
            .with("momentum", Value::Number(momentum))
            .with("nesterov", Value::Switch(nesterov))),
    ]
}

fn data() -> impl Strategy<Value = DataSettings> {
    let missing = prop_oneof![
        Just(Missing::Mean),
        Just(Missing::Median),
        Just(Missing::Skip),
        Just(Missing::Error)
    ];
    let texts = (
        any::<String>(),
        prop::option::of("\\PC{1,9}"),
        prop::option::of("\\PC{1,9}"),
        prop::collection::vec(any::<String>(), 0..3),
        prop_oneof![Just(";"), Just("\t"), Just("\""), Just("\\")],
    );
    let choices = (
        auto(prop_oneof![
            Just(Task::Classify),
            Just(Task::Regress),
            Just(Task::Forecast),
            Just(Task::Autoencode),
            Just(Task::Denoise),
            Just(Task::Upscale)
        ]),
        auto(missing),
        prop_oneof![Just(BadRows::Error), Just(BadRows::Skip)],
        any::<bool>(),
        auto(any::<bool>()),
        prop::collection::vec(any::<String>(), 0..3),
    );
    let tokens = (
        auto(any::<bool>()),
        prop::option::of("\\PC{1,9}"),
        prop_oneof![Just(TokenKind::Word), Just(TokenKind::Character), Just(TokenKind::Bpe)],
        auto(8u64..),
        auto(1u64..),
    );
    let series = (
        (auto(1u64..), auto(1u64..), auto(1u64..), auto(any::<bool>())),
        (prop::option::of("\\PC{1,9}"), prop::option::of("\\PC{1,9}")),
        prop_oneof![Just(Gaps::Previous), Just(Gaps::Interpolate), Just(Gaps::Error)],
        prop_oneof![
            Just(Repeats::Last),
            Just(Repeats::First),
            Just(Repeats::Mean),
            Just(Repeats::Error)
        ],
    );
    let pictures = (auto(positive()), auto(2u64..), auto(1u64..), auto(1u64..));
    let kind = prop_oneof![Just(ColumnKind::Number), Just(ColumnKind::Text)];
    let table = (
        auto(any::<bool>()),
        prop::collection::vec(any::<String>(), 0..3),
        prop::collection::btree_map(any::<String>(), kind, 0..3),
        prop_oneof![Just(Scale::Standard), Just(Scale::Log)],
        auto([1usize..=4096, 1usize..=4096]),
        1u64..,
    );
    (texts, choices, series, pictures, (tokens, fraction()), (fraction(), table)).prop_map(|all| {
        let (texts, choices, series, pictures, (tokens, validation), (test, table)) = all;
        let (decimal_comma, missing_values, columns, scale, size, memory_limit) = table;
        let (sigma, factor, patch, patches) = pictures;
        let (quotes, text, tokens, vocabulary, text_length) = tokens;
        let ((horizon, window, season, log), (time, split), gaps, repeats) = series;
        let (source, test_source, target, ignore, delimiter) = texts;
        let (task, missing, bad_rows, standardize, header, augment) = choices;
        DataSettings {
            source,
            test: test_source,
            target,
            task,
            ignore,
            validation_fraction: validation,
            test_fraction: Auto::Set(test),
            missing,
            bad_rows,
            standardize,
            delimiter: Auto::Set(delimiter.into()),
            header,
            horizon,
            window,
            time,
            season,
            log,
            split,
            gaps,
            repeats,
            quotes,
            decimal_comma,
            missing_values,
            columns,
            scale,
            size,
            memory_limit,
            text,
            tokens,
            vocabulary,
            text_length,
            augment,
            sigma,
            factor,
            patch,
            patches,
        }
    })
}

fn training() -> impl Strategy<Value = TrainingSettings> {
    let every = prop_oneof![
        (1u64..).prop_map(Every::Steps),
        duration().prop_map(Every::Time),
        Just(Every::Off)
    ];
    let weights = prop_oneof![
        Just(ClassWeights::Off),
        Just(ClassWeights::Balanced),
        prop::collection::btree_map(any::<String>(), positive(), 0..3).prop_map(ClassWeights::Of),
    ];
    let method = (auto(optimizer()), auto(positive()), auto(1u64..), auto(1u64..));
    let regularization = (
        prop::option::of(positive()),
        prop::option::of(positive()),
        prop::option::of(fraction()),
        fraction(),
        weights,
    );
    let running = (
        any::<u64>(),
        prop::option::of(duration()),
        any::<bool>(),
        auto(any::<bool>()),
        auto(every),
    );
    (method, regularization, running).prop_map(|(method, regularization, running)| {
        let (optimizer, learning_rate, batch_size, epochs) = method;
        let (clip_norm, weight_decay, average_decay, label_smoothing, class_weights) =
            regularization;
        let (seed, time_limit, shuffle, early_stopping, checkpoint_every) = running;
        TrainingSettings {
            optimizer,
            learning_rate,
            batch_size,
            epochs,
            patience: epochs,
            clip_norm,
            clip_value: clip_norm,
            weight_decay,
            l2_penalty: label_smoothing,
            average_decay,
            label_smoothing,
            class_weights,
            seed,
            time_limit,
            shuffle,
            early_stopping,
            step_losses: !shuffle,
            diagnosis: shuffle,
            checkpoint_every,
            loss: Auto::Set(Spec::new("mean_squared")),
            schedule: Auto::Set(Spec::new("cosine").with("warmup", Value::Number(9.0))),
            threads: Auto::Set(3),
        }
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(
        name in prop::option::of("\\PC{1,9}"),
        data in data(),
        layers in prop_oneof![
            Just(Layers::Auto),
            prop::collection::vec(layer(), 0..5).prop_map(Layers::These),
        ],
        training in training(),
    ) {
        let model = ModelSettings { layers, init: name.clone() };
        let experiment = Experiment { out: name.clone(), name, data, model, training };
        let text = experiment.to_toml();
        let read = parse(&text, &[]).unwrap_or_else(|error| panic!("{error}\n{text}"));
        prop_assert_eq!(&read, &experiment);
        let canonical = read.to_toml();
        prop_assert_eq!(parse(&canonical, &[]).unwrap().to_toml(), canonical);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*|[a-z =\\[\\]{}\"'.,\n0-9-]*") {
        let _ = parse(&text, &[]).map_err(|error| error.to_string());
        let _ = parse("", &[model(&text), Override::set(&text)]).map_err(|error| error.to_string());
    }
}
