//! The binary `spusk`.
fn main() {}
