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
    /// Rules that may fire as direct consequences of the same fault, each with its reason. Whatever else fires is
    /// a false alarm.
    pub(crate) may: &'static [(&'static str, &'static str)],
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

/// What steps that are far too wide bring with them.
const THROWN: &[May] = &[TOO_WIDE, THROWN_ABOUT, KILLED, FLAT, LOST, OVERFLOWN];

/// What steps that are far too narrow bring with them.
const CREEPING: &[May] = &[
    ("step_too_narrow", "it is the fault itself, measured by the curvature"),
    ("small_updates", "it is the fault itself, measured by the weights"),
    LOST,
];

/// What huge first weights bring with them.
const HUGE: &[May] = &[
    ("exploding_signal", "every layer multiplies by its weights"),
    ("saturation", "large weights make large sums, and these lie in the tails"),
    ("small_updates", "a usual step is small beside such weights"),
    ("step_too_wide", "the curvature grows with the product of the weights"),
    LOST,
];

/// What equal weights bring with them.
const EQUAL: &[May] = &[
    ("bad_start", "weights of 1 add up all that comes in, so that the first outputs are large"),
    ("exploding_signal", "weights of 1 add up all that comes in, layer by layer"),
    LOST,
];

/// What gradients that do not arrive bring with them.
const UNHEARD: &[May] = &[LOST];

type May = (&'static str, &'static str);

const TOO_WIDE: May = ("step_too_wide", "it is the fault itself, measured by the curvature");
const THROWN_ABOUT: May = ("large_updates", "it is the fault itself, measured by the weights");
const KILLED: May = ("dead_relu", "one such step pushes rectifiers below 0 for good");
const FLAT: May = ("saturation", "one such step pushes units into their tails for good");
const LOST: May = ("stuck", "it says no more than that nothing is learned, which is so");
const OVERFLOWN: May = ("not_finite", "such steps double until they overflow");
const NOISE: May =
    ("step_too_wide", "noise is rate over batch: for so small a batch the step is too wide");
const BY_HEART: May = ("overfitting", "labels without a reason can only be known by heart");
