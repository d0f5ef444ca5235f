//! What the curves of a training say about its settings.

use super::{EpochRecord, TrainConfig};
use crate::report::{number, numbers};
use serde::Serialize;

/// By how much the validation loss must have risen above its best to speak of overfitting, and for how many epochs.
const RISEN: f64 = 0.05;
const RISING: usize = 3;
/// By how much of itself a loss still falls in an epoch that was not the last one it needed.
const FALLING: f64 = 0.01;
/// The share of all that was learned by which a loss may rise from one epoch to the next.
const NOISE: f64 = 0.05;
/// The fall of a whole training that is hardly one.
const HARDLY: f64 = 0.05;
/// The share of the first loss from which on much is left to learn.
const LEFT: f64 = 0.3;
/// The share of steps from which on clipping is the rule rather than the exception.
const CLIPPED: f64 = 0.5;
/// Epochs before which curves say nothing.
const FEWEST: usize = 4;

/// Something that was seen, and one setting to try.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hint {
    /// What it is about, for machines: `overfitting`.
    pub kind: &'static str,
    /// What was seen, in numbers.
    pub seen: String,
    /// What to try, in the keys of a recipe.
    pub remedy: String,
}

/// What the epochs so far say about the settings of `[train]`. Nothing is said of what is as it should be.
///
/// The rules are those that practitioners go by: Karpathy's advice in the readme of char-rnn, and Smith (2018), *A disciplined
/// approach to neural network hyper-parameters*.
pub fn hints(history: &[EpochRecord], config: &TrainConfig) -> Vec<Hint> {
    let all = [
        clipped(history, config),
        too_high(history, config),
        too_low(history, config),
        overfitting(history, config),
        not_converged(history, config),
        underfitting(history, config),
    ];
    all.into_iter().flatten().collect()
}

fn hint(kind: &'static str, seen: String, remedy: String) -> Option<Hint> {
    Some(Hint { kind, seen, remedy })
}

/// A value with the three figures that matter.
fn said(value: f64) -> String {
    numbers(&[value]).remove(0)
}

fn clipped(history: &[EpochRecord], config: &TrainConfig) -> Option<Hint> {
    // The first epoch begins far from everything.
    let later = history.get(1..).filter(|later| !later.is_empty())?;
    let share = later.iter().map(|epoch| epoch.clipped_share).sum::<f64>() / later.len() as f64;
    let limit = config.clip_norm.filter(|_| share > CLIPPED)?;
    let usual = later
        .iter()
        .map(|epoch| epoch.gradient_norm_mean)
        .sum::<f64>()
        / later.len() as f64;
    hint(
        "clipped",
        format!(
            "gradients were clipped in {:.0} % of the steps: their norm is {} on average, the limit {}",
            100.0 * share,
            said(usual),
            number(limit)
        ),
        format!("train.clip_norm={}", number(round(2.0 * usual))),
    )
}

/// A value as a person would set it.
fn round(value: f64) -> f64 {
    let power = 10f64.powf(value.abs().log10().floor());
    (value / power).round() * power
}

fn too_high(history: &[EpochRecord], config: &TrainConfig) -> Option<Hint> {
    if history.len() < FEWEST {
        return None;
    }
    let losses: Vec<f64> = history.iter().map(|epoch| epoch.train_loss).collect();
    let (first, last) = (losses[0], *losses.last()?);
    let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
    // What moves by less than this, measured by all that was learned, is the noise of a training that has arrived.
    let noise = NOISE * (first - lowest).abs();
    let early = &losses[..losses.len().div_ceil(2).max(FEWEST)];
    let rises = early
        .windows(2)
        .filter(|pair| pair[1] - pair[0] > noise.max(FALLING * pair[0].abs()))
        .count();
    let wild = 3 * rises >= early.len() - 1 && rises >= 2;
    if !wild && last - first < FALLING * first.abs() {
        return None;
    }
    let rate = config.optimizer.learning_rate;
    hint(
        "learning_rate_too_high",
        match wild {
            true => format!(
                "the training loss rose in {rises} of the first {} epochs",
                early.len()
            ),
            false => format!(
                "the training loss rose from {} to {}",
                said(first),
                said(last)
            ),
        },
        format!(
            "train.optimizer.learning_rate={}",
            number(round(rate / 3.0))
        ),
    )
}

fn too_low(history: &[EpochRecord], config: &TrainConfig) -> Option<Hint> {
    let [first, .., last] = history else {
        return None;
    };
    let fall = 1.0 - last.train_loss / first.train_loss;
    let never_rose = history
        .windows(2)
        .all(|pair| pair[1].train_loss <= pair[0].train_loss);
    let usable = first.train_loss > 0.0 && history.len() >= FEWEST;
    if !usable || !never_rose || !(0.0..HARDLY).contains(&fall) {
        return None;
    }
    let rate = config.optimizer.learning_rate;
    hint(
        "learning_rate_too_low",
        format!(
            "the training loss fell steadily, but only from {} to {} in {} epochs",
            said(first.train_loss),
            said(last.train_loss),
            history.len()
        ),
        format!(
            "train.optimizer.learning_rate={}",
            number(round(rate * 3.0))
        ),
    )
}

fn overfitting(history: &[EpochRecord], config: &TrainConfig) -> Option<Hint> {
    if config.early_stopping.is_some() {
        return None; // that is what it is for
    }
    let losses: Vec<f64> = history.iter().map_while(|epoch| epoch.valid_loss).collect();
    let last = *losses.last()?;
    let order = |a: &usize, b: &usize| losses[*a].total_cmp(&losses[*b]);
    let best = (0..losses.len()).min_by(order)?;
    let lowest = losses[best];
    let falls = history.last()?.train_loss < history[best].train_loss;
    let risen = last - lowest > RISEN * lowest.abs();
    if losses.len() - 1 - best < RISING || !risen || !falls {
        return None;
    }
    hint(
        "overfitting",
        format!(
            "the validation loss rose from {} in epoch {} to {} in epoch {}, while the training loss fell to {}",
            said(lowest),
            best + 1,
            said(last),
            losses.len(),
            said(history.last()?.train_loss)
        ),
        format!("train.early_stopping.patience={RISING}"),
    )
}

fn not_converged(history: &[EpochRecord], config: &TrainConfig) -> Option<Hint> {
    let finished = history.len() >= FEWEST && history.len() == config.epochs;
    let [.., before, last] = history
        .get(history.len().checked_sub(3)?..)
        .filter(|_| finished)?
    else {
        return None;
    };
    let loss = |epoch: &EpochRecord| epoch.valid_loss.unwrap_or(epoch.train_loss);
    let earlier = &history[history.len() - 3];
    let falling =
        |from: &EpochRecord, to: &EpochRecord| loss(from) - loss(to) > FALLING * loss(from).abs();
    let begun = loss(&history[0]);
    // What is left is nothing beside what there was.
    let done = loss(last).abs() < FALLING * begun.abs();
    if done || !falling(earlier, before) || !falling(before, last) {
        return None;
    }
    hint(
        "not_converged",
        format!(
            "the {} loss was still falling at the end: {}, {}, {}",
            if last.valid_loss.is_some() {
                "validation"
            } else {
                "training"
            },
            said(loss(earlier)),
            said(loss(before)),
            said(loss(last))
        ),
        format!("train.epochs={}", 2 * config.epochs),
    )
}

/// Training and validation loss about equal, far from zero, and still: the network cannot say more (Karpathy, char-rnn).
fn underfitting(history: &[EpochRecord], config: &TrainConfig) -> Option<Hint> {
    let finished = history.len() >= FEWEST && history.len() == config.epochs;
    let last = history.last().filter(|_| finished)?;
    let (train, valid) = (last.train_loss, last.valid_loss?);
    let still = history[history.len() - 3..].windows(2).all(|pair| {
        (pair[0].train_loss - pair[1].train_loss).abs() < FALLING * pair[0].train_loss.abs()
    });
    let equal = (valid - train).abs() < FALLING * train.abs();
    let far = train > LEFT * history[0].train_loss;
    if !still || !equal || !far || train <= 0.0 {
        return None;
    }
    hint(
        "underfitting",
        format!(
            "training and validation loss are about equal, {} and {}, and no longer fall",
            said(train),
            said(valid)
        ),
        "a larger model.hidden_size, or one more layer (model.num_layers)".into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn history(train: &[f64], valid: &[f64], clipped_share: f64) -> Vec<EpochRecord> {
        let record = |(epoch, train_loss): (usize, &f64)| EpochRecord {
            epoch,
            train_loss: *train_loss,
            valid_loss: valid.get(epoch).copied(),
            metrics: BTreeMap::new(),
            learning_rate: 0.001,
            gradient_norm_mean: 4.2,
            gradient_norm_max: 9.0,
            clipped_share,
            seconds: 1.0,
            steps_per_second: 1.0,
        };
        train.iter().enumerate().map(record).collect()
    }

    fn kinds(train: &[f64], valid: &[f64], clipped_share: f64, epochs: usize) -> Vec<&'static str> {
        let config = TrainConfig {
            epochs,
            clip_norm: Some(1.0),
            ..TrainConfig::default()
        };
        let found = hints(&history(train, valid, clipped_share), &config);
        assert!(
            found
                .iter()
                .all(|hint| hint.seen.chars().any(|c| c.is_ascii_digit())),
            "{found:?}"
        );
        found.into_iter().map(|hint| hint.kind).collect()
    }

    #[test]
    fn each_trouble_has_its_hint_and_a_good_training_has_none() {
        let good = [1.0, 0.5, 0.4, 0.36, 0.358, 0.357];
        assert_eq!(
            kinds(&good, &[1.1, 0.6, 0.5, 0.47, 0.469, 0.469], 0.1, 6),
            Vec::<&str>::new()
        );
        assert_eq!(
            kinds(&good, &[1.0, 0.6, 0.5, 0.55, 0.6, 0.7], 0.0, 6),
            ["overfitting"]
        );
        assert_eq!(
            kinds(&[1.0, 0.8, 0.6, 0.5, 0.4], &[], 0.0, 5),
            ["not_converged"]
        );
        assert_eq!(
            kinds(&[1.0, 0.8, 0.6, 0.5, 0.4], &[], 0.0, 50),
            Vec::<&str>::new(),
            "it is not over"
        );
        assert_eq!(
            kinds(&[1.0, 1.4, 0.9, 1.7, 0.8], &[], 0.0, 9),
            ["learning_rate_too_high"]
        );
        assert_eq!(
            kinds(&[1.0, 1.0, 1.2, 1.3], &[], 0.0, 9),
            ["learning_rate_too_high"]
        );
        assert_eq!(
            kinds(&[1.0, 0.995, 0.99, 0.985, 0.98], &[], 0.0, 9),
            ["learning_rate_too_low"]
        );
        assert_eq!(kinds(&good, &[], 0.83, 60), ["clipped"]);
    }

    #[test]
    fn settings_are_rounded_as_people_set_them() {
        let config = TrainConfig {
            clip_norm: Some(1.0),
            ..TrainConfig::default()
        };
        let found = hints(&history(&[1.0, 0.5, 0.4], &[], 0.9), &config);
        assert_eq!(found[0].remedy, "train.clip_norm=8");
    }
}
