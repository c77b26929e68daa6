//! The compiler of Spusk.
