//! What is seen in losses whose course is known.

use super::*;

const TEST: RangeTest = RangeTest {
    from: 1e-6,
    to: 1.0,
    steps: 121, // twenty to a power of ten
};

/// Losses of a loss that depends on the rate's power of ten alone, with some unrest.
fn found(loss: impl Fn(f64) -> f64, steps: usize) -> RangeFound {
    let rates: Vec<f64> = (0..steps).map(|step| TEST.rate(step)).collect();
    let unrest = |step: usize| 0.01 * (step as f64 * 2.4).sin();
    let losses = rates.iter().enumerate();
    let losses = losses.map(|(step, rate)| loss(rate.log10()) + unrest(step));
    RangeFound::new(rates.clone(), losses.collect(), &TEST, None)
}

#[test]
fn rates_grow_by_the_same_factor() {
    assert_eq!(TEST.rate(0), 1e-6);
    assert!((TEST.rate(120) - 1.0).abs() < 1e-12);
    assert!((TEST.rate(20) - 1e-5).abs() < 1e-15);
}

#[test]
fn the_steepest_fall_and_the_divergence_are_found() {
    // Falls around 1e-3, lowest at 1e-2, back at its first level at 1e-1.
    let curve = |power: f64| match power {
        power if power < -4.0 => 2.0,
        power if power < -2.0 => {
            2.0 - 0.5 * (1.0 - (std::f64::consts::FRAC_PI_2 * (power + 4.0)).cos())
        }
        power => 1.0 + (power + 2.0),
    };
    let seen = found(curve, 121);
    let (steepest, diverged) = (seen.steepest.unwrap(), seen.diverged.unwrap());
    assert!((5e-4..2e-3).contains(&steepest), "{steepest}");
    assert!((0.08..0.15).contains(&diverged), "{diverged}");
    assert_eq!(seen.tenth(), Some(diverged / 10.0));
    let middle = (steepest * diverged / 10.0).sqrt();
    let suggestion = seen.suggestion().unwrap();
    assert!((suggestion / middle - 1.0).abs() < 0.05, "{suggestion}");
    // Without the rise there is nothing to take a tenth of.
    let cut = found(curve, 80);
    assert_eq!((cut.diverged, cut.tenth()), (None, None));
    assert_eq!(cut.suggestion(), cut.steepest.map(rounded));
}

#[test]
fn a_tenth_of_the_divergence_bounds_a_late_fall() {
    // Falls off a cliff just before it diverges.
    let cliff = |power: f64| match power {
        power if power < -2.5 => 2.0,
        power if power < -2.0 => 1.0,
        _ => 5.0,
    };
    let seen = found(cliff, 121);
    assert!(seen.tenth().unwrap() < seen.steepest.unwrap());
    assert_eq!(seen.suggestion(), seen.tenth().map(rounded));
}

#[test]
fn nothing_is_suggested_where_nothing_is_learned() {
    let flat = found(|_| 2.0, 121);
    assert_eq!((flat.suggestion(), flat.diverged), (None, None));
    let rising = found(|power| 2.0 + (power + 3.0).max(0.0), 121);
    assert_eq!(rising.suggestion(), None);
    let empty = RangeFound::new(Vec::new(), Vec::new(), &TEST, Some(1e-6));
    assert_eq!((empty.suggestion(), empty.diverged), (None, None));
}

#[test]
fn a_loss_below_zero_diverges_upwards_too() {
    let seen = found(
        |power| {
            if power < -2.0 {
                -5.0 - 3.0 * (power + 6.0).max(0.0) / 4.0
            } else {
                4.0
            }
        },
        121,
    );
    assert!((5e-3..3e-2).contains(&seen.diverged.unwrap()), "{seen:?}");
    let rates = 100;
    let mut losses = vec![-5.0; rates];
    assert!(!is_far(-5.0, &losses, &TEST));
    losses.push(80.0);
    assert!(is_far(80.0, &losses, &TEST));
}

#[test]
fn smoothing_keeps_a_straight_line_straight() {
    let line: Vec<f64> = (0..30).map(f64::from).collect();
    for (smoothed, straight) in smooth(&line, 5).iter().zip(&line) {
        assert!((smoothed - straight).abs() < 1e-12);
    }
    assert!(smooth(&[], 5).is_empty());
}
