//! Update rules over a module's parameters, with their state named by module path.
//!
//! Burn's own `ModuleOptimizer` names its state by parameter numbers that are drawn anew in every process; a
//! checkpoint needs names that last.

mod adam;

use crate::weights::{Path, keep_path};
use adam::Adam;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{
    DynOptimizer, DynState, GradientsParams, RmsPropConfig, SgdConfig, StateSink, StateSource,
};
use burn::prelude::*;
use burn::tensor::TensorData;
use std::collections::BTreeMap;

/// An update rule and its settings. Every setting is given: Burn's defaults are not those of the papers or of Keras.
#[derive(Clone, Debug)]
pub(crate) enum Rule {
    Adam(Adam),
    RmsProp(RmsPropConfig),
    Sgd(SgdConfig),
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
        Self::RmsProp(
            RmsPropConfig::new()
                .with_alpha(rho as f32)
                .with_momentum(momentum as f32)
                .with_epsilon(epsilon as f32)
                .with_weight_decay(penalty(weight_decay)),
        )
    }

    pub(crate) fn sgd(momentum: f64, nesterov: bool, weight_decay: f64) -> Self {
        let momentum = (momentum > 0.0).then(|| {
            MomentumConfig::new()
                .with_momentum(momentum)
                .with_dampening(0.0)
                .with_nesterov(nesterov)
        });
        Self::Sgd(
            SgdConfig::new()
                .with_momentum(momentum)
                .with_weight_decay(penalty(weight_decay)),
        )
    }

    fn build(&self) -> Box<dyn DynOptimizer> {
        match self {
            Self::Adam(adam) => Box::new(adam.clone()),
            Self::RmsProp(config) => Box::new(config.build()),
            Self::Sgd(config) => Box::new(config.build()),
        }
    }
}

fn penalty(weight_decay: f64) -> Option<WeightDecayConfig> {
    (weight_decay > 0.0).then(|| WeightDecayConfig::new(weight_decay as f32))
}

/// An update rule with its state for every parameter that has had a gradient.
pub(crate) struct Optimizer {
    rule: Box<dyn DynOptimizer>,
    states: BTreeMap<String, DynState>,
}

/// An optimizer's state as named tensors and counters.
#[derive(Clone, Debug, Default)]
pub(crate) struct OptimizerRecord {
    /// The parameters that have a state.
    pub(crate) parameters: Vec<String>,
    /// `{parameter}.{part of the state}`
    pub(crate) tensors: BTreeMap<String, TensorData>,
    /// Steps counted, under the same kind of name.
    pub(crate) counters: BTreeMap<String, u64>,
}

impl Optimizer {
    pub(crate) fn new(rule: &Rule) -> Self {
        Self {
            rule: rule.build(),
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
        let mut sink = StateSink::default();
        for (name, state) in &self.states {
            self.rule.state_flatten(name, state, &mut sink);
        }
        let counters = sink.scalars.into_iter().map(|(name, value)| {
            let count =
                u64::try_from(value).expect("the rules count steps and keep no other scalar");
            (name, count)
        });
        OptimizerRecord {
            parameters: self.states.keys().cloned().collect(),
            counters: counters.collect(),
            tensors: sink.tensors.into_iter().collect(),
        }
    }

    /// Takes up a recorded state; the error says what does not fit.
    pub(crate) fn restore<M: Module>(
        rule: &Rule,
        model: &M,
        record: OptimizerRecord,
    ) -> Result<Self, String> {
        let counters = record.counters.iter();
        let scalars = counters.map(|(name, count)| (name.clone(), (*count).into()));
        let mut restore = Restore {
            path: Path::default(),
            optimizer: Self::new(rule),
            source: StateSource::new(scalars.collect()),
            record: &record,
            problem: None,
        };
        for (name, data) in &record.tensors {
            restore.source.insert_tensor(name.clone(), data.clone());
        }
        model.visit(&mut restore);
        let known = &restore.optimizer.states;
        let unknown = record
            .parameters
            .iter()
            .find(|name| !known.contains_key(*name));
        match (restore.problem, unknown) {
            (Some(problem), _) => Err(problem),
            (None, Some(name)) => Err(format!("the model has no parameter `{name}`")),
            (None, None) => Ok(restore.optimizer),
        }
    }
}

/// What is done to a gradient before it is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    /// Multiplied by this,
    pub(crate) scale: f64,
    /// then every component limited to ± this.
    pub(crate) limit: Option<f64>,
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
        let Some(mut gradient) = self.gradients.remove::<D>(param.id) else {
            return param;
        };
        if self.change.scale != 1.0 {
            gradient = gradient.mul_scalar(self.change.scale);
        }
        if let Some(limit) = self.change.limit {
            gradient = gradient.clamp(-limit, limit);
        }
        let name = self.path.name();
        let (id, value, mapper) = param.consume();
        let checkpointing = value.gradient_checkpointing_strategy();
        let (moved, state) = self.optimizer.rule.step_dyn(
            D,
            self.learning_rate,
            value.inner().into_bridge(),
            gradient.into_bridge(),
            self.optimizer.states.remove(&name),
        );
        if let Some(state) = state {
            self.optimizer.states.insert(name, state);
        }
        let mut moved = Tensor::<D>::from_inner(Tensor::from_bridge(moved));
        if let Some(strategy) = checkpointing {
            moved = moved.with_gradient_checkpointing_strategy(strategy);
        }
        Param::from_mapped_value(id, moved.require_grad(), mapper)
    }
}

struct Restore<'a> {
    path: Path,
    optimizer: Optimizer,
    source: StateSource,
    record: &'a OptimizerRecord,
    problem: Option<String>,
}

impl ModuleVisitor for Restore<'_> {
    keep_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let name = self.path.name();
        if self.problem.is_some() || !self.record.parameters.contains(&name) {
            return;
        }
        let (prefix, shape) = (format!("{name}."), param.lazy_shape());
        let tensors = &self.record.tensors;
        let own = tensors.iter().filter(|(part, _)| part.starts_with(&prefix));
        for (part, data) in own {
            if *data.shape() != shape || data.dtype() != param.dtype() {
                let (found, kind) = (data.shape(), data.dtype());
                self.problem = Some(format!(
                    "`{part}` is {kind:?} {found:?}, but the parameter is {:?} {shape:?}",
                    param.dtype()
                ));
                return;
            }
        }
        let device = param.lazy_device().without_autodiff();
        let rule = &self.optimizer.rule;
        match rule.state_unflatten(D, &name, &mut self.source, &device) {
            Some(state) => {
                self.optimizer.states.insert(name, state);
            }
            None => self.problem = Some(format!("the optimizer's state of `{name}` is incomplete")),
        }
    }
}

#[cfg(test)]
mod tests;
