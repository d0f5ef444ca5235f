use super::*;

const LENGTHS: [usize; 4] = [3, 5, 0, 1];

fn rule() -> CrfRule {
    CrfRule {
        targets: (0..20).map(|i| (i * i + 1) % 3).collect(),
        lengths: LENGTHS.into(),
    }
}

fn wave<const D: usize>(shape: [usize; D], pace: f32, device: &Device) -> Tensor<D> {
    let count = shape.iter().product::<usize>();
    let values = (0..count).map(|i| ((i + 1) as f32 * pace).sin() * 3.0);
    let values = values.collect::<Vec<_>>();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn scores(device: &Device) -> CrfScores {
    CrfScores {
        transitions: wave([3, 3], 1.3, device),
        start: wave([3], 0.4, device),
        end: wave([3], 2.1, device),
    }
}

/// Emissions that are not contiguous, `[batch, tags, time]` turned, and not numbers where they are padding.
fn emissions(device: &Device) -> Tensor<3> {
    let mut data = wave([4, 3, 5], 0.7, device).into_data();
    let values = data.as_mut_slice::<f32>().unwrap();
    for (row, length) in values.chunks_mut(15).zip(LENGTHS) {
        row.chunks_mut(5)
            .for_each(|tag| tag[length..].fill(f32::NAN));
    }
    Tensor::from_data(data, device)
}

/// The losses and the gradients of emissions, transitions, start and end.
fn run(f: impl Fn(Tensor<3>, &CrfScores) -> Tensor<1>) -> [Vec<f32>; 5] {
    let device = Device::default().autodiff();
    let plain = scores(&device);
    let scores = CrfScores {
        transitions: plain.transitions.require_grad(),
        start: plain.start.require_grad(),
        end: plain.end.require_grad(),
    };
    let x = emissions(&device).require_grad();
    let losses = f(x.clone().swap_dims(1, 2), &scores);
    let upstream = Tensor::<1>::from_floats([0.3, 5.0, -1.5, 2.0], &device);
    let gradients = (losses.clone() * upstream).sum().backward();
    [
        crate::values(losses.inner()),
        crate::values(x.grad(&gradients).unwrap()),
        crate::values(scores.transitions.grad(&gradients).unwrap()),
        crate::values(scores.start.grad(&gradients).unwrap()),
        crate::values(scores.end.grad(&gradients).unwrap()),
    ]
}

#[track_caller]
fn close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 2e-5, "{found} {expected}");
    }
}

/// The fused path, the reference's own gradient, and Burn's gradient of the reference.
#[test]
fn fused_equals_the_reference_in_losses_and_gradients() {
    let rule = rule();
    let fused = run(|x, scores| crf(&rule, x, scores));
    let plain = run(|x, scores| {
        let [start, end] = [&scores.start, &scores.end].map(|score| score.clone().into_dispatch());
        let transitions = scores.transitions.clone().into_dispatch();
        let x = x.into_dispatch();
        Tensor::from_dispatch(reference::forward::<Dispatch>(
            &rule,
            x,
            transitions,
            start,
            end,
        ))
    });
    for (fused, plain) in fused.iter().zip(&plain) {
        close(fused, plain);
    }
    let device = Device::default();
    let scores = scores(&device);
    let x = emissions(&device).swap_dims(1, 2).into_dispatch();
    let upstream = Tensor::<1>::from_floats([0.3, 5.0, -1.5, 2.0], &device);
    let (x, transitions, start, end) = reference::backward::<Dispatch>(
        &rule,
        x,
        scores.transitions.into_dispatch(),
        scores.start.into_dispatch(),
        scores.end.into_dispatch(),
        upstream.into_dispatch(),
    );
    let x = Tensor::<3>::from_dispatch(x).swap_dims(1, 2);
    close(&fused[1], &crate::values(x));
    let transitions = Tensor::<2>::from_dispatch(transitions);
    close(&fused[2], &crate::values(transitions));
    for (fused, own) in fused[3..].iter().zip([start, end]) {
        close(fused, &crate::values(Tensor::<1>::from_dispatch(own)));
    }
    assert_eq!(fused[0][2], 0.0);
    assert!(fused[0][0] > 0.0 && fused[0][1] > 0.0 && fused[0][3] > 0.0);
}

/// A batch with padding, and each of its sequences alone.
#[test]
fn padded_equals_unpadded() {
    let device = Device::default();
    let (rule, scores) = (rule(), scores(&device));
    let x = emissions(&device).swap_dims(1, 2);
    let losses = crate::values(crf(&rule, x.clone(), &scores));
    let marginals = crf_marginals(x.clone(), &LENGTHS, &scores);
    let best = crf_decode(x.clone(), &LENGTHS, &scores);
    for (row, length) in LENGTHS.into_iter().enumerate().filter(|(_, n)| *n > 0) {
        let alone = x.clone().slice([row..row + 1, 0..length]);
        let own = CrfRule {
            targets: rule.targets[row * 5..][..length].into(),
            lengths: [length].into(),
        };
        let loss = crate::values(crf(&own, alone.clone(), &scores));
        assert_eq!(loss, losses[row..=row]);
        let probabilities = crf_marginals(alone.clone(), &[length], &scores);
        assert_eq!(probabilities, marginals[row * 15..][..length * 3]);
        let path = crf_decode(alone, &[length], &scores);
        assert_eq!(path.tags, best.tags[row * 5..][..length]);
        assert_eq!(path.scores, best.scores[row..=row]);
    }
}

#[test]
#[should_panic(expected = "a target is 2, but there are 2 tags")]
fn a_target_beyond_the_tags_is_refused() {
    let device = Device::default();
    let scores = CrfScores {
        transitions: Tensor::zeros([2, 2], &device),
        start: Tensor::zeros([2], &device),
        end: Tensor::zeros([2], &device),
    };
    crf(&rule(), Tensor::zeros([4, 5, 2], &device), &scores);
}
