//! Tables of series one step to a row.

use super::Head;
use elman_data::text::Column;

/// What the columns are called that tell series apart.
const IDS: [&str; 16] = [
    "seq",
    "sequence",
    "series",
    "id",
    "series_id",
    "sequence_id",
    "recording",
    "take",
    "trial",
    "sample",
    "sample_id",
    "case",
    "case_id",
    "segment",
    "session",
    "unit",
];
/// What the columns are called that hold what a series is.
const CLASSES: [&str; 9] = [
    "label", "class", "action", "activity", "gesture", "target", "category", "state", "fault",
];
/// What the columns are called that order the steps.
const STEPS: [&str; 9] = [
    "t",
    "time",
    "step",
    "frame",
    "timestamp",
    "tick",
    "cycle",
    "index",
    "date",
];

/// A table whose rows are steps of several series, each of one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Long {
    /// The column that tells series apart.
    pub id: String,
    /// The column that orders the steps.
    pub time: Option<String>,
    /// The column of the class.
    pub label: String,
    /// The columns of values: those that change within a series.
    pub values: Vec<String>,
}

impl Long {
    /// What a table is, if its columns are called so and hold what they are called: the class of a series is the same in all its rows.
    pub fn find(head: &Head) -> Option<Self> {
        let names: Vec<String> = head.columns().iter().map(ToString::to_string).collect();
        let named = |known: &[&str]| -> Vec<&String> {
            let found = known
                .iter()
                .filter_map(|known| names.iter().find(|name| name.to_lowercase() == **known));
            found.collect()
        };
        let cells = |name: &str| head.cells(&Column::from(name));
        for id in named(&IDS) {
            let ids = cells(id);
            let runs: Vec<&[&str]> = ids.chunk_by(|a, b| a == b).collect();
            let mut first: Vec<&str> = runs.iter().map(|run| run[0]).collect();
            first.sort_unstable();
            first.dedup();
            if runs.len() < 2 || first.len() < runs.len() || ids.len() < 3 * runs.len() {
                continue; // not several series, one after the other
            }
            let constant = |name: &str| {
                let cells = cells(name);
                let mut at = 0;
                runs.iter().all(|run| {
                    let same = cells[at..at + run.len()]
                        .windows(2)
                        .all(|pair| pair[0] == pair[1]);
                    at += run.len();
                    same
                })
            };
            let label = named(&CLASSES)
                .into_iter()
                .find(|name| *name != id && constant(name));
            let Some(label) = label else {
                continue;
            };
            let time = named(&STEPS)
                .into_iter()
                .find(|name| *name != id && !constant(name));
            let numbers = head.numbers();
            let values = names.iter().filter(|name| {
                *name != id
                    && *name != label
                    && Some(*name) != time
                    && numbers.contains(&Column::from(name.as_str()))
                    && !constant(name)
            });
            return Some(Self {
                id: id.clone(),
                time: time.cloned(),
                label: label.clone(),
                values: values.cloned().collect(),
            });
        }
        None
    }
}
