//! Another size, as Pillow makes it.

/// Bits behind the point of a weight.
const BITS: u32 = 22;

/// How much each of a run of pixels weighs in one that is made of them.
struct Weights {
    first: usize,
    weights: Vec<i64>,
}

/// The weights for each of `size` pixels made from `from`: a triangle as wide as two pixels of the coarser grid.
fn weights(from: usize, size: usize) -> Vec<Weights> {
    let scale = from as f64 / size as f64;
    let support = scale.max(1.0);
    let of = |place: usize| {
        let centre = (place as f64 + 0.5) * scale;
        let first = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(from);
        let weight = |pixel: usize| {
            let away = (pixel as f64 - centre + 0.5) / support;
            (1.0 - away.abs()).max(0.0)
        };
        let all: Vec<f64> = (first..end).map(weight).collect();
        let sum: f64 = all.iter().sum();
        let fixed = |weight: &f64| (weight / sum * f64::from(1u32 << BITS) + 0.5) as i64;
        Weights {
            first,
            weights: all.iter().map(fixed).collect(),
        }
    };
    (0..size).map(of).collect()
}

/// A picture `[height, width, 3]` with `size` columns.
fn columns(rgb: &[u8], width: usize, size: usize) -> Vec<u8> {
    let weights = weights(width, size);
    let row = |row: &[u8]| -> Vec<u8> {
        let pixel = |made: &Weights| {
            let sum = |channel: usize| {
                let pixels = row[3 * made.first + channel..].iter().step_by(3);
                weighed(pixels.zip(&made.weights))
            };
            [sum(0), sum(1), sum(2)]
        };
        weights.iter().flat_map(pixel).collect()
    };
    rgb.chunks_exact(3 * width).flat_map(row).collect()
}

/// A picture `[height, width, 3]` with `size` rows.
fn rows(rgb: &[u8], width: usize, size: usize) -> Vec<u8> {
    let stride = 3 * width;
    let row = |made: Weights| {
        let value = move |place: usize| {
            let pixels = rgb[made.first * stride + place..].iter().step_by(stride);
            weighed(pixels.zip(&made.weights))
        };
        (0..stride).map(value).collect::<Vec<u8>>()
    };
    weights(rgb.len() / stride, size)
        .into_iter()
        .flat_map(row)
        .collect()
}

fn weighed<'a>(pixels: impl Iterator<Item = (&'a u8, &'a i64)>) -> u8 {
    let half = 1i64 << (BITS - 1);
    let sum = pixels
        .map(|(pixel, weight)| i64::from(*pixel) * weight)
        .sum::<i64>();
    ((sum + half) >> BITS).clamp(0, 255) as u8
}

/// Resizes `[height, width, 3]`, columns first, each pass rounded to eight bits: bit for bit what Pillow's `resize` with
/// `BILINEAR` gives, with which networks for pictures are trained.
pub(super) fn resize(rgb: &[u8], from: [usize; 2], [width, height]: [usize; 2]) -> Vec<u8> {
    let narrow = match width == from[0] {
        true => rgb.to_vec(),
        false => columns(rgb, from[0], width),
    };
    match height == from[1] {
        true => narrow,
        false => rows(&narrow, width, height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pillow_gives_the_same() {
        // Of (37 x + 91 y + 53 c + 11 (x y mod 17)) mod 256, by Pillow 13.0: sums of value × (place + 1), mod 2³², and the first values.
        let picture = |width: usize, height: usize| -> Vec<u8> {
            let value = |k: usize| {
                let (c, x, y) = (k % 3, k / 3 % width, k / 3 / width);
                ((x * 37 + y * 91 + c * 53 + x * y % 17 * 11) % 256) as u8
            };
            (0..3 * width * height).map(value).collect()
        };
        for (from, to, sum, first) in [
            ([40, 30], [17, 23], 88_279_295, [61, 113, 150]),
            ([13, 9], [40, 31], 872_118_785, [0, 53, 106]),
            ([64, 48], [64, 12], 339_747_370, [90, 143, 123]),
            ([50, 7], [5, 7], 707_884, [107, 131, 138]),
            ([31, 33], [1, 1], 767, [130, 125, 129]),
        ] {
            let made = resize(&picture(from[0], from[1]), from, to);
            assert_eq!(made.len(), 3 * to[0] * to[1]);
            assert_eq!(made[..3], first, "{from:?} {to:?}");
            let places = made.iter().zip(1u32..);
            let found = places.fold(0u32, |sum, (value, place)| {
                sum.wrapping_add(u32::from(*value).wrapping_mul(place))
            });
            assert_eq!(found, sum, "{from:?} {to:?}");
        }
    }
}
