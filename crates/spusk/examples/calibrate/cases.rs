//! What is trained: on purpose broken and healthy, in groups.

mod deep;
mod pictures;
mod tables;
mod texts;

/// A way to train.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Settings beside the usual ones.
    pub(crate) settings: &'static [(&'static str, &'static str)],
    /// What its first weights are multiplied by.
    pub(crate) scale: f32,
    /// Data sets, by name.
    pub(crate) sets: &'static [&'static str],
    /// Networks; each one is trained on every set.
    pub(crate) models: &'static [&'static str],
    /// The rules that must fire.
    pub(crate) must: &'static [&'static str],
    /// Rules that may fire, as a consequence.
    pub(crate) may: &'static [&'static str],
}

/// Cases of one kind of network.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) cases: &'static [Case],
    /// Settings of all its cases, unless a case has its own.
    pub(crate) settings: &'static [(&'static str, &'static str)],
}

pub(crate) const GROUPS: &[Group] = &[
    Group { name: "tables", cases: tables::CASES, settings: &[] },
    Group { name: "texts", cases: texts::CASES, settings: texts::SETTINGS },
    Group { name: "pictures", cases: pictures::CASES, settings: pictures::SETTINGS },
    Group { name: "deep", cases: deep::CASES, settings: deep::SETTINGS },
];

const USUAL: Case = Case {
    name: "",
    settings: &[],
    scale: 1.0,
    sets: &["digits", "iris", "spirals", "moons"],
    models: &["dense 32, relu, dense 32, relu"],
    must: &[],
    may: &[],
};

/// What steps that are far too wide may bring with them.
const THROWN: &[&str] = &[
    "step_too_wide",
    "large_updates",
    "bad_start",
    "dead_relu",
    "saturation",
    "stuck",
    "noisy_gradient",
    "exploding_signal",
    "not_finite",
    "overfitting",
    "vanishing_gradient",
];

/// What steps that are far too narrow may bring with them.
const CREEPING: &[&str] = &["step_too_narrow", "small_updates", "stuck", "bad_start"];
