//! On what it ran.

use serde::{Deserialize, Serialize};

use super::page::Page;
use super::settings::{Setting, table};
use crate::metrics::json_number;
use crate::plot::draw::number::{bytes, count, seconds};

/// On what it ran, and how long.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Environment {
    /// Of this program.
    pub version: String,
    /// Operating system and processor.
    pub machine: String,
    /// As "AVX-512".
    pub instruction_set: String,
    /// Threads that computed.
    pub threads: usize,
    /// Training time.
    #[serde(with = "json_number")]
    pub seconds: Option<f64>,
    /// Peak memory of the process, in bytes.
    pub peak_memory_bytes: Option<u64>,
    /// The command that was given.
    pub command: String,
    /// When it began, as the caller writes times.
    pub started: String,
    /// Anything else.
    pub more: Vec<Setting>,
}

pub(super) fn write(page: &mut Page, environment: Option<&Environment>) {
    let Some(ran) = environment else { return };
    let mut rows = Vec::new();
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            rows.push(Setting { name: name.into(), value, origin: String::new() });
        }
    };
    add("command", ran.command.clone());
    add("version", ran.version.clone());
    add("machine", ran.machine.clone());
    add("instruction set", ran.instruction_set.clone());
    add("threads", if ran.threads == 0 { String::new() } else { count(ran.threads as u64) });
    add("started", ran.started.clone());
    add("training time", ran.seconds.map(seconds).unwrap_or_default());
    let memory = ran.peak_memory_bytes.map(bytes);
    add("peak memory", memory.unwrap_or_default());
    rows.extend(ran.more.iter().cloned());
    page.section("environment", "Environment", |page| table(page, &rows));
}
