//! What was seen, as tables for other programs.

use super::{Gate, Inspection, Training};
use elman_data::{Column, Columns};
use serde_json::{Value, json};
use std::sync::Arc;

impl Inspection {
    /// What single steps and states are made of, each table with the name of its file; with `states` also every state and gate of
    /// the first sequence, a row for each part, step, unit and number.
    pub fn tables(&self, states: bool) -> Vec<(&'static str, Columns)> {
        let mut tables = vec![
            ("gradients", self.flow_table()),
            ("rests", self.rests_table()),
        ];
        tables.extend(states.then(|| ("states", self.states_table())));
        tables
    }

    /// How much of the gradient arrives: a row for each part, state and distance.
    fn flow_table(&self) -> Columns {
        let (mut parts, mut states, mut distances, mut arrives) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for part in &self.parts {
            let Some(flow) = &part.flow else { continue };
            let name: Arc<str> = part.passage.name.as_str().into();
            for (state, shares) in ["h", "c"].iter().zip(&flow.shares) {
                for (distance, share) in shares.iter().enumerate() {
                    parts.push(name.clone());
                    states.push((*state).into());
                    distances.push(distance as i64);
                    arrives.push(Some(*share));
                }
            }
        }
        Columns::new()
            .with("part", Column::Text(parts))
            .with("state", Column::Text(states))
            .with("distance", Column::Whole(distances))
            .with("share", Column::Double(arrives))
    }

    fn states_table(&self) -> Columns {
        let (mut parts, mut steps, mut units, mut names, mut numbers) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for part in &self.parts {
            let passage = &part.passage;
            let name: Arc<str> = passage.name.as_str().into();
            let mut kept: Vec<(Arc<str>, _)> = vec![("h".into(), None)];
            kept.extend(part.kept().into_iter().map(|(name, index)| {
                let letter = name.rsplit(' ').next().unwrap_or(name);
                (letter.into(), Some(index))
            }));
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
                        parts.push(name.clone());
                        steps.push(number as i64);
                        units.push(unit as i64);
                        names.push(letter.clone());
                        numbers.push(*value);
                    }
                }
            }
        }
        Columns::new()
            .with("part", Column::Text(parts))
            .with("step", Column::Whole(steps))
            .with("unit", Column::Whole(units))
            .with("name", Column::Text(names))
            .with("value", Column::Single(numbers))
    }

    /// Which steps the answer rests on: a row for each step.
    fn rests_table(&self) -> Columns {
        let steps = 0..self.rests.order().len();
        let of = |values: &Option<Vec<f64>>| {
            let at = |step: usize| values.as_ref().map(|values| values[step]);
            Column::Double(steps.clone().map(at).collect())
        };
        let numbers = steps.clone().map(|step| self.step_number(step) as i64);
        let read = steps.clone().map(|step| self.step_name(step).into());
        Columns::new()
            .with("step", Column::Whole(numbers.collect()))
            .with("read", Column::Text(read.collect()))
            .with("gradient_times_input", of(&self.rests.gradient))
            .with("fall_when_hidden", of(&self.rests.hidden))
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
