//! What single units follow.

use super::specimen::Reading;
use crate::ops::Passage;
use burn::prelude::*;
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
    let (names, features): (Vec<String>, Vec<Vec<f32>>) =
        features(passage, reading, steps).into_iter().unzip();
    let hidden = passage.dims.hidden;
    let tensor = |values: Vec<f32>, rows: usize, columns: usize| {
        Tensor::<2>::from_data(TensorData::new(values, [rows, columns]), &Device::default())
    };
    let features = standard(tensor(features.concat(), names.len(), steps), 1);
    let states = tensor(passage.output[..steps * hidden].to_vec(), steps, hidden);
    // Of each feature with each unit.
    let correlations = crate::values(features.matmul(standard(states, 0)));
    let of = |unit: usize| {
        let measured = names.iter().zip(correlations.chunks(hidden));
        let measured = measured.map(|(what, row)| (what, f64::from(row[unit])));
        // A value beyond all numbers goes with nothing.
        let measured = measured.filter(|(_, correlation)| correlation.is_finite());
        let closest = measured.max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()));
        let (what, correlation) = closest.filter(|(_, correlation)| *correlation != 0.0)?;
        Some(Follower {
            unit,
            what: what.clone(),
            correlation,
        })
    };
    let mut found: Vec<Follower> = (0..hidden).filter_map(of).collect();
    found.sort_by(|a, b| b.correlation.abs().total_cmp(&a.correlation.abs()));
    found
}

/// What could be followed, step by step.
fn features(passage: &Passage, reading: &Reading, steps: usize) -> Vec<(String, Vec<f32>)> {
    let mut features = vec![(
        "how far the sequence has come".to_owned(),
        (0..steps).map(|step| step as f32).collect(),
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
            let upper = |token: &String| f32::from(token.chars().any(char::is_uppercase));
            features.push(("capital letters".into(), tokens.iter().map(upper).collect()));
            let lengths = tokens.iter().map(|token| token.chars().count() as f32);
            features.push(("the length of what is read".into(), lengths.collect()));
        }
        Reading::Numbers(names) | Reading::Series { names, .. }
            if passage.dims.input <= MOST_FEATURES =>
        {
            let own = names.len() == passage.dims.input;
            let named = |feature: usize| match own {
                true => names[feature].clone(),
                false => format!("input {}", feature + 1),
            };
            features.extend((0..passage.dims.input).map(|feature| {
                let values = (0..steps).map(|step| passage.read(0, step)[feature]);
                (named(feature), values.collect())
            }));
        }
        _ => {}
    }
    features
}

/// Values about their mean, with a norm of one along a dimension, so that the product of two such is Pearson's correlation; zeros
/// where they do not move.
fn standard(values: Tensor<2>, along: usize) -> Tensor<2> {
    /// The deviation that rounding makes.
    const STILL: f64 = 1e-6;
    let still = STILL * (values.dims()[along] as f64).sqrt();
    let centred = values.clone() - values.mean_dim(along);
    let norms = centred.clone().powi_scalar(2).sum_dim(along).sqrt();
    let moves = norms.clone().greater_elem(still);
    let scaled = centred / norms.clamp_min(still);
    scaled * moves.float()
}
