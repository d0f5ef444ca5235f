//! Weights in the order in which the microkernel reads them.
#![allow(
    unsafe_code,
    reason = "members of a team pack disjoint panels of one matrix"
)]

use std::ops::Range;

use super::MAX_VECTORS;
use crate::numbers::Numbers;
use crate::numbers::bf16::pair;
use crate::numbers::int8::{larger, quantize_weights, scale};
use crate::scratch::Scratch;
use crate::threads::Shared;

/// A matrix `[depth, columns]` packed for the product: panels of up to four column vectors, each `[depth][vectors][lanes]`.
///
/// A column vector holds one gate of one *block* of `lanes` units; the gates of a block stand next to each other, and a panel
/// holds whole blocks. The blocks are dealt out to *groups*, one for each member of a team, that share no panel.
pub(crate) struct Packed {
    data: Shared,
    _owner: Scratch,
    numbers: Numbers,
    /// Words of a column: those of the summed dimension, then the footer.
    depth: usize,
    gates: usize,
    units: usize,
    lanes: usize,
    /// Blocks of each panel.
    panels: Vec<Range<usize>>,
    /// Panels of each group.
    groups: Vec<Range<usize>>,
}

/// One panel of a [`Packed`] matrix.
#[derive(Clone, Copy)]
pub(crate) struct Panel {
    pub data: *const f32,
    /// First of its columns in the packed matrix.
    pub column: usize,
    /// Column vectors.
    pub vectors: usize,
}

/// Blocks of `group` out of `groups`, of `blocks` in all.
pub(crate) fn blocks(group: usize, groups: usize, blocks: usize) -> usize {
    group * blocks / groups
}

impl Packed {
    /// Room for the columns of `gates` gates of `units` units, not filled yet.
    pub(crate) fn unfilled(
        numbers: Numbers,
        depth: usize,
        gates: usize,
        units: usize,
        lanes: usize,
        groups: usize,
    ) -> Self {
        let depth = numbers.words(depth) + numbers.footer();
        let all = units.div_ceil(lanes);
        let most = (MAX_VECTORS / gates).max(1);
        let mut packed = Self {
            data: Shared(std::ptr::null_mut()),
            _owner: Scratch::new(all * gates * lanes * depth),
            numbers,
            depth,
            gates,
            units,
            lanes,
            panels: Vec::new(),
            groups: Vec::new(),
        };
        packed.data = Shared(packed._owner.as_mut_ptr());
        for group in 0..groups {
            let (start, end) = (blocks(group, groups, all), blocks(group + 1, groups, all));
            let first = packed.panels.len();
            let parts = (end - start).div_ceil(most);
            for part in 0..parts {
                let cut = |part| start + blocks(part, parts, end - start);
                packed.panels.push(cut(part)..cut(part + 1));
            }
            packed.groups.push(first..packed.panels.len());
        }
        packed
    }

    /// Packs the columns of `gates` from weights `[depth, all gates × units]`, or zeros, into the panels of these groups.
    ///
    /// # Safety
    /// Nobody else reads or writes these groups meanwhile.
    pub(crate) unsafe fn fill_gates(
        &self,
        groups: Range<usize>,
        weight: Option<&[f32]>,
        all: usize,
        gates: Range<usize>,
    ) {
        let (units, lanes) = (self.units, self.lanes);
        for index in self.group(groups) {
            let first = self.panels[index].start;
            // SAFETY: the caller's.
            let (width, panel) = unsafe { self.panel_mut(index) };
            let Some(weight) = weight else {
                panel.fill(0.0);
                continue;
            };
            if self.numbers == Numbers::Int8 {
                let depth = weight.len().checked_div(all * units).unwrap_or(0);
                for (column, out) in (0..width).enumerate() {
                    let (vector, lane) = (column / lanes, column % lanes);
                    let unit = (first + vector / gates.len()) * lanes + lane;
                    let gate = gates.start + vector % gates.len();
                    let value = |k: usize| match unit < units && k < depth {
                        true => weight[(k * all + gate) * units + unit],
                        false => 0.0,
                    };
                    fill_int8(panel, width, out, depth, value);
                }
                continue;
            }
            let per_word = self.numbers.per_word();
            for (word, row) in panel.chunks_exact_mut(width).enumerate() {
                for (vector, out) in row.chunks_exact_mut(lanes).enumerate() {
                    let unit = (first + vector / gates.len()) * lanes;
                    let gate = gates.start + vector % gates.len();
                    let some = lanes.min(units - unit);
                    let source = |k: usize| weight.get((k * all + gate) * units + unit..);
                    let from = &source(word * per_word).expect("a word has a value")[..some];
                    match self.numbers {
                        Numbers::F32 => out[..some].copy_from_slice(from),
                        Numbers::Bf16 => {
                            let next = source(word * per_word + 1).filter(|next| !next.is_empty());
                            for (i, (out, low)) in out.iter_mut().zip(from).enumerate() {
                                *out = pair(*low, next.map_or(0.0, |next| next[i]));
                            }
                        }
                        Numbers::Int8 => unreachable!("filled column by column above"),
                    }
                    out[some..].fill(0.0);
                }
            }
        }
    }

    /// Packs the transpose of the columns of `gates` from weights `[columns, all gates × units]` into the panels of these
    /// groups: depth runs over gate, then unit.
    ///
    /// # Safety
    /// As for [`Packed::fill_gates`].
    pub(crate) unsafe fn fill_transposed(
        &self,
        groups: Range<usize>,
        weight: &[f32],
        all: usize,
        gates: Range<usize>,
    ) {
        let columns = self.units;
        let row = weight.len() / columns.max(1);
        let units = row / all;
        let (per_word, end) = (self.numbers.per_word(), gates.end * units);
        for index in self.group(groups) {
            let first = self.panels[index].start * self.lanes;
            // SAFETY: the caller's.
            let (width, panel) = unsafe { self.panel_mut(index) };
            let used = width.min(columns - first);
            // Sixteen steps at a time, so that the lines written stay in the L1 cache while every column fills them.
            for (chunk, out) in panel.chunks_mut(16 * width).enumerate() {
                let from = gates.start * units + chunk * 16 * per_word;
                for column in 0..width {
                    if column >= used {
                        let rest = out.iter_mut().skip(column).step_by(width);
                        rest.for_each(|value| *value = 0.0);
                        continue;
                    }
                    let source = &weight[(first + column) * row..][from..end];
                    let words = out.iter_mut().skip(column).step_by(width);
                    match self.numbers {
                        Numbers::F32 => words.zip(source).for_each(|(out, value)| *out = *value),
                        Numbers::Bf16 => words.zip(source.chunks(2)).for_each(|(out, values)| {
                            *out = pair(values[0], values.get(1).copied().unwrap_or(0.0));
                        }),
                        Numbers::Int8 => unreachable!("int8 is for inference"),
                    }
                }
            }
        }
    }

    /// Indices of the panels of these groups.
    pub(crate) fn group(&self, groups: Range<usize>) -> Range<usize> {
        match groups.is_empty() {
            true => 0..0,
            false => self.groups[groups.start].start..self.groups[groups.end - 1].end,
        }
    }

    pub(crate) fn groups(&self) -> usize {
        self.groups.len()
    }

    pub(crate) fn panel(&self, index: usize) -> Panel {
        let Range { start, end } = self.panels[index];
        let column = start * self.gates * self.lanes;
        Panel {
            // SAFETY: a panel lies within the packed matrix.
            data: unsafe { self.data.0.add(column * self.depth) },
            column,
            vectors: (end - start) * self.gates,
        }
    }

    /// Columns and values of a panel.
    ///
    /// # Safety
    /// Nobody else reads or writes this panel meanwhile.
    #[allow(
        clippy::mut_from_ref,
        reason = "panels are disjoint parts of the matrix"
    )]
    unsafe fn panel_mut(&self, index: usize) -> (usize, &mut [f32]) {
        let panel = self.panel(index);
        let width = panel.vectors * self.lanes;
        // SAFETY: within the packed matrix, and the caller's.
        let values =
            unsafe { std::slice::from_raw_parts_mut(panel.data.cast_mut(), width * self.depth) };
        (width, values)
    }

    /// Columns of the packed matrix, padded to whole vectors.
    pub(crate) fn width(&self) -> usize {
        self.units.div_ceil(self.lanes) * self.gates * self.lanes
    }
}

/// Fills a column of int8 and its footer.
fn fill_int8(
    panel: &mut [f32],
    width: usize,
    column: usize,
    depth: usize,
    value: impl Fn(usize) -> f32,
) {
    let (unit, inverse) = scale((0..depth).fold(0.0, |a, k| larger(a, value(k))));
    let words = Numbers::Int8.words(depth);
    let mut total = 0;
    for word in 0..words {
        let values = std::array::from_fn(|i| value(4 * word + i));
        let (word_of, sum) = quantize_weights(values, inverse);
        panel[word * width + column] = word_of;
        total += sum;
    }
    panel[words * width + column] = unit;
    panel[(words + 1) * width + column] = f32::from_bits(total.wrapping_mul(128) as u32);
}
