//! Fisher's irises, inside the program.
//!
//! R. A. Fisher, "Iris", UCI Machine Learning Repository, 1936, <https://doi.org/10.24432/C56C76>,
//! licence CC BY 4.0.

use super::csv::of_files;
use super::{Request, Source, never};
use crate::data::error::DataError;
use crate::data::input::Origin;
use crate::data::raw::{Opened, OwnTest};
use crate::data::table::files::TableFiles;
use crate::messages::{self as say, Said};

pub(super) const SOURCE: Source = Source {
    name: "iris",
    about: "150 flowers by four measures, 3 classes (Fisher 1936; UCI, CC BY 4.0)",
    example: "iris",
    claims: never,
    open,
};

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let bytes = include_bytes!("../../../assets/iris.csv");
    let files = TableFiles::open(vec![Origin::Inside("iris", bytes)], request.options)?;
    let mut opened = of_files("iris".to_owned(), files, OwnTest::Fixed);
    opened.kind = Said::new(say::data_iris);
    Ok(opened)
}
