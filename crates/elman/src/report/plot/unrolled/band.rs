//! The rows of a network unrolled in time.

use super::Unrolled;
use crate::cell::CellKind;
use crate::layer::RecurrentShape;
use crate::model::Shape;

/// One row of boxes.
pub(super) struct Band<'a> {
    pub name: String,
    pub notes: Vec<String>,
    /// What stands in its boxes where no values do.
    pub sign: &'a str,
    /// Whether it stands at every step, or once: at the end of the steps.
    pub every: bool,
    pub cell: Option<RecurrentShape>,
    pub place: usize,
    pub level: usize,
    pub writes: bool,
}

/// The rows of the picture, from the bottom.
pub(super) fn bands<'a>(plot: &Unrolled<'a>) -> Vec<Band<'a>> {
    let every = |shape: &Shape| !matches!(shape, Shape::Vector { .. });
    let (input, [what, says]) = (plot.summary.input, plot.ends);
    let band = |name: String, sign, every, place| Band {
        name,
        notes: Vec::new(),
        sign,
        every,
        cell: None,
        place,
        level: 0,
        writes: false,
    };
    let mut bands = vec![Band {
        notes: input
            .features()
            .map(|n| format!("[{n}]"))
            .into_iter()
            .collect(),
        ..band(format!("x, {what}"), "x", every(&input), usize::MAX)
    }];
    let mut told = false;
    for (place, row) in plot.summary.rows.iter().enumerate() {
        if matches!(&*row.layer, "dropout" | "activation" | "masking") {
            continue; // nothing changes its shape
        }
        if row.writes && !told {
            told = true;
            bands.push(Band {
                writes: true,
                ..band(plot.words.told.into(), "y", true, usize::MAX)
            });
        }
        let shape = row
            .output
            .features()
            .map(|n| format!("[{n}]"))
            .unwrap_or_default();
        let Some(cell) = row.recurrence else {
            bands.push(Band {
                notes: vec![format!("{} {shape}", row.layer)],
                writes: row.writes,
                ..band(
                    row.name.clone(),
                    short(&row.layer),
                    every(&row.output),
                    place,
                )
            });
            continue;
        };
        for level in 0..cell.layers {
            let last = level + 1 == cell.layers;
            let sides = if cell.both_ways { 2 } else { 1 };
            let input = if level == 0 {
                cell.input
            } else {
                cell.hidden * sides
            };
            let gates = cell.cell.gates() * cell.hidden;
            let notes = vec![
                format!("W_xh [{input} × {gates}]"),
                format!("W_hh [{} × {gates}]", cell.hidden),
                match cell.both_ways {
                    true => plot.words.shared_both_ways.into(),
                    false => plot.words.shared.into(),
                },
            ];
            bands.push(Band {
                notes,
                sign: match cell.cell {
                    CellKind::SimpleRnn(_) => "RNN",
                    CellKind::Lstm => "LSTM",
                    CellKind::Gru(_) => "GRU",
                },
                cell: Some(cell),
                level,
                writes: row.writes,
                ..band(
                    match cell.layers {
                        1 => row.name.clone(),
                        _ => format!("{}, {} {}", row.name, plot.words.layer, level + 1),
                    },
                    "",
                    true,
                    place,
                )
            });
            // A layer that gives its last state alone: what is above it stands at the last step.
            if last && !every(&row.output) {
                bands.push(Band {
                    notes: vec![shape.clone()],
                    ..band(plot.words.last_state.into(), "h", false, usize::MAX)
                });
            }
        }
    }
    if let Some(last) = bands.last_mut() {
        last.name = format!("y, {says}");
        last.sign = "y";
    }
    bands
}

fn short(layer: &str) -> &str {
    match layer {
        "embedding" => "E",
        "one_hot" => "1-hot",
        "repeat_vector" => "copy",
        "pooling" => "pool",
        "conv1d" => "conv",
        "random field" => "CRF",
        other if other.contains("uong") || other.contains("ahdanau") => "look",
        _ => "W",
    }
}
