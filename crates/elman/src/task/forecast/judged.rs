//! A run judged on a file of its own, rather than on the test part of its data.

use super::dataset::{Dataset, forget_future, scaled};
use super::preprocessing::{read, transformed};
use super::{Error, Recipe, of_file};
use elman_data::{Series, Splits};
use std::path::Path;

/// Values that differ by less than this share of their column's range are the same, rounded.
const ROUNDED: f64 = 1e-4;
/// Fewer rows without times are the same by accident.
const FEWEST: usize = 8;

impl Dataset {
    /// The rows of `file` as what a model is judged by that learned from `learned`, and in words which they are. Rows that the
    /// model knows, and those that the first forecast and the season look back on, are history.
    ///
    /// # Errors
    /// If the file cannot be read, has other columns than the run was trained on, or no row that is new to it.
    pub(super) fn judging(
        recipe: &Recipe,
        file: &Path,
        learned: Self,
    ) -> Result<(Self, String), Error> {
        let known = learned.preprocessing.clone();
        let recipe = of_file(recipe, file, &known);
        let read = read(&recipe, Path::new(""), Some(&known.known()))?;
        let (mut series, Some(mut report), None) = read else {
            return Err(Error::NoSeries);
        };
        known.check(&series)?;
        let (rows, Met { seen, shared }) = (series.len(), Met::of(&series, &learned));
        if seen == rows {
            return Err(Error::NothingNew { file: file.into() });
        }
        let config = &recipe.task.forecast;
        let mut lead = config.lookback + config.offset;
        if known.season < rows / 2 {
            lead = lead.max(known.season);
        }
        let first = seen.max(lead).min(rows);
        forget_future(&mut series, first, Some(&mut report));
        let transformed = transformed(&series, config.transform, &report.calendar)?;
        let scaled = scaled(transformed, &known.scalers);
        let splits = Splits {
            train: 0..0,
            valid: 0..first,
            test: first..rows,
        };
        let label = |row: usize| series.labels(row..row + 1).remove(0);
        let mut said = format!("{} rows", rows - first);
        if first < rows {
            said += &format!(", {} to {}", label(first), label(rows - 1));
        }
        said += &format!("; the first {first} are history");
        if seen > 0 {
            said += &format!(", of which the run knows {seen}");
        } else if shared > 0 {
            said += &format!(
                ". {shared} of its times are also those of what the run learned from, with other values: it is taken for another \
                 series"
            );
        }
        let mut data = Self::assemble(series, scaled, Some(report), splits, None, known, config);
        data.learned = Some(Box::new(learned));
        Ok((data, said))
    }
}

/// What a series has in common with the rows that a model was trained and chosen by.
struct Met {
    /// Its first rows, if they are rows of those.
    seen: usize,
    /// Its times that are times of those.
    shared: usize,
}

impl Met {
    fn of(series: &Series, learned: &Dataset) -> Self {
        let theirs = &learned.series;
        let end = learned.splits.valid.end;
        let columns = series.targets.iter().zip(&theirs.targets);
        let columns: Vec<(&[f64], &[f64], f64)> = columns
            .map(|(mine, other)| {
                let (mine, other) = (&series.columns[*mine], &theirs.columns[*other][..end]);
                let low = other.iter().copied().fold(f64::INFINITY, f64::min);
                let high = other.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                (mine.as_slice(), other, ROUNDED * (high - low))
            })
            .collect();
        let is_same = |row: usize, place: usize| {
            let mut columns = columns.iter();
            columns.all(|(mine, other, near)| (mine[row] - other[place]).abs() <= *near)
        };
        match (&series.times, &theirs.times) {
            (Some(mine), Some(times)) => {
                let times = &times[..end];
                let pairs = mine.iter().enumerate();
                let pairs =
                    pairs.filter_map(|(row, time)| Some((row, times.binary_search(time).ok()?)));
                let pairs: Vec<(usize, usize)> = pairs.collect();
                let same = pairs.iter().filter(|(row, place)| is_same(*row, *place));
                let is_known = 2 * same.count() > pairs.len();
                Self {
                    seen: pairs
                        .last()
                        .filter(|_| is_known)
                        .map_or(0, |(row, _)| row + 1),
                    shared: pairs.len(),
                }
            }
            (None, None) => {
                let count = |start: usize| (end - start).min(series.len());
                let fits = |start: &usize| {
                    count(*start) >= FEWEST.min(series.len())
                        && (0..count(*start)).all(|row| is_same(row, start + row))
                };
                Self {
                    seen: (0..end).find(fits).map_or(0, count),
                    shared: 0,
                }
            }
            _ => Self { seen: 0, shared: 0 },
        }
    }
}
