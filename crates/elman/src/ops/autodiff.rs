//! The gradient of the recurrent operator, written once for every backend.
//!
//! A node of Burn's graph has one output. The operator has two, so it becomes a hub that owns all parents and what
//! was saved, and one tap for each output, whose parent is the hub: a tap parks the gradient that reaches it, and the
//! hub, which runs after its taps, turns them into the gradients of all parents at once.

use super::{Recurrence, RecurrentBackend, Want, watch};
use burn::backend::{Autodiff, Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{FloatDType, Shape};
use burn_autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use std::sync::{Arc, Mutex};

/// The gradients of the output and of the final state, as far as the loss used them.
type Parked<B> = Arc<Mutex<[Option<FloatTensor<B>>; 2]>>;

#[derive(Debug)]
struct Tap;

impl<B: Backend> Backward<B, 1> for Tap {
    type State = (Parked<B>, usize);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (parked, index) = ops.state;
        parked.lock().expect("no tap panics while parking")[index] = Some(gradient);
    }
}

#[derive(Debug)]
struct Hub;

/// What the hub keeps between forward and backward.
#[derive(Clone, Debug)]
struct Saved<B: Backend> {
    recurrence: Recurrence,
    inputs: [FloatTensor<B>; 6],
    outputs: [FloatTensor<B>; 3],
    parked: Parked<B>,
    /// Who watches.
    watched: Option<watch::Place>,
}

impl<B: RecurrentBackend> Backward<B, 6> for Hub {
    type State = Saved<B>;

    fn backward(self, ops: Ops<Saved<B>, 6>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let Saved {
            recurrence,
            inputs,
            outputs,
            parked,
            watched,
        } = ops.state;
        let [d_output, d_state] =
            std::mem::take(&mut *parked.lock().expect("no tap panics while parking"));
        let or_absent = |gradient: Option<FloatTensor<B>>| {
            gradient.unwrap_or_else(|| {
                let (device, dtype) = (outputs[0].device(), outputs[0].dtype());
                B::float_zeros(Shape::from([1]), &device, dtype.into())
            })
        };
        let direct = watched
            .as_ref()
            .map(|_| [d_output.clone(), d_state.clone()]);
        let (d_output, d_state) = (or_absent(d_output), or_absent(d_state));
        let [input, state, weight_ih, weight_hh, bias_ih, bias_hh] = inputs;
        let [output, final_state, saved] = outputs;
        let tracked = ops.parents.each_ref().map(Option::is_some);
        let want = Want {
            input: tracked[0] || watched.is_some(),
            steps: watched.is_some(),
            weights: tracked[2..].contains(&true),
        };
        let computed = B::recurrent_backward(
            recurrence,
            want,
            input,
            state,
            weight_ih,
            weight_hh,
            bias_ih,
            bias_hh,
            output,
            final_state,
            saved,
            d_output,
            d_state,
        );
        let (input, state, weight_ih, weight_hh, bias_ih, bias_hh, steps) = computed;
        if let (Some(place), Some(direct)) = (watched, direct) {
            place.returned::<B>(&input, &steps, &direct);
        }
        let computed = [input, state, weight_ih, weight_hh, bias_ih, bias_hh];
        for (parent, gradient) in ops.parents.into_iter().zip(computed) {
            if let Some(parent) = parent {
                gradients.register::<B>(parent.id, gradient);
            }
        }
    }
}

fn tap<B: Backend, C: CheckpointStrategy>(
    hub: NodeGuard,
    parked: &Parked<B>,
    index: usize,
    output: FloatTensor<B>,
) -> FloatTensor<Autodiff<B, C>> {
    match Backward::<B, 1>::prepare::<C>(Tap, [hub])
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(prep) => prep.finish((parked.clone(), index), output),
        OpsKind::UnTracked(prep) => prep.finish(output),
    }
}

impl<B: RecurrentBackend, C: CheckpointStrategy> RecurrentBackend for Autodiff<B, C> {
    fn recurrent_forward(
        recurrence: Recurrence,
        _save: bool,
        input: FloatTensor<Self>,
        state: FloatTensor<Self>,
        weight_ih: FloatTensor<Self>,
        weight_hh: FloatTensor<Self>,
        bias_ih: FloatTensor<Self>,
        bias_hh: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let state = match watch::is_on() && !state.is_tracked() {
            // Then the way back comes by, even if nothing is learned here.
            true => state.require_grad(),
            false => state,
        };
        let parts = [input, state, weight_ih, weight_hh, bias_ih, bias_hh]
            .map(|tensor| tensor.into_parts());
        let inputs = parts.each_ref().map(|(tensor, _)| tensor.clone());
        let nodes = parts.map(|(_, node)| node);
        let recurrence = Recurrence {
            mode: watch::mode(recurrence.mode),
            ..recurrence
        };
        let run = |inputs: [FloatTensor<B>; 6], save: bool| {
            let [input, state, weight_ih, weight_hh, bias_ih, bias_hh] = inputs;
            B::recurrent_forward(
                recurrence.clone(),
                save,
                input,
                state,
                weight_ih,
                weight_hh,
                bias_ih,
                bias_hh,
            )
        };
        match Backward::<B, 6>::prepare::<C>(Hub, nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let (output, state, saved) = run(inputs.clone(), true);
                let parked = Parked::<B>::default();
                let watched = watch::keep::<B>(&recurrence, &inputs, &output, &saved);
                let place = B::float_zeros(Shape::from([1]), &output.device(), FloatDType::F32);
                let kept = Saved {
                    recurrence: recurrence.clone(),
                    inputs,
                    outputs: [output.clone(), state.clone(), saved],
                    parked: parked.clone(),
                    watched,
                };
                let hub = prep.finish(kept, place);
                let unused = B::float_zeros(Shape::from([1]), &output.device(), FloatDType::F32);
                (
                    tap::<B, C>(hub.node(), &parked, 0, output),
                    tap::<B, C>(hub.node(), &parked, 1, state),
                    FloatTensor::<Self>::new(unused),
                )
            }
            OpsKind::UnTracked(_) => {
                let (output, state, saved) = run(inputs, false);
                (
                    FloatTensor::<Self>::new(output),
                    FloatTensor::<Self>::new(state),
                    FloatTensor::<Self>::new(saved),
                )
            }
        }
    }
}
