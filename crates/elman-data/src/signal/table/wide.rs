//! A row for each sequence.

use std::collections::BTreeMap;

use super::{Field, Table};
use crate::Error;
use crate::signal::open::{Contents, is_padding};
use crate::signal::{Example, Signal};
use crate::source::dialect::Row;

pub(super) fn read(mut table: Table<'_>) -> Result<Contents, Error> {
    let fields = table.fields()?;
    let columns = table.places(&table.source.config.columns, "columns")?;
    let (mut examples, mut padding) = (Vec::new(), 0);
    let places = columns.clone();
    let is_field = |place: usize| fields.iter().any(|field| field.place == place);
    table.find_written(
        |place| match places.as_slice() {
            [] => !is_field(place),
            places => places.contains(&place),
        },
        true,
    )?;
    while let Some(record) = table.next()? {
        table.count(&record);
        examples.push(example(&table, &fields, &columns, &record, &mut padding));
    }
    if examples.is_empty() {
        return Err(Error::Empty {
            path: table.source.path.into(),
            what: "has a header but no rows",
        });
    }
    Ok(Contents {
        examples,
        columns: table.cells,
        is_unlabelled: table.unlabelled.is_some(),
        padding,
        ..Contents::default()
    })
}

fn example(
    table: &Table<'_>,
    fields: &[Field],
    columns: &[usize],
    record: &Row<'_>,
    padding: &mut usize,
) -> Result<Example, Error> {
    // A row may end early, as its sequence does; a header says how far it may go.
    if table.has_header && record.cells.len() > table.names.len() {
        return Err(table.ragged(record));
    }
    let mut known = BTreeMap::new();
    for field in fields {
        if let Some(text) = table.field(field, record)? {
            known.insert(field.name.clone(), text);
        }
    }
    let all: Vec<usize>;
    let columns = match columns {
        [] => {
            let is_field = |place: &usize| fields.iter().any(|field| field.place == *place);
            all = (0..record.cells.len())
                .filter(|place| !is_field(place))
                .collect();
            &all
        }
        columns => columns,
    };
    let held = |is_end: fn(&str) -> bool| {
        let ends = |place: &usize| record.cells.get(*place).is_none_or(|cell| is_end(cell));
        let last = columns.iter().rposition(|place| !ends(place));
        last.map_or(0, |last| last + 1)
    };
    let time = held(is_padding);
    if time == 0 {
        return Err(table.source.row_error(record.line, "the row has no values"));
    }
    // A shorter row ends with empty cells, of which nothing need be said.
    *padding += held(|cell| cell.trim().is_empty()) - time;
    let values = columns[..time]
        .iter()
        .map(|&place| table.value(record, place));
    Ok(Example {
        signal: Signal {
            values: values.collect::<Result<_, _>>()?,
            features: 1,
        },
        fields: known,
        place: table.source.place(record.line),
        ..Example::default()
    })
}
