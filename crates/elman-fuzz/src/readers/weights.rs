//! Parameters: Elman's own, those of other programs, and networks that see.

use super::{Readers, said, tables};
use crate::reader::{Case, Reader};
use elman::vision::Pretrained;
use elman::weights::TensorFile;
use std::fmt::Write;

pub(super) const READERS: Readers = &[
    ("safetensors", |_| Ok(safetensors())),
    ("pth", |_| Ok(pth())),
    ("vision", |_| Ok(vision())),
];

/// A safetensors file of these tensors.
fn file<'a>(tensors: impl IntoIterator<Item = (&'a str, &'a [usize])>) -> Vec<u8> {
    let (mut header, mut bytes) = (
        String::from(r#"{"__metadata__":{"format":"pt"}"#),
        Vec::new(),
    );
    for (name, shape) in tensors {
        let begin = bytes.len();
        let count: usize = shape.iter().product();
        bytes.extend((0..count).flat_map(|at| (tables::value(at) as f32 / 64.0).to_le_bytes()));
        let _ = write!(
            header,
            r#","{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{begin},{}]}}"#,
            bytes.len()
        );
    }
    header.push('}');
    [
        &(header.len() as u64).to_le_bytes()[..],
        header.as_bytes(),
        &bytes,
    ]
    .concat()
}

fn safetensors() -> Reader {
    let small = file([
        ("layer.weight_ih", [3, 8].as_slice()),
        ("layer.weight_hh", &[2, 8]),
        ("layer.bias", &[8]),
        ("empty", &[0]),
    ]);
    // The same bytes as twice as many numbers of half the length.
    let half = replaced(&replaced(&small, b"F32", b"F16"), b" 8]", b"16]");
    let half = replaced(&half, b"[8]", b"[16]");
    let length =
        (half.len() - small.len()) as u64 + u64::from(small[0]) + 256 * u64::from(small[1]);
    let half = [&length.to_le_bytes()[..], &half[8..]].concat();
    let cases = vec![
        Case::binary("a.safetensors", small).whole().head(400),
        Case::binary("b.safetensors", half).whole().head(400),
    ];
    Reader::new("safetensors", cases, |_, path| {
        let own = TensorFile::read(path).map_err(said);
        let foreign = TensorFile::read_foreign(path).map_err(said);
        if let Ok(file) = &own {
            let again = file.to_bytes().map_err(said)?;
            TensorFile::from_bytes(&again, path)
                .unwrap_or_else(|error| panic!("what is written is not read: {error}"));
        }
        own.or(foreign).map(drop)
    })
}

fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    while let Some(at) = bytes.windows(old.len()).position(|found| found == old) {
        bytes.splice(at..at + old.len(), new.iter().copied());
    }
    bytes
}

/// Files that PyTorch wrote: those by which reading them is tested (`golden/vision.py`).
fn pth() -> Reader {
    let zip = include_bytes!("../../../elman/tests/golden/small.pth");
    let legacy = include_bytes!("../../../elman/tests/golden/legacy.pth");
    // A pickled dictionary, list and tuple without tensors.
    let pickle = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01K\x02eX\x01\x00\x00\x00bq\x03K\x05K\x06\x86q\x04u.";
    let cases = vec![
        Case::binary("small.pth", zip.to_vec()).whole_but(1),
        Case::binary("legacy.pth", legacy.to_vec())
            .whole_but(1)
            .head(600),
        Case::binary("pickle.pth", pickle.to_vec())
            .whole()
            .refused(),
    ];
    Reader::new("pth", cases, |_, path| {
        TensorFile::read_foreign(path).map(drop).map_err(said)
    })
    .holding(64 << 20, 512)
}

/// A SqueezeNet 1.1 without the part that tells classes: 3 MB, of which the header is mutated more often than not.
fn vision() -> Reader {
    let mut shapes: Vec<(String, Vec<usize>)> = Vec::new();
    let mut conv = |name: String, input: usize, output: usize, side: usize| {
        shapes.push((format!("{name}.weight"), vec![output, input, side, side]));
        shapes.push((format!("{name}.bias"), vec![output]));
    };
    conv("features.0".into(), 3, 64, 3);
    let mut channels = 64;
    for (place, squeezed) in [3, 4, 6, 7, 9, 10, 11, 12]
        .into_iter()
        .zip([16, 16, 32, 32, 48, 48, 64, 64])
    {
        conv(format!("features.{place}.squeeze"), channels, squeezed, 1);
        conv(
            format!("features.{place}.expand1x1"),
            squeezed,
            4 * squeezed,
            1,
        );
        conv(
            format!("features.{place}.expand3x3"),
            squeezed,
            4 * squeezed,
            3,
        );
        channels = 8 * squeezed;
    }
    let bytes = file(
        shapes
            .iter()
            .map(|(name, shape)| (name.as_str(), shape.as_slice())),
    );
    let head = 8 + u64::from_le_bytes(*bytes.first_chunk().expect("a header")) as usize;
    let case = Case::binary("squeezenet.safetensors", bytes)
        .whole()
        .head(head);
    let read = |_: &Case, path: &std::path::Path| {
        Pretrained::open(path, &Default::default())
            .map(drop)
            .map_err(said)
    };
    Reader::new("vision", vec![case], read)
        .holding(64 << 20, 64)
        .every(50)
}
