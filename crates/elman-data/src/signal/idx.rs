//! The IDX format of MNIST (LeCun, Cortes & Burges): two zero bytes, the type, the number of axes, their sizes and the
//! elements, big endian.

use super::open::{Contents, Source, bytes, fits};
use super::shape::{Kind, axes, numbers, sequence, texts};
use super::{Example, Signal};
use crate::Error;

pub(super) fn read(source: Source<'_>) -> Result<Contents, Error> {
    let content = source.bytes()?;
    let array = parse(&content).map_err(|message| source.error(message))?;
    let [count, shape @ ..] = array.shape.as_slice() else {
        return Err(source.error("has no axes, where sequences [count, time, features] are needed"));
    };
    if shape.is_empty() {
        return Err(source.error(format!(
            "holds {count} single numbers, where sequences [count, time, features] are needed; files of labels belong \
             in data.label_files"
        )));
    }
    let (time, features) = sequence(shape).map_err(|message| source.error(message))?;
    let labels = labels(&source, *count)?;
    // Pictures are bytes from black to white; other types are values as they are.
    let scale = if array.kind == Kind::U8 { 255.0 } else { 1.0 };
    let size = time
        .checked_mul(features)
        .and_then(|count| count.checked_mul(array.kind.size()));
    let size = size.ok_or_else(|| {
        source.error(format!(
            "holds an array of {}, larger than any",
            axes(&array.shape)
        ))
    })?;
    let examples = array.data.chunks_exact(size).enumerate().map(|(i, chunk)| {
        let place = format!("{}, sequence {}", source.file(), i + 1);
        let values: Vec<f64> = numbers(chunk, array.kind, true)
            .iter()
            .map(|value| value / scale)
            .collect();
        if !values.iter().all(|value| fits(*value)) {
            let message = "a value is infinite, or too large for 32 bits".into();
            return Err(Error::Signal { place, message });
        }
        let label = labels
            .as_ref()
            .map(|labels| (source.config.label_name().to_owned(), labels[i].clone()));
        Ok(Example {
            signal: Signal { values, features },
            fields: label.into_iter().collect(),
            place,
            ..Example::default()
        })
    });
    let examples: Vec<_> = examples.collect();
    if examples.is_empty() {
        return Err(source.error("holds no sequences"));
    }
    Ok(Contents {
        examples,
        ..Contents::default()
    })
}

fn labels(source: &Source<'_>, count: usize) -> Result<Option<Vec<String>>, Error> {
    let Some(path) = source.label_file else {
        return Ok(None);
    };
    let fail = |message: String| Error::Signal {
        place: format!("`{}`", path.display()),
        message,
    };
    let content = bytes(path)?;
    let array = parse(&content).map_err(fail)?;
    if array.shape != [count] {
        return Err(fail(format!(
            "holds an array of {}, but {} holds {count} sequences: one label for each is needed",
            axes(&array.shape),
            source.file()
        )));
    }
    Ok(Some(texts(array.data, array.kind, true)))
}

struct Array<'a> {
    kind: Kind,
    shape: Vec<usize>,
    data: &'a [u8],
}

fn parse(bytes: &[u8]) -> Result<Array<'_>, String> {
    let none = "is no IDX file: it does not begin with two zero bytes, a type and a number of axes";
    let (&[0, 0, kind, count], mut rest) = bytes.split_first_chunk().ok_or(none)? else {
        return Err(none.into());
    };
    let kind = match kind {
        0x08 => Kind::U8,
        0x09 => Kind::I8,
        0x0b => Kind::I16,
        0x0c => Kind::I32,
        0x0d => Kind::F32,
        0x0e => Kind::F64,
        _ => return Err(none.into()),
    };
    let mut shape = Vec::new();
    for _ in 0..count {
        let (size, after) = rest
            .split_first_chunk()
            .ok_or("ends within its header; the file is cut short")?;
        shape.push(u32::from_be_bytes(*size) as usize);
        rest = after;
    }
    kind.check_size(&shape, rest.len())?;
    Ok(Array {
        kind,
        shape,
        data: rest,
    })
}
