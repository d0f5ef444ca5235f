//! Random changes to bytes: flips, numbers at the edges, blocks taken out, repeated or spliced in from elsewhere, files cut off.

mod edges;
#[cfg(test)]
mod tests;

use edges::{NUMBERS, TEXTS};
use elman_data::random::Stream;

/// Inputs grow no longer than this, or four times the file that they are made of.
const LONGEST: usize = 1 << 16;

/// What a file is made of, which decides what is worth changing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Lines, cells and numbers.
    Text,
    /// Fields of one to eight bytes.
    Binary,
}

/// A changed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutated {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Bytes that are left of the file where all that was done is to cut it off.
    pub cut: Option<usize>,
    /// The one byte that was changed, where nothing else was.
    pub flipped: Option<usize>,
    /// Whether nothing of the file is left.
    pub noise: bool,
}

/// Changes `file` at random, `others` being files whose blocks may be spliced in. Numbers drawn are those of `random` alone.
/// Changes fall into the first `head` bytes more often than not.
pub fn mutate(
    file: &[u8],
    others: &[&[u8]],
    grain: Grain,
    head: usize,
    random: &mut Stream,
) -> Mutated {
    let longest = LONGEST.max(4 * file.len());
    let mut mutated = Mutated {
        bytes: file.to_vec(),
        cut: None,
        flipped: None,
        noise: false,
    };
    match random.below(20) {
        0 => {
            let left = random.below(file.len().max(1));
            mutated.bytes.truncate(left);
            mutated.cut = Some(left);
            return mutated;
        }
        1 if !file.is_empty() => {
            let at = place(file.len(), head, random);
            mutated.bytes[at] ^= 1 << random.below(8);
            mutated.flipped = Some(at);
            return mutated;
        }
        2 if random.below(4) == 0 => {
            mutated.bytes = noise(random.below(4 * file.len().clamp(16, 1024)), random);
            mutated.noise = true;
            return mutated;
        }
        _ => {}
    }
    let changes = 1 + random.below(2) * random.below(2) * random.below(6) + random.below(2);
    for _ in 0..changes {
        change(&mut mutated.bytes, others, grain, head, random);
        mutated.bytes.truncate(longest);
    }
    mutated
}

fn noise(length: usize, random: &mut Stream) -> Vec<u8> {
    (0..length).map(|_| random.bits() as u8).collect()
}

/// A place in `length` bytes, two of three times among the first `head`.
fn place(length: usize, head: usize, random: &mut Stream) -> usize {
    if random.below(3) < 2 {
        random.below(head.clamp(1, length))
    } else {
        random.below(length)
    }
}

/// A block of the bytes: short as a rule.
fn block(length: usize, head: usize, random: &mut Stream) -> std::ops::Range<usize> {
    let start = place(length, head, random);
    let most = match random.below(4) {
        0 => length,
        1 => 64,
        _ => 8,
    };
    start..(start + 1 + random.below(most)).min(length)
}

fn change(bytes: &mut Vec<u8>, others: &[&[u8]], grain: Grain, head: usize, random: &mut Stream) {
    if bytes.is_empty() {
        bytes.extend(TEXTS[random.below(TEXTS.len())]);
        return;
    }
    let length = bytes.len();
    let text = grain == Grain::Text;
    // Headers of binary files are often texts, and texts may hold any byte: each grain has some of the other's changes.
    match random.below(if text { 24 } else { 16 }) {
        0 => bytes[place(length, head, random)] ^= 1 << random.below(8),
        1 => bytes[place(length, head, random)] = random.bits() as u8,
        2 => {
            let gone = block(length, head, random);
            bytes.drain(gone);
        }
        3 => {
            let again = bytes[block(length, head, random)].to_vec();
            let at = place(length, head, random);
            bytes.splice(at..at, again);
        }
        4 => {
            let again = bytes[block(length, head, random)].to_vec();
            let times = 1 << random.below(12);
            let times = times.min(LONGEST / again.len().max(1));
            let at = place(length, head, random);
            bytes.splice(at..at, again.repeat(times));
        }
        5 => splice(bytes, others, head, random),
        6 => bytes.truncate(random.below(length)),
        7 => number(bytes, head, random),
        8..10 if text => number(bytes, head, random),
        10..13 if text => {
            let at = place(length, head, random);
            let over = random.below(2) * random.below(3);
            bytes.splice(
                at..(at + over).min(length),
                TEXTS[random.below(TEXTS.len())].iter().copied(),
            );
        }
        13..17 if text => line(bytes, random),
        17 | 18 if text => cell(bytes, random),
        19 if text => nest(bytes, head, random),
        20 if text => {
            let new = noise(1 + random.below(8), random);
            let at = place(length, head, random);
            bytes.splice(at..at, new);
        }
        _ if text => {
            bytes[place(length, head, random)] =
                b" ,;\t|.:-/\"'#[]{}=0123456789eE\n"[random.below(30)]
        }
        8..12 => field(bytes, head, random),
        12 => {
            let filled = block(length, head, random);
            bytes[filled].fill([0, 0xFF, 0x80, b'0'][random.below(4)]);
        }
        13 => {
            let new = noise(1 + random.below(16), random);
            let at = place(length, head, random);
            bytes.splice(at..at, new);
        }
        14 => nest(bytes, head, random),
        _ => {
            let at = place(length, head, random);
            bytes[at] = bytes[at].wrapping_add([1, 255, 16, 128][random.below(4)]);
        }
    }
}

/// A block of another file, in place of one of this.
fn splice(bytes: &mut Vec<u8>, others: &[&[u8]], head: usize, random: &mut Stream) {
    let Some(other) = (!others.is_empty()).then(|| others[random.below(others.len())]) else {
        return;
    };
    if other.is_empty() {
        return;
    }
    let (from, to) = (
        block(other.len(), head, random),
        block(bytes.len(), head, random),
    );
    let to = if random.below(2) == 0 {
        to.start..to.start
    } else {
        to
    };
    bytes.splice(to, other[from].iter().copied());
}

/// A field of 1, 2, 4 or 8 bytes becomes a number at the edge of something, little-endian or big-endian.
fn field(bytes: &mut [u8], head: usize, random: &mut Stream) {
    let size = (1 << random.below(4)).min(bytes.len());
    let at = place(bytes.len() - size + 1, head, random);
    let powers = 1u64 << random.below(64);
    let edge = match random.below(8) {
        0 => 0,
        1 => u64::MAX,
        2 => powers,
        3 => powers - 1,
        4 => powers.wrapping_add(1),
        5 => u64::MAX >> (64 - 8 * size) >> 1,
        6 => bytes.len() as u64,
        _ => random.below(300) as u64,
    };
    let little = edge.to_le_bytes();
    let field = &mut bytes[at..at + size];
    field.copy_from_slice(&little[..size]);
    if random.below(2) == 0 {
        field.reverse();
    }
}

/// A number in the text becomes another.
fn number(bytes: &mut Vec<u8>, head: usize, random: &mut Stream) {
    let from = place(bytes.len(), head, random);
    let Some(start) = (from..bytes.len()).find(|at| bytes[*at].is_ascii_digit()) else {
        return;
    };
    let is_number =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    let short = random.below(2) == 0; // a part of a date, say
    let end = bytes[start..].iter().position(|byte| {
        if short {
            !byte.is_ascii_digit()
        } else {
            !is_number(byte)
        }
    });
    let end = end.map_or(bytes.len(), |end| start + end);
    bytes.splice(
        start..end,
        NUMBERS[random.below(NUMBERS.len())].iter().copied(),
    );
}

/// The lines of the text, each with its end.
fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

fn line(bytes: &mut Vec<u8>, random: &mut Stream) {
    let mut lines = lines(bytes);
    let at = random.below(lines.len());
    match random.below(6) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
        3 => lines.insert(at, b"\n".to_vec()),
        4 => lines.reverse(),
        _ => {
            let mut head = lines[0].clone();
            std::mem::swap(&mut head, &mut lines[at]);
            lines.insert(at, head);
        }
    }
    *bytes = lines.concat();
}

/// A cell of a line comes to another place, comes twice, or goes.
fn cell(bytes: &mut Vec<u8>, random: &mut Stream) {
    let mut lines = lines(bytes);
    let at = random.below(lines.len());
    let delimiter = [b',', b'\t', b';', b':', b' ', b'=']
        .into_iter()
        .find(|d| lines[at].contains(d))
        .unwrap_or(b',');
    let mut cells: Vec<Vec<u8>> = lines[at]
        .split(|byte| *byte == delimiter)
        .map(<[u8]>::to_vec)
        .collect();
    let place = random.below(cells.len());
    match random.below(4) {
        0 => drop(cells.remove(place)),
        1 => cells.insert(place, cells[place].clone()),
        2 => cells.reverse(),
        _ => cells[place].clear(),
    }
    lines[at] = cells.join(&delimiter);
    *bytes = lines.concat();
}

/// Brackets within brackets, thousands deep.
fn nest(bytes: &mut Vec<u8>, head: usize, random: &mut Stream) {
    let (open, close): (&[u8], &[u8]) = [
        (b"[".as_slice(), b"]".as_slice()),
        (b"{\"a\":", b"}"),
        (b"(", b")"),
        (b"a.", b""),
        (b"[[", b"]]"),
        (b"\"", b"\""),
        (b"-", b""),
        (b"{a=", b"}"),
    ][random.below(8)];
    let depth = [3, 130, 1000, 12_000][random.below(4)];
    let at = place(bytes.len(), head, random);
    let closing = if random.below(2) == 0 {
        close.repeat(depth)
    } else {
        Vec::new()
    };
    bytes.splice(
        at..at,
        [open.repeat(depth), b"1".to_vec(), closing].concat(),
    );
}
