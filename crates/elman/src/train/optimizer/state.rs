//! What a rule remembers of each parameter, and its form in a checkpoint.

use super::Rule;
use super::equation::Part;
use crate::weights::{Path, keep_path};
use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::{Shape, TensorData};
use std::collections::BTreeMap;

/// The states by parameter.
pub(super) type States = BTreeMap<String, State>;

/// What a rule remembers of one parameter.
pub(super) struct State {
    /// Steps that the parameter has made.
    pub(super) steps: u64,
    /// As the rule names them.
    pub(super) parts: Vec<Part>,
    /// The parameter's.
    shape: Shape,
}

impl State {
    /// Before the first step.
    pub(super) fn zero<const D: usize>(weight: &Tensor<D>, parts: usize) -> Self {
        Self {
            steps: 0,
            parts: (0..parts).map(|_| Part::zeros(weight)).collect(),
            shape: weight.shape(),
        }
    }
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

impl OptimizerRecord {
    pub(super) fn new(rule: &Rule, states: &States) -> Self {
        let mut record = Self {
            parameters: states.keys().cloned().collect(),
            ..Self::default()
        };
        for (name, state) in states {
            for (part, values) in rule.parts().iter().zip(&state.parts) {
                let data = match values.clone() {
                    Part::Host(numbers) => TensorData::new(numbers, state.shape.clone()),
                    Part::Elsewhere(numbers) => {
                        let (bytes, _, dtype) = numbers.into_data().into_parts();
                        TensorData::from_bytes(bytes, state.shape.clone(), dtype)
                    }
                };
                record.tensors.insert(format!("{name}.{part}"), data);
            }
            if let Some(counter) = rule.counter() {
                let counter = format!("{name}.{counter}");
                record.counters.insert(counter, state.steps);
            }
        }
        record
    }
}

/// The recorded states of `model`'s parameters; the error says what does not fit.
pub(super) fn restored<M: Module>(
    rule: &Rule,
    model: &M,
    record: OptimizerRecord,
) -> Result<States, String> {
    let mut restore = Restore {
        path: Path::default(),
        rule,
        record: &record,
        states: States::new(),
        problem: None,
    };
    model.visit(&mut restore);
    let known = &restore.states;
    let unknown = record
        .parameters
        .iter()
        .find(|name| !known.contains_key(*name));
    match (restore.problem, unknown) {
        (Some(problem), _) => Err(problem),
        (None, Some(name)) => Err(format!("the model has no parameter `{name}`")),
        (None, None) => Ok(restore.states),
    }
}

struct Restore<'a> {
    path: Path,
    rule: &'a Rule,
    record: &'a OptimizerRecord,
    states: States,
    problem: Option<String>,
}

impl Restore<'_> {
    fn state<const D: usize>(&self, name: &str, param: &Param<Tensor<D>>) -> Result<State, String> {
        let weight = param.val().inner();
        let shape = weight.shape();
        let incomplete = || format!("the optimizer's state of `{name}` is incomplete");
        let part = |part: &&str| {
            let part = format!("{name}.{part}");
            let data = self.record.tensors.get(&part).ok_or_else(incomplete)?;
            if *data.shape() != shape || data.dtype() != param.dtype() {
                let (found, kind) = (data.shape(), data.dtype());
                return Err(format!(
                    "`{part}` is {kind:?} {found:?}, but the parameter is {:?} {shape:?}",
                    param.dtype()
                ));
            }
            Ok(Part::new(&weight, data.clone()))
        };
        let parts = self.rule.parts().iter().map(part);
        let steps = match self.rule.counter() {
            Some(counter) => {
                let counted = self.record.counters.get(&format!("{name}.{counter}"));
                *counted.ok_or_else(incomplete)?
            }
            None => 0, // nothing follows from it
        };
        Ok(State {
            steps,
            parts: parts.collect::<Result<_, _>>()?,
            shape: shape.clone(),
        })
    }
}

impl ModuleVisitor for Restore<'_> {
    keep_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let name = self.path.name();
        if self.problem.is_some() || !self.record.parameters.contains(&name) {
            return;
        }
        match self.state(&name, param) {
            Ok(state) => {
                self.states.insert(name, state);
            }
            Err(problem) => self.problem = Some(problem),
        }
    }
}
