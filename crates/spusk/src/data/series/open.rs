//! From a table to windows that are ready for training, or to a series that a saved network goes on
//! with.

use std::ops::Range;
use std::sync::Arc;

use super::choose::{Chosen, choose, too_short};
use super::columns::Columns;
use super::combine::Combination;
use super::frame::{Frame, Windows};
use super::grid::{Grid, Names, Rows, Rules, fill, grid, trim};
use super::linear::{Base, Linear, origins};
use super::parts::{Ends, Shares, parts};
use super::season::{Season, season};
use super::step::Step;
use super::{MOST_STEPS, SeriesInputs, SeriesTime};
use crate::data::accounting::Accounting;
use crate::data::encoded::Encoded;
use crate::data::error::DataError;
use crate::data::options::{DEFAULT_TEST_SHARE, DataOptions, Task, option_error};
use crate::data::prepare::{Prepared, whole_table};
use crate::data::preprocessing::{Inputs, Preprocessing, Target, VERSION};
use crate::data::raw::{RawKind, RawTable, Skipped, skip};
use crate::data::sources::{open, open_named};
use crate::data::table::date::{self, DateOrder};
use crate::data::table::scan::no_column;
use crate::messages::{self as say, Language, Said};

/// What is known of the series beside the encoded parts.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// All steps, those of the test part too.
    pub(crate) frame: Arc<Frame>,
    /// The values of the targets in their own units, values[steps, S].
    pub(crate) values: Arc<Vec<f64>>,
    /// The linear forecast; none where a saved network goes on.
    pub(crate) linear: Option<Arc<Linear>>,
    /// What a network starts from: that, or the mean of several.
    pub(crate) start: Option<Arc<Linear>>,
}

/// Prepares a table for forecasts.
pub(crate) fn prepare(
    source: &str,
    table: &RawTable,
    options: &DataOptions,
    mut skipped: Skipped,
    mut notes: Vec<Said>,
) -> Result<Prepared, DataError> {
    let mut columns = Columns::find(source, table, options, &mut notes)?;
    let names = columns.names(table);
    let time = columns.time.map_or("", |place| &table.columns[place].name);
    let named = Names { source, time, columns: &names };
    let rules = Rules {
        gaps: options.series.gaps,
        repeats: options.series.repeats,
        bad_rows: options.bad_rows,
    };
    let rows = read(source, table, &columns, options)?;
    let mut grid = grid(rows, named, rules, columns.row_step(), &mut skipped, &mut notes)?;
    trim(&mut grid, &mut skipped, &mut notes);
    let horizon = horizon(options, grid.step, &mut notes)?;
    let shares =
        Shares { test: options.test.unwrap_or(DEFAULT_TEST_SHARE), validation: options.validation };
    let ends = parts(source, &grid, options.series.split.as_deref(), shares, horizon)?;
    fill(&mut grid, &[ends.train, ends.validation], named, rules.gaps, &mut notes)?;
    columns.drop_constant(source, &grid, table, ends.train, &mut notes)?;

    let targets = columns.targets.len();
    let season = match options.series.season {
        Some(steps) => Season { steps: steps.max(1), reason: Said::new(say::data_asked_for) },
        None => {
            let own = columns.values(&grid, ends.train);
            let usual = grid.step.cycles();
            season(&own, targets, &usual)
        }
    };
    notes.push(Said::new(|l| match season.steps {
        1 => say::data_no_season(l, season.reason.in_language(l)),
        steps => say::data_season(l, l.counted(steps as u64, "step"), season.reason.in_language(l)),
    }));
    let chosen =
        choose(source, table, &columns, &grid, ends, horizon, &season, options, &mut notes)?;
    let Chosen { combination: Combination { best, start, .. }, channels } = chosen;
    let window = start.window;

    let mut channels = channels;
    let others = channels.split_off(targets);
    let inputs = SeriesInputs {
        named: table.named,
        time: columns.time.map(|place| SeriesTime {
            name: table.columns[place].name.clone(),
            place,
            order: order_of(table, place),
        }),
        step: grid.step,
        season: season.steps,
        window,
        others,
        targets: channels.clone(),
        date_parts: grid.step.date_parts(ends.train),
        gaps: rules.gaps,
        repeats: rules.repeats,
    };
    let mut series = series(&grid, &columns.kept, &inputs);
    (series.linear, series.start) = (Some(Arc::new(best)), Some(Arc::new(start)));
    let part = |range: Range<usize>| {
        let origins = origins(&range, window, horizon);
        Encoded::windows(Windows { frame: series.frame.clone(), origins, window, horizon })
    };
    let train = part(0..ends.train);
    let validation = part(ends.train..ends.validation);
    let test = part(ends.validation..ends.test);
    if train.is_empty() {
        return Err(too_short(source, ends.train, window, horizon));
    }
    notes.push(Said::new(|l| {
        say::data_windows(
            l,
            l.counted(train.len() as u64, "window"),
            window,
            l.counted(horizon as u64, "step"),
            validation.len(),
            test.len(),
            grid.label(ends.train - 1),
            grid.label(ends.validation - 1),
            grid.label(ends.test - 1),
        )
    }));
    let accounting = account(&grid, ends, skipped);
    let reports = columns.reports(table, &grid, &inputs);
    Ok(Prepared {
        source: source.to_owned(),
        kind: Said::default(),
        task: Task::Forecast,
        task_reason: match options.task {
            Some(_) => Said::new(say::data_asked_for),
            None => Said::new(say::data_horizon_given),
        },
        train,
        validation,
        test,
        preprocessing: Preprocessing {
            version: VERSION,
            task: Task::Forecast,
            target: Target::Series { channels, horizon },
            inputs: Inputs::Series(inputs),
        },
        accounting,
        columns: reports,
        notes,
        series: Some(series),
    })
}

/// A source read as a saved network reads it, and what the user should know of it.
pub(crate) fn open_series(
    spec: &str,
    preprocessing: &Preprocessing,
    options: &DataOptions,
) -> Result<(Series, Vec<Said>), DataError> {
    preprocessing.validate()?;
    let Inputs::Series(inputs) = &preprocessing.inputs else {
        return Err(DataError::new(spec, say::series_no_forecast));
    };
    let known: Vec<&str> = inputs.channels().map(|channel| channel.name.as_str()).collect();
    let opened =
        if inputs.named { open_named(spec, options, &known)? } else { open(spec, options)? };
    let mut notes = opened.notes;
    let (table, mut skipped, more) = whole_table(opened.content, &opened.name, options)?;
    notes.extend(more);
    let series = reopen(&opened.name, &table, preprocessing, options, &mut skipped, &mut notes)?;
    for (reason, rows) in &skipped {
        notes.push(Said::new(|l| {
            let count = l.counted(rows.count, "row");
            say::data_skipped(l, count, say::skipped(l, reason), rows.first)
        }));
    }
    Ok((series, notes))
}

impl Series {
    /// The linear forecast that a saved network holds.
    pub(crate) fn set_linear(
        &mut self,
        window: usize,
        horizon: usize,
        weights: Vec<f32>,
        bias: Vec<f32>,
    ) {
        let fits = weights.len() == window * horizon && bias.len() == horizon * self.frame.targets;
        self.linear = fits.then(|| {
            let base = Base::Last;
            Arc::new(Linear { window, horizon, base, penalty: None, weights, bias, judged: 0.0 })
        });
    }
}

/// A table read as a saved network reads it: all its steps, the first of which the network may start
/// from.
fn reopen(
    source: &str,
    table: &RawTable,
    preprocessing: &Preprocessing,
    options: &DataOptions,
    skipped: &mut Skipped,
    notes: &mut Vec<Said>,
) -> Result<Series, DataError> {
    let Inputs::Series(inputs) = &preprocessing.inputs else {
        unreachable!("only networks that forecast reopen a series")
    };
    let all: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let find = |name: &str, place: usize| {
        let found = if inputs.named && table.named {
            all.iter().position(|other| other == name)
        } else {
            (place < all.len()).then_some(place)
        };
        found.ok_or_else(|| no_column(source, name, &all))
    };
    let time = inputs.time.as_ref().map(|time| find(&time.name, time.place)).transpose()?;
    let mut places = Vec::new();
    for channel in inputs.channels() {
        let place = find(&channel.name, channel.place)?;
        if !matches!(table.columns[place].kind, RawKind::Number) {
            return Err(DataError::new(source, say::series_no_numbers)
                .column(&channel.name)
                .expected(say::series_want_known));
        }
        places.push(place);
    }
    let (targets, others) = places.split_at(inputs.targets.len());
    let kept: Vec<usize> = (0..places.len()).collect();
    let columns = Columns { time, targets: targets.to_vec(), others: others.to_vec(), kept };
    if let Some(place) = time
        && !matches!(table.columns[place].kind, RawKind::Date { .. })
    {
        return Err(DataError::new(source, say::series_no_dates)
            .column(&all[place])
            .expected(say::series_want_its_times));
    }
    let names = columns.names(table);
    let named = Names { source, time: time.map_or("", |place| &all[place]), columns: &names };
    let rules = Rules { gaps: inputs.gaps, repeats: inputs.repeats, bad_rows: options.bad_rows };
    let rows = read(source, table, &columns, options)?;
    let mut grid = grid(rows, named, rules, Some(inputs.step), skipped, notes)?;
    trim(&mut grid, skipped, notes);
    fill(&mut grid, &[], named, rules.gaps, notes)?;
    if grid.len() < inputs.window {
        return Err(DataError::new(source, |l: Language| {
            say::series_steps(l, l.counted(grid.len() as u64, "step"))
        })
        .expected(|l| say::series_want_window(l, inputs.window))
        .cure(say::cure_more_before));
    }
    Ok(series(&grid, &columns.kept, inputs))
}

fn order_of(table: &RawTable, place: usize) -> DateOrder {
    match table.columns[place].kind {
        RawKind::Date { order } => order,
        _ => DateOrder::YearMonthDay,
    }
}

/// The rows of the table, within the memory that the data may take.
fn read(
    source: &str,
    table: &RawTable,
    columns: &Columns,
    options: &DataOptions,
) -> Result<Rows, DataError> {
    let places = columns.places();
    // Times, lines and values, then the grid, the frame and their copies.
    let bytes = table.rows as u64 * 8 * (4 + 4 * places.len() as u64);
    if bytes > options.memory_limit.saturating_mul(2) {
        let most = options.memory_limit.saturating_mul(2);
        return Err(DataError::new(source, |l: Language| {
            let rows = l.count(table.rows as u64);
            say::series_memory(l, rows, places.len(), l.bytes(bytes))
        })
        .expected(|l: Language| say::series_want_memory(l, l.bytes(most)))
        .cure(say::cure_memory));
    }
    let mut rows = Rows {
        times: Vec::with_capacity(table.rows),
        lines: Vec::with_capacity(table.rows),
        values: Vec::with_capacity(table.rows * places.len()),
    };
    table.cells.each(table.columns.len(), 0..table.rows, |row, cells| {
        rows.times.push(columns.time.map_or(row as f64, |place| cells[place]));
        rows.lines.push(row as u64 + 1);
        rows.values.extend(places.iter().map(|&place| cells[place]));
        Ok(())
    })?;
    if let Some(lines) = &table.lines {
        lines.read(0, &mut rows.lines)?;
    }
    Ok(rows)
}

/// The horizon of the options, else the shortest usual cycle.
fn horizon(options: &DataOptions, step: Step, notes: &mut Vec<Said>) -> Result<usize, DataError> {
    let given = |name: &str, value: Option<usize>| match value {
        Some(value) if !(1..=MOST_STEPS).contains(&value) => {
            Err(option_error(name, value).expected(|l| say::series_want_range(l, MOST_STEPS)))
        }
        value => Ok(value),
    };
    given("window", options.series.window)?;
    given("season", options.series.season)?;
    if let Some(horizon) = given("horizon", options.series.horizon)? {
        return Ok(horizon);
    }
    let horizon = step.cycles().first().copied().unwrap_or(10);
    notes.push(Said::new(|l| {
        say::data_horizon(l, l.counted(horizon as u64, "step"), step.named(l))
    }));
    Ok(horizon)
}

fn series(grid: &Grid, kept: &[usize], inputs: &SeriesInputs) -> Series {
    let targets = inputs.targets.len();
    let channels = inputs.width();
    let mut values = Vec::with_capacity(grid.len() * channels);
    let mut units = Vec::with_capacity(grid.len() * targets);
    for (index, row) in grid.values.chunks_exact(grid.columns).enumerate() {
        values.extend(inputs.channels().zip(kept).map(|(channel, &k)| channel.encode(row[k])));
        units.extend_from_slice(&row[..targets]);
        if !inputs.date_parts.is_empty() {
            let parts = date::parts(grid.step.time(grid.start, index as i64));
            values.extend(inputs.date_parts.iter().map(|&part| parts[part] as f32));
        }
    }
    let frame = Frame { values, channels, targets, step: grid.step, start: grid.start };
    Series { frame: Arc::new(frame), values: Arc::new(units), linear: None, start: None }
}

/// Where every row went; steps behind the test part are not used.
fn account(grid: &Grid, ends: Ends, mut skipped: Skipped) -> Accounting {
    let rows = |range: Range<usize>| grid.rows[range].iter().map(|&rows| u64::from(rows)).sum();
    for index in ends.test..grid.len() {
        if grid.rows[index] > 0 {
            skip(&mut skipped, "behind the test part", grid.lines[index]);
        }
    }
    let (train, validation, test): (u64, u64, u64) =
        (rows(0..ends.train), rows(ends.train..ends.validation), rows(ends.validation..ends.test));
    let left: u64 = skipped.values().map(|rows| rows.count).sum();
    Accounting {
        rows: train + validation + test + left,
        train,
        validation,
        test,
        skipped,
        ..Accounting::default()
    }
}
