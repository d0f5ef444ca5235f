//! The error bound that `math` states, by scanning f32 against f64.
#![allow(
    unsafe_code,
    reason = "vectors are loaded from and stored to test arrays"
)]

use pulp::{Simd, WithSimd};

use crate::math::{sigmoid, tanh};
use crate::simd::{MAX_LANES, Tier, Vector};

#[derive(Clone, Copy, Debug)]
enum Function {
    Sigmoid,
    Tanh,
}

struct Apply<'a>(Function, &'a mut [f32; MAX_LANES]);

impl WithSimd for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for lanes in self.1.chunks_exact_mut(S::F32_LANES) {
            // SAFETY: the chunk is exactly one vector.
            unsafe {
                let x = Vector::load(simd, lanes.as_ptr());
                let y = match self.0 {
                    Function::Sigmoid => sigmoid(x),
                    Function::Tanh => tanh(x),
                };
                y.store(lanes.as_mut_ptr());
            }
        }
    }
}

impl Function {
    fn fast(self, tier: Tier, mut x: [f32; MAX_LANES]) -> [f32; MAX_LANES] {
        tier.run(Apply(self, &mut x));
        x
    }

    fn exact(self, x: f32) -> f64 {
        match self {
            Function::Sigmoid => 1.0 / (1.0 + (-f64::from(x)).exp()),
            Function::Tanh => f64::from(x).tanh(),
        }
    }
}

/// The distance from `found` to `truth` in units of the last place of `truth`.
fn ulps(found: f32, truth: f64) -> f64 {
    let nearest = (truth as f32).abs().max(f32::MIN_POSITIVE);
    let ulp = f64::from(f32::from_bits(nearest.to_bits() + 1)) - f64::from(nearest);
    (f64::from(found) - truth).abs() / ulp
}

#[test]
fn errors_stay_within_three_ulps() {
    for &tier in Tier::available() {
        for function in [Function::Sigmoid, Function::Tanh] {
            let mut worst = (0.0, 0.0);
            // Every 1,021st positive f32 up to 128, with both signs.
            let mut bits = (1..128_f32.to_bits()).step_by(1021);
            while let Some(first) = bits.next() {
                let mut x = [f32::from_bits(first); MAX_LANES];
                for (i, x) in x.iter_mut().enumerate().skip(1) {
                    *x = f32::from_bits(bits.next().unwrap_or(first));
                    if i % 2 == 1 {
                        *x = -*x;
                    }
                }
                for (&x, found) in x.iter().zip(function.fast(tier, x)) {
                    if matches!(function, Function::Sigmoid) && x < -87.0 {
                        assert!(
                            (f64::from(found) - function.exact(x)).abs() < 1.2e-38,
                            "σ({x}) = {found}"
                        );
                        continue;
                    }
                    let error = ulps(found, function.exact(x));
                    if error > worst.0 {
                        worst = (error, x);
                    }
                }
            }
            assert!(
                worst.0 <= 3.0,
                "{function:?} on {tier:?}: {} ulps at {}",
                worst.0,
                worst.1
            );
        }
    }
}

#[test]
fn limits_and_nan() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    for &tier in Tier::available() {
        let mut x = [0.0; MAX_LANES];
        x[..8].copy_from_slice(&[inf, -inf, nan, 0.0, -0.0, 1e30, -1e30, -nan]);
        let sigmoids = Function::Sigmoid.fast(tier, x);
        assert_eq!(
            (sigmoids[0], sigmoids[1], sigmoids[3], sigmoids[4]),
            (1.0, 0.0, 0.5, 0.5),
            "{tier:?}"
        );
        assert_eq!((sigmoids[5], sigmoids[6]), (1.0, 0.0), "{tier:?}");
        let tanhs = Function::Tanh.fast(tier, x);
        assert_eq!(
            (tanhs[0], tanhs[1], tanhs[5], tanhs[6]),
            (1.0, -1.0, 1.0, -1.0),
            "{tier:?}"
        );
        assert_eq!(
            (tanhs[3].to_bits(), tanhs[4].to_bits()),
            (0.0_f32.to_bits(), (-0.0_f32).to_bits()),
            "{tier:?}"
        );
        for y in [sigmoids[2], sigmoids[7], tanhs[2], tanhs[7]] {
            assert!(y.is_nan(), "{tier:?}");
        }
    }
}
