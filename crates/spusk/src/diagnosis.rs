//! Diagnosis of a training: what is measured, rules over it, and cures.
//!
//! An [`Evidence`] is what was measured of a training. Every rule of [`RULES`] reads one number off it
//! and fires when that is above its threshold; a [`Finding`] says what the number means and what
//! helps, in English and Russian. [`Watch`] gathers evidence while a training goes on, at under 3 % of
//! its time; [`crate::session::examine`] gathers all of it for a saved run and tests the cures.
//!
//! ```
//! use spusk::diagnosis::{Evidence, Probe, RULES, diagnose};
//! use spusk::messages::Language;
//!
//! // The first loss of a classifier of two classes is 40, where even odds cost ln 2, and it stays high.
//! let start = Probe { loss: 40.0, zero_loss: 0.693, ..Probe::default() };
//! let later = Probe { step: 50, loss: 30.0, ..start.clone() };
//! let evidence = Evidence { probes: vec![start, later], ..Evidence::default() };
//! let findings = diagnose(&evidence);
//! assert_eq!(findings[0].rule, "bad_start");
//! assert!(findings[0].meaning.in_language(Language::English).contains("58 times"));
//! assert!(RULES.iter().any(|rule| rule.name == "bad_start"));
//! ```

mod change;
mod clones;
mod evidence;
mod inputs;
mod noise;
mod probe;
mod rules;
mod sample;
mod sharpness;
mod stability;
mod watch;

pub use change::Change;
pub use evidence::{Birth, Evidence, RunFacts};
pub use inputs::{InputKinds, InputSpread};
pub use noise::NoiseScale;
pub use probe::{ENOUGH_ROWS, LayerProbe, Probe, Prober, ROWS, SignalProbe};
pub use rules::{Finding, Measured, RULES, Rule, diagnose};
pub use sample::Sample;
pub use sharpness::{Curvature, Hessian};
pub use stability::Stability;
pub use watch::Watch;
