use super::*;

const MIXTURE: Mixture = Mixture {
    components: 3,
    features: 2,
    floor: 0.05,
};

/// −ln p, as the definition has it: no logarithm before the sum.
fn naive(mixture: &Mixture, outputs: &[f64], target: &[f64]) -> f64 {
    let (k, d) = (mixture.components, mixture.features);
    let sum: f64 = outputs[..k].iter().map(|a| a.exp()).sum();
    let density = (0..k).map(|component| {
        let each = (0..d).map(|feature| {
            let at = component * d + feature;
            let mean = outputs[k + at];
            let deviation = mixture.floor + (1.0 + outputs[k + k * d + at].exp()).ln();
            let off = (target[feature] - mean) / deviation;
            (-0.5 * off * off).exp() / (deviation * TAU.sqrt())
        });
        outputs[component].exp() / sum * each.product::<f64>()
    });
    -density.sum::<f64>().ln()
}

fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut random = Stream::new(&[seed]);
    (0..count).map(|_| f64::from(random.normal())).collect()
}

fn tensor(values: &[f64], rows: usize, device: &Device) -> Tensor<2> {
    let narrow: Vec<f32> = values.iter().map(|x| *x as f32).collect();
    let shape = [rows, values.len() / rows];
    Tensor::from_data(TensorData::new(narrow, shape), device)
}

#[test]
fn it_is_the_formula_and_its_gradient_that_of_finite_differences() {
    let (rows, width) = (4, MIXTURE.outputs().unwrap());
    assert_eq!(width, 3 * 5);
    let (outputs, targets) = (numbers(rows * width, 1), numbers(rows * 2, 2));
    let device = Device::default().autodiff();
    let leaf = tensor(&outputs, rows, &device).require_grad();
    let aim = tensor(&targets, rows, &device).require_grad();
    let surprise = MIXTURE.surprise(leaf.clone(), aim.clone());
    let found = crate::values(surprise.clone().inner());
    let row = |outputs: &[f64], targets: &[f64], row: usize| {
        naive(
            &MIXTURE,
            &outputs[row * width..(row + 1) * width],
            &targets[row * 2..row * 2 + 2],
        )
    };
    for (at, found) in found.iter().enumerate() {
        let exact = row(&outputs, &targets, at);
        assert!((f64::from(*found) - exact).abs() < 1e-5, "{found} {exact}");
    }
    let gradients = surprise.sum().backward();
    let all = |outputs: &[f64], targets: &[f64]| -> f64 {
        (0..rows).map(|at| row(outputs, targets, at)).sum()
    };
    let check = |gradient: Vec<f32>, of: &dyn Fn(usize, f64) -> f64| {
        for (at, gradient) in gradient.into_iter().enumerate() {
            let exact = (of(at, 1e-5) - of(at, -1e-5)) / 2e-5;
            let error = (f64::from(gradient) - exact).abs();
            assert!(
                error < 1e-4 * exact.abs().max(1.0),
                "{at}: {gradient} {exact}"
            );
        }
    };
    let moved = |values: &[f64], at: usize, by: f64| {
        let mut values = values.to_vec();
        values[at] += by;
        values
    };
    check(crate::values(leaf.grad(&gradients).unwrap()), &|at, by| {
        all(&moved(&outputs, at, by), &targets)
    });
    check(crate::values(aim.grad(&gradients).unwrap()), &|at, by| {
        all(&outputs, &moved(&targets, at, by))
    });
}

#[test]
fn what_is_far_away_is_finite_and_so_is_its_gradient() {
    let device = Device::default().autodiff();
    let mut outputs = numbers(2 * 15, 3);
    // Deviations of the floor alone and of a thousand, weights that are nothing, a target a thousand deviations away.
    outputs[9..15].fill(-200.0);
    outputs[15..18].copy_from_slice(&[500.0, -500.0, 0.0]);
    outputs[24..30].fill(1000.0);
    let leaf = tensor(&outputs, 2, &device).require_grad();
    let targets = tensor(&[50.0, -50.0, 0.1, 0.2], 2, &device);
    let surprise = MIXTURE.surprise(leaf.clone(), targets);
    let found = crate::values(surprise.clone().inner());
    assert!(found.iter().all(|x| x.is_finite()), "{found:?}");
    assert!(found[0] > 1e5, "{found:?}");
    // Two Gaussians with a deviation of 1000 (and the floor), far wider than anything else matters.
    let wide = 2.0 * (1000.05f64).ln() + TAU.ln();
    assert!(
        (f64::from(found[1]) - wide).abs() < 1e-3,
        "{found:?} {wide}"
    );
    let gradient = leaf.grad(&surprise.sum().backward()).unwrap();
    assert!(crate::values(gradient).iter().all(|x| x.is_finite()));
}

#[test]
fn what_is_drawn_follows_the_density() {
    let mixture = Mixture {
        components: 2,
        features: 2,
        floor: 0.1,
    };
    // Weights 0.25 and 0.75; deviations floor + softplus.
    let inverse = |deviation: f64| ((deviation - 0.1f64).exp() - 1.0).ln();
    let row = [
        0.0,
        3f64.ln(),
        -4.0,
        1.0,
        5.0,
        -1.0,
        inverse(0.5),
        inverse(1.0),
        inverse(0.2),
        inverse(2.0),
    ];
    let narrow: Vec<f32> = row.iter().map(|x| *x as f32).collect();
    let density = mixture.density(&narrow);
    assert!((density.mean()[0] - 2.75).abs() < 1e-6 && (density.mean()[1] + 0.5).abs() < 1e-6);
    let draw = |temperature: f64| -> [Vec<Vec<f64>>; 2] {
        let mut random = Stream::new(&[7]);
        let all: Vec<Vec<f64>> = (0..20_000)
            .map(|_| density.sample(temperature, &mut random))
            .collect();
        let (low, high) = all.into_iter().partition(|x| x[0] < 0.0);
        [low, high]
    };
    let moments = |part: &[Vec<f64>], feature: usize| {
        let count = part.len() as f64;
        let mean = part.iter().map(|x| x[feature]).sum::<f64>() / count;
        let variance = part.iter().map(|x| (x[feature] - mean).powi(2));
        (mean, (variance.sum::<f64>() / count).sqrt())
    };
    let close = |found: (f64, f64), mean: f64, deviation: f64| {
        let off = (found.0 - mean).abs() / deviation;
        assert!(
            off < 0.05 && (found.1 / deviation - 1.0).abs() < 0.04,
            "{found:?}"
        );
    };
    let [low, high] = draw(1.0);
    assert!((low.len() as f64 / 20_000.0 - 0.25).abs() < 0.012);
    close(moments(&low, 0), -4.0, 0.5);
    close(moments(&low, 1), 1.0, 1.0);
    close(moments(&high, 0), 5.0, 0.2);
    close(moments(&high, 1), -1.0, 2.0);
    // At half the temperature the weights are as 1 to 9, the deviations smaller by the root of two.
    let [low, high] = draw(0.5);
    assert!((low.len() as f64 / 20_000.0 - 0.1).abs() < 0.01);
    close(moments(&high, 1), -1.0, 2f64.sqrt());
    let mut random = Stream::new(&[7]);
    assert_eq!(density.sample(0.0, &mut random), [5.0, -1.0]);
}
