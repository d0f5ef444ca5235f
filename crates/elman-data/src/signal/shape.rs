//! Elements and axes of arrays in files, shared by the formats that have them.

use crate::Error;

/// The type of an array's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F16,
    F32,
    F64,
}

impl Kind {
    /// Bytes.
    pub(super) fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 | Self::F16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// Whether an array of these fills so many bytes exactly: asked before anything of the promised size is made.
    pub(super) fn check_size(self, shape: &[usize], bytes: usize) -> Result<(), String> {
        let needed = shape
            .iter()
            .try_fold(self.size(), |product, &size| product.checked_mul(size));
        if needed == Some(bytes) {
            return Ok(());
        }
        let needed = needed.map_or("more bytes than can be counted".into(), |needed| {
            format!("{needed} bytes")
        });
        Err(format!(
            "its header promises an array of {} ({needed}), but {bytes} bytes follow; the file is cut short or damaged",
            axes(shape)
        ))
    }
}

/// Steps and features of an array whose first axis is time.
pub(super) fn sequence(shape: &[usize]) -> Result<(usize, usize), String> {
    let (&time, behind) = shape
        .split_first()
        .ok_or("holds a single number, where a sequence [time] or [time, features] is needed")?;
    let features = behind
        .iter()
        .try_fold(1usize, |product, &size| product.checked_mul(size));
    match features {
        Some(features) if time > 0 && features > 0 => Ok((time, features)),
        Some(_) => Err(format!("holds an empty array of {}", axes(shape))),
        None => Err(format!(
            "its header promises an array of {}, larger than any",
            axes(shape)
        )),
    }
}

/// `3 × 4`.
pub(super) fn axes(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    sizes.join(" × ")
}

/// The elements of `data`, each as the closure makes it of a number of its own type.
macro_rules! each {
    ($data:expr, $big:expr, $type:ty, $make:expr) => {{
        let chunks = $data.chunks_exact(size_of::<$type>()).map(|chunk| {
            let mut bytes = [0; size_of::<$type>()];
            bytes.copy_from_slice(chunk);
            let number = if $big {
                <$type>::from_be_bytes(bytes)
            } else {
                <$type>::from_le_bytes(bytes)
            };
            $make(number)
        });
        chunks.collect()
    }};
}

/// The elements; of whole numbers beyond 2^53 the nearest that 64 bits of floating point hold.
pub(super) fn numbers(data: &[u8], kind: Kind, big: bool) -> Vec<f64> {
    match kind {
        Kind::U8 => each!(data, big, u8, f64::from),
        Kind::I8 => each!(data, big, i8, f64::from),
        Kind::U16 => each!(data, big, u16, f64::from),
        Kind::I16 => each!(data, big, i16, f64::from),
        Kind::U32 => each!(data, big, u32, f64::from),
        Kind::I32 => each!(data, big, i32, f64::from),
        Kind::U64 => each!(data, big, u64, |x| x as f64),
        Kind::I64 => each!(data, big, i64, |x| x as f64),
        Kind::F16 => each!(data, big, u16, |x| f64::from(half(x))),
        Kind::F32 => each!(data, big, f32, f64::from),
        Kind::F64 => each!(data, big, f64, |x| x),
    }
}

/// The elements as texts, with every digit of whole numbers.
pub(super) fn texts(data: &[u8], kind: Kind, big: bool) -> Vec<String> {
    match kind {
        Kind::U8 => each!(data, big, u8, |x: u8| x.to_string()),
        Kind::I8 => each!(data, big, i8, |x: i8| x.to_string()),
        Kind::U16 => each!(data, big, u16, |x: u16| x.to_string()),
        Kind::I16 => each!(data, big, i16, |x: i16| x.to_string()),
        Kind::U32 => each!(data, big, u32, |x: u32| x.to_string()),
        Kind::I32 => each!(data, big, i32, |x: i32| x.to_string()),
        Kind::U64 => each!(data, big, u64, |x: u64| x.to_string()),
        Kind::I64 => each!(data, big, i64, |x: i64| x.to_string()),
        Kind::F16 => each!(data, big, u16, |x| half(x).to_string()),
        Kind::F32 => each!(data, big, f32, |x: f32| x.to_string()),
        Kind::F64 => each!(data, big, f64, |x: f64| x.to_string()),
    }
}

/// A floating point number of 16 bits (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2f32.powi(exponent - 25),
    }
}

/// The error for a file of labels or features that disagree with another place.
pub(super) fn disagree(features: usize, place: &str, first: usize, other: &str) -> Error {
    Error::Signal {
        place: place.into(),
        message: format!(
            "the sequence has {features} features, but that of {other} has {first}; all must have equally many"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_as_numpy_reads_them() {
        // numpy.array([..], 'u2').view('f2')
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc500, -5.0),
            (0x3555, 0.333_251_95),
            (0x0001, 5.960_464_5e-8),
            (0x7bff, 65504.0),
            (0xfc00, f32::NEG_INFINITY),
        ] {
            assert_eq!(half(bits), value, "{bits:x}");
        }
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn labels_keep_every_digit() {
        // str() of numpy.array([..], '>i8')[0] and the like; 16777217 is the first whole number that 32 bits lose.
        let id = 9_007_199_254_740_993_i64;
        assert_eq!(
            texts(&id.to_be_bytes(), Kind::I64, true),
            ["9007199254740993"]
        );
        assert_eq!(
            texts(&16_777_217_i32.to_le_bytes(), Kind::I32, false),
            ["16777217"]
        );
        assert_eq!(texts(&0.1_f32.to_be_bytes(), Kind::F32, true), ["0.1"]);
        assert_eq!(numbers(&0.1_f64.to_be_bytes(), Kind::F64, true), [0.1]);
    }

    #[test]
    fn sizes_are_checked_without_being_believed() {
        assert_eq!(Kind::F32.check_size(&[3, 4], 48), Ok(()));
        assert!(Kind::F32.check_size(&[3, 4], 49).is_err());
        let huge = Kind::F64.check_size(&[usize::MAX, 2], 16).unwrap_err();
        assert!(huge.contains("more bytes than can be counted"), "{huge}");
        assert!(sequence(&[2, usize::MAX, 2]).is_err());
        assert!(sequence(&[2, 0]).is_err());
        assert!(sequence(&[]).is_err());
        assert_eq!(sequence(&[5, 2, 3]), Ok((5, 6)));
    }
}
