//! Why a recurrent network works, or does not: what its states and gates do over one example, how far back gradients reach, and
//! which steps an answer rests on.
//!
//! Works on any network whose recurrences are [`ops::recurrent`](crate::ops::recurrent), which all of Elman's are: it
//! [watches](crate::ops::watch) one answer and its way back. A task says what an example is and how it is answered
//! ([`Specimen`]; [`Job::specimen`](crate::task::Job::specimen)).

mod files;
mod flow;
mod gates;
mod page;
mod rests;
mod specimen;
mod units;

pub use flow::{Flow, Verdict};
pub use gates::{Gate, spectral_radius};
pub use rests::Rests;
pub use specimen::{Ask, Asked, Choice, Reading, Specimen, StepSaid};
pub(crate) use specimen::{
    hide_steps, judged, log_probability, log_probability_of_all, probabilities, said_in_rows,
};
pub use units::Follower;

use crate::cell::CellKind;
use crate::init::Initializer;
use crate::model::Summary;
use crate::ops::{Passage, watch};
use crate::recipe::Recipe;
use crate::report::plot::{INPUT, UnrolledValues};
use crate::train::{EpochRecord, Hint};
use burn::module::Module;
use burn::prelude::{Device, Tensor};

/// One recurrence of a network at work on an example.
#[derive(Clone, Debug)]
pub struct Part {
    /// What it read and said, and what came back.
    pub passage: Passage,
    /// How the gradient of the answer flows back through its steps.
    pub flow: Option<Flow>,
    /// What its gates did.
    pub gates: Vec<Gate>,
    /// Units that say the same at every step.
    pub still_units: usize,
    /// Whether its steps are those of the example, whatever it reads of them.
    pub reads: bool,
    /// What its units follow, those first that follow something most closely.
    pub followers: Vec<Follower>,
}

/// A network at work on one example.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Which example.
    pub title: String,
    /// What was answered.
    pub said: String,
    /// What the answer is measured in.
    pub measure: &'static str,
    /// What was read at its steps.
    pub reading: Reading,
    /// What was said at each step, where something was.
    pub steps: Vec<StepSaid>,
    /// Its recurrences, in the order in which they run.
    pub parts: Vec<Part>,
    /// Which steps the answer rests on.
    pub rests: Rests,
}

/// Looks at a trained network at work on one example: one answer and its way back. With `hide` the example is asked about again
/// with each step hidden, and the closure is told how many of how many answers are in.
pub fn inspect<M: Module>(
    model: &M,
    specimen: &Specimen<'_, M>,
    hide: Option<&mut dyn FnMut(usize, usize)>,
) -> Inspection {
    // Nothing is learned, and nothing that is for training alone happens: dropout stays off.
    let watched = model.clone().train().freeze();
    let device = Device::default().autodiff();
    let (asked, passages) = watch(|| {
        let asked = (specimen.ask)(&watched, None, &device);
        // Without a recurrence there is nothing else to go back to.
        let root = Tensor::<1>::zeros([1], &device).require_grad();
        (asked.value.clone().sum() + root).backward();
        asked
    });
    let steps = specimen.steps;
    let hidden = hide.filter(|_| specimen.hides && steps > 0);
    let rests = Rests {
        together: if hidden.is_some() {
            rests::together(steps)
        } else {
            0
        },
        gradient: rests::by_gradient(&passages, steps),
        hidden: hidden.map(|told| rests::by_hiding(&model.valid(), specimen, steps, told)),
    };
    let none = Reading::Tokens(Vec::new());
    let reads: Vec<bool> = {
        let first = rests::readers(&passages, steps);
        // Layers on top of the first read the same steps.
        let scope = |passage: &Passage| passage.name.split("layer ").next().map(str::to_owned);
        let reads = |passage: &Passage| {
            let same = |reader: &&Passage| {
                scope(reader) == scope(passage) && passage.dims.time == reader.dims.time
            };
            first.iter().any(same)
        };
        passages.iter().map(reads).collect()
    };
    let part = |(passage, reads): (Passage, bool)| Part {
        flow: Flow::new(&passage),
        gates: gates::gates(&passage),
        still_units: gates::still_units(&passage),
        followers: match reads {
            true => units::followers(&passage, &specimen.reading),
            // What layers above and decoders read is nothing a person would name.
            false => units::followers(&passage, &none),
        },
        reads,
        passage,
    };
    Inspection {
        title: specimen.title.clone(),
        said: asked.said,
        measure: specimen.measure,
        reading: specimen.reading.clone(),
        steps: asked.steps,
        parts: passages.into_iter().zip(reads).map(part).collect(),
        rests,
    }
}

/// How the network was trained, as far as remedies depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Training {
    /// The largest norm of the whole gradient that was met.
    pub largest_gradient: Option<f64>,
    /// The norm that gradients were clipped to.
    pub clip_norm: Option<f64>,
    /// How the weights began; nothing if nobody knows.
    pub initializer: Option<Initializer>,
}

impl Training {
    /// That of a recipe and its epochs.
    pub fn new(recipe: &Recipe, history: &[EpochRecord]) -> Self {
        let norms = history.iter().map(|epoch| epoch.gradient_norm_max);
        Self {
            largest_gradient: norms.reduce(f64::max),
            clip_norm: recipe.train.clip_norm,
            initializer: Some(recipe.model.initializer),
        }
    }
}

impl Part {
    /// What else than the hidden state each step left behind and can be shown, by name and by its place among what the
    /// [passage](Passage::kept) keeps: gates, and an LSTM's cell state.
    fn kept(&self) -> Vec<(&'static str, usize)> {
        let gates = self.gates.iter();
        let mut kept: Vec<_> = gates
            .filter_map(|gate| Some((gate.name, gate.index?)))
            .collect();
        if self.passage.recurrence.cell == CellKind::Lstm {
            kept.push(("cell state c", 4));
        }
        kept
    }

    /// The spectral radius of each gate's recurrent weights, in the order of [`gates`](Self::gates): how much they can stretch a
    /// state again and again. It is the weights' own, whatever the example.
    pub fn spectral_radii(&self) -> Vec<(&'static str, f64)> {
        gates::spectral_radii(&self.passage)
    }
}

impl Inspection {
    /// The part whose gradient tells most: the one that reaches back furthest, of those that read the example rather than, say,
    /// the letters of its words.
    pub fn deepest(&self) -> Option<&Part> {
        let reach = |part: &&Part| {
            let reach = part.flow.as_ref().map_or(0, |flow| flow.shares[0].len());
            (part.passage.dims.batch == 1, reach)
        };
        self.parts.iter().rev().max_by_key(reach)
    }

    /// The numbers of every step, for a picture of the network unrolled in time.
    pub fn values(&self, summary: &Summary) -> UnrolledValues {
        let mut values = UnrolledValues::default();
        if let Reading::Tokens(tokens) = &self.reading {
            values.steps = tokens.clone();
        }
        for Part { passage, .. } in &self.parts {
            let (name, rest) = passage.name.split_once('.').unwrap_or((&passage.name, ""));
            let place = summary.rows.iter().position(|row| row.name == name);
            let level = rest.trim_start_matches("layer ").split('.').next();
            let level: usize = level.and_then(|level| level.parse().ok()).unwrap_or(1);
            let (Some(place), 1) = (place, passage.dims.batch) else {
                continue;
            };
            let wide = |row: &[f32]| {
                row.iter()
                    .map(|value| f64::from(*value))
                    .collect::<Vec<_>>()
            };
            let steps = 0..passage.length(0);
            let known = values
                .layers
                .iter_mut()
                .find(|(p, l, _)| (*p, *l) == (place, level - 1));
            if let Some((.., both)) = known {
                // The other direction of the same layer.
                for (step, values) in both.iter_mut().enumerate() {
                    values.extend(wide(passage.hidden(0, step)));
                }
                continue;
            }
            if level == 1 && values.layers.is_empty() {
                if values.steps.is_empty() {
                    values.steps = steps
                        .clone()
                        .map(|step| match passage.read(0, step) {
                            [one] => crate::report::number(f64::from(*one)),
                            _ => "x".into(),
                        })
                        .collect();
                }
                let read = steps.clone().map(|step| wide(passage.read(0, step)));
                let below = place.checked_sub(1).unwrap_or(INPUT);
                values.layers.push((below, 0, read.collect()));
            }
            let hidden = steps.map(|step| wide(passage.hidden(0, step)));
            values.layers.push((place, level - 1, hidden.collect()));
        }
        values.said = self
            .steps
            .iter()
            .map(|step| match step.likely.first() {
                Some((name, share)) => format!("{name} {share:.2}"),
                None => String::new(),
            })
            .collect();
        if values.said.is_empty() {
            let said = self.said.rsplit(": ").next().unwrap_or(&self.said);
            values.said = vec![said.to_owned()];
        }
        values
    }

    /// What the network at work says about its settings and its data: units that say nothing, inputs that are not scaled.
    pub fn hints(&self) -> Vec<Hint> {
        /// The share of units that are too many to say nothing.
        const STILL: f64 = 0.2;
        /// Values of the input from which on it is not scaled.
        const LARGE: f32 = 10.0;
        let mut hints = Vec::new();
        for part in &self.parts {
            let units = part.passage.dims.hidden;
            if part.passage.length(0) > 1 && part.still_units as f64 > STILL * units as f64 {
                hints.push(Hint {
                    kind: "dead_units",
                    seen: format!(
                        "{} of {units} units of {} say the same at every step of {}",
                        part.still_units, part.passage.name, self.title
                    ),
                    remedy: "a smaller learning rate (train.optimizer.learning_rate), or a smaller model.hidden_size".into(),
                });
            }
        }
        let tokens = matches!(self.reading, Reading::Tokens(_));
        if let (false, Some(first)) = (tokens, self.parts.first()) {
            let values = &first.passage.input;
            let largest = values
                .iter()
                .fold(0.0f32, |most, value| most.max(value.abs()));
            let typical =
                values.iter().map(|value| value.abs()).sum::<f32>() / values.len().max(1) as f32;
            if typical > LARGE {
                hints.push(Hint {
                    kind: "unscaled_inputs",
                    seen: format!(
                        "the inputs are not scaled: {} on average, up to {}",
                        crate::report::number(f64::from(typical)),
                        crate::report::number(f64::from(largest))
                    ),
                    remedy: "a scaler: \"standard\" rather than \"none\"".into(),
                });
            }
        }
        hints
    }

    /// What is to be tried, in the keys of a recipe: for the part that the [verdict](Self::verdict) is about.
    pub fn remedies(&self, training: &Training) -> Vec<String> {
        let Some((part, flow)) = self
            .deepest()
            .and_then(|part| Some((part, part.flow.as_ref()?)))
        else {
            return Vec::new();
        };
        let cell = part.passage.recurrence.cell;
        let forget = part.gates.get(1).filter(|_| cell == CellKind::Lstm);
        flow.verdict
            .remedies(cell, forget.map(|gate| gate.mean), training)
    }
}
