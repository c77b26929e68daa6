//! Plain text: it has no rows, so there is nothing to tell apart. Said in place of a guess.

use std::path::Path;

use super::{Request, Source, has_end};
use crate::data::error::DataError;
use crate::data::raw::Opened;

pub(super) const SOURCE: Source = Source {
    name: "text",
    about: "a plain text: refused, since it has no rows; a table of texts and their classes is read",
    example: "book.txt",
    claims,
    open,
};

fn claims(path: &Path) -> bool {
    has_end(path, &[".txt"])
}

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let problem =
        "this is one running text without rows, and models that write text are not in this version";
    Err(DataError::new(request.rest, problem)
        .expected("a table, images or numbers; of texts a table with a text and its class in every row")
        .cure("make it a CSV of passages and their classes; if the file holds a table, write csv: before its path"))
}
