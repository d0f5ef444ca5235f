//! A module's parameters by name: out, in, counted.

use super::error::{Error, shortened};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::{DType, TensorData};
use std::collections::BTreeMap;

/// How many numbers a module learns or keeps: the elements of all its parameters.
pub fn parameter_count<M: Module>(model: &M) -> usize {
    model.num_params()
}

/// A copy of every parameter by module path, without its gradient graph.
///
/// Boolean parameters, which no layer of Burn or of this crate has, are left out.
pub fn snapshot<M: Module>(model: &M) -> BTreeMap<String, TensorData> {
    let mut visitor = Snapshot::default();
    model.visit(&mut visitor);
    visitor.tensors
}

/// Puts `tensors` in the place of the module's parameters, bit for bit; `path` is for messages.
///
/// # Errors
/// If a parameter is missing, unexpected, or of another shape or type.
pub fn assign<M: Module>(
    model: M,
    tensors: BTreeMap<String, TensorData>,
    path: &std::path::Path,
) -> Result<M, Error> {
    let mut expected = Expected::default();
    model.visit(&mut expected);
    expected.check(&tensors, path)?;
    Ok(model.map(&mut Assign {
        path: Path::default(),
        tensors,
    }))
}

/// Where in a module a visitor or mapper is.
#[derive(Default)]
pub(crate) struct Path(Vec<String>);

impl Path {
    pub(crate) fn enter(&mut self, name: &str) {
        self.0.push(name.to_owned());
    }

    pub(crate) fn exit(&mut self) {
        self.0.pop();
    }

    /// The dotted name of the parameter here.
    pub(crate) fn name(&self) -> String {
        self.0.join(".")
    }
}

/// The two methods by which a visitor or mapper with a `path` field keeps it.
macro_rules! keep_path {
    () => {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.enter(name);
        }

        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.exit();
        }
    };
}
pub(crate) use keep_path;

#[derive(Default)]
struct Snapshot {
    path: Path,
    tensors: BTreeMap<String, TensorData>,
}

impl ModuleVisitor for Snapshot {
    keep_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.transform_for_save().val().into_data();
        self.tensors.insert(self.path.name(), data);
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        let data = param.transform_for_save().val().into_data();
        self.tensors.insert(self.path.name(), data);
    }
}

/// Shapes and types that a module's parameters have when they are stored.
#[derive(Default)]
struct Expected {
    path: Path,
    tensors: BTreeMap<String, (Vec<usize>, DType)>,
}

impl ModuleVisitor for Expected {
    keep_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let stored = param.transform_for_save().val();
        self.tensors
            .insert(self.path.name(), (stored.dims().to_vec(), stored.dtype()));
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        let stored = param.transform_for_save().val();
        self.tensors
            .insert(self.path.name(), (stored.dims().to_vec(), stored.dtype()));
    }
}

impl Expected {
    fn check(
        &self,
        found: &BTreeMap<String, TensorData>,
        path: &std::path::Path,
    ) -> Result<(), Error> {
        for (name, (shape, dtype)) in &self.tensors {
            let Some(data) = found.get(name) else {
                return Err(Error::ParameterMissing {
                    path: path.to_owned(),
                    name: name.clone(),
                    found: shortened(found.keys().map(String::as_str)),
                });
            };
            if data.shape().as_slice() != shape.as_slice() {
                return Err(Error::ParameterShape {
                    path: path.to_owned(),
                    name: name.clone(),
                    expected: shape.clone(),
                    found: data.shape().to_vec(),
                });
            }
            if !is_finite(data) {
                return Err(Error::ParameterValue {
                    path: path.to_owned(),
                    name: name.clone(),
                });
            }
            if data.dtype() != *dtype {
                return Err(Error::ParameterType {
                    path: path.to_owned(),
                    name: name.clone(),
                    expected: format!("{dtype:?}"),
                    found: format!("{:?}", data.dtype()),
                });
            }
        }
        match found.keys().find(|name| !self.tensors.contains_key(*name)) {
            Some(name) => Err(Error::ParameterUnexpected {
                path: path.to_owned(),
                name: name.clone(),
                expected: shortened(self.tensors.keys().map(String::as_str)),
            }),
            None => Ok(()),
        }
    }
}

/// Whether every number of a tensor is one, and none is infinite.
fn is_finite(data: &TensorData) -> bool {
    let finite = |values: Result<&[f32], _>| {
        values.map_or(true, |values| values.iter().all(|value| value.is_finite()))
    };
    match data.dtype() {
        DType::F32 => finite(data.as_slice::<f32>()),
        DType::F64 => data
            .as_slice::<f64>()
            .map_or(true, |values| values.iter().all(|value| value.is_finite())),
        _ => true,
    }
}

struct Assign {
    path: Path,
    tensors: BTreeMap<String, TensorData>,
}

impl Assign {
    fn take(&mut self) -> TensorData {
        let name = self.path.name();
        self.tensors
            .remove(&name)
            .unwrap_or_else(|| panic!("`{name}` was checked to be there, once"))
    }
}

impl ModuleMapper for Assign {
    keep_path!();

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let data = self.take();
        let (id, device, dtype) = (param.id, param.lazy_device(), data.dtype());
        param.transform_for_load(Tensor::from_data(data, (&device, dtype)), id)
    }

    fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
        let data = self.take();
        let (id, device, dtype) = (param.id, param.lazy_device(), data.dtype());
        param.transform_for_load(Tensor::from_data(data, (&device, dtype)), id)
    }
}
