use super::slope;
use crate::media::picture::Picture;

/// One row by the definition of a triangle filter: a weight for every pixel.
fn resized_row(row: &[f64], width: usize) -> Vec<f64> {
    let scale = row.len() as f64 / width as f64;
    let reach = scale.max(1.0);
    let value = |place: usize| {
        let centre = (place as f64 + 0.5) * scale;
        let weight = |pixel: usize| (1.0 - ((pixel as f64 + 0.5) - centre).abs() / reach).max(0.0);
        let total: f64 = (0..row.len()).map(weight).sum();
        let sum: f64 = row
            .iter()
            .enumerate()
            .map(|(pixel, x)| weight(pixel) * x)
            .sum();
        sum / total
    };
    (0..width).map(value).collect()
}

#[test]
fn the_filter_is_a_triangle() {
    let row = [0.0, 255.0, 30.0, 40.0, 250.0, 10.0, 0.0, 90.0, 200.0, 100.0];
    let picture = Picture {
        width: 10,
        height: 1,
        rgb: row.iter().flat_map(|&x| [x as u8; 3]).collect(),
    };
    for width in [1, 3, 4, 7, 25] {
        let resized = picture.resize(width, 1);
        assert_eq!((resized.width, resized.height), (width, 1));
        for (found, expected) in resized.rgb.iter().step_by(3).zip(resized_row(&row, width)) {
            assert!(
                (f64::from(*found) - expected).abs() <= 0.51,
                "{found} {expected}"
            );
        }
    }
}

#[test]
fn fine_patterns_turn_grey() {
    let pixels = (0..64 * 64).flat_map(|n| [((n % 64 + n / 64) % 2 * 255) as u8; 3]);
    let board = Picture {
        width: 64,
        height: 64,
        rgb: pixels.collect(),
    };
    let small = board.resize(9, 9);
    assert!(
        small.rgb.iter().all(|x| (115..=140).contains(x)),
        "{:?}",
        small.rgb
    );
}

#[test]
fn proportions_and_middles() {
    let wide = slope(40, 20).resize_shorter(10);
    assert_eq!((wide.width, wide.height), (20, 10));
    let high = slope(7, 21).resize_shorter(5);
    assert_eq!((high.width, high.height), (5, 15));
    let thin = slope(1, 300).resize_shorter(2);
    assert_eq!((thin.width, thin.height), (2, 600));

    let numbers = Picture {
        width: 4,
        height: 3,
        rgb: (0..12).flat_map(|n| [n; 3]).collect(),
    };
    let reds = |picture: &Picture| picture.rgb.iter().step_by(3).copied().collect::<Vec<u8>>();
    assert_eq!(reds(&numbers.centre_crop(2, 1)), [5, 6]);
    let crop = numbers.centre_crop(2, 100);
    assert_eq!(
        (crop.width, crop.height, reds(&crop)),
        (2, 3, vec![1, 2, 5, 6, 9, 10])
    );
    assert_eq!(numbers.centre_crop(4, 3), numbers);
}

#[test]
fn brightness_and_numbers() {
    let picture = Picture {
        width: 4,
        height: 1,
        rgb: vec![255, 0, 0, 0, 255, 0, 0, 0, 255, 51, 51, 51],
    };
    for (found, expected) in picture.grey().iter().zip([0.299, 0.587, 0.114, 0.2]) {
        assert!((found - expected).abs() < 1e-6);
    }
    assert_eq!(picture.to_f32()[..4], [1.0, 0.0, 0.0, 0.0]);
    assert!((picture.to_f32()[11] - 0.2).abs() < 1e-7);
}
