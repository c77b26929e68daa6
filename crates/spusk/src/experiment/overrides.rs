//! Settings given on the command line, which win over the file.

/// One setting given on the command line.
#[derive(Clone, Debug)]
pub struct Override {
    /// The words of the command line, for errors.
    pub(super) shown: String,
    /// Where in `shown` the key and the value begin.
    pub(super) key_start: usize,
    pub(super) value_start: usize,
    pub(super) key: String,
    /// Nothing where `--set` was not given a `=`.
    pub(super) value: Option<String>,
}

impl Override {
    /// A flag of its own for one setting, such as `--learning-rate 0.01`, which sets the key
    /// `training.learning_rate`.
    pub fn flag(flag: &str, key: &str, value: &str) -> Override {
        Override {
            shown: format!("{flag} {value}"),
            key_start: 0,
            value_start: flag.len() + 1,
            key: key.into(),
            value: Some(value.into()),
        }
    }

    /// What follows `--set`: `key=value`, where the key is `training.seed`, `seed` if only one
    /// section has it, or `training.optimizer.beta1` for one argument of an item. The value is
    /// TOML; what is not TOML is a text, so that quotes are seldom needed.
    pub fn set(assignment: &str) -> Override {
        let key = assignment.split('=').next().unwrap_or("");
        let start = "--set ".len();
        Override {
            shown: format!("--set {assignment}"),
            key_start: start,
            value_start: start + key.len() + 1,
            key: key.trim().into(),
            value: assignment.get(key.len() + 1..).map(String::from),
        }
    }
}
