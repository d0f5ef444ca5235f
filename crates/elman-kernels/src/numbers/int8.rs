//! Integers of eight bits, four in a word.
#![allow(
    unsafe_code,
    reason = "products walk raw rows, and their instructions must be detected first"
)]

use super::Numbers;
use crate::simd::MAX_LANES;

/// A value in units of `1 / inverse`, rounded to the nearest integer, ties to even; the value must be below 2²² units.
fn round(value: f32, inverse: f32) -> i32 {
    /// In f32, numbers near this one are whole.
    const WHOLE: f32 = 12_582_912.0;
    ((value * inverse + WHOLE).to_bits() as i32).wrapping_sub(WHOLE.to_bits() as i32)
}

/// The unit in which values become integers of eight bits, and its inverse; not a number where one of them is not finite.
pub(crate) fn scale(largest: f32) -> (f32, f32) {
    let inverse = 127.0 / largest;
    match inverse.is_finite() {
        true => (largest / 127.0, inverse),
        false => (largest, 0.0), // nothing, next to nothing, or no number
    }
}

/// The larger magnitude; NaN where either is not finite.
pub(crate) fn larger(a: f32, b: f32) -> f32 {
    match b.is_finite() {
        false => f32::NAN,
        true if a > b.abs() || a.is_nan() => a,
        true => b.abs(),
    }
}

/// Values as integers from 1 to 255, 128 being zero, four in a word; then the row's scale.
pub(super) fn quantize(values: &[f32], out: &mut [f32]) {
    let (scale, inverse) = scale(values.iter().fold(0.0, |a, &b| larger(a, b)));
    let words = values.len().div_ceil(4);
    for (word, values) in out.iter_mut().zip(values.chunks(4)) {
        let mut bytes = [128; 4];
        for (byte, value) in bytes.iter_mut().zip(values) {
            *byte = round(*value, inverse).wrapping_add(128) as u8;
        }
        *word = f32::from_bits(u32::from_le_bytes(bytes));
    }
    out[words] = scale;
}

/// Up to four weights of a column as integers from −127 to 127, in a word, and their sum.
pub(crate) fn quantize_weights(values: [f32; 4], inverse: f32) -> (f32, i32) {
    let integers = values.map(|value| round(value, inverse) as i8);
    let word = u32::from_le_bytes(integers.map(|integer| integer as u8));
    (
        f32::from_bits(word),
        integers.into_iter().map(i32::from).sum(),
    )
}

/// A product of int8 words, for one row and `width` columns, in plain code.
///
/// # Safety
/// As for `Product::run` with one row, `len` counts words.
pub(crate) unsafe fn row(
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
                    *sum = sum.wrapping_add(i32::from(a) * i32::from(b as i8));
                }
            }
        }
        let scale = *row.add(len);
        for column in 0..width {
            let sum = sums[column].wrapping_sub(footer[width + column].to_bits() as i32);
            *to.add(column) = *from.add(column) + sum as f32 * (scale * footer[column]);
        }
    }
}

/// Whether this processor sums int8 products in one instruction, on the tier of 16 lanes.
pub(crate) fn in_one_instruction(lanes: usize) -> bool {
    #[cfg(target_arch = "x86_64")]
    return lanes == MAX_LANES && std::arch::is_x86_feature_detected!("avx512vnni");
    #[cfg(not(target_arch = "x86_64"))]
    return lanes > MAX_LANES;
}

#[cfg(target_arch = "x86_64")]
pub(crate) mod x86 {
    //! What pulp has no words for.

    use std::arch::x86_64::*;

    /// The microkernel for int8, whose sums are converted at the end.
    ///
    /// # Safety
    /// The processor has the instructions; otherwise as that for bf16, over the whole summed dimension.
    #[target_feature(enable = "avx512f,avx512vnni")]
    #[allow(
        clippy::needless_range_loop,
        reason = "rows and columns of the tile are its subject"
    )]
    pub(crate) unsafe fn tile<const MR: usize, const NV: usize>(
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
