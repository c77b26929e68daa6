//! The memory that there is, asked before much of it is taken.

use spusk_graph::GraphError;

use crate::messages::{self as say, Said};

/// So many bytes are taken without asking.
const LITTLE: u128 = 64 << 20;

/// Refuses to take more bytes than there are. `what` names what needs them, as "the weights"; `cure` says what
/// needs less.
///
/// # Errors
/// If there is less, or so many cannot be counted.
pub(crate) fn check(
    bytes: u128,
    what: impl Into<Said>,
    cure: impl Into<Said>,
) -> Result<(), GraphError> {
    if bytes <= LITTLE {
        return Ok(());
    }
    let most = available().map_or(isize::MAX as u128 / 2, u128::from);
    if bytes <= most {
        return Ok(());
    }
    let (what, cure) = (what.into(), cure.into());
    let said = Said::new(|l| {
        let [needed, free] =
            [bytes, most].map(|bytes| l.bytes(u64::try_from(bytes).unwrap_or(u64::MAX)));
        say::memory_short(l, what.in_language(l), needed, free, cure.in_language(l))
    });
    Err(GraphError::new("", said))
}

/// Bytes that can still be had, where the system says so: what is free or can be freed, within the limit of the
/// group of processes that this one belongs to.
fn available() -> Option<u64> {
    let free = free(&std::fs::read_to_string("/proc/meminfo").ok()?)?;
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let limit = |path| std::fs::read_to_string(path).ok()?.trim().parse().ok();
    Some(limits.into_iter().filter_map(limit).fold(free, u64::min))
}

/// From the text of `/proc/meminfo`.
fn free(text: &str) -> Option<u64> {
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kib.saturating_mul(1024))
    };
    Some(field("MemAvailable:")?.saturating_add(field("SwapFree:").unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_memory_is_read() {
        let text = "MemTotal: 9 kB\nMemAvailable:     3 kB\nSwapFree: 2 kB\n";
        assert_eq!(free(text), Some(5 * 1024));
        assert_eq!(free("MemTotal: 9 kB\n"), None);
    }

    #[test]
    fn what_no_computer_has_is_refused_with_the_cure() {
        check(1 << 20, "the weights", "less").expect("a little is always there");
        let error = check(u128::MAX, "the weights", "use narrower layers").expect_err("too much");
        assert!(error.what.starts_with("memory: the weights need "), "{error}");
        assert!(error.what.ends_with(" are free; use narrower layers"), "{error}");
    }
}
