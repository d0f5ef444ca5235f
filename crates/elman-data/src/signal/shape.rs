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

/// The elements, each rounded to 32 bits.
pub(super) fn numbers(data: &[u8], kind: Kind, big: bool) -> Vec<f32> {
    macro_rules! read {
        ($type:ty, $number:ident => $value:expr) => {{
            let chunks = data.chunks_exact(size_of::<$type>()).map(|chunk| {
                let mut bytes = [0; size_of::<$type>()];
                bytes.copy_from_slice(chunk);
                let $number = match big {
                    true => <$type>::from_be_bytes(bytes),
                    false => <$type>::from_le_bytes(bytes),
                };
                $value
            });
            chunks.collect()
        }};
    }
    match kind {
        Kind::U8 => read!(u8, x => f32::from(x)),
        Kind::I8 => read!(i8, x => f32::from(x)),
        Kind::U16 => read!(u16, x => f32::from(x)),
        Kind::I16 => read!(i16, x => f32::from(x)),
        Kind::U32 => read!(u32, x => x as f32),
        Kind::I32 => read!(i32, x => x as f32),
        Kind::U64 => read!(u64, x => x as f32),
        Kind::I64 => read!(i64, x => x as f32),
        Kind::F16 => read!(u16, x => half(x)),
        Kind::F32 => read!(f32, x => x),
        Kind::F64 => read!(f64, x => x as f32),
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
