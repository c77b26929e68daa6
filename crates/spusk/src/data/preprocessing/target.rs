//! What is predicted, in the numbers of the network and back.

use super::{Target, is_scale};
use crate::data::error::{counted, quoted, short};
use crate::data::series::{Channel, MOST_STEPS};
use crate::data::table::spelling::Spelling;

impl Target {
    /// The value in the data's own unit of output `index` of a regression.
    pub fn unscale(&self, index: usize, output: f64) -> f64 {
        match self {
            Target::Classes { .. } | Target::Inputs | Target::Patches => output,
            Target::Numbers { columns } => output * columns[index].std + columns[index].mean,
            Target::Series { channels, .. } => channels[index % channels.len()].decode(output),
        }
    }
}

impl Target {
    /// How the numbers of column `index` of a regression are written, where that is not plainly.
    pub(crate) fn spelling(&self, index: usize) -> Option<Spelling> {
        let Target::Numbers { columns } = self else { return None };
        columns.get(index)?.spelling
    }

    pub(crate) fn describe(&self) -> String {
        match self {
            Target::Classes { column, names, .. } => {
                const SHOWN: usize = 12;
                let mut list: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
                if names.len() > SHOWN {
                    list.push("…");
                }
                format!(
                    "target {}: {} ({})",
                    quoted(column.as_bytes()),
                    counted(names.len() as u64, "class"),
                    list.join(", ")
                )
            }
            Target::Numbers { columns } => {
                let list: Vec<String> = columns
                    .iter()
                    .map(|column| {
                        let name = quoted(column.name.as_bytes());
                        format!(
                            "{name}, mean {}, standard deviation {}",
                            short(column.mean),
                            short(column.std)
                        )
                    })
                    .collect();
                format!("target {}", list.join("; "))
            }
            Target::Series { channels, horizon } => {
                let names: Vec<String> =
                    channels.iter().map(|channel| quoted(channel.name.as_bytes())).collect();
                format!(
                    "target {}: the next {}",
                    names.join(", "),
                    counted(*horizon as u64, "step")
                )
            }
            Target::Inputs => "target: the inputs themselves".to_owned(),
            Target::Patches => "target: the patches before that".to_owned(),
        }
    }

    /// The columns of the table that hold targets.
    pub(crate) fn places(&self) -> Vec<usize> {
        match self {
            Target::Classes { place, .. } => vec![*place],
            Target::Numbers { columns } => columns.iter().map(|column| column.place).collect(),
            Target::Series { channels, .. } => {
                channels.iter().map(|channel| channel.place).collect()
            }
            Target::Inputs | Target::Patches => Vec::new(),
        }
    }

    /// Their names.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Target::Classes { column, .. } => vec![column],
            Target::Numbers { columns } => {
                columns.iter().map(|column| column.name.as_str()).collect()
            }
            Target::Series { channels, .. } => {
                channels.iter().map(|channel| channel.name.as_str()).collect()
            }
            Target::Inputs | Target::Patches => Vec::new(),
        }
    }

    pub(super) fn validate(&self) -> Result<(), String> {
        match self {
            Target::Inputs | Target::Patches => {}
            Target::Classes { values, names, .. } => {
                if values.len() < 2 || values.len() != names.len() {
                    return Err(format!("got {} values, {} names", values.len(), names.len()));
                }
            }
            Target::Numbers { columns } => {
                if columns.is_empty() {
                    return Err("got no target".to_owned());
                }
                for column in columns {
                    if !is_scale(column.mean, column.std) {
                        return Err(format!("got target {column:?}"));
                    }
                }
            }
            Target::Series { channels, horizon } => {
                let sound = channels.iter().all(Channel::is_sound);
                if channels.is_empty() || !sound || !(1..=MOST_STEPS).contains(horizon) {
                    return Err(format!("got {} series, {horizon} steps", channels.len()));
                }
            }
        }
        Ok(())
    }
}
