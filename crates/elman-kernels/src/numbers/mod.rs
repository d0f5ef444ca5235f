//! The numbers that products multiply. Sums are always f32.
//!
//! A product reads 32-bit *words*: one f32, or two bf16 that are neighbours in the summed dimension, the first in the low half
//! (Kalamkar et al., *A Study of BFLOAT16 for Deep Learning Training*, 2019). Words travel as the bits of an f32.
#![allow(
    unsafe_code,
    reason = "conversions walk raw rows, and their instructions must be detected first"
)]

pub(crate) mod bf16;
pub(crate) mod int8;

use bf16::narrow;

use crate::Precision;
use crate::gemm::Span;
use crate::scratch::Scratch;
use crate::simd::{MAX_LANES, Tier};

/// What a word holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    F32,
    /// Only where [`Numbers::of`] has found the instructions.
    Bf16,
    /// Four integers of eight bits, for inference: weights in 127ths of the largest of their column, operands in 127ths of the
    /// largest of their row (Jacob et al., *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
    /// Inference*, 2018). The sums are integers, hence exact, up to 66,000 values.
    Int8,
}

impl Numbers {
    /// Those of a precision, in training or not: f32 where this processor has no instructions for bf16 on this tier, and where
    /// int8 would have to be trained.
    pub(crate) fn of(precision: Precision, tier: Tier, training: bool) -> Self {
        match precision {
            Precision::Bf16 if bf16::available(tier) => Self::Bf16,
            Precision::Int8 if !training => Self::Int8,
            Precision::F32 | Precision::Bf16 | Precision::Int8 => Self::F32,
        }
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

/// Room for the rows of an operand as words.
pub(crate) struct Operand {
    numbers: Numbers,
    words: Scratch,
    rows: Vec<*const f32>,
    spans: [Span; 1],
}

impl Operand {
    /// For up to `rows` rows of `depth` values.
    pub(crate) fn new(numbers: Numbers, rows: usize, depth: usize) -> Self {
        let len = numbers.words(depth);
        let stride = Self::stride(len);
        let rows = if numbers == Numbers::F32 { 0 } else { rows };
        let words = Scratch::new(rows * stride);
        Self {
            numbers,
            rows: Vec::with_capacity(rows),
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
        let numbers = self.numbers;
        self.fill(rows, spans, |row, out| {
            if numbers == Numbers::Int8 {
                let [Span { at, len, .. }] = *spans else {
                    unreachable!("int8 is for inference, whose operands are whole")
                };
                // SAFETY: the caller's.
                int8::quantize(unsafe { std::slice::from_raw_parts(row.add(at), len) }, out);
                return;
            }
            // SAFETY: the spans are the caller's; `join` gives room for each.
            join(spans, out, |span, out| unsafe {
                narrow(std::slice::from_raw_parts(row.add(span.at), span.len), out);
            });
        })
    }

    /// As [`Operand::words`] for rows of slots, which are bf16 already where words are: joined.
    ///
    /// # Safety
    /// As for [`Operand::words`], spans counted in halves.
    pub(crate) unsafe fn slots<'a>(
        &'a mut self,
        rows: &'a [*const f32],
        spans: &'a [Span],
    ) -> (&'a [*const f32], &'a [Span]) {
        self.fill(rows, spans, |row, out| {
            // SAFETY: the spans are the caller's; `join` gives room for each.
            join(spans, out, |span, out| unsafe {
                out.copy_from_nonoverlapping(row.cast::<u16>().add(span.at), span.len);
            });
        })
    }

    /// Fills a row of words from each of `rows`, unless these are words already.
    fn fill<'a>(
        &'a mut self,
        rows: &'a [*const f32],
        spans: &'a [Span],
        row: impl Fn(*const f32, &mut [f32]),
    ) -> (&'a [*const f32], &'a [Span]) {
        if self.numbers == Numbers::F32 {
            return (rows, spans);
        }
        let stride = Self::stride(self.spans[0].len);
        assert!(rows.len() * stride <= self.words.len());
        self.rows.clear();
        for (from, out) in rows.iter().zip(self.words.chunks_exact_mut(stride)) {
            row(*from, out);
        }
        let filled = self.words.chunks_exact(stride).take(rows.len());
        self.rows.extend(filled.map(<[f32]>::as_ptr));
        (&self.rows, &self.spans)
    }
}

/// Has `write` put each span's halves after those of the one before, and completes the last word.
fn join(spans: &[Span], out: &mut [f32], write: impl Fn(&Span, *mut u16)) {
    let halves: usize = spans.iter().map(|span| span.len).sum();
    assert!(halves <= 2 * out.len());
    let out: *mut u16 = out.as_mut_ptr().cast();
    let mut done = 0;
    for span in spans {
        // SAFETY: all spans together fit, asserted above.
        write(span, unsafe { out.add(done) });
        done += span.len;
    }
    if done % 2 == 1 {
        // SAFETY: an odd count leaves half a word.
        unsafe { out.add(done).write(0) };
    }
}
