//! Which learning rate: the range test of Smith, "Cyclical learning rates for training neural networks" (2017).

mod page;

use super::error::Error;
use super::event::{Event, Observer, StopReason};
use super::optimizer::Optimizer;
use super::run::device;
use super::step::{Clock, pull};
use super::{Objective, Trainer};
use crate::weights::parameter_count;
use elman_data::random::mix;
use std::sync::atomic::Ordering;

/// How far a smoothed value looks to both sides, as a share of all steps.
const REACH: f64 = 0.05;
/// What the running mean, which finds out that the loss has diverged, keeps at each step.
const KEEP: f64 = 0.9;
/// Steps at the smallest rates whose losses are those of an untrained network, as a share of all steps.
const AT_FIRST: f64 = 0.1;
/// Standard deviations of the losses at first that no chance explains.
const SURE: f64 = 4.0;

/// A range of learning rates, and in how many steps a training goes through it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangeTest {
    /// The rate of the first step.
    pub from: f64,
    /// The rate of the last step.
    pub to: f64,
    /// Optimizer steps, each with a rate that is larger by the same factor.
    pub steps: usize,
}

impl Default for RangeTest {
    fn default() -> Self {
        Self {
            from: 1e-6,
            to: 10.0,
            steps: 200,
        }
    }
}

impl RangeTest {
    /// The rate of step `index`, from 0.
    pub fn rate(&self, index: usize) -> f64 {
        let share = index as f64 / (self.steps.max(2) - 1) as f64;
        self.from * (self.to / self.from).powf(share)
    }
}

/// What a range test saw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RangeFound {
    /// The rate of every step.
    pub rates: Vec<f64>,
    /// The loss of every step, before the step was made.
    pub losses: Vec<f64>,
    /// The losses without what changes from batch to batch: a weighted mean over the steps on both sides.
    pub smoothed: Vec<f64>,
    /// The rate from which on the loss was that of an untrained network again, or worse, or no number.
    pub diverged: Option<f64>,
    /// Where the smoothed loss fell most steeply with the logarithm of the rate; nothing where it did not fall by more
    /// than batches differ from each other.
    pub steepest: Option<f64>,
}

impl RangeFound {
    /// A tenth of the rate from which on the loss diverged.
    pub fn tenth(&self) -> Option<f64> {
        self.diverged.map(|rate| rate / 10.0)
    }

    /// The rate to train with, rounded to two digits; nothing where the loss did not fall.
    ///
    /// The steepest fall alone is cautious: the loss of a whole training was lower half way, by powers of ten, from there to
    /// a tenth of the rate that diverged, in three of four recipes that were tried with both and the middle (`friedman`,
    /// `series-10-steps`, `seoul-weather`), and the same as at the tenth in the fourth (`air-passengers`). Where the tenth is lower than the steepest fall, it is the tenth.
    pub fn suggestion(&self) -> Option<f64> {
        let steepest = self.steepest?;
        let rate = match self.tenth() {
            Some(tenth) if tenth > steepest => (steepest * tenth).sqrt(),
            Some(tenth) => tenth,
            None => steepest,
        };
        Some(rounded(rate))
    }

    /// Takes a look at the losses of a test that went through `test`; `lost` is the rate of a step whose loss or gradient
    /// was no number.
    fn new(rates: Vec<f64>, losses: Vec<f64>, test: &RangeTest, lost: Option<f64>) -> Self {
        let reach = ((REACH * test.steps as f64) as usize).max(1);
        let smoothed = smooth(&losses, reach);
        let level = Level::new(&losses, test);
        // At the ends a mean has too few values to tell a fall from chance.
        let whole = reach..smoothed.len().saturating_sub(reach);
        let lowest = whole
            .clone()
            .min_by(|a, b| smoothed[*a].total_cmp(&smoothed[*b]));
        let lowest = lowest.filter(|at| smoothed[*at] < level.mean - level.noise);
        let slope = |at: usize| {
            let (left, right) = (at - reach, (at + reach).min(lowest.unwrap_or(at)));
            (smoothed[right] - smoothed[left]) / (right - left).max(1) as f64
        };
        let falling = lowest.map_or(0..0, |lowest| whole.start..lowest + 1);
        let steepest = falling.min_by(|a, b| slope(*a).total_cmp(&slope(*b)));
        let back = |lowest| (lowest..smoothed.len()).find(|at| smoothed[*at] > level.mean);
        Self {
            diverged: lowest.and_then(|lowest| back(lowest).map(|at| rates[at]).or(lost)),
            steepest: steepest.map(|at| rates[at]),
            rates,
            losses,
            smoothed,
        }
    }
}

/// A rate with two digits: no more is known of it.
fn rounded(rate: f64) -> f64 {
    format!("{rate:.1e}").parse().unwrap_or(rate)
}

/// The loss before anything is learned.
struct Level {
    mean: f64,
    /// What two means over a few batches may differ by.
    noise: f64,
}

impl Level {
    fn new(losses: &[f64], test: &RangeTest) -> Self {
        let count = ((AT_FIRST * test.steps as f64) as usize).clamp(2, losses.len().max(2));
        let first = &losses[..count.min(losses.len())];
        let many = first.len().max(1) as f64;
        let mean = first.iter().sum::<f64>() / many;
        let variance = first.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>() / many;
        Self {
            mean,
            noise: SURE * (2.0 * variance / many).sqrt() + 1e-6 * mean.abs(),
        }
    }
}

/// A mean over `reach` values on both sides, the nearer the heavier; cut off at the ends, as far on one side as on the
/// other, so that a slope is not taken for a level.
fn smooth(losses: &[f64], reach: usize) -> Vec<f64> {
    let mean = |at: usize| {
        let reach = reach.min(at).min(losses.len() - 1 - at);
        let weight = |other: usize| (reach + 1 - at.abs_diff(other)) as f64;
        let near = at - reach..=at + reach;
        let sum: f64 = near
            .clone()
            .map(|other| weight(other) * losses[other])
            .sum();
        sum / near.map(weight).sum::<f64>()
    };
    (0..losses.len()).map(mean).collect()
}

impl Trainer {
    /// Trains `model` with a rate that grows from step to step, and looks at which rates the loss falls and diverges. What
    /// is learned is thrown away, and nothing is written. The recipe's schedule is left out; its optimizer, clipping and
    /// batches are as they will be. Ends early once the loss is no number or far above that of the untrained network, and
    /// when the stop flag is raised.
    ///
    /// # Errors
    /// If there is nothing to train or to train on.
    pub fn range_test<O: Objective>(
        &self,
        objective: &O,
        mut model: O::Model,
        test: &RangeTest,
        observer: &mut dyn Observer,
    ) -> Result<RangeFound, Error> {
        let (config, device) = (&self.config, device(&model)?);
        let mut optimizer = Optimizer::new(&config.rule);
        let (mut rates, mut losses, mut lost) = (Vec::new(), Vec::new(), None);
        let (mut epoch, mut carry, mut mean) = (0, None, 0.0);
        observer.on(&Event::Start {
            epochs: 1,
            steps_per_epoch: test.steps,
            parameters: parameter_count(&model),
            resumed_at: 0,
        });
        let mut reason = StopReason::Completed;
        'test: while rates.len() < test.steps {
            let batches = objective.batches(epoch);
            if batches.is_empty() {
                return Err(Error::NoBatches { epoch });
            }
            for group in batches.chunks(config.accumulate) {
                let step = rates.len();
                if step == test.steps {
                    break 'test;
                }
                if self.stop.load(Ordering::Relaxed) {
                    reason = StopReason::Stopped;
                    break 'test;
                }
                let learning_rate = test.rate(step);
                device.seed(mix(&[config.seed, epoch as u64, step as u64]));
                let Ok(pull) = pull(config, objective, &model, group, carry.take()) else {
                    lost = Some(learning_rate);
                    break 'test;
                };
                (carry, losses) = (pull.carry, pushed(losses, pull.loss));
                rates.push(learning_rate);
                let (mut times, mut clock) = (pull.times, Clock::start());
                model = optimizer.step(learning_rate, pull.change, model, pull.gradients);
                times.update = clock.lap();
                observer.on(&Event::Step {
                    epoch: 0,
                    step,
                    loss: pull.loss,
                    gradient_norm: pull.norm,
                    learning_rate,
                    clipped: pull.clipped,
                    times,
                });
                mean = KEEP * mean + (1.0 - KEEP) * pull.loss;
                // A running mean that began at zero is as much too small as it still remembers of that.
                let running = mean / (1.0 - KEEP.powi(step as i32 + 1));
                if is_far(running, &losses, test) {
                    break 'test;
                }
            }
            (epoch, carry) = (epoch + 1, None);
        }
        observer.on(&Event::Stop { reason });
        Ok(RangeFound::new(rates, losses, test, lost))
    }
}

fn pushed(mut losses: Vec<f64>, loss: f64) -> Vec<f64> {
    losses.push(loss);
    losses
}

/// Whether a running mean of the losses is so far above the untrained network's that there is no way back: by as much as
/// the loss has fallen before and more than its own size, or than batches differ by.
fn is_far(running: f64, losses: &[f64], test: &RangeTest) -> bool {
    let at_first = (AT_FIRST * test.steps as f64) as usize;
    if losses.len() <= at_first.max(10) {
        return false;
    }
    let level = Level::new(losses, test);
    let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let margin = (level.mean - lowest).max(level.mean.abs()).max(level.noise);
    running > level.mean + margin
}

#[cfg(test)]
mod tests;
