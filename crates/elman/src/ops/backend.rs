//! What a backend may do its own way.

use super::Recurrence;
use super::reference::{self, Inputs, Outputs};
use burn::backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor};
use elman_kernels::Want;

/// The recurrent operator of a backend, forward and backward.
///
/// The default bodies are the reference in plain tensor operations. A backend that can do better overrides both; what
/// its forward returns as `saved` is its own affair, as long as the shape follows from the inputs' shapes.
#[backend_extension(Autodiff, Flex)]
#[allow(clippy::too_many_arguments, clippy::type_complexity)] // The dispatch macro takes tensors one by one.
pub trait RecurrentBackend: Backend {
    /// Returns `output [batch, time, hidden]`, the final `state [states, batch, hidden]` and, if `save`, what
    /// backward needs.
    fn recurrent_forward(
        recurrence: Recurrence,
        save: bool,
        input: FloatTensor<Self>,
        state: FloatTensor<Self>,
        weight_ih: FloatTensor<Self>,
        weight_hh: FloatTensor<Self>,
        bias_ih: FloatTensor<Self>,
        bias_hh: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let inputs = Inputs {
            input,
            state,
            weight_ih,
            weight_hh,
            bias_ih,
            bias_hh,
        };
        let Outputs {
            output,
            state,
            saved,
        } = reference::forward::<Self>(&recurrence, inputs, save);
        (output, state, saved)
    }

    /// Returns the gradients of the six tensors that forward read, in its order, and those of the states after each step,
    /// `[batch, time, states × hidden]`. What `want` leaves out may be anything. `d_output` or `d_state` is one zero, `[1]`, where the loss does not depend on it.
    fn recurrent_backward(
        recurrence: Recurrence,
        want: Want,
        input: FloatTensor<Self>,
        state: FloatTensor<Self>,
        weight_ih: FloatTensor<Self>,
        weight_hh: FloatTensor<Self>,
        bias_ih: FloatTensor<Self>,
        bias_hh: FloatTensor<Self>,
        output: FloatTensor<Self>,
        final_state: FloatTensor<Self>,
        saved: FloatTensor<Self>,
        d_output: FloatTensor<Self>,
        d_state: FloatTensor<Self>,
    ) -> (
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
    ) {
        let inputs = Inputs {
            input,
            state,
            weight_ih,
            weight_hh,
            bias_ih,
            bias_hh,
        };
        let outputs = Outputs {
            output,
            state: final_state,
            saved,
        };
        let found =
            reference::backward::<Self>(&recurrence, inputs, outputs, d_output, d_state, want);
        let g = found.inputs;
        (
            g.input,
            g.state,
            g.weight_ih,
            g.weight_hh,
            g.bias_ih,
            g.bias_hh,
            found.steps,
        )
    }
}

/// [`RecurrentBackend::recurrent_forward`] with names instead of places.
pub(super) fn forward(
    recurrence: &Recurrence,
    inputs: Inputs<Dispatch>,
    save: bool,
) -> Outputs<Dispatch> {
    let Inputs {
        input,
        state,
        weight_ih,
        weight_hh,
        bias_ih,
        bias_hh,
    } = inputs;
    let (output, state, saved) = <Dispatch as RecurrentBackend>::recurrent_forward(
        recurrence.clone(),
        save,
        input,
        state,
        weight_ih,
        weight_hh,
        bias_ih,
        bias_hh,
    );
    Outputs {
        output,
        state,
        saved,
    }
}
