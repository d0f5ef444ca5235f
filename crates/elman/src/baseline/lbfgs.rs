//! The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno.

use std::collections::VecDeque;

/// Steps whose curvature is remembered.
const MEMORY: usize = 10;
/// A step must lower the value by this share of what the slope promises (Armijo), …
const SUFFICIENT: f64 = 1e-4;
/// … and flatten the slope to this share of what it was (Wolfe).
const FLATTER: f64 = 0.9;
/// Halvings and doublings of one step; 2⁻⁴⁰ of a step is none.
const TRIALS: usize = 40;

/// Where a descent ended.
#[derive(Debug, Clone)]
pub(super) struct Minimum {
    pub(super) point: Vec<f64>,
    /// Whether no component of the gradient is above the tolerance there.
    pub(super) converged: bool,
}

/// Descends a smooth function from `start`. `function` writes the gradient at a point into its second argument and returns
/// the value there; it must be finite at `start`. Everything is computed in one order, so the same function gives the same bits.
///
/// # References
/// Liu & Nocedal, *On the limited memory BFGS method for large scale optimization* (1989); the step by bisection: Lewis &
/// Overton, *Nonsmooth optimization via quasi-Newton methods* (2013), algorithm 2.6.
pub(super) fn minimise(
    start: Vec<f64>,
    tolerance: f64,
    iterations: usize,
    mut function: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> Minimum {
    let mut point = start;
    let mut gradient = vec![0.0; point.len()];
    let mut value = function(&point, &mut gradient);
    let mut memory: VecDeque<Curvature> = VecDeque::new();
    let (mut next, mut next_gradient) = (point.clone(), gradient.clone());
    let small = |gradient: &[f64]| gradient.iter().all(|g| g.abs() <= tolerance);
    for _ in 0..iterations {
        if small(&gradient) {
            break;
        }
        let mut direction = downhill(&gradient, &memory);
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            // The memory has become useless to rounding; begin anew from the steepest descent.
            memory.clear();
            direction = downhill(&gradient, &memory);
            slope = dot(&direction, &gradient);
        }
        let first = match memory.is_empty() {
            true => 1.0 / dot(&gradient, &gradient).sqrt().max(1.0),
            false => 1.0,
        };
        let (mut short, mut long, mut step) = (0.0, f64::INFINITY, first);
        let mut found = None;
        for _ in 0..TRIALS {
            for ((next, from), d) in next.iter_mut().zip(&point).zip(&direction) {
                *next = from + step * d;
            }
            let there = function(&next, &mut next_gradient);
            // A value that is not finite is too far as well.
            let low_enough = there <= value + SUFFICIENT * step * slope;
            if !low_enough {
                long = step;
            } else {
                found = Some(there);
                if dot(&direction, &next_gradient) >= FLATTER * slope {
                    break;
                }
                short = step;
            }
            step = match long.is_finite() {
                true => (short + long) / 2.0,
                false => 2.0 * short,
            };
        }
        let Some(there) = found.filter(|there| *there <= value) else {
            break;
        };
        if let Some(curvature) = Curvature::between(&point, &next, &gradient, &next_gradient) {
            memory.truncate(MEMORY - 1);
            memory.push_front(curvature);
        }
        std::mem::swap(&mut point, &mut next);
        std::mem::swap(&mut gradient, &mut next_gradient);
        value = there;
    }
    let converged = small(&gradient);
    Minimum { point, converged }
}

/// How the gradient changed over one step.
struct Curvature {
    step: Vec<f64>,
    change: Vec<f64>,
    /// 1 / (step · change)
    inverse: f64,
}

impl Curvature {
    /// Nothing where the function did not curve upwards, which would spoil the direction.
    fn between(from: &[f64], to: &[f64], before: &[f64], after: &[f64]) -> Option<Self> {
        let difference = |to: &[f64], from: &[f64]| -> Vec<f64> {
            to.iter().zip(from).map(|(to, from)| to - from).collect()
        };
        let (step, change) = (difference(to, from), difference(after, before));
        let product = dot(&step, &change);
        (product > f64::EPSILON * dot(&change, &change)).then(|| Self {
            inverse: 1.0 / product,
            step,
            change,
        })
    }
}

/// The direction `−H g`, with H the inverse curvature that the memory (latest first) describes: the two-loop recursion.
fn downhill(gradient: &[f64], memory: &VecDeque<Curvature>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for curvature in memory {
        let share = curvature.inverse * dot(&curvature.step, &direction);
        add(&mut direction, -share, &curvature.change);
        shares.push(share);
    }
    if let Some(latest) = memory.front() {
        let scale = 1.0 / (latest.inverse * dot(&latest.change, &latest.change));
        direction.iter_mut().for_each(|d| *d *= scale);
    }
    for (curvature, share) in memory.iter().zip(shares).rev() {
        let back = curvature.inverse * dot(&curvature.change, &direction);
        add(&mut direction, share - back, &curvature.step);
    }
    direction
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(l, r)| l * r).sum()
}

fn add(to: &mut [f64], share: f64, other: &[f64]) {
    to.iter_mut()
        .zip(other)
        .for_each(|(to, other)| *to += share * other);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curved_valley_of_rosenbrock_is_followed_to_its_end() {
        let found = minimise(vec![-1.2, 1.0, -0.7, 2.0], 1e-9, 500, |x, gradient| {
            gradient.fill(0.0);
            let mut value = 0.0;
            for pair in 0..2 {
                let (a, b) = (x[2 * pair], x[2 * pair + 1]);
                value += (1.0 - a).powi(2) + 100.0 * (b - a * a).powi(2);
                gradient[2 * pair] = -2.0 * (1.0 - a) - 400.0 * a * (b - a * a);
                gradient[2 * pair + 1] = 200.0 * (b - a * a);
            }
            value
        });
        assert!(found.converged);
        assert!(
            found.point.iter().all(|x| (x - 1.0).abs() < 1e-8),
            "{found:?}"
        );
    }

    #[test]
    fn a_descent_without_an_end_stops() {
        // e⁻ˣ has no minimum; a line has none either and never flattens.
        let exponential = minimise(vec![0.0], 1e-12, 1000, |x, gradient| {
            gradient[0] = -(-x[0]).exp();
            (-x[0]).exp()
        });
        assert!(exponential.point[0] > 20.0);
        let line = minimise(vec![0.0], 1e-12, 5, |x, gradient| {
            gradient[0] = 1.0;
            x[0]
        });
        assert!(!line.converged);
    }
}
