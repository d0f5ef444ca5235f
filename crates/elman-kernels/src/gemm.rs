//! The packed product that every matrix product of the crate goes through.
//!
//! Each output value is one chain of multiply-adds over the summed dimension, in order, whatever the tile, the block or the
//! thread that computes it: results do not depend on how the work is cut.
#![allow(
    unsafe_code,
    reason = "the microkernel walks raw rows of the operand and raw panels of packed weights"
)]

use std::ops::Range;

use pulp::{Simd, WithSimd};

use crate::scratch::Scratch;
use crate::simd::{MAX_LANES, Vector};

/// Vectors in the widest panel.
pub(crate) const MAX_VECTORS: usize = 4;

/// Steps of the summed dimension done in one go: a panel of 128 × 64 values is 32 KiB and stays in the L1 cache.
pub(crate) const DEPTH: usize = 128;

static ZEROS: [f32; MAX_VECTORS * MAX_LANES] = [0.0; MAX_VECTORS * MAX_LANES];

/// A matrix `[depth, columns]` packed for the product: panels of up to four vectors of columns, each `[depth][vectors][lanes]`.
///
/// A column vector holds one gate of one *block* of `lanes` hidden units, and the gates of a block stand next to each other.
pub(crate) struct Packed {
    data: Scratch,
    depth: usize,
    gates: usize,
    blocks: usize,
    lanes: usize,
}

/// One panel of a [`Packed`] matrix.
#[derive(Clone, Copy)]
pub(crate) struct Panel {
    pub data: *const f32,
    /// First block of hidden units.
    pub block: usize,
    pub blocks: usize,
    /// Column vectors: blocks × gates.
    pub vectors: usize,
}

impl Packed {
    fn new(depth: usize, gates: usize, units: usize, lanes: usize) -> Self {
        let blocks = units.div_ceil(lanes);
        let data = Scratch::zeroed(blocks * gates * lanes * depth);
        Self {
            data,
            depth,
            gates,
            blocks,
            lanes,
        }
    }

    /// Packs the columns of `gates` from weights `[depth, all gates × units]`.
    pub(crate) fn gates(
        weight: &[f32],
        depth: usize,
        units: usize,
        all: usize,
        gates: Range<usize>,
        lanes: usize,
    ) -> Self {
        let mut packed = Self::new(depth, gates.len(), units, lanes);
        for panel in 0..packed.panels() {
            let Panel {
                block,
                blocks,
                vectors,
                ..
            } = packed.panel(panel);
            let start = packed.offset(block);
            let panel = &mut packed.data[start..start + depth * vectors * lanes];
            for (k, row) in panel.chunks_exact_mut(vectors * lanes).enumerate() {
                for b in 0..blocks {
                    let unit = (block + b) * lanes;
                    let n = lanes.min(units - unit);
                    for (g, gate) in gates.clone().enumerate() {
                        let from = k * all * units + gate * units + unit;
                        let to = (b * gates.len() + g) * lanes;
                        row[to..to + n].copy_from_slice(&weight[from..from + n]);
                    }
                }
            }
        }
        packed
    }

    /// Packs the transpose of the columns of `gates` from weights `[columns, all gates × units]`: depth runs over gate, then unit.
    pub(crate) fn transposed(
        weight: &[f32],
        columns: usize,
        units: usize,
        all: usize,
        gates: Range<usize>,
        lanes: usize,
    ) -> Self {
        let depth = gates.len() * units;
        let mut packed = Self::new(depth, 1, columns, lanes);
        for panel in 0..packed.panels() {
            let Panel { block, vectors, .. } = packed.panel(panel);
            let start = packed.offset(block);
            let width = vectors * lanes;
            let panel = &mut packed.data[start..start + depth * width];
            let first = block * lanes;
            let rows = width.min(columns - first);
            // Sixteen steps at a time, so that the lines written stay in the L1 cache while every column fills them.
            for (chunk, out) in panel.chunks_mut(16 * width).enumerate() {
                let from = gates.start * units + chunk * 16;
                let steps = out.len() / width;
                for column in 0..rows {
                    let source = &weight[(first + column) * all * units + from..][..steps];
                    for (row, value) in out.chunks_exact_mut(width).zip(source) {
                        row[column] = *value;
                    }
                }
            }
        }
        packed
    }

    fn blocks_per_panel(&self) -> usize {
        (MAX_VECTORS / self.gates).max(1)
    }

    pub(crate) fn panels(&self) -> usize {
        self.blocks.div_ceil(self.blocks_per_panel())
    }

    fn offset(&self, block: usize) -> usize {
        block * self.gates * self.lanes * self.depth
    }

    pub(crate) fn panel(&self, index: usize) -> Panel {
        let block = index * self.blocks_per_panel();
        let blocks = self.blocks_per_panel().min(self.blocks - block);
        Panel {
            data: self.data[self.offset(block)..].as_ptr(),
            block,
            blocks,
            vectors: blocks * self.gates,
        }
    }

    /// Columns of the packed matrix, padded to whole vectors.
    pub(crate) fn width(&self) -> usize {
        self.blocks * self.gates * self.lanes
    }
}

/// A stretch of the summed dimension: `len` steps that start at `at` in each row of the operand and at step `from` of the panel.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub at: usize,
    pub from: usize,
    pub len: usize,
}

/// What the sums start from.
#[derive(Clone, Copy)]
pub(crate) enum Start {
    Zero,
    /// The same values for every row, one per column.
    Row(*const f32),
    /// What is in the output already.
    Output,
}

/// `out[r][column] = start + Σ_k rows[r][k × step] · panel[k][column]`.
#[derive(Clone, Copy)]
pub(crate) struct Product<'a> {
    pub rows: &'a [*const f32],
    pub step: usize,
    pub spans: &'a [Span],
    pub panel: *const f32,
    pub vectors: usize,
    pub start: Start,
    pub out: *mut f32,
    pub out_stride: usize,
}

impl Product<'_> {
    /// Computes the product in tiles of the registers.
    ///
    /// # Safety
    /// With `V = vectors × lanes`: every row is readable at `(at + k) × step` for all `k < len` of every span; the panel is
    /// readable up to `(from + len) × V` of every span; a start row for `V` values; the output is readable and writable at
    /// `r × out_stride .. + V` for every row; nothing else writes to any of them; `1 ≤ vectors ≤ MAX_VECTORS`.
    #[inline(always)]
    pub(crate) unsafe fn run<S: Simd>(self, simd: S) {
        simd.vectorize(Call(self));
    }
}

/// A [`Product`] whose caller has promised what `Product::run` asks.
struct Call<'a>(Product<'a>);

impl WithSimd for Call<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // SAFETY: `Product::run`, the only place that makes a `Call`, has passed its conditions on.
        unsafe {
            match self.0.vectors {
                1 => self.0.columns::<S, 1>(simd),
                2 => self.0.columns::<S, 2>(simd),
                3 => self.0.columns::<S, 3>(simd),
                _ => self.0.columns::<S, 4>(simd),
            }
        }
    }
}

impl Product<'_> {
    /// # Safety
    /// As for [`Product::run`], with `vectors = NV`.
    #[inline(always)]
    unsafe fn columns<S: Simd, const NV: usize>(self, simd: S) {
        let width = NV * S::F32_LANES;
        let mut fresh = true;
        for span in self.spans {
            let mut done = 0;
            while done < span.len || fresh {
                let len = DEPTH.min(span.len - done);
                let tile = Tile {
                    at: (span.at + done) * self.step,
                    step: self.step,
                    len,
                    // SAFETY: within the panel, the caller's condition.
                    panel: unsafe { self.panel.add((span.from + done) * width) },
                };
                let start = if fresh { self.start } else { Start::Output };
                // SAFETY: the caller's conditions, for a part of the summed dimension.
                unsafe { self.rows::<S, NV>(simd, tile, start) };
                fresh = false;
                done += len;
            }
        }
    }

    /// # Safety
    /// As for [`Product::run`], with `vectors = NV`, for the part of the summed dimension that `tile` names.
    #[inline(always)]
    unsafe fn rows<S: Simd, const NV: usize>(self, simd: S, tile: Tile, start: Start) {
        let most = if S::REGISTER_COUNT >= 32 { 6 } else { 3 };
        let tiles = self.rows.len().div_ceil(most);
        let mut row = 0;
        for index in 0..tiles {
            let count = self.rows.len() / tiles + usize::from(index < self.rows.len() % tiles);
            // SAFETY: the output holds `rows.len()` rows of this stride, the caller's condition.
            let out = unsafe { self.out.add(row * self.out_stride) };
            let from = match start {
                Start::Zero => (ZEROS.as_ptr(), 0),
                Start::Row(values) => (values, 0),
                Start::Output => (out.cast_const(), self.out_stride),
            };
            let to = (out, self.out_stride);
            // SAFETY: `count` rows from `row` are within the caller's, and so are their outputs.
            unsafe {
                let rows = self.rows.as_ptr().add(row);
                match count {
                    1 => tile.compute::<S, 1, NV>(simd, rows, from, to),
                    2 => tile.compute::<S, 2, NV>(simd, rows, from, to),
                    3 => tile.compute::<S, 3, NV>(simd, rows, from, to),
                    4 => tile.compute::<S, 4, NV>(simd, rows, from, to),
                    5 => tile.compute::<S, 5, NV>(simd, rows, from, to),
                    _ => tile.compute::<S, 6, NV>(simd, rows, from, to),
                }
            }
            row += count;
        }
    }
}

/// The part of the summed dimension that one pass over the tiles covers.
#[derive(Clone, Copy)]
struct Tile {
    at: usize,
    step: usize,
    len: usize,
    panel: *const f32,
}

impl Tile {
    /// The microkernel: `MR × NV` sums in registers.
    ///
    /// # Safety
    /// As for [`Product::run`], for `MR` rows; `from` and `to` are (address, row stride).
    #[inline(always)]
    unsafe fn compute<S: Simd, const MR: usize, const NV: usize>(
        self,
        simd: S,
        rows: *const *const f32,
        from: (*const f32, usize),
        to: (*mut f32, usize),
    ) {
        let lanes = S::F32_LANES;
        // SAFETY: all addresses are within what the caller vouches for, see `Product::run`.
        unsafe {
            let mut sums = [[Vector::zero(simd); NV]; MR];
            let mut operands = [std::ptr::null(); MR];
            for r in 0..MR {
                operands[r] = (*rows.add(r)).add(self.at);
                for j in 0..NV {
                    sums[r][j] = Vector::load(simd, from.0.add(r * from.1 + j * lanes));
                }
            }
            let mut panel = self.panel;
            for k in 0..self.len {
                let mut columns = [Vector::zero(simd); NV];
                for (j, column) in columns.iter_mut().enumerate() {
                    *column = Vector::load(simd, panel.add(j * lanes));
                }
                for r in 0..MR {
                    let value = Vector::splat(simd, *operands[r].add(k * self.step));
                    for j in 0..NV {
                        sums[r][j] = value.mul_add(columns[j], sums[r][j]);
                    }
                }
                panel = panel.add(NV * lanes);
            }
            for r in 0..MR {
                for j in 0..NV {
                    sums[r][j].store(to.0.add(r * to.1 + j * lanes));
                }
            }
        }
    }
}
