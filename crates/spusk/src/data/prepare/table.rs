//! The rows of a table: their classes, their columns' encodings, their parts.

use super::{Dealt, Finished, Job, Prepared, held, raw_room, stored, three, window_bytes};
use crate::data::encoded::{Encoded, RowOrigin};
use crate::data::error::DataError;
use crate::data::fit::{Moments, TableEncoder, fit};
use crate::data::options::{Fill, Task};
use crate::data::preprocessing::{Inputs, NumberTarget, Target};
use crate::data::raw::RawTable;
use crate::data::split::{INCOMPLETE, Part, UNUSED};
use crate::data::store::{Reader, Store, Writer};
use crate::data::table::scan::{find_column, no_column};
use crate::data::target::{Found, of_autoencoder, of_table, saved_classes};
use crate::messages as say;

impl Job<'_> {
    pub(super) fn table(mut self, table: RawTable) -> Result<Prepared, DataError> {
        let mut left_out = vec![false; table.columns.len()];
        let found = match self.options.task {
            Some(Task::Autoencode) => {
                of_autoencoder(&self.source, &table, self.options, &mut self.notes, &mut left_out)?
            }
            _ => of_table(&self.source, &table, self.options, &mut self.notes)?,
        };
        let mut ignored = self.ignored(&table, &found)?;
        ignored.iter_mut().zip(left_out).for_each(|(ignored, left_out)| *ignored |= left_out);
        let labels = self.labels_of_table(&table, &found, &ignored)?;
        let lines = |row: usize| line_of(&table, row);
        let dealt = self.deal(&labels, &found, lines)?;
        drop(labels);
        let fitted =
            fit(&self.source, &table, &dealt.parts, &found.places, &ignored, self.options)?;
        self.notes.extend(fitted.notes);
        let target = match &found.classes {
            Some(classes) => {
                let place = found.places[0];
                saved_classes(classes, &table.columns[place].name, place)
            }
            None if found.task == Task::Autoencode => Target::Inputs,
            None => self.number_targets(&table, &found, &dealt.parts)?,
        };
        let mut encoder = TableEncoder::new(&fitted.columns, &table.columns);
        let parts = self.encode_table(&table, &found, &target, &mut encoder, &dealt)?;
        let inputs = Inputs::Table { named: table.named, columns: fitted.columns };
        let columns = fitted.reports;
        Ok(self.finish(Finished { found, dealt, parts, inputs, target, columns }))
    }

    fn ignored(&self, table: &RawTable, found: &Found) -> Result<Vec<bool>, DataError> {
        let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let mut ignored = vec![false; names.len()];
        for name in &self.options.ignore {
            let place =
                find_column(&names, name).ok_or_else(|| no_column(&self.source, name, &names))?;
            if found.places.contains(&place) {
                return Err(DataError::new(&self.source, say::error_target_ignored)
                    .column(name)
                    .cure(say::cure_other_target));
            }
            ignored[place] = true;
        }
        Ok(ignored)
    }

    /// The class of each row, 0 for a regression, [`UNUSED`] where the target is missing and
    /// [`INCOMPLETE`] where another cell is, if such rows are left out.
    fn labels_of_table(
        &mut self,
        table: &RawTable,
        found: &Found,
        ignored: &[bool],
    ) -> Result<Vec<u32>, DataError> {
        let fill = self.options.fill;
        let gap = |cells: &[f64]| {
            let is_input = |place: &usize| !ignored[*place] && !found.places.contains(place);
            (0..cells.len()).filter(is_input).find(|&place| cells[place].is_nan())
        };
        let mut labels = Vec::with_capacity(table.rows);
        table.cells.each(table.columns.len(), 0..table.rows, |row, cells| {
            let missing = found.places.iter().any(|&place| cells[place].is_nan());
            let class = match &found.classes {
                _ if missing => None,
                Some(classes) => classes.index(cells[found.places[0]]),
                None => Some(0),
            };
            let label = class.map_or(UNUSED, |class| class as u32);
            let gap = if matches!(fill, Fill::Skip | Fill::Error) { gap(cells) } else { None };
            labels.push(match gap {
                Some(place) if fill == Fill::Error => {
                    return Err(DataError::new(&self.source, say::skipped_no_cell)
                        .line(line_of(table, row))
                        .column(&table.columns[place].name)
                        .expected(say::error_want_no_gaps)
                        .cure(say::cure_gaps));
                }
                Some(_) if label != UNUSED => INCOMPLETE,
                _ => label,
            });
            Ok(())
        })?;
        Ok(labels)
    }

    /// Mean and deviation of the target columns over the training part.
    fn number_targets(
        &self,
        table: &RawTable,
        found: &Found,
        parts: &[Part],
    ) -> Result<Target, DataError> {
        let mut moments = vec![Moments::default(); found.places.len()];
        table.cells.each(table.columns.len(), 0..table.rows, |row, cells| {
            if parts[row] == Part::Train {
                for (moments, &place) in moments.iter_mut().zip(&found.places) {
                    moments.add(cells[place]);
                }
            }
            Ok(())
        })?;
        let mut columns = Vec::new();
        for (moments, &place) in moments.iter().zip(&found.places) {
            let column = &table.columns[place];
            let spelling = column.written.as_ref().map(|written| written.spelling);
            let target = self.number_target(&column.name, place, moments)?;
            columns.push(NumberTarget { spelling, ..target });
        }
        Ok(Target::Numbers { columns })
    }

    fn encode_table(
        &self,
        table: &RawTable,
        found: &Found,
        target: &Target,
        encoder: &mut TableEncoder<'_>,
        dealt: &Dealt,
    ) -> Result<[Encoded; 3], DataError> {
        let (width, outputs) = (encoder.width(), found.stored());
        let mut outs = self.part_writers(width + outputs, dealt, table.lines.is_some())?;
        let mut record = vec![0.0; width + outputs];
        let mut lines = table.lines.as_ref().map(Store::reader);
        table.cells.each(table.columns.len(), 0..table.rows, |row, cells| {
            let line = lines.as_mut().map_or(Ok(0), Reader::next)?;
            let Some(part) = held(dealt.parts[row]) else { return Ok(()) };
            encoder.encode(cells, &mut record)?;
            for (index, out) in record[width..].iter_mut().enumerate() {
                // An autoencoder's place is kept without a target.
                let value = found.places.get(index).map_or(f64::NAN, |&place| cells[place]);
                *out = stored(target, found.classes.as_ref(), index, value);
            }
            let (records, origin) = &mut outs[part];
            records.push(&record)?;
            match origin {
                OriginWriter::Lines(lines) => lines.push(&[line]),
                OriginWriter::Numbers(numbers) => {
                    numbers.push(row as u32);
                    Ok(())
                }
            }
        })?;
        let mut parts = Vec::new();
        for (records, origin) in outs {
            let origin = match origin {
                OriginWriter::Lines(lines) => RowOrigin::Lines(lines.finish()?),
                OriginWriter::Numbers(numbers) => RowOrigin::Numbers(numbers),
            };
            let window = window_bytes(self.options);
            parts.push(Encoded::floats(vec![width], outputs, records.finish()?, window, origin));
        }
        Ok(three(parts))
    }

    /// A place for the rows of each part: all in memory, or all in files.
    fn part_writers(
        &self,
        record: usize,
        dealt: &Dealt,
        lines: bool,
    ) -> Result<Vec<(Writer<f32>, OriginWriter)>, DataError> {
        let rows: usize = dealt.counts.iter().sum();
        let bytes = rows as u64 * record as u64 * 4;
        let fits = bytes <= self.options.memory_limit / 2;
        let room = raw_room(self.options).of(if fits { u64::MAX } else { 0 });
        let mut writers = Vec::new();
        for count in dealt.counts {
            let origin = if lines {
                OriginWriter::Lines(Writer::with_capacity(count as u64, room.clone())?)
            } else {
                OriginWriter::Numbers(Vec::with_capacity(count))
            };
            writers.push((Writer::with_capacity((count * record) as u64, room.clone())?, origin));
        }
        Ok(writers)
    }
}

enum OriginWriter {
    Lines(Writer<u64>),
    Numbers(Vec<u32>),
}

fn line_of(table: &RawTable, row: usize) -> u64 {
    let mut line = [row as u64 + 1];
    if let Some(lines) = &table.lines {
        // A line that cannot be read back leaves the row's number, which is only a message's.
        let _ = lines.read(row as u64, &mut line);
    }
    line[0]
}
