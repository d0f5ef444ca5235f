//! A row for each step.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use jiff::civil::DateTime;

use super::{Field, Table};
use crate::Error;
use crate::signal::open::{Contents, Source, is_missing, start};
use crate::signal::{Example, Signal};
use crate::source::clock;
use crate::source::dialect::Row;
use crate::source::several;

pub(super) fn read(mut table: Table<'_>) -> Result<Contents, Error> {
    let config = table.source.config;
    let ids = table.places(&config.id, "id")?;
    let fields = table.fields()?;
    let place = |column: &Option<_>, key| {
        column
            .as_ref()
            .map(|column| table.place(column, key))
            .transpose()
    };
    let time = place(&config.time, "time")?;
    let steps = match place(&config.steps, "steps") {
        // Where nothing is learned, nothing need be known.
        Err(Error::NoColumn { .. }) if !table.source.needs_label => None,
        found => found?,
    };
    let mut channels = Channels::new(&table, &fields, [time, steps])?;
    let mut series: Vec<Series> = Vec::new();
    let mut known: HashMap<Vec<String>, usize> = HashMap::new();
    let mut stray = Vec::new();
    let mut times = Vec::new();
    let values = channels.places.clone();
    table.find_written(|place| values.contains(&place), false)?;
    while let Some(record) = table.next()? {
        if record.cells.len() != table.names.len() {
            stray.push(Err(table.ragged(&record)));
            continue;
        }
        table.count(&record);
        let key = ids
            .iter()
            .map(|&id| record.cells[id].trim().to_owned())
            .collect();
        let at = *known.entry(key).or_insert_with(|| {
            series.push(Series::new(record.line));
            series.len() - 1
        });
        let one = &mut series[at];
        if one.error.is_some() {
            continue;
        }
        let added = one
            .describe(&table, &fields, &record)
            .and_then(|()| one.add_step(&table, steps, &record))
            .and_then(|()| channels.add(&table, &record, &mut one.values));
        if let Err(error) = added {
            one.error = Some(error);
            continue;
        }
        one.lines.push(record.line);
        if let Some(time) = time {
            one.times.push(times.len());
            times.push((record.line, record.cells[time].trim().to_owned()));
        }
    }
    if series.is_empty() && stray.is_empty() {
        return Err(Error::Empty {
            path: table.source.path.into(),
            what: "has a header but no rows",
        });
    }
    let order = time
        .map(|time| Order::new(&table.source, &table.names[time], &times))
        .transpose()?;
    let examples = series
        .into_iter()
        .map(|one| one.finish(&table, &channels, order.as_ref()));
    let examples = examples.chain(stray).collect();
    let (columns, is_unlabelled) = (table.cells, table.unlabelled.is_some());
    let (channels, left_out) = channels.names(&table)?;
    Ok(Contents {
        examples,
        channels: Some(channels),
        columns,
        is_unlabelled,
        left_out,
        ..Contents::default()
    })
}

/// The columns of values. Without a list of them, the first value that is not missing decides whether a column is one.
struct Channels {
    places: Vec<usize>,
    kinds: Vec<Kind>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown,
    Numbers,
    /// A column of texts, with the line of the first.
    Texts(u64),
}

impl Channels {
    fn new(table: &Table<'_>, fields: &[Field], others: [Option<usize>; 2]) -> Result<Self, Error> {
        let columns = &table.source.config.columns;
        if !columns.is_empty() {
            let places = table.places(columns, "columns")?;
            let kinds = vec![Kind::Numbers; places.len()];
            return Ok(Self { places, kinds });
        }
        let is_else = |place: &usize| {
            fields.iter().any(|field| field.place == *place) || others.contains(&Some(*place))
        };
        let places: Vec<usize> = (0..table.names.len())
            .filter(|place| !is_else(place))
            .collect();
        let kinds = vec![Kind::Unknown; places.len()];
        Ok(Self { places, kinds })
    }

    /// Adds a row's values to `values`; of columns of texts, missing ones.
    fn add(
        &mut self,
        table: &Table<'_>,
        record: &Row<'_>,
        values: &mut Vec<f64>,
    ) -> Result<(), Error> {
        for (&place, kind) in self.places.iter().zip(&mut self.kinds) {
            let text = record.cells[place].trim();
            if *kind == Kind::Unknown && !is_missing(text) {
                *kind = match table.written(place).read(text) {
                    Some(_) => Kind::Numbers,
                    None => Kind::Texts(record.line),
                };
            }
            values.push(match kind {
                Kind::Texts(_) => f64::NAN,
                _ => table.value(record, place)?,
            });
        }
        Ok(())
    }

    fn is_value(&self) -> impl Iterator<Item = bool> + Clone + '_ {
        self.kinds
            .iter()
            .map(|kind| !matches!(kind, Kind::Texts(_)))
    }

    /// The names of the columns of values, and what is said of the others.
    fn names(&self, table: &Table<'_>) -> Result<(Vec<String>, Vec<String>), Error> {
        let (mut values, mut others) = (Vec::new(), Vec::new());
        for (&place, kind) in self.places.iter().zip(&self.kinds) {
            let name = table.names[place].clone();
            match kind {
                Kind::Texts(line) => {
                    others.push(format!("`{}` (text in line {line})", start(&name)))
                }
                _ => values.push(name),
            }
        }
        if values.is_empty() {
            return Err(Error::NoNumericColumn {
                path: table.source.path.into(),
                columns: if others.is_empty() {
                    "none".into()
                } else {
                    others.join(", ")
                },
            });
        }
        Ok((values, others))
    }
}

/// A sequence whose rows are being read.
struct Series {
    line: u64,
    fields: BTreeMap<String, String>,
    /// `[time, columns of values and texts]`.
    values: Vec<f64>,
    steps: Vec<String>,
    /// The line of each step.
    lines: Vec<u64>,
    /// Where the time of each step is among all.
    times: Vec<usize>,
    error: Option<Error>,
}

impl Series {
    fn new(line: u64) -> Self {
        Self {
            line,
            fields: BTreeMap::new(),
            values: Vec::new(),
            steps: Vec::new(),
            lines: Vec::new(),
            times: Vec::new(),
            error: None,
        }
    }

    /// Takes the fields of the first row, and sees that the others say the same.
    fn describe(
        &mut self,
        table: &Table<'_>,
        fields: &[Field],
        record: &Row<'_>,
    ) -> Result<(), Error> {
        for field in fields {
            let Some(text) = table.field(field, record)? else {
                continue;
            };
            let (name, first) = (&field.name, self.lines.is_empty());
            match self.fields.get(name) {
                Some(known) if *known != text => {
                    let hint = if field.is_label {
                        "; a label for each step belongs in data.steps"
                    } else {
                        ""
                    };
                    let name = table.shown(field.place);
                    return Err(table.source.row_error(
                        record.line,
                        format!(
                            "the column `{name}` says \"{}\", but \"{}\" in line {}, of the same sequence{hint}",
                            start(&text),
                            start(known),
                            self.line
                        ),
                    ));
                }
                None if first => drop(self.fields.insert(name.clone(), text)),
                _ => {}
            }
        }
        Ok(())
    }

    fn add_step(
        &mut self,
        table: &Table<'_>,
        steps: Option<usize>,
        record: &Row<'_>,
    ) -> Result<(), Error> {
        if let Some(place) = steps {
            let text = record.cells[place].trim();
            if text.is_empty() {
                let message = format!("the column `{}` is empty", table.shown(place));
                return Err(table.source.row_error(record.line, message));
            }
            self.steps.push(text.to_owned());
        }
        Ok(())
    }

    fn finish(
        self,
        table: &Table<'_>,
        channels: &Channels,
        order: Option<&Order>,
    ) -> Result<Example, Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let mut rows: Vec<usize> = (0..self.lines.len()).collect();
        if let Some(order) = order {
            order.sort(&table.source, &self, &mut rows)?;
        }
        let width = channels.places.len();
        let values = rows.iter().flat_map(|&row| {
            let values = &self.values[row * width..(row + 1) * width];
            values
                .iter()
                .zip(channels.is_value())
                .filter(|(_, is_value)| *is_value)
                .map(|(&value, _)| value)
        });
        Ok(Example {
            signal: Signal {
                values: values.collect(),
                features: channels.is_value().filter(|&is_value| is_value).count(),
            },
            steps: (!self.steps.is_empty())
                .then(|| rows.iter().map(|&row| self.steps[row].clone()).collect()),
            fields: self.fields,
            place: table.source.place(self.line),
            ..Example::default()
        })
    }
}

/// The times of all rows.
enum Order {
    Numbers(Vec<f64>),
    Times(Vec<DateTime>),
}

impl Order {
    fn new(source: &Source<'_>, column: &str, times: &[(u64, String)]) -> Result<Self, Error> {
        if let Some((line, text)) = times.iter().find(|(_, text)| is_missing(text)) {
            let message = format!(
                "the column `{column}` says \"{text}\", where the time of the step is needed"
            );
            return Err(source.row_error(*line, message));
        }
        let numbers = times
            .iter()
            .map(|(_, text)| text.parse().ok().filter(|value: &f64| value.is_finite()));
        let format = source.config.time_format.as_deref();
        if let (None, Some(numbers)) = (format, numbers.collect()) {
            return Ok(Self::Numbers(numbers));
        }
        let cells: Vec<Cow<'_, str>> = times.iter().map(|(_, text)| text.as_str().into()).collect();
        let bad = |row: usize, tried: String| Error::BadTime {
            place: source.place(times[row].0),
            column: column.into(),
            text: start(&times[row].1),
            tried,
        };
        let ask = clock::Ask {
            format,
            numbers: clock::Numbers::All,
            ..clock::Ask::default()
        };
        match clock::read(&cells[..], ask) {
            Ok(column) => clock::settle(column.moments, None, None)
                .map(|settled| Self::Times(settled.times))
                .map_err(|(row, why)| bad(row, why)),
            Err(clock::Failure::Unreadable { row, tried, .. }) => Err(bad(row, tried)),
            Err(clock::Failure::Ambiguous { row, first, second }) => Err(Error::AmbiguousTime {
                column: column.into(),
                text: times[row].1.clone(),
                first,
                second,
            }),
        }
    }

    /// Puts the rows of a sequence in order; two of the same time are an error.
    fn sort(&self, source: &Source<'_>, series: &Series, rows: &mut [usize]) -> Result<(), Error> {
        let compare = |a: usize, b: usize| {
            let (a, b) = (series.times[a], series.times[b]);
            match self {
                Self::Numbers(numbers) => numbers[a].total_cmp(&numbers[b]),
                Self::Times(times) => times[a].cmp(&times[b]),
            }
        };
        let runs = several::stretches(rows.len(), compare);
        if let Some(border) = runs.and_then(|runs| several::interruption(&runs, compare)) {
            return Err(source.row_error(
                series.lines[border],
                format!(
                    "the time goes back into that of the lines before, of the same sequence (from line {} to line {}); if two \
                     sequences stand there, tell them apart with data.id, else put the rows in order",
                    series.line,
                    series.lines[border - 1]
                ),
            ));
        }
        rows.sort_by(|&a, &b| compare(a, b));
        match rows.windows(2).find(|pair| compare(pair[0], pair[1]).is_eq()) {
            None => Ok(()),
            Some(pair) => Err(source.row_error(
                series.lines[pair[1]],
                format!(
                    "the step has the time of line {} of the same sequence; correct it, or tell sequences apart with \
                     data.id",
                    series.lines[pair[0]]
                ),
            )),
        }
    }
}
