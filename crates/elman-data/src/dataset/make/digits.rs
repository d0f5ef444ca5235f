//! MNIST: the first of its images and labels.

/// The files, and how many of their items are kept.
pub(super) const FILES: [(&str, usize); 4] = [
    ("train-images-idx3", 15_000),
    ("train-labels-idx1", 15_000),
    ("t10k-images-idx3", 10_000),
    ("t10k-labels-idx1", 10_000),
];

/// An IDX file of bytes cut after its first `count` items; a shorter one is left as it is.
///
/// The header is two zeros, a type (8: bytes), the number of dimensions, and each dimension as a big-endian number of four bytes.
pub(super) fn first(idx: &[u8], count: usize) -> Result<Vec<u8>, String> {
    let dimensions = match idx {
        [0, 0, 8, dimensions @ 1..=3, ..] => usize::from(*dimensions),
        _ => return Err("it is no IDX file of bytes with one to three dimensions".into()),
    };
    let start = 4 + 4 * dimensions;
    let header = idx.get(4..start).ok_or("its header is cut off")?;
    let mut sizes = header
        .chunks_exact(4)
        .map(|size| u32::from_be_bytes([size[0], size[1], size[2], size[3]]));
    let items = sizes.next().unwrap_or(0) as usize;
    let size = sizes
        .map(|size| size as usize)
        .try_fold(1_usize, usize::checked_mul);
    let kept = items.min(count);
    let end = size
        .and_then(|size| size.checked_mul(kept))
        .and_then(|bytes| bytes.checked_add(start));
    let data = end
        .and_then(|end| idx.get(start..end))
        .ok_or("it is shorter than its header says")?;
    let kept = u32::try_from(kept).expect("no more than the header's number");
    Ok([&idx[..4], &kept.to_be_bytes(), &idx[8..start], data].concat())
}
