//! Plain text: it has no rows, so there is nothing to tell apart. Said in place of a guess.

use std::path::Path;

use super::{Request, Source, has_end};
use crate::data::error::DataError;
use crate::data::raw::Opened;
use crate::messages as say;

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
    Err(DataError::new(request.rest, say::error_plain_text)
        .expected(say::error_want_text_table)
        .cure(say::cure_plain_text))
}
