//! Pairs of bf16: the upper halves of f32, rounded to the nearest, ties to even.
#![allow(
    unsafe_code,
    reason = "conversions walk raw rows, and their instructions must be detected first"
)]

use crate::simd::Tier;

/// Whether this processor multiplies bf16, on this tier.
pub(super) fn available(tier: Tier) -> bool {
    #[cfg(target_arch = "x86_64")]
    return tier == Tier::Avx512
        && std::arch::is_x86_feature_detected!("avx512bf16")
        && std::arch::is_x86_feature_detected!("avx512bw");
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = tier;
        false
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
/// The numbers chosen were [`super::Numbers::Bf16`]; `out` has room for as many halves and nobody else uses it meanwhile.
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
}
