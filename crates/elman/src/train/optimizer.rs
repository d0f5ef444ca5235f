//! Update rules over a module's parameters, with their state named by module path.
//!
//! Burn's own take many tensor operations for each parameter, each with a buffer of its own, and name their state by
//! parameter numbers that are drawn anew in every process; a checkpoint needs names that last. Here a rule is one file
//! of equations, and a step is one pass over memory.

mod adam;
mod equation;
mod rmsprop;
mod sgd;
mod state;

use crate::weights::{Path, keep_path};
use adam::Adam;
use burn::module::{Module, ModuleMapper, Param};
use burn::optim::GradientsParams;
use burn::prelude::*;
use equation::{Part, advance};
use rmsprop::RmsProp;
use sgd::Sgd;
use state::{States, restored};
use std::collections::BTreeMap;

pub(crate) use equation::Change;
pub(crate) use state::OptimizerRecord;

/// An update rule and its settings.
#[derive(Clone, Debug)]
pub(crate) enum Rule {
    Adam(Adam),
    RmsProp(RmsProp),
    Sgd(Sgd),
}

impl Rule {
    pub(crate) fn adam(beta_1: f64, beta_2: f64, epsilon: f64, weight_decay: f64) -> Self {
        Self::Adam(Adam {
            beta_1,
            beta_2,
            epsilon,
            decay: weight_decay,
            decay_apart: 0.0,
        })
    }

    pub(crate) fn adamw(beta_1: f64, beta_2: f64, epsilon: f64, weight_decay: f64) -> Self {
        Self::Adam(Adam {
            beta_1,
            beta_2,
            epsilon,
            decay: 0.0,
            decay_apart: weight_decay,
        })
    }

    pub(crate) fn rmsprop(rho: f64, momentum: f64, epsilon: f64, weight_decay: f64) -> Self {
        Self::RmsProp(RmsProp {
            rho,
            momentum,
            epsilon,
            decay: weight_decay,
        })
    }

    pub(crate) fn sgd(momentum: f64, nesterov: bool, weight_decay: f64) -> Self {
        Self::Sgd(Sgd {
            momentum,
            nesterov,
            decay: weight_decay,
        })
    }

    /// The names of the parts of a parameter's state, in a checkpoint.
    fn parts(&self) -> &'static [&'static str] {
        match self {
            Self::Adam(_) => &["momentum.moment_1", "momentum.moment_2"],
            Self::RmsProp(rule) if rule.momentum > 0.0 => {
                &["square_avg.square_avg", "momentum.buf"]
            }
            Self::RmsProp(_) => &["square_avg.square_avg"],
            Self::Sgd(rule) if rule.momentum > 0.0 => &["momentum.velocity"],
            Self::Sgd(_) => &[],
        }
    }

    /// The name of the count of steps, where the rule counts them.
    fn counter(&self) -> Option<&'static str> {
        matches!(self, Self::Adam(_)).then_some("momentum.time")
    }

    /// Moves a weight, and the parts of its state in their order; `time` counts the weight's steps from 1.
    fn step<const D: usize>(
        &self,
        rate: f64,
        time: u64,
        change: Change,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        parts: &mut [Part],
    ) -> Tensor<D> {
        match self {
            Self::Adam(rule) => {
                advance::<3, D>(rule.at(rate, time), change, weight, gradient, parts)
            }
            Self::RmsProp(rule) if rule.momentum > 0.0 => {
                advance::<3, D>(rule.at(rate), change, weight, gradient, parts)
            }
            Self::RmsProp(rule) => advance::<2, D>(rule.at(rate), change, weight, gradient, parts),
            Self::Sgd(rule) if rule.momentum > 0.0 => {
                advance::<2, D>(rule.at(rate), change, weight, gradient, parts)
            }
            Self::Sgd(rule) => advance::<1, D>(rule.at(rate), change, weight, gradient, parts),
        }
    }
}

/// An update rule with its state for every parameter that has had a gradient.
pub(crate) struct Optimizer {
    rule: Rule,
    states: States,
}

impl Optimizer {
    pub(crate) fn new(rule: &Rule) -> Self {
        Self {
            rule: rule.clone(),
            states: BTreeMap::new(),
        }
    }

    /// One step: each parameter that has a gradient moves by its gradient after `change`.
    pub(crate) fn step<M: Module>(
        &mut self,
        learning_rate: f64,
        change: Change,
        model: M,
        gradients: GradientsParams,
    ) -> M {
        model.map(&mut Step {
            path: Path::default(),
            optimizer: self,
            learning_rate,
            change,
            gradients,
        })
    }

    pub(crate) fn record(&self) -> OptimizerRecord {
        OptimizerRecord::new(&self.rule, &self.states)
    }

    /// Takes up a recorded state; the error says what does not fit.
    pub(crate) fn restore<M: Module>(
        rule: &Rule,
        model: &M,
        record: OptimizerRecord,
    ) -> Result<Self, String> {
        Ok(Self {
            rule: rule.clone(),
            states: restored(rule, model, record)?,
        })
    }
}

struct Step<'a> {
    path: Path,
    optimizer: &'a mut Optimizer,
    learning_rate: f64,
    change: Change,
    gradients: GradientsParams,
}

impl ModuleMapper for Step<'_> {
    keep_path!();

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return param;
        };
        let (id, value, mapper) = param.consume();
        let checkpointing = value.gradient_checkpointing_strategy();
        let weight = value.inner();
        let Optimizer { rule, states } = &mut *self.optimizer;
        let state = states
            .entry(self.path.name())
            .or_insert_with(|| state::State::zero(&weight, rule.parts().len()));
        state.steps += 1;
        let (rate, change, parts) = (self.learning_rate, self.change, &mut state.parts);
        let moved = rule.step(rate, state.steps, change, weight, gradient, parts);
        let mut moved = Tensor::<D>::from_inner(moved);
        if let Some(strategy) = checkpointing {
            moved = moved.with_gradient_checkpointing_strategy(strategy);
        }
        Param::from_mapped_value(id, moved.require_grad(), mapper)
    }
}

#[cfg(test)]
mod tests;
