//! Where a training stands: everything that is neither weights nor optimizer state.

use super::event::{Best, EpochRecord, StopReason};
use super::schedule::Plateau;
use super::{Evaluation, ValidConfig};
use serde::{Deserialize, Serialize};

/// The position and the running figures of a training. Between two steps, this, the weights, the optimizer's state and
/// the carried states are all there is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    /// The epoch under way.
    pub(crate) epoch: usize,
    /// Its next batch.
    pub(crate) batch: usize,
    /// Optimizer steps done, over all epochs.
    pub(crate) step: usize,
    /// As counted in the first epoch.
    pub(crate) steps_per_epoch: usize,
    totals: Totals,
    pub(crate) plateau: Plateau,
    pub(crate) best: Option<Best>,
    early: Early,
    pub(crate) stopped_early: bool,
    pub(crate) history: Vec<EpochRecord>,
}

/// Running sums of the epoch under way.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Totals {
    loss: f64,
    examples: usize,
    steps: usize,
    norm_sum: f64,
    norm_max: f64,
    clipped: usize,
    learning_rate: f64,
    /// Wall time spent on steps.
    seconds: f64,
}

/// What early stopping remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Early {
    best: Option<f64>,
    waited: usize,
}

/// One optimizer step in figures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepFigures {
    /// Mean over the step's examples.
    pub(crate) loss: f64,
    pub(crate) examples: usize,
    pub(crate) batches: usize,
    pub(crate) norm: f64,
    pub(crate) clipped: bool,
    pub(crate) learning_rate: f64,
    pub(crate) seconds: f64,
}

impl Progress {
    /// Takes note of a step made.
    pub(crate) fn add_step(&mut self, figures: &StepFigures) {
        let totals = &mut self.totals;
        totals.loss += figures.loss * figures.examples as f64;
        totals.examples += figures.examples;
        totals.steps += 1;
        totals.norm_sum += figures.norm;
        totals.norm_max = totals.norm_max.max(figures.norm);
        totals.clipped += usize::from(figures.clipped);
        totals.learning_rate = figures.learning_rate;
        totals.seconds += figures.seconds;
        self.batch += figures.batches;
        self.step += 1;
    }

    /// Ends the epoch: its record, the plateau, early stopping. Returns whether the epoch is the best so far.
    pub(crate) fn end_epoch(
        &mut self,
        config: &ValidConfig,
        evaluation: Option<Evaluation>,
        validation_seconds: f64,
    ) -> bool {
        let totals = std::mem::take(&mut self.totals);
        let steps = totals.steps.max(1) as f64;
        let (valid_loss, metrics) = match evaluation {
            Some(evaluation) => (Some(evaluation.loss), evaluation.metrics),
            None => (None, Default::default()),
        };
        let record = EpochRecord {
            epoch: self.epoch,
            train_loss: totals.loss / totals.examples.max(1) as f64,
            valid_loss,
            metrics,
            learning_rate: totals.learning_rate,
            gradient_norm_mean: totals.norm_sum / steps,
            gradient_norm_max: totals.norm_max,
            clipped_share: totals.clipped as f64 / steps,
            seconds: totals.seconds + validation_seconds,
            steps_per_second: match totals.seconds > 0.0 {
                true => totals.steps as f64 / totals.seconds,
                false => 0.0,
            },
        };
        let score = record.score();
        config.rates.observe(score, &mut self.plateau);
        self.watch(config, score);
        let is_best = self.best.is_none_or(|best| score < best.score);
        if is_best {
            self.best = Some(Best {
                epoch: self.epoch,
                score,
            });
        }
        self.history.push(record);
        self.epoch += 1;
        self.batch = 0;
        is_best
    }

    fn watch(&mut self, config: &ValidConfig, score: f64) {
        let Some(rule) = &config.early_stopping else {
            return;
        };
        match self.early.best {
            Some(best) if score >= best - rule.min_delta => self.early.waited += 1,
            _ => {
                self.early = Early {
                    best: Some(score),
                    waited: 0,
                }
            }
        }
        self.stopped_early = self.early.waited >= rule.patience;
    }

    /// Why there is nothing more to do, if so.
    pub(crate) fn finished(&self, config: &ValidConfig) -> Option<StopReason> {
        match (self.stopped_early, self.epoch >= config.epochs) {
            (true, _) => Some(StopReason::EarlyStopping),
            (false, true) => Some(StopReason::Completed),
            (false, false) => None,
        }
    }

    /// Whether the current weights are the best, so that they need not be kept twice.
    pub(crate) fn at_best(&self) -> bool {
        let at = |best: Best| best.epoch + 1 == self.epoch && self.batch == 0;
        self.best.is_some_and(at)
    }
}
