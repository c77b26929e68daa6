//! From a table to windows that are ready for training, or to a series that a saved network goes on
//! with.

use std::ops::Range;
use std::sync::Arc;

use super::combine::{Combination, combine};
use super::frame::{Frame, Windows};
use super::grid::{Grid, Names, Rows, Rules, fill, grid, trim};
use super::linear::{Base, Linear, Request, fit, origins, refit};
use super::parts::{Ends, Shares, parts};
use super::season::{Season, season};
use super::step::Step;
use super::{Channel, MOST_STEPS, SeriesInputs, SeriesTime};
use crate::data::accounting::Accounting;
use crate::data::encoded::Encoded;
use crate::data::error::{DataError, counted, quoted, short};
use crate::data::fit::{ColumnReport, Moments};
use crate::data::options::{DEFAULT_TEST_SHARE, DataOptions, Task};
use crate::data::prepare::{Prepared, whole_table};
use crate::data::preprocessing::{Inputs, Preprocessing, Target, VERSION};
use crate::data::raw::{RawKind, RawTable, Skipped, skip};
use crate::data::sources::{open, open_named};
use crate::data::table::date::{self, DateOrder};
use crate::data::table::scan::{find_column, no_column};
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

/// A windowless window length beyond which fewer than this many windows would train.
const LEAST_WINDOWS: usize = 8;
/// Windows that are compared where the user named none, beside those made of seasons.
const WINDOWS: [usize; 8] = [6, 12, 24, 48, 96, 168, 336, 720];
/// The longest of them that is made of seasons.
const LONGEST: usize = 720;
/// Origins at which forecasts of values and of logarithms are compared.
const COMPARED: usize = 200;
/// Fewer forecast values than this are too few to choose by; then the last third of what comes before
/// the test part chooses.
const DECISIVE: usize = 200;

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
        return Err(DataError::new(spec, "the network does not forecast series"));
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
            return Err(DataError::new(source, "the column holds no numbers")
                .column(&channel.name)
                .expected("the series that the network was trained on"));
        }
        places.push(place);
    }
    let (targets, others) = places.split_at(inputs.targets.len());
    let kept: Vec<usize> = (0..places.len()).collect();
    let columns = Columns { time, targets: targets.to_vec(), others: others.to_vec(), kept };
    if let Some(place) = time
        && !matches!(table.columns[place].kind, RawKind::Date { .. })
    {
        return Err(DataError::new(source, "the column holds no dates")
            .column(&all[place])
            .expected("the times of the series"));
    }
    let names = columns.names(table);
    let named = Names { source, time: time.map_or("", |place| &all[place]), columns: &names };
    let rules = Rules { gaps: inputs.gaps, repeats: inputs.repeats, bad_rows: options.bad_rows };
    let rows = read(source, table, &columns, options)?;
    let mut grid = grid(rows, named, rules, Some(inputs.step), skipped, notes)?;
    trim(&mut grid, skipped, notes);
    fill(&mut grid, &[], named, rules.gaps, notes)?;
    if grid.len() < inputs.window {
        return Err(DataError::new(
            source,
            format!("the series has {}", counted(grid.len() as u64, "step")),
        )
        .expected(format!("at least {}, the network's window", inputs.window))
        .cure("give more of what came before"));
    }
    Ok(series(&grid, &columns.kept, inputs))
}

/// The columns of the table that are used.
struct Columns {
    time: Option<usize>,
    targets: Vec<usize>,
    others: Vec<usize>,
    /// Which of targets and others, one behind the other as in the grid, are inputs.
    kept: Vec<usize>,
}

impl Columns {
    fn find(
        source: &str,
        table: &RawTable,
        options: &DataOptions,
        notes: &mut Vec<Said>,
    ) -> Result<Columns, DataError> {
        let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let find =
            |name: &str| find_column(&names, name).ok_or_else(|| no_column(source, name, &names));
        let mut ignored = vec![false; names.len()];
        for name in &options.ignore {
            ignored[find(name)?] = true;
        }
        let is_date = |place: usize| matches!(table.columns[place].kind, RawKind::Date { .. });
        let is_number = |place: usize| matches!(table.columns[place].kind, RawKind::Number);
        let time = match &options.series.time {
            Some(name) => {
                let place = find(name)?;
                if !is_date(place) {
                    return Err(DataError::new(
                        source,
                        format!("the kind of the column is {}", table.columns[place].kind.name()),
                    )
                    .column(&names[place])
                    .expected("times such as 2026-11-23, 2026-11 or 2026-11-23 09:30")
                    .cure("name another column with --time, or leave --time out"));
                }
                Some(place)
            }
            None => (0..names.len()).find(|&place| is_date(place) && !ignored[place]),
        };
        match time {
            Some(place) => {
                let name = quoted(names[place].as_bytes());
                notes.push(Said::new(|l| say::data_times_in(l, &name)));
            }
            None => notes.push(Said::new(say::data_no_times)),
        }
        let numbers: Vec<usize> =
            (0..names.len()).filter(|&place| is_number(place) && !ignored[place]).collect();
        let targets = match options.target.as_deref() {
            None | Some("all") => numbers.clone(),
            Some(wanted) => {
                let mut targets = Vec::new();
                let one = find_column(&names, wanted).map(|place| vec![place]);
                let places = match one {
                    Some(places) => places,
                    None => {
                        wanted.split(',').map(|name| find(name.trim())).collect::<Result<_, _>>()?
                    }
                };
                for place in places {
                    if !is_number(place) {
                        let kind = table.columns[place].kind.name();
                        return Err(DataError::new(source, format!("the target is {kind}"))
                            .column(&names[place])
                            .expected("a series of numbers to forecast")
                            .cure("choose another column with --target"));
                    }
                    if !targets.contains(&place) {
                        targets.push(place);
                    }
                }
                targets
            }
        };
        if targets.is_empty() {
            return Err(DataError::new(source, "no column holds numbers")
                .expected("a series of numbers to forecast"));
        }
        if options.target.is_none() && targets.len() > 1 {
            notes.push(Said::new(|l| say::data_all_series(l, targets.len())));
        }
        let others: Vec<usize> =
            numbers.into_iter().filter(|place| !targets.contains(place)).collect();
        let words: Vec<String> = (0..names.len())
            .filter(|&place| !is_number(place) && Some(place) != time && !ignored[place])
            .map(|place| quoted(names[place].as_bytes()))
            .collect();
        if !words.is_empty() {
            notes.push(Said::new(|l| say::data_no_series(l, words.join(", "))));
        }
        let kept = (0..targets.len() + others.len()).collect();
        Ok(Columns { time, targets, others, kept })
    }

    /// The places in the table, in the order of the grid.
    fn places(&self) -> Vec<usize> {
        [&self.targets[..], &self.others].concat()
    }

    fn names(&self, table: &RawTable) -> Vec<String> {
        self.places().iter().map(|&place| table.columns[place].name.clone()).collect()
    }

    /// Rows without times are a step each.
    fn row_step(&self) -> Option<Step> {
        self.time.is_none().then_some(Step::Rows)
    }

    /// values[steps, S] of the targets in the first steps.
    fn values(&self, grid: &Grid, steps: usize) -> Vec<f64> {
        let rows = grid.values.chunks_exact(grid.columns).take(steps);
        rows.flat_map(|row| row[..self.targets.len()].to_vec()).collect()
    }

    /// Refuses targets, and leaves out other series, that never change in the training part.
    fn drop_constant(
        &mut self,
        source: &str,
        grid: &Grid,
        table: &RawTable,
        train: usize,
        notes: &mut Vec<Said>,
    ) -> Result<(), DataError> {
        let places = self.places();
        let mut kept = Vec::new();
        for (index, &place) in places.iter().enumerate() {
            let mut values =
                grid.values.iter().skip(index).step_by(grid.columns).take(train).copied();
            let first = values.next();
            let name = &table.columns[place].name;
            if first.is_none_or(|first| values.any(|value| value != first)) {
                kept.push(index);
            } else if index < self.targets.len() {
                return Err(DataError::new(
                    source,
                    format!("all values of the training part are {}", short(first.unwrap_or(0.0))),
                )
                .column(name)
                .expected("a series that changes")
                .cure("choose another column with --target"));
            } else {
                let name = quoted(name.as_bytes());
                notes.push(Said::new(|l| say::data_constant_series(l, &name)));
            }
        }
        self.kept = kept;
        Ok(())
    }

    fn reports(&self, table: &RawTable, grid: &Grid, inputs: &SeriesInputs) -> Vec<ColumnReport> {
        let places = self.places();
        let mut reports: Vec<ColumnReport> = Vec::new();
        for (place, column) in table.columns.iter().enumerate() {
            let report = |kind: &'static str, summary: Said, use_: Said| ColumnReport {
                name: column.name.clone(),
                kind,
                missing: 0,
                summary,
                use_,
            };
            if Some(place) == self.time {
                let (first, last) = (grid.label(0), grid.label(grid.len() - 1));
                let summary = Said::new(|l| {
                    let step = grid.step.named(l);
                    format!("{}, {step}", say::values_from_to(l, &first, &last))
                });
                let names = |l: Language| {
                    let named = |&part: &usize| say::date_part(l, date::PARTS[part]);
                    inputs.date_parts.iter().map(named).collect::<Vec<String>>().join(", ")
                };
                let use_ = match inputs.date_parts.is_empty() {
                    true => Said::new(say::use_order),
                    false => Said::new(|l| say::use_order_and(l, names(l))),
                };
                reports.push(report("date", summary, use_));
            } else if let Some(index) = places.iter().position(|&other| other == place) {
                let values = || grid.values.iter().skip(index).step_by(grid.columns).copied();
                let (low, high) =
                    (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
                let use_ = if index < self.targets.len() {
                    Said::new(say::use_target)
                } else if self.kept.contains(&index) {
                    Said::new(say::use_beside)
                } else {
                    Said::new(|l| say::use_left_out_since(l, say::dropped_never_changes(l)))
                };
                let summary = Said::new(|l| {
                    say::values_from_to(l, l.digits(&short(low)), l.digits(&short(high)))
                });
                reports.push(report("number", summary, use_));
            } else {
                let use_ = Said::new(say::use_left_out);
                reports.push(report(column.kind.name(), Said::default(), use_));
            }
        }
        reports
    }
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
        return Err(DataError::new(
            source,
            format!("{} rows of {} series take {} MB", table.rows, places.len(), bytes >> 20),
        )
        .expected(format!("at most {} MB", options.memory_limit >> 19))
        .cure("choose fewer series with --target and --ignore, or raise memory_limit"));
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
            Err(DataError::new(format!("option `data.{name}`"), format!("got {value}"))
                .expected(format!("1 to {MOST_STEPS} steps")))
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

fn too_short(source: &str, train: usize, window: usize, horizon: usize) -> DataError {
    DataError::new(source, format!("the training part has {}", counted(train as u64, "step")))
        .expected(format!(
            "at least {}, a window of {window} and a horizon of {horizon}",
            counted((window + horizon) as u64, "step")
        ))
        .cure("shorten --window or --horizon, or give a longer series")
}

/// What was chosen for a series.
struct Chosen {
    combination: Combination,
    /// The kept series, those that are forecast first.
    channels: Vec<Channel>,
}

/// Chooses logarithms or values, the window and the linear forecast.
#[expect(clippy::too_many_arguments, reason = "each is a result of a step before")]
fn choose(
    source: &str,
    table: &RawTable,
    columns: &Columns,
    grid: &Grid,
    ends: Ends,
    horizon: usize,
    season: &Season,
    options: &DataOptions,
    notes: &mut Vec<Said>,
) -> Result<Chosen, DataError> {
    let targets = columns.targets.len();
    let windows = match options.series.window {
        Some(window) => vec![window],
        None => windows(ends.train, horizon, season.steps),
    };
    // Too few values to choose by: then the end of what lies before the test part chooses.
    let held = ends.validation - ends.train;
    let few = held * targets < DECISIVE || held < horizon;
    let judge = if few {
        ends.validation - ends.validation / 3..ends.validation
    } else {
        ends.train..ends.validation
    };
    let judge =
        if judge.start < windows[0] + horizon { ends.train..ends.validation } else { judge };
    let fitted = judge.start.min(ends.train);
    let places = columns.places();
    let attempt = |log: bool| -> Option<(Vec<Channel>, Combination, f64)> {
        let channels: Vec<Channel> = columns
            .kept
            .iter()
            .map(|&index| {
                let place = places[index];
                let name = &table.columns[place].name;
                channel(name, grid, place, index, ends.train, season.steps, log)
            })
            .collect();
        let encoded: Vec<Vec<f64>> = (0..targets)
            .map(|s| {
                let values = grid.values.iter().skip(s).step_by(grid.columns).take(ends.validation);
                values.map(|&value| f64::from(channels[s].encode(value))).collect()
            })
            .collect();
        let request = |train: usize| Request {
            series: &encoded,
            train: 0..train,
            judge: judge.clone(),
            horizon,
            season: season.steps,
        };
        let tried = windows.iter().filter_map(|&window| fit(&request(fitted), window));
        let tried: Vec<Linear> = tried.collect();
        let found = combine(&request(fitted), &tried)?;
        let score = compare(&found.start, &encoded, &channels, grid, &judge);
        let again = |one: &Linear| refit(&request(ends.train), one);
        let found = if fitted < ends.train { found.again(&tried, again)? } else { found };
        Some((channels, found, score))
    };
    let may_log = options.series.log != Some(false)
        && (0..targets).all(|s| {
            grid.values
                .iter()
                .skip(s)
                .step_by(grid.columns)
                .take(ends.train)
                .all(|&value| value > 0.0)
        });
    if options.series.log == Some(true) && !may_log {
        return Err(DataError::new(source, "the training part has values of 0 or less")
            .expected("values above 0 for data.log")
            .cure("leave data.log out, or set it to false"));
    }
    let plain = if options.series.log == Some(true) { None } else { attempt(false) };
    let log = if may_log { attempt(true) } else { None };
    let logs_win = match (&plain, &log) {
        // Values are the simpler choice; logarithms must be clearly better.
        (Some(plain), Some(log)) => log.2 < 0.97 * plain.2,
        (None, Some(_)) => true,
        _ => false,
    };
    if let (Some(plain), Some(log)) = (&plain, &log) {
        notes.push(Said::new(|l| {
            let [values, logs] = [plain.2, log.2].map(|error| l.digits(&short(error.sqrt())));
            match logs_win {
                true => say::data_logarithms(l, values, logs),
                false => say::data_plain_values(l, values, logs),
            }
        }));
    }
    let chosen = if logs_win { log } else { plain };
    let Some((channels, combination, _)) = chosen else {
        return Err(too_short(source, ends.train, windows[0], horizon));
    };
    if let Some(huge) = channels.iter().find(|channel| !channel.is_sound()) {
        return Err(DataError::new(source, "the values are too large to be scaled")
            .column(&huge.name)
            .expected("numbers whose squares are finite"));
    }
    notes.push(Said::new(|l| told(&combination, &windows, l)));
    Ok(Chosen { combination, channels })
}

/// What was chosen, in words.
fn told(combination: &Combination, windows: &[usize], l: Language) -> String {
    let linear = &combination.best;
    let number = |value: f64| l.digits(&short(value));
    let penalty = match linear.penalty {
        Some(penalty) => say::data_least_squares(l, l.digits(&penalty.to_string())),
        None => say::data_as_it_is(l),
    };
    let compared = match windows.len() {
        1 => String::new(),
        _ => say::data_best_window(l, format!("{windows:?}")),
    };
    let mean = match combination.windows.len() {
        1 => String::new(),
        _ => say::data_mean_of_forecasts(
            l,
            format!("{:?}", combination.windows),
            number(combination.start.judged),
            number(linear.judged),
        ),
    };
    let window = l.counted(linear.window as u64, "step");
    say::data_window(l, window, compared, linear.base.name(l), penalty, mean)
}

/// Windows to compare: some usual ones and a few seasons, as far as enough of them fit.
fn windows(train: usize, horizon: usize, season: usize) -> Vec<usize> {
    let longest = (train / 2).min(train.saturating_sub(horizon + LEAST_WINDOWS));
    let mut windows = WINDOWS.to_vec();
    if season > 1 {
        windows.extend([season, season + 1, 2 * season, 3 * season]);
    }
    windows.retain(|&window| window <= longest && window <= LONGEST);
    windows.sort_unstable();
    windows.dedup();
    if windows.is_empty() {
        windows.push(longest.max(1));
    }
    windows
}

/// The scale of a column, by its training part.
fn channel(
    name: &str,
    grid: &Grid,
    place: usize,
    index: usize,
    train: usize,
    season: usize,
    log: bool,
) -> Channel {
    let values = || grid.values.iter().skip(index).step_by(grid.columns).take(train).copied();
    let least = values().fold(f64::INFINITY, f64::min);
    // Beside positive targets another series may still be negative.
    let log_floor = (log && least > 0.0).then_some(least / 100.0);
    let moments = |log: bool| {
        let mut moments = Moments::default();
        values().for_each(|value| moments.add(if log { value.ln() } else { value }));
        (moments.mean, moments.std())
    };
    let (unit_mean, unit_std) = moments(false);
    let (mean, std) = if log_floor.is_some() { moments(true) } else { (unit_mean, unit_std) };
    let ahead = values().skip(season).zip(values()).map(|(later, value)| (later - value).abs());
    let (count, sum) = ahead.fold((0.0, 0.0), |(count, sum), error| (count + 1.0, sum + error));
    let naive_error = if count > 0.0 { sum / count } else { 0.0 };
    let name = name.to_owned();
    Channel { name, place, log_floor, mean, std, unit_mean, unit_std, naive_error }
}

/// The mean squared error of a linear forecast on standardized values.
fn compare(
    linear: &Linear,
    encoded: &[Vec<f64>],
    channels: &[Channel],
    grid: &Grid,
    judge: &Range<usize>,
) -> f64 {
    let origins = origins(judge, linear.window, linear.horizon);
    let stride = origins.len().div_ceil(COMPARED).max(1);
    let (mut sum, mut count) = (0.0, 0.0);
    for origin in origins.step_by(stride) {
        for (s, series) in encoded.iter().enumerate() {
            let forecast =
                linear.forecast(&series[origin - linear.window..origin], s, encoded.len());
            for (h, &number) in forecast.iter().enumerate() {
                let value = grid.values[(origin + h) * grid.columns + s];
                let channel = &channels[s];
                let error =
                    channel.standardized(channel.decode(number)) - channel.standardized(value);
                sum += error * error;
                count += 1.0;
            }
        }
    }
    if count > 0.0 { sum / count } else { f64::INFINITY }
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
