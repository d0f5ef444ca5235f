//! Whether a table that is to be answered has a column of labels, where only its number is known.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::signal::config::{Layout, SignalConfig};
use crate::signal::open::{Source, is_missing, start};
use crate::signal::{Example, SignalReport};
use crate::source::dialect::{Row, Rows, unclosed};
use crate::text::Column;

/// More different labels than this are texts, of which others come later.
const MOST_LABELS: usize = 1000;

/// What is known of the tables that were learned from, whose label is told by its number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LearnedTables {
    /// Cells in a row, the label's among them, where all rows have as many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<usize>,
    /// The labels; none where they are texts of which no two are alike.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub labels: BTreeSet<String>,
}

impl LearnedTables {
    /// What `train` and `report` say of them; nothing where the label has a name: a table says itself whether that is there.
    pub fn of(config: &SignalConfig, train: &[Example], report: &SignalReport) -> Option<Self> {
        let Some(Column::Number(_)) = config.label else {
            return None;
        };
        let label = |example: &Example| example.fields.get(config.label_name()).cloned();
        let labels: BTreeSet<String> = train.iter().filter_map(label).collect();
        let are_few = labels.len() <= MOST_LABELS.min(train.len() / 2);
        Some(Self {
            columns: report.learned_columns(),
            labels: if are_few { labels } else { BTreeSet::new() },
        })
    }
}

/// What the cells say that stand where the label of a labelled table does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// Nothing: labels are not known, or cells are empty.
    Nothing,
    /// Each is a label, or empty.
    Labels,
    /// Most are labels.
    Mostly,
    /// Few are labels, or none is and all are the same.
    Unsure,
    /// None is a label.
    Values,
}

/// Where the column of labels is missing, in a table that is read to be answered. `header` is its first row, if it holds names; `rows`
/// are all.
///
/// # Errors
/// If that cannot be told.
pub(super) fn place(
    source: &Source<'_>,
    header: Option<&Row<'_>>,
    mut rows: Rows<'_>,
) -> Result<Option<usize>, Error> {
    let (Some(learned), Some(Column::Number(label))) = (source.learned, &source.config.label)
    else {
        return Ok(None);
    };
    let place = label.saturating_sub(1);
    let (mut counts, mut cells) = (BTreeMap::<usize, usize>::new(), Vec::new());
    let (mut row, mut is_header) = (Row::default(), header.is_some());
    while rows
        .next(&mut row)
        .map_err(|quote| unclosed(source.path, quote))?
    {
        if std::mem::take(&mut is_header) {
            continue;
        }
        *counts.entry(row.cells.len()).or_default() += 1;
        cells.push((place < row.cells.len()).then(|| row.cells.swap_remove(place).into_owned()));
    }
    // A row with a cell too many says nothing of the others.
    let commonest = counts.iter().max_by_key(|(_, rows)| **rows);
    let commonest = commonest.map_or(0, |(count, _)| *count);
    let count = header.map_or(commonest, |header| header.cells.len());
    let says = says(&cells, &learned.labels);
    let is_wide = source.config.layout() == Layout::Wide;
    let first = cells.iter().flatten().next();
    let first = start(first.map_or("", |cell| cell.trim()));
    let unsure = |what: &str| {
        let message = format!(
            "it cannot be told whether column {label} is the label, as in what was learned from: {what}; keep the column, and leave \
             its cells empty where labels are not known"
        );
        Err(source.error(message))
    };
    match (learned.columns, says) {
        (Some(all), Says::Values) if count == all => unsure(&format!(
            "there are as many columns, but \"{first}\" and what stands below it are no labels that were learned"
        )),
        (Some(all), _) if count == all => Ok(None),
        (Some(all), Says::Labels) if count + 1 == all && is_wide => unsure(&format!(
            "there is one column less, but \"{first}\" and what stands below it could be labels of shorter sequences, whose rows end \
             with empty cells"
        )),
        (Some(all), _) if count + 1 == all => Ok(Some(place)),
        (Some(_), Says::Labels) if is_wide => Ok(None),
        (Some(all), _) => Err(source.error(format!(
            "it has {count} columns, but what was learned from has {all}, of which column {label} is the label: give it as many, \
             or {} without the label; the row of a shorter sequence ends with empty cells",
            all - 1
        ))),
        (None, Says::Nothing | Says::Labels | Says::Mostly) => Ok(None),
        (None, Says::Values) => Ok(Some(place)),
        (None, Says::Unsure) => unsure(&format!(
            "\"{first}\" and what stands below it are not all labels that were learned"
        )),
    }
}

fn says(cells: &[Option<String>], labels: &BTreeSet<String>) -> Says {
    let is_label = |cell: &&str| labels.contains(*cell);
    let texts = cells.iter().flatten().map(|cell| cell.trim());
    let texts: Vec<&str> = texts.filter(|text| !is_missing(text)).collect();
    let known = texts.iter().filter(|text| is_label(text)).count();
    let absent = cells.iter().filter(|cell| cell.is_none()).count();
    let same = texts.len() > 1 && texts.iter().all(|text| *text == texts[0]);
    match () {
        () if labels.is_empty() || cells.is_empty() => Says::Nothing,
        () if texts.is_empty() && absent == 0 => Says::Nothing,
        () if known > 0 && known == texts.len() && absent == 0 => Says::Labels,
        () if 2 * known > cells.len() => Says::Mostly,
        () if known > 0 || same => Says::Unsure,
        () => Says::Values,
    }
}
