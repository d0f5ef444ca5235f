//! What was seen, as tables for other programs.

use super::{Gate, Inspection, Training};
use crate::report::csv_cell;
use serde_json::{Value, json};
use std::fmt::Write;

impl Inspection {
    /// How much of the gradient arrives, as CSV: a line for each part, state and distance.
    pub fn flow_csv(&self) -> String {
        let mut csv = String::from("part,state,distance,share\n");
        for part in &self.parts {
            let Some(flow) = &part.flow else { continue };
            for (state, shares) in ["h", "c"].iter().zip(&flow.shares) {
                for (distance, share) in shares.iter().enumerate() {
                    let name = csv_cell(&part.passage.name);
                    let _ = writeln!(csv, "{name},{state},{distance},{share}");
                }
            }
        }
        csv
    }

    /// The states and gates of the first sequence as CSV: a line for each part, step and unit.
    pub fn states_csv(&self) -> String {
        let mut csv = String::from("part,step,unit,name,value\n");
        for part in &self.parts {
            let passage = &part.passage;
            let name = csv_cell(&passage.name);
            let mut kept = vec![("h", None)];
            kept.extend(part.gates.iter().filter_map(|gate| {
                let letter = gate.name.rsplit(' ').next().unwrap_or(gate.name);
                gate.index.map(|index| (letter, Some(index)))
            }));
            if passage.recurrence.cell.states() == 2 {
                kept.push(("c", Some(4)));
            }
            for step in 0..passage.length(0) {
                let number = match part.reads {
                    true => self.step_number(step),
                    false => step + 1,
                };
                for (letter, index) in &kept {
                    let values = match index {
                        Some(index) => passage.kept_at(0, step, *index),
                        None => passage.hidden(0, step),
                    };
                    for (unit, value) in values.iter().enumerate() {
                        let _ = writeln!(csv, "{name},{number},{unit},{letter},{value}");
                    }
                }
            }
        }
        csv
    }

    /// Which steps the answer rests on as CSV: a line for each step.
    pub fn rests_csv(&self) -> String {
        let mut csv = String::from("step,read,gradient_times_input,fall_when_hidden\n");
        let cell = |values: &Option<Vec<f64>>, step: usize| {
            let value = values.as_ref().map(|values| values[step].to_string());
            value.unwrap_or_default()
        };
        for step in 0..self.rests.order().len() {
            let read = self.step_name(step);
            let (a, b) = (
                cell(&self.rests.gradient, step),
                cell(&self.rests.hidden, step),
            );
            let _ = writeln!(
                csv,
                "{},{},{a},{b}",
                self.step_number(step),
                csv_cell(&read)
            );
        }
        csv
    }

    /// Everything but single states, for machines.
    pub fn figures(&self, training: &Training) -> Value {
        let parts: Vec<Value> = self
            .parts
            .iter()
            .map(|part| {
                let gates = part.gates.iter().map(|gate| {
                    let Gate { name, mean, low, high, .. } = gate;
                    json!({"name": name, "mean": mean, "low": low, "high": high})
                });
                let radii = part.spectral_radii();
                let radii = radii
                    .iter().map(|(name, radius)| json!({"name": name, "spectral_radius": radius}));
                let followers = part.followers.iter().take(12).map(|follower| {
                    json!({"unit": follower.unit, "follows": follower.what, "correlation": follower.correlation})
                });
                json!({
                    "part": part.passage.name,
                    "units": part.passage.dims.hidden,
                    "steps": part.passage.dims.time,
                    "gradient": part.flow.as_ref().map(|flow| json!({
                        "verdict": flow.verdict.word(),
                        "falls_below_1_percent_at": flow.verdict.horizon(),
                        "shares": flow.shares,
                    })),
                    "recurrent_weights": radii.collect::<Vec<_>>(),
                    "gates": gates.collect::<Vec<_>>(),
                    "still_units": part.still_units,
                    "units_that_follow": followers.collect::<Vec<_>>(),
                })
            })
            .collect();
        json!({
            "event": "inspection",
            "example": self.title,
            "answer": self.said,
            "measured_in": self.measure,
            "parts": parts,
            "remedies": self.remedies(training),
            "rests_on": {
                "gradient_times_input": self.rests.gradient,
                "fall_when_hidden": self.rests.hidden,
                "hidden_at_a_time": self.rests.together,
            },
            "steps": self.steps.iter().map(|step| json!({
                "at": step.at,
                "right": step.right,
                "likely": step.likely,
            })).collect::<Vec<_>>(),
        })
    }
}
