//! The fast kernels against the plain twin, the twin against finite differences.

mod case;
mod finite_differences;
mod fused;
mod math;
mod segments;
