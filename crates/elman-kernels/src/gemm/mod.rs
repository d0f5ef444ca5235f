//! The packed product that every matrix product of the crate goes through.
//!
//! Each output value is one chain of multiply-adds over the summed dimension, in order, whatever the tile, the block or the
//! thread that computes it: results do not depend on how the work is cut.
#![allow(
    unsafe_code,
    reason = "the microkernel walks raw rows of the operand and raw panels of packed weights"
)]

mod packed;

pub(crate) use packed::{Packed, blocks};

use pulp::{Simd, WithSimd};

use crate::numbers::{Numbers, int8};
use crate::simd::{MAX_LANES, Vector};

/// Vectors in the widest panel.
pub(crate) const MAX_VECTORS: usize = 4;

/// Steps of the summed dimension done in one go: a panel of 128 × 64 values is 32 KiB and stays in the L1 cache.
pub(crate) const DEPTH: usize = 128;

static ZEROS: [f32; MAX_VECTORS * MAX_LANES] = [0.0; MAX_VECTORS * MAX_LANES];

/// A stretch of the summed dimension: `len` words that start at `at` in each row of the operand and at word `from` of the panel.
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

/// `out[r][column] = start + Σ_k rows[r][k × step] · panel[k][column]`, k over words.
#[derive(Clone, Copy)]
pub(crate) struct Product<'a> {
    pub numbers: Numbers,
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

/// Runs `$body` with the constant `$MR` equal to `$count`, the rows of a tile of `$NV` vectors.
macro_rules! with_rows {
    ($count:expr, $NV:ident, $MR:ident => $body:expr) => {
        with_rows!(@ $count, $NV, $MR => $body; 1 2 3 4 5 6; 7 8)
    };
    (@ $count:expr, $NV:ident, $MR:ident => $body:expr; $($any:literal)*; $($narrow:literal)*) => {
        match $count {
            $($any => {
                const $MR: usize = $any;
                $body
            })*
            $($narrow if $NV < 4 => {
                const $MR: usize = $narrow;
                $body
            })*
            _ => unreachable!("four vectors leave room for six rows, fewer for eight"),
        }
    };
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
                let len = match self.numbers {
                    // Sums of integers are not continued.
                    Numbers::Int8 => span.len,
                    Numbers::F32 | Numbers::Bf16 => DEPTH.min(span.len - done),
                };
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
        let most = match (S::REGISTER_COUNT >= 32, NV) {
            (true, 4..) => 6,
            (true, _) => 8,
            (false, 4..) => 3,
            (false, _) => 4,
        };
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
            if self.numbers == Numbers::Int8 {
                // SAFETY: as below.
                unsafe { tile.int8::<S, NV>(self.rows.as_ptr().add(row), count, from, to) };
                row += count;
                continue;
            }
            #[cfg(target_arch = "x86_64")]
            if self.numbers == Numbers::Bf16 {
                // SAFETY: as below; the numbers were chosen where their instructions are, on the tier of 16 lanes.
                unsafe { tile.pairs::<NV>(self.rows.as_ptr().add(row), count, from, to) };
                row += count;
                continue;
            }
            // SAFETY: `count` rows from `row` are within the caller's, and so are their outputs.
            unsafe {
                let rows = self.rows.as_ptr().add(row);
                with_rows!(count, NV, MR => tile.compute::<S, MR, NV>(simd, rows, from, to));
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
    /// As [`Tile::compute`], for `count` rows of int8 words.
    ///
    /// # Safety
    /// As for [`Product::run`] with [`Numbers::Int8`], for `count` rows.
    #[inline(always)]
    unsafe fn int8<S: Simd, const NV: usize>(
        self,
        rows: *const *const f32,
        count: usize,
        from: (*const f32, usize),
        to: (*mut f32, usize),
    ) {
        let lanes = S::F32_LANES;
        #[cfg(target_arch = "x86_64")]
        if int8::in_one_instruction(lanes) {
            use int8::x86::tile;
            // SAFETY: the caller's, and the instructions are there.
            return unsafe {
                with_rows!(count, NV, MR => tile::<MR, NV>(rows, self.len, self.panel, from, to))
            };
        }
        for r in 0..count {
            // SAFETY: the caller's, for one of the rows.
            unsafe {
                let (from, to) = (from.0.add(r * from.1), to.0.add(r * to.1));
                int8::row(*rows.add(r), self.len, self.panel, NV * lanes, from, to);
            }
        }
    }

    /// As [`Tile::compute`], for `count` rows of bf16 pairs.
    ///
    /// # Safety
    /// As for [`Product::run`] with [`Numbers::Bf16`], for `count` rows.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn pairs<const NV: usize>(
        self,
        rows: *const *const f32,
        count: usize,
        from: (*const f32, usize),
        to: (*mut f32, usize),
    ) {
        use crate::numbers::bf16::x86::tile;
        let Self {
            at,
            step,
            len,
            panel,
        } = self;
        // SAFETY: the caller's.
        unsafe {
            with_rows!(count, NV, MR => tile::<MR, NV>(rows, at, step, len, panel, from, to));
        }
    }

    /// The microkernel: `MR × NV` sums in registers.
    ///
    /// # Safety
    /// As for [`Product::run`], for `MR` rows; `from` and `to` are (address, row stride).
    #[inline(always)]
    #[allow(
        clippy::needless_range_loop,
        reason = "rows and columns of the tile are its subject"
    )]
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
            let mut sums = [[Vector::<S>::zero(simd); NV]; MR];
            let mut operands = [std::ptr::null(); MR];
            for r in 0..MR {
                operands[r] = (*rows.add(r)).add(self.at);
                for j in 0..NV {
                    sums[r][j] = Vector::load(simd, [from.0.add(r * from.1 + j * lanes)]);
                }
            }
            let mut panel = self.panel;
            for k in 0..self.len {
                if MR < NV {
                    // The fewer of the two wait in registers, of which there may be sixteen.
                    let mut values = [Vector::<S>::zero(simd); MR];
                    for r in 0..MR {
                        values[r] = Vector::splat(simd, *operands[r].add(k * self.step));
                    }
                    for j in 0..NV {
                        let column = Vector::load(simd, [panel.add(j * lanes)]);
                        for r in 0..MR {
                            sums[r][j] = values[r].mul_add(column, sums[r][j]);
                        }
                    }
                } else {
                    let mut columns = [Vector::<S>::zero(simd); NV];
                    for j in 0..NV {
                        columns[j] = Vector::load(simd, [panel.add(j * lanes)]);
                    }
                    for r in 0..MR {
                        let value = Vector::splat(simd, *operands[r].add(k * self.step));
                        for j in 0..NV {
                            sums[r][j] = value.mul_add(columns[j], sums[r][j]);
                        }
                    }
                }
                panel = panel.add(NV * lanes);
            }
            for r in 0..MR {
                for j in 0..NV {
                    sums[r][j].store([to.0.add(r * to.1 + j * lanes)]);
                }
            }
        }
    }
}
