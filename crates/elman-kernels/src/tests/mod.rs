//! The fast kernels against the plain twin, the twin against finite differences.

mod case;
mod crf;
mod cross_entropy;
mod dense;
mod dropout;
mod elementwise;
mod finite_differences;
mod fused;
mod math;
mod segments;
mod threads;
