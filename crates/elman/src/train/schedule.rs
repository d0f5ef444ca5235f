//! Learning rates as a function of where training stands.

use serde::{Deserialize, Serialize};

/// A schedule: a pure function of the position and, for plateaus, of what was reached.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) learning_rate: f64,
    /// In optimizer steps.
    pub(crate) warm_up: usize,
    pub(crate) shape: Shape,
}

/// What follows the warm-up.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Constant,
    Step {
        every: usize,
        factor: f64,
    },
    Cosine {
        to: f64,
    },
    ReduceOnPlateau {
        factor: f64,
        patience: usize,
        min: f64,
    },
}

/// What `reduce_on_plateau` remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plateau {
    best: Option<f64>,
    waited: usize,
    scale: f64,
}

impl Default for Plateau {
    fn default() -> Self {
        Self {
            best: None,
            waited: 0,
            scale: 1.0,
        }
    }
}

impl Schedule {
    /// The rate of optimizer step `step` (from 0) out of `steps`, in epoch `epoch` (from 0).
    pub(crate) fn rate(&self, step: usize, steps: usize, epoch: usize, plateau: &Plateau) -> f64 {
        let full = self.learning_rate;
        let rate = match self.shape {
            Shape::Constant => full,
            Shape::Step { every, factor } => full * factor.powf((epoch / every) as f64),
            Shape::Cosine { to } => {
                let after = step.saturating_sub(self.warm_up) as f64;
                let last = steps.saturating_sub(self.warm_up + 1).max(1) as f64;
                let share = (after / last).min(1.0);
                to + (full - to) * 0.5 * (1.0 + (std::f64::consts::PI * share).cos())
            }
            Shape::ReduceOnPlateau { min, .. } => (full * plateau.scale).max(min),
        };
        match step < self.warm_up {
            true => rate * (step + 1) as f64 / self.warm_up as f64,
            false => rate,
        }
    }

    /// Whether the rate of a step depends on how many steps there will be in all.
    pub(crate) fn is_bounded(&self) -> bool {
        matches!(self.shape, Shape::Cosine { .. })
    }

    /// Takes note of an epoch's loss. Lower by one part in 10,000 counts as an improvement.
    pub(crate) fn observe(&self, loss: f64, plateau: &mut Plateau) {
        let Shape::ReduceOnPlateau {
            factor, patience, ..
        } = self.shape
        else {
            return;
        };
        match plateau.best {
            Some(best) if loss >= best - 1e-4 * best.abs() => plateau.waited += 1,
            _ => (plateau.best, plateau.waited) = (Some(loss), 0),
        }
        if plateau.waited >= patience {
            plateau.scale *= factor;
            plateau.waited = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(shape: Shape, warm_up: usize) -> Schedule {
        Schedule {
            learning_rate: 0.1,
            warm_up,
            shape,
        }
    }

    fn assert_rates(schedule: &Schedule, expected: &[(usize, f64)]) {
        for (step, rate) in expected {
            let found = schedule.rate(*step, 10, *step / 2, &Plateau::default());
            assert!(
                (found - rate).abs() < 1e-12,
                "step {step}: {found}, not {rate}"
            );
        }
    }

    #[test]
    fn warm_up_rises_evenly_to_the_full_rate() {
        let expected = [(0, 0.025), (1, 0.05), (3, 0.1), (4, 0.1), (9, 0.1)];
        assert_rates(&schedule(Shape::Constant, 4), &expected);
    }

    #[test]
    fn steps_fall_every_so_many_epochs() {
        let shape = Shape::Step {
            every: 2,
            factor: 0.5,
        };
        // Two steps to an epoch: epochs 0 and 1 are steps 0 to 3.
        let expected = [(0, 0.1), (3, 0.1), (4, 0.05), (7, 0.05), (8, 0.025)];
        assert_rates(&schedule(shape, 0), &expected);
    }

    #[test]
    fn cosine_runs_from_the_full_rate_to_its_end() {
        let half = 0.01 + 0.09 * 0.5;
        let expected = [(0, 0.1), (9, 0.01)];
        assert_rates(&schedule(Shape::Cosine { to: 0.01 }, 0), &expected);
        let expected = [(0, 0.1), (1, 0.1), (5, half), (9, 0.01)];
        assert_rates(&schedule(Shape::Cosine { to: 0.01 }, 1), &expected);
    }

    #[test]
    fn plateaus_reduce_after_patience_and_stop_at_the_minimum() {
        let shape = Shape::ReduceOnPlateau {
            factor: 0.5,
            patience: 2,
            min: 0.03,
        };
        let (schedule, mut plateau) = (schedule(shape, 0), Plateau::default());
        let mut rates = Vec::new();
        for loss in [1.0, 0.9, 0.9, 0.95, 0.8, 0.8, 0.8, 0.8, 0.8] {
            schedule.observe(loss, &mut plateau);
            rates.push(schedule.rate(0, 10, 0, &plateau));
        }
        assert_eq!(rates, [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.03, 0.03, 0.03]);
    }
}
