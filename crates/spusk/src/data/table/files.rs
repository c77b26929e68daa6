//! Files of text whose rows stand side by side.

use super::records::Records;
use super::sniff::{Layout, sniff};
use crate::data::error::DataError;
use crate::data::input::Origin;
use crate::data::options::DataOptions;
use crate::messages::{self as say, Language, Said};

/// One or more files whose rows stand side by side.
#[derive(Debug, Clone)]
pub(crate) struct TableFiles {
    pub(super) files: Vec<(Origin, Layout)>,
    /// For each column: its file, and its place in it.
    pub(super) places: Vec<(usize, usize)>,
    pub(crate) names: Vec<String>,
    /// The columns that hold the target, where a file was named for it.
    pub(crate) targets: Option<Vec<usize>>,
}

impl TableFiles {
    /// Looks at the files.
    pub(crate) fn open(
        origins: Vec<Origin>,
        options: &DataOptions,
    ) -> Result<TableFiles, DataError> {
        let mut files = Vec::new();
        for origin in origins {
            let layout = sniff(&origin, options)?;
            files.push((origin, layout));
        }
        let mut table = TableFiles { files, places: Vec::new(), names: Vec::new(), targets: None };
        for (file, (_, layout)) in table.files.iter().enumerate() {
            for (index, name) in layout.names.iter().enumerate() {
                table.places.push((file, index));
                table.names.push(if layout.named || table.files.len() == 1 {
                    name.clone()
                } else {
                    format!("c{}", table.names.len() + 1)
                });
            }
        }
        make_unique(&mut table.names);
        Ok(table)
    }

    /// The columns of the last file hold the target.
    pub(crate) fn target_is_last_file(&mut self) {
        let last = self.files.len() - 1;
        let columns = self.places.iter().enumerate().filter(|(_, place)| place.0 == last);
        self.targets = Some(columns.map(|(column, _)| column).collect());
    }

    /// Whether the first line holds names, which is the case when one of `known` stands there; none
    /// where the first line is neither names nor an example.
    pub(crate) fn has_header(&self, known: &[&str]) -> Result<Option<bool>, DataError> {
        for (origin, layout) in &self.files {
            if layout.declared.is_some() {
                return Ok(None);
            }
            let mut records = Layout { skip_first: false, ..layout.clone() }.open(origin)?;
            if records.advance()? {
                let mut cells = (0..records.len()).map(|index| records.cell(index));
                if cells.any(|cell| known.iter().any(|name| name.as_bytes() == cell)) {
                    return Ok(Some(true));
                }
            }
        }
        Ok(Some(false))
    }

    /// The names stand in the files.
    pub(crate) fn named(&self) -> bool {
        self.files.iter().any(|(_, layout)| layout.named)
    }

    /// What was found out and should be said.
    pub(crate) fn notes(&self) -> Vec<Said> {
        self.files.iter().flat_map(|(_, layout)| layout.notes.clone()).collect()
    }

    /// How the table is written, in words.
    pub(crate) fn describe(&self, l: Language) -> String {
        let (origin, layout) = &self.files[0];
        let mut words = match (layout.keys.is_some(), layout.named) {
            (true, _) => say::data_json_lines(l),
            (false, true) => {
                say::data_table_with_header(l, say::delimiter(l, layout.delimiter.name()))
            }
            (false, false) => say::data_table(l, say::delimiter(l, layout.delimiter.name())),
        };
        if matches!(origin, Origin::File(path) if path.extension().is_some_and(|end| end == "gz")) {
            words = say::data_packed(l, words);
        }
        if self.files.len() > 1 {
            words += &say::data_side_by_side(l, self.files.len());
        }
        words
    }

    pub(crate) fn comma(&self, column: usize) -> bool {
        self.files[self.places[column].0].1.comma
    }

    /// The name for messages about a column.
    pub(crate) fn file_name(&self, column: usize) -> String {
        self.files[self.places[column].0].0.name()
    }

    /// Opens the rows.
    pub(crate) fn rows(&self) -> Result<TableRows, DataError> {
        let mut files = Vec::new();
        for (origin, layout) in &self.files {
            let (records, width) = (layout.open(origin)?, layout.names.len());
            files.push(FileRows { records, width, named: layout.named });
        }
        Ok(TableRows { files, places: self.places.clone() })
    }
}

fn make_unique(names: &mut [String]) {
    let mut taken = std::collections::HashSet::new();
    for name in names {
        let base = name.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            *name = format!("{base}_{number}");
            number += 1;
        }
    }
}

/// The rows of [`TableFiles`], one after the other.
pub(crate) struct TableRows {
    files: Vec<FileRows>,
    places: Vec<(usize, usize)>,
}

struct FileRows {
    records: Records,
    width: usize,
    named: bool,
}

impl TableRows {
    /// Moves to the next row; false at the end, which all files must reach together.
    pub(crate) fn advance(&mut self) -> Result<bool, DataError> {
        let more = self.files[0].records.advance()?;
        let (first, others) = self.files.split_at_mut(1);
        for other in others {
            if other.records.advance()? != more {
                let (short, long) = if more { (&*other, &first[0]) } else { (&first[0], &*other) };
                return Err(DataError::new(short.records.name(), say::error_fewer_rows)
                    .expected(|l| say::error_want_as_many(l, long.records.name()))
                    .cure(say::cure_side_by_side));
            }
        }
        Ok(more)
    }

    /// The line of the row in the first file.
    pub(crate) fn line(&self) -> u64 {
        self.files[0].records.line()
    }

    /// The line of the row in a column's file.
    pub(crate) fn line_of(&self, column: usize) -> u64 {
        self.files[self.places[column].0].records.line()
    }

    /// A cell of the row; [`TableRows::check_width`] comes first.
    pub(crate) fn cell(&self, column: usize) -> &[u8] {
        let (file, index) = self.places[column];
        self.files[file].records.cell(index)
    }

    /// Why a row that [`TableRows::check_width`] refuses is left out.
    pub(crate) fn wrong_row(&self) -> &'static str {
        match self.files.iter().any(|file| file.records.fault().is_some()) {
            true => "no JSON object of plain values",
            false => "wrong number of cells",
        }
    }

    /// An error when the row has too few or too many cells.
    pub(crate) fn check_width(&self) -> Result<(), DataError> {
        for file in &self.files {
            if let Some(fault) = file.records.fault() {
                return Err(fault.clone());
            }
            let got = file.records.len();
            if got != file.width {
                let cells = |l: Language| say::error_line_cells(l, l.counted(got as u64, "cell"));
                let expected = |l| match file.named {
                    true => say::error_as_header(l, file.width),
                    false => say::error_as_first_line(l, file.width),
                };
                return Err(DataError::new(file.records.name(), cells)
                    .line(file.records.line())
                    .expected(expected)
                    .cure(say::error_correct_line));
            }
        }
        Ok(())
    }
}
