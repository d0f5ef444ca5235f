//! States, step by step, as pictures.

use super::{Inspection, STEPS, figure, named};
use crate::inspect::Reading;
use crate::ops::Passage;
use crate::report::plot::{HeatMap, Lines, Places, Series, heat_map, lines};
use crate::report::{Block, Picture, Section, Svg, number};

/// Units that a heat map shows.
const UNITS: usize = 24;
/// Recurrences whose states are drawn.
const DRAWN: usize = 4;

impl Inspection {
    pub(super) fn states(&self, pictures: &mut Vec<Picture>) -> Section {
        let mut blocks = Vec::new();
        for (index, part) in self.parts.iter().enumerate().take(DRAWN) {
            let passage = &part.passage;
            let steps = passage.length(0).min(STEPS);
            if steps == 0 {
                continue;
            }
            let units = liveliest(passage);
            let draw =
                |value: &dyn Fn(usize, usize) -> f32| self.heat(passage, &units, steps, value);
            let svg = draw(&|step, unit| passage.hidden(0, step)[unit]);
            let caption = format!(
                "Hidden states of {}: the units that move most.",
                named(passage)
            );
            figure(
                &mut blocks,
                pictures,
                format!("states-{}", index + 1),
                svg,
                caption,
            );
            let mut folded = Vec::new();
            for (name, gate) in part.kept() {
                let svg = draw(&|step, unit| passage.kept_at(0, step, gate)[unit]);
                let file = format!("{}-{}", name.replace(' ', "-"), index + 1);
                figure(
                    &mut folded,
                    pictures,
                    file,
                    svg,
                    format!("{name} of {}.", named(passage)),
                );
            }
            if !folded.is_empty() {
                blocks.push(Block::Folded {
                    summary: format!("The gates of {}", named(passage)),
                    blocks: folded,
                });
            }
        }
        if let (Reading::Numbers(names) | Reading::Series { names, .. }, Some(first)) =
            (&self.reading, self.parts.iter().find(|part| part.reads))
            && let Some(svg) = self.series(&first.passage, names)
        {
            figure(
                &mut blocks,
                pictures,
                "series".into(),
                svg,
                "What was read, as the network sees it.".into(),
            );
        }
        Section::new("States, step by step", blocks)
    }

    /// Values of some units over the first steps of a passage.
    fn heat(
        &self,
        passage: &Passage,
        units: &[usize],
        steps: usize,
        value: &dyn Fn(usize, usize) -> f32,
    ) -> Svg {
        let rows: Vec<String> = units.iter().map(|unit| format!("unit {unit}")).collect();
        // A decoder's steps, or those of letters, are not what was read.
        let read = self
            .parts
            .iter()
            .any(|part| part.reads && std::ptr::eq(&part.passage, passage));
        let columns: Vec<String> = (0..steps)
            .map(|step| match read {
                true => self.step_name(step),
                false => (step + 1).to_string(),
            })
            .collect();
        let values = units
            .iter()
            .flat_map(|unit| (0..steps).map(|step| f64::from(value(step, *unit))));
        heat_map(&HeatMap {
            title: "",
            rows: &rows,
            columns: &columns,
            values: &values.collect::<Vec<f64>>(),
            row_title: "",
            column_title: "step",
            show_values: false,
        })
    }

    /// What a passage read, as lines; nothing where that is too much to be seen.
    fn series(&self, passage: &Passage, names: &[String]) -> Option<Svg> {
        const MOST: usize = 5;
        if passage.dims.input > MOST {
            return None;
        }
        let values: Vec<Vec<f64>> = (0..passage.dims.input)
            .map(|feature| {
                let at = |step| f64::from(passage.read(0, step)[feature]);
                (0..passage.length(0)).map(at).collect()
            })
            .collect();
        let own = names.len() == passage.dims.input;
        let names: Vec<String> = match own {
            true => names.to_vec(),
            false => (1..=passage.dims.input)
                .map(|n| format!("input {}", number(n as f64)))
                .collect(),
        };
        let series: Vec<Series<'_>> = names
            .iter()
            .zip(&values)
            .map(|(name, values)| Series { name, values })
            .collect();
        let steps = (0..passage.length(0)).map(|step| self.step_number(step) as f64);
        let steps: Vec<f64> = steps.collect();
        Some(lines(&Lines {
            title: "",
            along: "step",
            places: Places::Whole(&steps),
            value: "scaled",
            logarithmic: false,
            series: &series,
            behind: &[],
            mark: None,
        }))
    }
}

/// The units whose states move most.
fn liveliest(passage: &Passage) -> Vec<usize> {
    let steps = passage.length(0);
    let spread = |unit: usize| {
        let values = (0..steps).map(|step| f64::from(passage.hidden(0, step)[unit]));
        let mean = values.clone().sum::<f64>() / steps as f64;
        values.map(|value| (value - mean).powi(2)).sum::<f64>()
    };
    let spreads: Vec<f64> = (0..passage.dims.hidden).map(spread).collect();
    let mut order: Vec<usize> = (0..spreads.len()).collect();
    order.sort_by(|a, b| spreads[*b].total_cmp(&spreads[*a]));
    order.truncate(UNITS);
    order
}
