//! Dense layers: `y = x W + b`, and the three gradients.
//!
//! Threads share the columns of a result; a panel of them is packed once and meets all rows. As everywhere in this crate the
//! summed dimension is never split between threads.
#![allow(
    unsafe_code,
    reason = "workers write their columns of one matrix through a raw pointer"
)]

use pulp::{Simd, WithSimd};

use crate::gemm::{MAX_VECTORS, Product, Span, Start};
use crate::numbers::Numbers;
use crate::scratch::Scratch;
use crate::simd::Tier;
use crate::{check_len, check_optional, product, threads};

/// Steps of the summed dimension for which a panel is packed in one go: 256 KiB with 64 columns, in the L2 cache.
const BLOCK: usize = 1024;

/// Rows whose sums are kept together in the L1 cache.
const ROWS: usize = 96;

/// The sizes of a dense layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// Rows of the input: examples, or steps of all sequences.
    pub rows: usize,
    /// Values in a row of the input.
    pub inputs: usize,
    /// Values in a row of the output.
    pub outputs: usize,
}

impl Dense {
    /// `x W + b`, `[rows, outputs]`, from x `[rows, inputs]`, W `[inputs, outputs]` and b `[outputs]`.
    ///
    /// # Panics
    /// If a slice is not as long as its shape says; so for each method here.
    #[must_use]
    pub fn forward(&self, x: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
        check_len("x", x.len(), product(&[self.rows, self.inputs]));
        check_len(
            "weight",
            weight.len(),
            product(&[self.inputs, self.outputs]),
        );
        check_optional("bias", bias, self.outputs);
        Job {
            left: Matrix::new(x, self.inputs),
            right: Matrix::new(weight, self.outputs),
            rows: self.rows,
            depth: self.inputs,
            columns: self.outputs,
            bias,
        }
        .run()
    }

    /// `x Wᵀ + b`, `[rows, outputs]`, from x `[rows, inputs]`, W `[outputs, inputs]` and b `[outputs]`: a layer that shares
    /// the table of an embedding.
    #[must_use]
    pub fn forward_transposed(&self, x: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
        check_len("x", x.len(), product(&[self.rows, self.inputs]));
        check_len(
            "weight",
            weight.len(),
            product(&[self.inputs, self.outputs]),
        );
        check_optional("bias", bias, self.outputs);
        Job {
            left: Matrix::new(x, self.inputs),
            right: Matrix::new(weight, self.inputs).transposed(),
            rows: self.rows,
            depth: self.inputs,
            columns: self.outputs,
            bias,
        }
        .run()
    }

    /// The layer that reads what this one gives: its `forward` of dy with `Wᵀ` is this one's gradient.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            rows: self.rows,
            inputs: self.outputs,
            outputs: self.inputs,
        }
    }

    /// The gradient of x, `[rows, inputs]`: `dy Wᵀ`.
    #[must_use]
    pub fn backward_input(&self, weight: &[f32], d_output: &[f32]) -> Vec<f32> {
        self.reversed().forward_transposed(d_output, weight, None)
    }

    /// The gradient of W, `[inputs, outputs]`: `xᵀ dy`.
    #[must_use]
    pub fn backward_weight(&self, x: &[f32], d_output: &[f32]) -> Vec<f32> {
        check_len("x", x.len(), product(&[self.rows, self.inputs]));
        check_len(
            "d_output",
            d_output.len(),
            product(&[self.rows, self.outputs]),
        );
        Job {
            left: Matrix::new(x, self.inputs).transposed(),
            right: Matrix::new(d_output, self.outputs),
            rows: self.inputs,
            depth: self.rows,
            columns: self.outputs,
            bias: None,
        }
        .run()
    }

    /// The gradient of b, `[outputs]`: the sum of dy over its rows.
    #[must_use]
    pub fn backward_bias(&self, d_output: &[f32]) -> Vec<f32> {
        check_len(
            "d_output",
            d_output.len(),
            product(&[self.rows, self.outputs]),
        );
        let mut sums = vec![0.0; self.outputs];
        for row in d_output.chunks_exact(self.outputs.max(1)) {
            sums.iter_mut().zip(row).for_each(|(sum, d)| *sum += d);
        }
        sums
    }
}

/// A matrix whose value `(i, j)` lies at `i × row + j × column`.
#[derive(Clone, Copy)]
struct Matrix<'a> {
    values: &'a [f32],
    row: usize,
    column: usize,
}

impl<'a> Matrix<'a> {
    fn new(values: &'a [f32], width: usize) -> Self {
        Self {
            values,
            row: width,
            column: 1,
        }
    }

    fn transposed(self) -> Self {
        Self {
            row: self.column,
            column: self.row,
            ..self
        }
    }
}

/// `left [rows, depth] · right [depth, columns] + bias`
struct Job<'a> {
    left: Matrix<'a>,
    right: Matrix<'a>,
    rows: usize,
    depth: usize,
    columns: usize,
    bias: Option<&'a [f32]>,
}

/// The address of a result that several workers fill, each its own columns.
#[derive(Clone, Copy)]
struct Out(*mut f32);

// SAFETY: a bare address; every use of it states which part is its own.
unsafe impl Send for Out {}
// SAFETY: as above.
unsafe impl Sync for Out {}

impl Job<'_> {
    fn run(self) -> Vec<f32> {
        let size = self.rows * self.columns;
        let mut result = Vec::with_capacity(size);
        if size == 0 {
            return result;
        }
        let (tier, out) = (Tier::current(), Out(result.as_mut_ptr()));
        let vectors = self.columns.div_ceil(tier.lanes());
        let workers = threads::workers(size * self.depth.max(1), vectors);
        // As many panels for each worker, as wide as may be.
        let panels = vectors
            .div_ceil(MAX_VECTORS)
            .next_multiple_of(workers)
            .min(vectors);
        threads::run(workers, |worker| {
            tier.run(Worker {
                job: &self,
                out,
                vectors,
                panels,
                first: worker,
                step: workers,
            });
        });
        // SAFETY: the capacity is `size`, and the panels, each done by one worker, have written all rows of all columns.
        unsafe { result.set_len(size) };
        result
    }
}

struct Worker<'a> {
    job: &'a Job<'a>,
    out: Out,
    /// Of all columns.
    vectors: usize,
    /// How many panels they are cut into.
    panels: usize,
    /// This worker's first panel, and the distance to its next.
    first: usize,
    step: usize,
}

/// Some columns of the result.
#[derive(Clone, Copy)]
struct Panel {
    column: usize,
    /// Columns, and those of whole vectors.
    count: usize,
    width: usize,
}

impl WithSimd for Worker<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let job = self.job;
        let lanes = S::F32_LANES;
        let most = self.vectors.div_ceil(self.panels) * lanes;
        let mut packed = Scratch::new(BLOCK.min(job.depth.max(1)) * most);
        let mut sums = Scratch::new(ROWS.min(job.rows) * most);
        let blocks = job.depth.div_ceil(BLOCK).max(1);
        for block in 0..blocks {
            let from = block * BLOCK;
            let depth = BLOCK.min(job.depth - from);
            for index in (self.first..self.panels).step_by(self.step) {
                let panel = self.panel(index, lanes);
                job.pack(panel, from, depth, &mut packed);
                for row in (0..job.rows).step_by(ROWS) {
                    let count = ROWS.min(job.rows - row);
                    self.multiply(simd, panel, [from, depth], [row, count], &packed, &mut sums);
                }
            }
        }
    }
}

impl Worker<'_> {
    fn panel(&self, index: usize, lanes: usize) -> Panel {
        let (each, wider) = (self.vectors / self.panels, self.vectors % self.panels);
        let first = index * each + index.min(wider);
        let width = (each + usize::from(index < wider)) * lanes;
        let column = first * lanes;
        Panel {
            column,
            count: width.min(self.job.columns - column),
            width,
        }
    }

    /// Adds a block of the summed dimension to the panel's columns of some rows of the result.
    #[inline(always)]
    fn multiply<S: Simd>(
        &self,
        simd: S,
        panel: Panel,
        [from, depth]: [usize; 2],
        [row, count]: [usize; 2],
        packed: &[f32],
        sums: &mut [f32],
    ) {
        let (job, left) = (self.job, self.job.left);
        let at = |index: usize| (row + index) * job.columns + panel.column;
        for index in 0..count {
            let sums = &mut sums[index * panel.width..][..panel.width];
            if from > 0 {
                // SAFETY: within the result, in columns of this worker's own, which it has written for the block before.
                let before =
                    unsafe { std::slice::from_raw_parts(self.out.0.add(at(index)), panel.count) };
                sums[..panel.count].copy_from_slice(before);
            } else if let Some(bias) = job.bias {
                sums[..panel.count].copy_from_slice(&bias[panel.column..][..panel.count]);
            } else {
                sums.fill(0.0);
            }
            sums[panel.count..].fill(0.0);
        }
        let start = |index: usize| (row + index) * left.row + from * left.column;
        if depth > 0 {
            let last = start(count - 1) + (depth - 1) * left.column;
            assert!(last < left.values.len());
            assert!(packed.len() >= depth * panel.width && sums.len() >= count * panel.width);
            let rows: Vec<*const f32> = (0..count)
                .map(|index| left.values[start(index)..].as_ptr())
                .collect();
            let product = Product {
                numbers: Numbers::F32,
                rows: &rows,
                step: left.column,
                spans: &[Span {
                    at: 0,
                    from: 0,
                    len: depth,
                }],
                panel: packed.as_ptr(),
                vectors: panel.width / S::F32_LANES,
                start: Start::Output,
                out: sums.as_mut_ptr(),
                out_stride: panel.width,
            };
            // SAFETY: the last value of the last row is within the left matrix, the panel holds `depth` rows of `width` values
            // and the sums `count`, all asserted above; a panel has one to MAX_VECTORS vectors.
            unsafe { product.run(simd) };
        }
        for index in 0..count {
            let sums = &sums[index * panel.width..][..panel.count];
            // SAFETY: within the result, in columns of this worker's own.
            unsafe {
                self.out
                    .0
                    .add(at(index))
                    .copy_from_nonoverlapping(sums.as_ptr(), panel.count);
            }
        }
    }
}

impl Job<'_> {
    /// The panel's columns of a block of the right matrix, `[depth][width]`, zeros beyond the last column.
    fn pack(&self, panel: Panel, from: usize, depth: usize, out: &mut [f32]) {
        let Matrix {
            values,
            row,
            column,
        } = self.right;
        let out = &mut out[..depth * panel.width];
        if column == 1 {
            for (step, out) in out.chunks_exact_mut(panel.width).enumerate() {
                let source = &values[(from + step) * row + panel.column..][..panel.count];
                out[..panel.count].copy_from_slice(source);
                out[panel.count..].fill(0.0);
            }
            return;
        }
        // Sixteen steps at a time, so that the lines written stay in the L1 cache while every column fills them.
        for (chunk, out) in out.chunks_mut(16 * panel.width).enumerate() {
            let steps = out.len() / panel.width;
            for index in 0..panel.width {
                let first = (panel.column + index) * column + (from + chunk * 16) * row;
                for step in 0..steps {
                    out[step * panel.width + index] = match index < panel.count {
                        true => values[first + step * row],
                        false => 0.0,
                    };
                }
            }
        }
    }
}
