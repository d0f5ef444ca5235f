//! What single units follow.

use super::specimen::Reading;
use crate::ops::Passage;
use std::collections::BTreeMap;

/// Fewer steps than this show nothing by accident.
const FEWEST_STEPS: usize = 8;
/// A token that comes less often is followed by accident.
const FEWEST_TOKENS: usize = 3;
/// Features of the input beyond which they are nothing a person would name.
const MOST_FEATURES: usize = 32;

/// A unit and what it follows most closely.
#[derive(Clone, Debug, PartialEq)]
pub struct Follower {
    /// Its number, from 0.
    pub unit: usize,
    /// What it follows.
    pub what: String,
    /// Pearson's correlation of its hidden state with that, over the steps.
    pub correlation: f64,
}

/// The units of the first sequence of a passage, those first that follow something most closely; none where there are too few
/// steps. `reading` is what its steps read.
pub fn followers(passage: &Passage, reading: &Reading) -> Vec<Follower> {
    let steps = passage.length(0);
    if steps < FEWEST_STEPS {
        return Vec::new();
    }
    let features = features(passage, reading, steps);
    let features: Vec<(String, Vec<f32>)> = features
        .into_iter()
        .filter_map(|(what, values)| Some((what, standard(values)?)))
        .collect();
    let of = |unit: usize| {
        let state = (0..steps).map(|step| f64::from(passage.hidden(0, step)[unit]));
        let state = standard(state.collect())?;
        let measured = features
            .iter()
            .map(|(what, values)| (what, f64::from(product(&state, values))));
        let closest = measured.max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()));
        closest.map(|(what, correlation)| Follower {
            unit,
            what: what.clone(),
            correlation,
        })
    };
    let mut found: Vec<Follower> = (0..passage.dims.hidden).filter_map(of).collect();
    found.sort_by(|a, b| b.correlation.abs().total_cmp(&a.correlation.abs()));
    found
}

/// What could be followed, step by step.
fn features(passage: &Passage, reading: &Reading, steps: usize) -> Vec<(String, Vec<f64>)> {
    let mut features = vec![(
        "how far the sequence has come".to_owned(),
        (0..steps).map(|step| step as f64).collect(),
    )];
    match reading {
        Reading::Tokens(tokens) if tokens.len() == steps => {
            let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (step, token) in tokens.iter().enumerate() {
                places.entry(token).or_default().push(step);
            }
            for (token, places) in places {
                if places.len() >= FEWEST_TOKENS && places.len() < steps {
                    let mut here = vec![0.0; steps];
                    places.iter().for_each(|step| here[*step] = 1.0);
                    features.push((format!("{token:?} is read"), here));
                }
            }
            let letters = |token: &String| token.chars().all(char::is_alphanumeric);
            let mut since = 0.0;
            let word = tokens.iter().map(|token| {
                since = if letters(token) { since + 1.0 } else { 0.0 };
                since
            });
            features.push(("how long the word is so far".into(), word.collect()));
            let upper = |token: &String| f64::from(token.chars().any(char::is_uppercase));
            features.push(("capital letters".into(), tokens.iter().map(upper).collect()));
            let lengths = tokens.iter().map(|token| token.chars().count() as f64);
            features.push(("the length of what is read".into(), lengths.collect()));
        }
        Reading::Numbers(names) if passage.dims.input <= MOST_FEATURES => {
            let own = names.len() == passage.dims.input;
            let named = |feature: usize| match own {
                true => names[feature].clone(),
                false => format!("input {}", feature + 1),
            };
            features.extend((0..passage.dims.input).map(|feature| {
                let values = (0..steps).map(|step| f64::from(passage.read(0, step)[feature]));
                (named(feature), values.collect())
            }));
        }
        _ => {}
    }
    features
}

/// The sum of products, in lanes that a processor adds side by side.
fn product(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b);
    let mut sums = [0.0f32; LANES];
    let rest = rest.sum::<f32>();
    for (a, b) in a.zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Values about their mean, with a norm of one, so that the product of two such is Pearson's correlation; nothing where they do
/// not move.
fn standard(values: Vec<f64>) -> Option<Vec<f32>> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    let norm = squares.sum::<f64>().sqrt();
    let moved = norm > 1e-6;
    moved.then(|| {
        values
            .iter()
            .map(|value| ((value - mean) / norm) as f32)
            .collect()
    })
}
