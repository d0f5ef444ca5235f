//! Arrays of NumPy (`.npy`), versions 1 to 3.
//!
//! Source: NumPy enhancement proposal 1, "A Simple File Format for NumPy Arrays".

use super::Signal;
use super::open::{Contents, Source, fits};
use super::shape::{Kind, numbers, sequence};
use crate::Error;

const MAGIC: &[u8] = b"\x93NUMPY";

pub(super) fn read(source: Source<'_>) -> Result<Contents, Error> {
    let bytes = source.bytes()?;
    let mut signal = parse(&bytes).map_err(|message| source.error(message))?;
    // Steps of NaN at the end make an array as long as others.
    let held = signal
        .steps()
        .rposition(|step| !step.iter().all(|value| value.is_nan()));
    let held = held.ok_or_else(|| source.error("holds no values, only NaN"))? + 1;
    let padding = signal.time() - held;
    signal.values.truncate(held * signal.features);
    Ok(Contents {
        padding,
        ..source.single(signal)
    })
}

/// The array's elements and order, as its header gives them.
#[derive(Debug, PartialEq)]
struct Header {
    descr: String,
    fortran: bool,
    shape: Vec<usize>,
}

fn parse(bytes: &[u8]) -> Result<Signal<f64>, String> {
    let rest = bytes
        .strip_prefix(MAGIC)
        .ok_or("is no NumPy array: it does not begin with \\x93NUMPY")?;
    let short = || "ends within its header; the file is cut short".to_owned();
    let (&[version, _], rest) = rest.split_first_chunk().ok_or_else(short)?;
    let (length, rest) = match version {
        1 => {
            let (length, rest) = rest.split_first_chunk().ok_or_else(short)?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        2 | 3 => {
            let (length, rest) = rest.split_first_chunk().ok_or_else(short)?;
            (u32::from_le_bytes(*length) as usize, rest)
        }
        _ => {
            return Err(format!(
                "is of version {version} of NumPy's format; versions 1 to 3 are read"
            ));
        }
    };
    let (header, data) = rest.split_at_checked(length).ok_or_else(short)?;
    let header = std::str::from_utf8(header).ok().and_then(header_of).ok_or(
        "has a header that is not NumPy's dictionary of 'descr', 'fortran_order' and 'shape'",
    )?;
    let (kind, big) = kind(&header.descr)?;
    let (time, features) = sequence(&header.shape)?;
    kind.check_size(&header.shape, data.len())?;
    let mut values = numbers(data, kind, big);
    if header.fortran && header.shape.len() > 1 {
        values = from_fortran(&values, &header.shape);
    }
    if let Some(at) = values.iter().position(|value| !fits(*value)) {
        return Err(format!(
            "step {}, feature {}: the value is infinite, or too large for 32 bits; write NaN where a value is missing",
            at / features + 1,
            at % features + 1
        ));
    }
    debug_assert_eq!(values.len(), time * features);
    Ok(Signal { values, features })
}

/// `<f4` and the like.
fn kind(descr: &str) -> Result<(Kind, bool), String> {
    let refused = || {
        format!(
            "holds elements of the type {descr}; booleans, integers and floating point numbers are read"
        )
    };
    let (order, name) = descr.split_at_checked(1).ok_or_else(refused)?;
    let kind = match name {
        "f2" => Kind::F16,
        "f4" => Kind::F32,
        "f8" => Kind::F64,
        "i1" => Kind::I8,
        "i2" => Kind::I16,
        "i4" => Kind::I32,
        "i8" => Kind::I64,
        "u1" | "b1" => Kind::U8,
        "u2" => Kind::U16,
        "u4" => Kind::U32,
        "u8" => Kind::U64,
        _ => return Err(refused()),
    };
    match order {
        "<" | "|" => Ok((kind, false)),
        ">" => Ok((kind, true)),
        // The byte order of the machine that wrote it, which is little endian nearly everywhere.
        "=" => Ok((kind, false)),
        _ => Err(refused()),
    }
}

/// From the first axis fastest to the last axis fastest.
fn from_fortran(values: &[f64], shape: &[usize]) -> Vec<f64> {
    let mut strides = vec![1; shape.len()];
    for axis in 1..shape.len() {
        strides[axis] = strides[axis - 1] * shape[axis - 1];
    }
    let mut index = vec![0; shape.len()];
    let mut ordered = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        let at: usize = index
            .iter()
            .zip(&strides)
            .map(|(i, stride)| i * stride)
            .sum();
        ordered.push(values[at]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    ordered
}

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
fn header_of(text: &str) -> Option<Header> {
    let mut body = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let (mut descr, mut fortran, mut shape) = (None, None, None);
    while !body.is_empty() {
        let (key, rest) = quoted(body)?;
        let rest = rest.trim_start().strip_prefix(':')?.trim_start();
        let rest = match key {
            "descr" if rest.starts_with('[') => {
                // A structured type; its text is kept for the message.
                let end = rest.rfind(']')? + 1;
                descr = Some(rest[..end].to_owned());
                &rest[end..]
            }
            "descr" => {
                let (name, rest) = quoted(rest)?;
                descr = Some(name.to_owned());
                rest
            }
            "fortran_order" => {
                let end = rest.find([',', '}']).unwrap_or(rest.len());
                fortran = Some(match rest[..end].trim() {
                    "True" => true,
                    "False" => false,
                    _ => return None,
                });
                &rest[end..]
            }
            "shape" => {
                let (inner, rest) = rest.strip_prefix('(')?.split_once(')')?;
                let sizes = inner
                    .split(',')
                    .map(str::trim)
                    .filter(|size| !size.is_empty());
                // Python 2 wrote long integers as `3L`.
                let sizes = sizes.map(|size| size.trim_end_matches('L').parse().ok());
                shape = Some(sizes.collect::<Option<Vec<usize>>>()?);
                rest
            }
            _ => return None,
        };
        let rest = rest.trim_start();
        body = match rest.strip_prefix(',') {
            Some(rest) => rest.trim_start(),
            None if rest.is_empty() => rest,
            None => return None,
        };
    }
    Some(Header {
        descr: descr?,
        fortran: fortran?,
        shape: shape?,
    })
}

/// A text in single or double quotes, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote)
}
