//! The rows of a table, and their gradient in one pass.
//!
//! Burn's CPU backend clears, copies and then fills the gradient of a whole vocabulary.

use super::flex::{contiguous, tensor, values};
use super::has_own_path;
use burn::backend::ops::ModuleOps;
use burn::backend::{
    Autodiff, Backend, Dispatch, Flex, backend_extension,
    tensor::{FloatTensor, IntTensor},
};
use burn::prelude::*;
use burn::tensor::DType;
use burn_autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_flex::FlexTensor;

/// The row of `table` that each of `ids` names.
///
/// # Shapes
/// - table `[vocabulary, features]`, ids `[batch, time]`
/// - result `[batch, time, features]`
///
/// # Panics
/// If an id is not below the vocabulary.
pub fn embedding(table: Tensor<2>, ids: Tensor<2, Int>) -> Tensor<3> {
    let (table, ids) = (table.into_dispatch(), ids.into_dispatch());
    Tensor::from_dispatch(match has_own_path(&table.kind) {
        true => <Dispatch as EmbeddingBackend>::rows_of(table, ids),
        false => Dispatch::embedding(table, ids),
    })
}

/// The embedding of a backend, forward and backward. The default bodies are Burn's own.
#[backend_extension(Autodiff, Flex)]
pub trait EmbeddingBackend: Backend {
    /// Returns the rows, `[batch, time, features]`.
    fn rows_of(table: FloatTensor<Self>, ids: IntTensor<Self>) -> FloatTensor<Self> {
        Self::embedding(table, ids)
    }

    /// Returns the gradient of the table.
    fn rows_backward(
        table: FloatTensor<Self>,
        ids: IntTensor<Self>,
        d_output: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        Self::embedding_backward(table, d_output, ids)
    }
}

/// The ids as places in a table of so many rows.
fn places(ids: FlexTensor, vocabulary: usize) -> Vec<usize> {
    let ids = ids.into_data();
    let place = |id: i64| {
        let place = usize::try_from(id).ok();
        let place = place.filter(|place| *place < vocabulary);
        place.unwrap_or_else(|| panic!("the id {id} is not one of a vocabulary of {vocabulary}"))
    };
    ids.iter::<i64>().map(place).collect()
}

impl EmbeddingBackend for Flex {
    fn rows_of(table: FlexTensor, ids: FlexTensor) -> FlexTensor {
        if table.dtype() != DType::F32 {
            return Self::embedding(table, ids);
        }
        let [vocabulary, features] = table.layout().shape().dims();
        let [batch, time] = ids.layout().shape().dims();
        let table = contiguous(table);
        let table = values(&table);
        let mut rows = Vec::with_capacity(batch * time * features);
        for place in places(ids, vocabulary) {
            rows.extend_from_slice(&table[place * features..][..features]);
        }
        tensor(rows, [batch, time, features])
    }

    fn rows_backward(table: FlexTensor, ids: FlexTensor, d_output: FlexTensor) -> FlexTensor {
        if table.dtype() != DType::F32 {
            return Self::embedding_backward(table, d_output, ids);
        }
        let [vocabulary, features] = table.layout().shape().dims();
        let d_output = contiguous(d_output);
        let mut gradient = vec![0.0; vocabulary * features];
        let rows = values(&d_output).chunks_exact(features.max(1));
        for (place, row) in places(ids, vocabulary).into_iter().zip(rows) {
            let sums = &mut gradient[place * features..][..features];
            sums.iter_mut().zip(row).for_each(|(sum, d)| *sum += d);
        }
        tensor(gradient, [vocabulary, features])
    }
}

#[derive(Debug)]
struct Step;

impl<B: EmbeddingBackend> Backward<B, 1> for Step {
    type State = (FloatTensor<B>, IntTensor<B>);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let d_output = gradients.consume::<B>(&ops.node);
        let ([parent], (table, ids)) = (ops.parents, ops.state);
        if let Some(parent) = parent {
            gradients.register::<B>(parent.id, B::rows_backward(table, ids, d_output));
        }
    }
}

impl<B: EmbeddingBackend, C: CheckpointStrategy> EmbeddingBackend for Autodiff<B, C> {
    fn rows_of(table: FloatTensor<Self>, ids: IntTensor<Self>) -> FloatTensor<Self> {
        let (table, node) = table.into_parts();
        let output = B::rows_of(table.clone(), ids.clone());
        match Backward::<B, 1>::prepare::<C>(Step, [node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((table, ids), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::{Embedding, EmbeddingConfig};

    fn run(layer: &Embedding, f: impl Fn(Tensor<2, Int>) -> Tensor<3>) -> [Vec<f32>; 2] {
        let device = layer.weight.device();
        // 3 is named thrice, 1 and 4 never.
        let ids = Tensor::<2, Int>::from_data([[3, 0, 3], [5, 3, 2]], &device);
        let output = f(ids);
        let upstream = (0..24).map(|i| ((i + 1) as f32 * 0.7).sin()).collect();
        let upstream = Tensor::from_data(TensorData::new::<f32, _>(upstream, [2, 3, 4]), &device);
        let gradients = (output.clone() * upstream).sum().backward();
        let gradient = layer.weight.val().grad(&gradients).unwrap();
        [output.inner(), gradient.unsqueeze()].map(crate::values)
    }

    #[test]
    fn fused_equals_burns_rows_and_gradient() {
        let layer = EmbeddingConfig::new(6, 4).init(&Device::default().autodiff());
        let fused = run(&layer, |ids| embedding(layer.weight.val(), ids));
        let burns = run(&layer, |ids| layer.forward(ids));
        assert_eq!(fused[0], burns[0]);
        for (found, expected) in fused[1].iter().zip(&burns[1]) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        assert_eq!(fused[1][4..8], [0.0; 4]);
    }

    #[test]
    #[should_panic(expected = "the id 6 is not one of a vocabulary of 6")]
    fn an_id_beyond_the_vocabulary_is_refused() {
        let device = Device::default();
        let ids = Tensor::<2, Int>::from_data([[6]], &device);
        embedding(Tensor::zeros([6, 4], &device), ids);
    }
}
