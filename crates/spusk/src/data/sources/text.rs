//! Plain text, which this version cannot train on yet.

use std::path::Path;

use super::{Request, Source, has_end};
use crate::data::error::DataError;
use crate::data::raw::Opened;

pub(super) const SOURCE: Source = Source {
    name: "text",
    about: "a plain text; language models are not in this version",
    example: "book.txt",
    claims,
    open,
};

fn claims(path: &Path) -> bool {
    has_end(path, &[".txt"])
}

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    Err(DataError::new(
        request.rest,
        "this is a plain text, and text models are not in this version",
    )
    .expected("a table, images or numbers")
    .cure("if the file holds a table, write csv: before its path"))
}
