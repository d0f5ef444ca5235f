use proptest::prelude::*;

use super::*;
use crate::signal::support::signal;

fn line(values: &[f32]) -> Signal {
    signal(1, values)
}

#[test]
fn small_cases_by_hand() {
    // D: 1 1 5 / 0 cells shown as |a − b|²; path (0,0) (1,1) (1,2) (2,3): 0 + 0 + 0 + 0.
    assert_eq!(
        dtw(&line(&[0.0, 1.0, 2.0]), &line(&[0.0, 1.0, 1.0, 2.0]), None),
        0.0
    );
    // [1, 3] and [2, 2, 5]: (0,0) 1, (0,1) 1, (1,2) 4: 6; any other path: 1 + 1 + 4 as well or more.
    assert_eq!(
        dtw(&line(&[1.0, 3.0]), &line(&[2.0, 2.0, 5.0]), None),
        6f64.sqrt()
    );
    // A pulse that comes 2 steps later costs nothing, but with a band of 1 step: one path keeps the pulses apart by one
    // step, so that both are aligned with zeros.
    let (early, late) = (
        line(&[0.0, 1.0, 0.0, 0.0, 0.0]),
        line(&[0.0, 0.0, 0.0, 1.0, 0.0]),
    );
    assert_eq!(dtw(&early, &late, None), 0.0);
    assert_eq!(dtw(&early, &late, Some(0.4)), 0.0);
    assert_eq!(dtw(&early, &late, Some(0.2)), 2f64.sqrt());
    assert_eq!(dtw(&early, &late, Some(0.0)), 2f64.sqrt());
    // Two features share one path: apart each would cost nothing.
    let a = signal(2, &[0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let b = signal(2, &[0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    assert_eq!(dtw(&a, &b, None), 2f64.sqrt());
    assert_eq!(dtw(&line(&[2.0]), &line(&[0.0, 1.0]), None), 5f64.sqrt());
}

#[test]
fn many_at_once_are_as_one_by_one() {
    let one = line(&[0.0, 1.0, 0.5, -1.0]);
    let others = [
        line(&[0.0, 0.0, 1.0]),
        line(&[3.0]),
        line(&[0.0, 1.0, 0.5, -1.0]),
        line(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
    ];
    for window in [None, Some(0.2)] {
        let found = dtw_distances(&one, &others.each_ref(), window);
        let expected: Vec<f64> = others
            .iter()
            .map(|other| dtw(&one, other, window))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(found[2], 0.0);
    }
    assert!(dtw_distances(&one, &[], None).is_empty());
}

#[test]
fn bands() {
    assert_eq!(band(150, 150, Some(0.1)), 15);
    assert_eq!(band(10, 10, Some(0.0)), 0);
    assert_eq!(band(10, 4, Some(0.0)), 6);
    assert_eq!(band(10, 10, None), 10);
    assert_eq!(band(10, 10, Some(f64::INFINITY)), 10);
}

#[test]
#[should_panic(expected = "features differ")]
fn other_features() {
    dtw(&line(&[1.0]), &signal(2, &[1.0, 2.0]), None);
}

/// By the definition, all cells at once.
fn plain(a: &Signal, b: &Signal, band: usize) -> f64 {
    let (n, m) = (a.time(), b.time());
    let mut cells = vec![vec![f64::INFINITY; m + 1]; n + 1];
    cells[0][0] = 0.0;
    for i in 1..=n {
        for j in (1..=m).filter(|&j| i.abs_diff(j) <= band) {
            let row = |signal: &Signal, step: usize| signal.steps().nth(step - 1).unwrap().to_vec();
            let least = cells[i - 1][j]
                .min(cells[i][j - 1])
                .min(cells[i - 1][j - 1]);
            let cost: f64 = row(a, i)
                .iter()
                .zip(row(b, j))
                .map(|(x, y)| (f64::from(*x) - f64::from(y)).powi(2))
                .sum();
            cells[i][j] = cost + least;
        }
    }
    cells[n][m].sqrt()
}

fn pair() -> impl Strategy<Value = (Signal, Signal)> {
    (1usize..4, 1usize..12, 1usize..12).prop_flat_map(|(features, n, m)| {
        let one = move |time| {
            prop::collection::vec(-10f32..10.0, features * time)
                .prop_map(move |values| Signal { values, features })
        };
        (one(n), one(m))
    })
}

proptest! {
    #[test]
    fn equals_its_definition((a, b) in pair(), window in prop::option::of(0f64..1.0)) {
        let expected = plain(&a, &b, band(a.time(), b.time(), window));
        let found = dtw(&a, &b, window);
        prop_assert!((found - expected).abs() <= 1e-12 * (1.0 + expected), "{} {}", found, expected);
        prop_assert_eq!(found, dtw(&b, &a, window));
        prop_assert_eq!(dtw(&a, &a, window), 0.0);
        // A wider band has more paths.
        prop_assert!(dtw(&a, &b, None) <= found);
        prop_assert_eq!(dtw_below(&a, &b, window, found), Some(found));
        prop_assert_eq!(dtw_below(&a, &b, window, found * 0.999 - 1e-9), None);
    }

    #[test]
    fn without_a_window_it_is_euclids(values in prop::collection::vec((-10f32..10.0, -10f32..10.0), 1..20)) {
        let (a, b): (Vec<f32>, Vec<f32>) = values.into_iter().unzip();
        let squares: f64 = a.iter().zip(&b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
        let found = dtw(&line(&a), &line(&b), Some(0.0));
        prop_assert!((found - squares.sqrt()).abs() < 1e-12 * (1.0 + found));
    }
}
