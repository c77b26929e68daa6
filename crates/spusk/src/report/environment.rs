//! On what it ran.

use serde::{Deserialize, Serialize};

use super::page::Page;
use super::settings::{Setting, table};
use crate::messages::{self as say, Language, Said};
use crate::metrics::json_number;

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
    let l = page.language();
    let mut add = |name: fn(Language) -> String, value: String| {
        if !value.is_empty() {
            rows.push(Setting { name: name(l), value, origin: Said::default() });
        }
    };
    add(say::ran_command, ran.command.clone());
    add(say::ran_version, ran.version.clone());
    add(say::ran_machine, ran.machine.clone());
    add(say::ran_instructions, ran.instruction_set.clone());
    let threads = (ran.threads > 0).then(|| l.count(ran.threads as u64));
    add(say::ran_threads, threads.unwrap_or_default());
    add(say::ran_started, ran.started.clone());
    add(say::ran_time, ran.seconds.map(|time| l.seconds(time)).unwrap_or_default());
    let memory = ran.peak_memory_bytes.map(|size| l.bytes(size));
    add(say::ran_memory, memory.unwrap_or_default());
    rows.extend(ran.more.iter().cloned());
    page.section("environment", &say::report_environment(l), |page| table(page, &rows));
}
