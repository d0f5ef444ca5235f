//! The numbers that products multiply. Sums are always f32.
//!
//! A product reads 32-bit *words*: one f32, or two bf16 that are neighbours in the summed dimension, the first in the low half
//! (Kalamkar et al., *A Study of BFLOAT16 for Deep Learning Training*, 2019). Words travel as the bits of an f32.
#![allow(
    unsafe_code,
    reason = "conversions walk raw rows, and their instructions must be detected first"
)]

use crate::gemm::Span;
use crate::scratch::Scratch;
use crate::simd::{MAX_LANES, Tier};

/// What a word holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    F32,
    /// Only where [`Numbers::bf16`] has found the instructions.
    Bf16,
    /// Four integers of eight bits, for inference: weights in 127ths of the largest of their column, operands in 127ths of the
    /// largest of their row (Jacob et al., *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
    /// Inference*, 2018). The sums are integers, hence exact.
    Int8,
}

impl Numbers {
    /// Pairs of bf16 where this tier has instructions for them, otherwise f32.
    pub(crate) fn bf16(tier: Tier) -> Self {
        #[cfg(target_arch = "x86_64")]
        if tier == Tier::Avx512
            && std::arch::is_x86_feature_detected!("avx512bf16")
            && std::arch::is_x86_feature_detected!("avx512bw")
        {
            return Self::Bf16;
        }
        let _ = tier;
        Self::F32
    }

    /// Values of the summed dimension in a word.
    pub(crate) fn per_word(self) -> usize {
        match self {
            Self::F32 => 1,
            Self::Bf16 => 2,
            Self::Int8 => 4,
        }
    }

    /// Words that follow a panel's own: for each column of int8 its scale, and 128 times the sum of its integers.
    pub(crate) fn footer(self) -> usize {
        match self {
            Self::F32 | Self::Bf16 => 0,
            Self::Int8 => 2,
        }
    }

    /// Words of a summed dimension, or a row of saved values, of `depth` values.
    pub(crate) fn words(self, depth: usize) -> usize {
        depth.div_ceil(self.per_word())
    }
}

/// The bits of `low` and `high`, each rounded to the nearest bf16, ties to even.
pub(crate) fn pair(low: f32, high: f32) -> f32 {
    let round = |value: f32| match value.is_nan() {
        true => value.to_bits() | 0x0040_0000,
        false => {
            let bits = value.to_bits();
            bits + 0x7fff + (bits >> 16 & 1)
        }
    };
    f32::from_bits(round(low) >> 16 | round(high) & 0xffff_0000)
}

/// Room for the rows of an operand as words.
pub(crate) struct Operand {
    numbers: Numbers,
    words: Scratch,
    rows: Vec<*const f32>,
    spans: [Span; 1],
}

impl Operand {
    /// As [`Operand::words`] for rows of slots, which are bf16 already where words are: joined.
    ///
    /// # Safety
    /// Every row is readable at every span, and nobody writes there meanwhile.
    pub(crate) unsafe fn slots<'a>(
        &'a mut self,
        rows: &'a [*const f32],
        spans: &'a [Span],
    ) -> (&'a [*const f32], &'a [Span]) {
        if self.numbers == Numbers::F32 {
            return (rows, spans);
        }
        let stride = Self::stride(self.spans[0].len);
        assert!(rows.len() * stride <= self.words.len());
        for (row, out) in rows.iter().zip(self.words.chunks_exact_mut(stride)) {
            let out: *mut u16 = out.as_mut_ptr().cast();
            let mut done = 0;
            for span in spans {
                // SAFETY: the caller's; a row of words holds all spans, and is even.
                unsafe {
                    let from = row.cast::<u16>().add(span.at);
                    out.add(done).copy_from_nonoverlapping(from, span.len);
                }
                done += span.len;
            }
            if done % 2 == 1 {
                // SAFETY: as above.
                unsafe { out.add(done).write(0) };
            }
        }
        (&self.rows[..rows.len()], &self.spans)
    }

    /// For up to `rows` rows of `depth` values.
    pub(crate) fn new(numbers: Numbers, rows: usize, depth: usize) -> Self {
        let len = numbers.words(depth);
        let stride = Self::stride(len);
        let rows = if numbers == Numbers::F32 { 0 } else { rows };
        let words = Scratch::new(rows * stride);
        Self {
            numbers,
            rows: words.chunks_exact(stride).map(<[f32]>::as_ptr).collect(),
            words,
            spans: [Span {
                at: 0,
                from: 0,
                len,
            }],
        }
    }

    /// Words from row to row: the row's own and, after int8, its scale.
    fn stride(len: usize) -> usize {
        (len + 1).next_multiple_of(MAX_LANES)
    }

    /// The rows as a product takes them: as they are where words are f32; otherwise these spans of them, joined and converted.
    ///
    /// # Safety
    /// Every row is readable at every span, and nobody writes there meanwhile.
    pub(crate) unsafe fn words<'a>(
        &'a mut self,
        rows: &'a [*const f32],
        spans: &'a [Span],
    ) -> (&'a [*const f32], &'a [Span]) {
        if self.numbers == Numbers::F32 {
            return (rows, spans);
        }
        let stride = Self::stride(self.spans[0].len);
        assert!(rows.len() * stride <= self.words.len());
        for (row, out) in rows.iter().zip(self.words.chunks_exact_mut(stride)) {
            if self.numbers == Numbers::Int8 {
                let [Span { at, len, .. }] = *spans else {
                    unreachable!("int8 is for inference, whose operands are whole")
                };
                // SAFETY: the caller's.
                quantize(unsafe { std::slice::from_raw_parts(row.add(at), len) }, out);
                continue;
            }
            let out: *mut u16 = out.as_mut_ptr().cast();
            let mut done = 0;
            for span in spans {
                // SAFETY: the spans are the caller's; a row of words holds them all, and is even.
                unsafe {
                    let values = std::slice::from_raw_parts(row.add(span.at), span.len);
                    narrow(values, out.add(done));
                }
                done += span.len;
            }
            if done % 2 == 1 {
                // SAFETY: as above.
                unsafe { out.add(done).write(0) };
            }
        }
        (&self.rows[..rows.len()], &self.spans)
    }
}

/// Joins rows 2s and 2s + 1 of `[steps][width]` into row s of words, in place; a missing last row counts as zeros.
pub(crate) fn pair_rows(rows: &mut [f32], steps: usize, width: usize) {
    assert!(steps.next_multiple_of(2) * width <= rows.len());
    if steps % 2 == 1 {
        rows[steps * width..][..width].fill(0.0);
    }
    #[cfg(target_arch = "x86_64")]
    for pair in 0..steps.div_ceil(2) {
        // SAFETY: the instructions were detected when the numbers were chosen; rows within the slice, asserted above.
        unsafe { x86::pair_rows(rows.as_mut_ptr(), pair, width) };
    }
}

/// Rounds values to bf16.
///
/// # Safety
/// The numbers chosen were [`Numbers::Bf16`]; `out` has room for as many halves and nobody else uses it meanwhile.
pub(crate) unsafe fn narrow(values: &[f32], out: *mut u16) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the caller's.
    unsafe {
        x86::narrow(values, out)
    };
    #[cfg(not(target_arch = "x86_64"))]
    unreachable!("no bf16 here: {} values for {out:?}", values.len());
}

/// Widens bf16 to f32.
///
/// # Safety
/// `from` holds as many halves as `out` values, and nobody writes them meanwhile.
#[inline(always)]
pub(crate) unsafe fn widen(from: *const u16, out: &mut [f32]) {
    for (i, value) in out.iter_mut().enumerate() {
        // SAFETY: the caller's.
        *value = f32::from_bits(u32::from(unsafe { *from.add(i) }) << 16);
    }
}

/// A value in units of `1 / inverse`, rounded to the nearest integer, ties to even; the value must be below 2²² units.
fn round(value: f32, inverse: f32) -> i32 {
    /// In f32, numbers near this one are whole.
    const WHOLE: f32 = 12_582_912.0;
    ((value * inverse + WHOLE).to_bits() as i32).wrapping_sub(WHOLE.to_bits() as i32)
}

/// The unit in which values become integers of eight bits, and its inverse; not a number where one of them is not finite.
pub(crate) fn scale(largest: f32) -> (f32, f32) {
    match largest > 0.0 {
        true => (largest / 127.0, 127.0 / largest),
        false => (largest, 0.0),
    }
}

/// The larger magnitude; NaN where either is not finite.
pub(crate) fn larger(a: f32, b: f32) -> f32 {
    // Infinity minus itself is not a number, and what is not finite stays so.
    let b = b.abs() + (b - b);
    if a > b || a.is_nan() { a } else { b }
}

/// Values as integers from 1 to 255, 128 being zero, four in a word; then the row's scale.
fn quantize(values: &[f32], out: &mut [f32]) {
    let (scale, inverse) = scale(values.iter().fold(0.0, |a, &b| larger(a, b)));
    let words = values.len().div_ceil(4);
    for (word, values) in out.iter_mut().zip(values.chunks(4)) {
        let mut bytes = [128; 4];
        for (byte, value) in bytes.iter_mut().zip(values) {
            *byte = (round(*value, inverse) + 128) as u8;
        }
        *word = f32::from_bits(u32::from_le_bytes(bytes));
    }
    out[words] = scale;
}

/// Up to four weights of a column as integers from −127 to 127, in a word, and their sum.
pub(crate) fn quantize_weights(values: [f32; 4], inverse: f32) -> (f32, i32) {
    let integers = values.map(|value| round(value, inverse));
    let word = u32::from_le_bytes(integers.map(|integer| integer as i8 as u8));
    (f32::from_bits(word), integers.iter().sum())
}

/// A product of int8 words, for one row and `width` columns, in plain code.
///
/// # Safety
/// As for `Product::run` with one row, `len` counts words.
pub(crate) unsafe fn int8_row(
    row: *const f32,
    len: usize,
    panel: *const f32,
    width: usize,
    from: *const f32,
    to: *mut f32,
) {
    /// Columns of the widest panel.
    const MOST: usize = crate::gemm::MAX_VECTORS * MAX_LANES;
    let mut sums = [0_i32; MOST];
    // SAFETY: a panel is its words, then two rows of footer; a row its words, then its scale.
    unsafe {
        let panel = std::slice::from_raw_parts(panel, (len + Numbers::Int8.footer()) * width);
        let (words, footer) = panel.split_at(len * width);
        for (k, columns) in words.chunks_exact(width).enumerate() {
            let operand = (*row.add(k)).to_bits().to_le_bytes();
            for (sum, column) in sums.iter_mut().zip(columns) {
                let column = column.to_bits().to_le_bytes();
                for (a, b) in operand.into_iter().zip(column) {
                    *sum += i32::from(a) * i32::from(b as i8);
                }
            }
        }
        let scale = *row.add(len);
        for column in 0..width {
            let sum = sums[column] - footer[width + column].to_bits() as i32;
            *to.add(column) = *from.add(column) + sum as f32 * (scale * footer[column]);
        }
    }
}

/// Whether this processor sums int8 products in one instruction, on the tier of 16 lanes.
pub(crate) fn sums_int8(lanes: usize) -> bool {
    #[cfg(target_arch = "x86_64")]
    return lanes == MAX_LANES && std::arch::is_x86_feature_detected!("avx512vnni");
    #[cfg(not(target_arch = "x86_64"))]
    return lanes > MAX_LANES;
}

#[cfg(target_arch = "x86_64")]
pub(crate) mod x86 {
    //! What pulp has no words for.

    use std::arch::x86_64::*;

    fn mask(lanes: usize) -> u16 {
        if lanes >= 16 {
            u16::MAX
        } else {
            (1 << lanes) - 1
        }
    }

    /// See [`super::narrow`].
    ///
    /// # Safety
    /// The processor has the instructions; the rest is the caller's.
    #[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
    pub(super) unsafe fn narrow(values: &[f32], out: *mut u16) {
        for k in (0..values.len()).step_by(32) {
            let some = values.len() - k;
            // SAFETY: masked to the values that are left, and as many halves.
            unsafe {
                let at = values.as_ptr().add(k);
                let low = _mm512_maskz_loadu_ps(mask(some), at);
                let high =
                    _mm512_maskz_loadu_ps(mask(some.saturating_sub(16)), at.wrapping_add(16));
                let halves =
                    std::mem::transmute::<__m512bh, __m512i>(_mm512_cvtne2ps_pbh(high, low));
                let keep = if some >= 32 {
                    u32::MAX
                } else {
                    (1 << some) - 1
                };
                _mm512_mask_storeu_epi16(out.add(k).cast(), keep, halves);
            }
        }
    }

    /// See [`super::pair_rows`], for one pair.
    ///
    /// # Safety
    /// The processor has the instructions; rows `2 × pair` and the next are readable, row `pair` writable.
    #[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
    pub(super) unsafe fn pair_rows(rows: *mut f32, pair: usize, width: usize) {
        for column in (0..width).step_by(16) {
            let lanes = mask(width - column);
            // SAFETY: masked to the row; what is written was read before, since row `pair` is not behind row `2 × pair`.
            unsafe {
                let half = |row: usize| {
                    let values = _mm512_maskz_loadu_ps(lanes, rows.add(row * width + column));
                    let rounded =
                        std::mem::transmute::<__m256bh, __m256i>(_mm512_cvtneps_pbh(values));
                    _mm512_cvtepu16_epi32(rounded)
                };
                let (low, high) = (half(2 * pair), half(2 * pair + 1));
                let words = _mm512_or_si512(low, _mm512_slli_epi32::<16>(high));
                _mm512_mask_storeu_epi32(rows.add(pair * width + column).cast(), lanes, words);
            }
        }
    }

    /// The microkernel for pairs of bf16, as [`crate::gemm`]'s for f32.
    ///
    /// # Safety
    /// The processor has the instructions; otherwise as for `Product::run`, for `MR` rows: `from` and `to` are (address, row
    /// stride), `len` counts words.
    #[target_feature(enable = "avx512f,avx512bf16")]
    #[allow(
        clippy::needless_range_loop,
        reason = "rows and columns of the tile are its subject"
    )]
    pub(crate) unsafe fn tile<const MR: usize, const NV: usize>(
        rows: *const *const f32,
        at: usize,
        step: usize,
        len: usize,
        panel: *const f32,
        from: (*const f32, usize),
        to: (*mut f32, usize),
    ) {
        // SAFETY: all addresses are within what the caller vouches for.
        unsafe {
            let mut sums = [[_mm512_setzero_ps(); NV]; MR];
            let mut operands = [std::ptr::null(); MR];
            for r in 0..MR {
                operands[r] = (*rows.add(r)).add(at);
                for j in 0..NV {
                    sums[r][j] = _mm512_loadu_ps(from.0.add(r * from.1 + j * 16));
                }
            }
            let mut panel = panel;
            for k in 0..len {
                let mut columns = [_mm512_setzero_si512(); NV];
                for j in 0..NV {
                    columns[j] = _mm512_loadu_si512(panel.add(j * 16).cast());
                }
                for r in 0..MR {
                    let value = _mm512_set1_epi32(operands[r].add(k * step).cast::<i32>().read());
                    for j in 0..NV {
                        sums[r][j] = _mm512_dpbf16_ps(
                            sums[r][j],
                            std::mem::transmute::<__m512i, __m512bh>(value),
                            std::mem::transmute::<__m512i, __m512bh>(columns[j]),
                        );
                    }
                }
                panel = panel.add(NV * 16);
            }
            for r in 0..MR {
                for j in 0..NV {
                    _mm512_storeu_ps(to.0.add(r * to.1 + j * 16), sums[r][j]);
                }
            }
        }
    }

    /// The microkernel for int8, whose sums are converted at the end.
    ///
    /// # Safety
    /// The processor has the instructions; otherwise as [`tile`], over the whole summed dimension.
    #[target_feature(enable = "avx512f,avx512vnni")]
    #[allow(
        clippy::needless_range_loop,
        reason = "rows and columns of the tile are its subject"
    )]
    pub(crate) unsafe fn int8_tile<const MR: usize, const NV: usize>(
        rows: *const *const f32,
        len: usize,
        panel: *const f32,
        from: (*const f32, usize),
        to: (*mut f32, usize),
    ) {
        // SAFETY: all addresses are within what the caller vouches for; a panel's footer follows its words, a row's scale its own.
        unsafe {
            let mut sums = [[_mm512_setzero_si512(); NV]; MR];
            let mut operands = [std::ptr::null(); MR];
            for r in 0..MR {
                operands[r] = *rows.add(r);
            }
            for k in 0..len {
                let mut columns = [_mm512_setzero_si512(); NV];
                for j in 0..NV {
                    columns[j] = _mm512_loadu_si512(panel.add((k * NV + j) * 16).cast());
                }
                for r in 0..MR {
                    let value = _mm512_set1_epi32(operands[r].add(k).cast::<i32>().read());
                    for j in 0..NV {
                        sums[r][j] = _mm512_dpbusd_epi32(sums[r][j], value, columns[j]);
                    }
                }
            }
            let footer = panel.add(len * NV * 16);
            for r in 0..MR {
                let scale = _mm512_set1_ps(*operands[r].add(len));
                for j in 0..NV {
                    let offset = _mm512_loadu_si512(footer.add((NV + j) * 16).cast());
                    let sum = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums[r][j], offset));
                    let scale = _mm512_mul_ps(scale, _mm512_loadu_ps(footer.add(j * 16)));
                    let start = _mm512_loadu_ps(from.0.add(r * from.1 + j * 16));
                    let value = _mm512_add_ps(start, _mm512_mul_ps(sum, scale));
                    _mm512_storeu_ps(to.0.add(r * to.1 + j * 16), value);
                }
            }
        }
    }
}
