//! What pictures are made of: elements, text, scales, axes, colors. No picture knows another.

pub(crate) mod base64;
pub(crate) mod color;
pub mod number;
pub(crate) mod panel;
pub(crate) mod png;
pub(crate) mod scale;
pub(crate) mod sheet;
pub(crate) mod svg;
pub(crate) mod text;
pub(crate) mod theme;
