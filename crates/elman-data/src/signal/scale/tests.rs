use proptest::prelude::*;

use super::*;
use crate::signal::support::{example, signal};

const GONE: f64 = f64::NAN;

fn rules(toml: &str) -> Preparation {
    toml::from_str(toml).unwrap()
}

/// What becomes of `one` after a fit to `train`.
fn apply(toml: &str, train: &[Signal<f64>], one: &Signal<f64>) -> Result<Signal, String> {
    let train: Vec<Example> = train
        .iter()
        .map(|signal| example(signal.clone(), ""))
        .collect();
    let fitted = SignalScaler::fit(&rules(toml), &train);
    fitted
        .and_then(|scaler| scaler.apply(one, "there"))
        .map_err(|error| error.to_string())
}

fn rounded(signal: &Signal<f64>) -> Signal {
    Signal {
        values: signal.values.iter().map(|value| *value as f32).collect(),
        features: signal.features,
    }
}

fn alone(toml: &str, one: &Signal<f64>) -> Signal {
    apply(toml, std::slice::from_ref(one), one).unwrap()
}

#[test]
fn each_series_to_mean_0_and_deviation_1() {
    // numpy: a = [2, 4, 4, 4, 5, 5, 7, 9]; a.mean() == 5, a.std() == 2. The other feature is constant.
    let values: Vec<f64> = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]
        .iter()
        .flat_map(|&value| [value, 0.1])
        .collect();
    let scaled = alone("scale = \"series\"", &signal(2, &values));
    let expected: Vec<f32> = [-1.5, -0.5, -0.5, -0.5, 0.0, 0.0, 1.0, 2.0]
        .iter()
        .flat_map(|&value| [value, 0.0])
        .collect();
    assert_eq!(scaled, signal(2, &expected));
}

#[test]
fn the_set_is_scaled_by_the_training_part() {
    let train = [
        signal(2, &[2.0, 7.0, 4.0, 7.0, 4.0, 7.0, 4.0, 7.0]),
        signal(2, &[5.0, 7.0, 5.0, 7.0, 7.0, 7.0, 9.0, 7.0]),
    ];
    let scaled = apply("", &train, &signal(2, &[9.0, 8.0, 5.0, 7.0])).unwrap();
    assert_eq!(scaled, signal(2, &[2.0, 1.0, 0.0, 0.0]));
    // A value that was missing throughout is neither high nor low.
    let scaled = apply("", &train, &signal(2, &[GONE, 8.0, GONE, 7.0])).unwrap();
    assert_eq!(scaled, signal(2, &[0.0, 1.0, 0.0, 0.0]));
    assert_eq!(
        apply("scale = \"none\"", &train, &train[0]).unwrap(),
        rounded(&train[0])
    );
    // Missing values of the training part do not count.
    let gaps = [signal(1, &[GONE, GONE]), signal(1, &[1.0, 3.0])];
    assert_eq!(
        apply("", &gaps, &signal(1, &[3.0])).unwrap(),
        signal(1, &[1.0])
    );
}

/// Readings of a counter that move by 16 units of 123 million: 32 bits, whose steps are 8 there, keep two values of them.
#[test]
fn a_large_offset_leaves_the_course_as_it_is() {
    let course = [0.0, 3.0, 7.0, 12.0, 16.0, 11.0, 5.0, 1.0];
    let far = signal(1, &course.map(|value| value + 123_456_700.0));
    let near = signal(1, &course);
    // Python: mean 6.875, deviation (sum((x - mean) ** 2) / 8) ** 0.5, (x - mean) / deviation; the same for both.
    let expected = [
        -1.290_994_4,
        -0.727_651_4,
        0.023_472_626,
        0.962_377_7,
        1.713_501_7,
        0.774_596_7,
        -0.352_089_4,
        -1.103_213_4,
    ];
    for scale in ["series", "set"] {
        let toml = format!("scale = \"{scale}\"");
        for one in [&far, &near] {
            for (value, expected) in alone(&toml, one).values.iter().zip(expected) {
                assert!(
                    (value - expected).abs() < 1e-6,
                    "{scale}: {value}, not {expected}"
                );
            }
        }
    }
    // The differences to the step before, of an offset at which 32 bits are 65536 apart.
    let far = signal(1, &course.map(|value| value + 1e12));
    let toml = "scale = \"none\"\ndifferences = true";
    let steps: Vec<f32> = alone(toml, &far).steps().map(|step| step[1]).collect();
    assert_eq!(steps, [0.0, 3.0, 4.0, 5.0, 4.0, -5.0, -6.0, -4.0]);
}

#[test]
fn missing_values() {
    let gaps = signal(
        2,
        &[
            GONE, 1.0, 4.0, GONE, GONE, GONE, GONE, 4.0, 1.0, GONE, GONE, 6.0,
        ],
    );
    let filled = alone("scale = \"none\"", &gaps);
    assert_eq!(
        filled,
        signal(
            2,
            &[4.0, 1.0, 4.0, 2.0, 3.0, 3.0, 2.0, 4.0, 1.0, 5.0, 1.0, 6.0]
        )
    );
    let zero = alone(
        "scale = \"none\"\nmissing = \"zero\"",
        &signal(1, &[GONE, 2.0, GONE]),
    );
    assert_eq!(zero, signal(1, &[0.0, 2.0, 0.0]));
    assert_eq!(
        apply(
            "missing = \"refuse\"",
            &[signal(2, &[1.0, 2.0])],
            &signal(2, &[1.0, 2.0, 3.0, GONE])
        )
        .unwrap_err(),
        "there: step 2, feature 2: the value is missing; set data.missing to \"interpolate\" or \"zero\" (blank means nothing happened)"
    );
}

#[test]
fn length() {
    let ten: Vec<f64> = (0u8..10).map(f64::from).collect();
    let ten = signal(1, &ten);
    let none = |toml: &str| alone(&format!("scale = \"none\"\n{toml}"), &ten);
    assert_eq!(none("stride = 3"), signal(1, &[0.0, 3.0, 6.0, 9.0]));
    assert_eq!(none("longest = 2"), signal(1, &[0.0, 1.0]));
    assert_eq!(none("longest = 20"), rounded(&ten));
    assert_eq!(none("stride = 4\nlongest = 2"), signal(1, &[0.0, 4.0]));
    assert_eq!(none("resample = 4"), signal(1, &[0.0, 3.0, 6.0, 9.0]));
    assert_eq!(
        none("longest = 2\nresample = 5"),
        signal(1, &[0.0, 0.25, 0.5, 0.75, 1.0])
    );
    assert_eq!(
        alone("scale = \"none\"\nresample = 3", &signal(2, &[1.0, 2.0])),
        signal(2, &[1.0, 2.0, 1.0, 2.0, 1.0, 2.0])
    );
    let differences = alone(
        "scale = \"none\"\ndifferences = true",
        &signal(2, &[1.0, 10.0, 3.0, 5.0, 3.0, 6.0]),
    );
    assert_eq!(
        differences,
        signal(
            4,
            &[1.0, 10.0, 0.0, 0.0, 3.0, 5.0, 2.0, -5.0, 3.0, 6.0, 0.0, 1.0]
        )
    );
}

#[test]
fn labels_of_steps_go_with_the_steps() {
    let mut one = example(signal(1, &[0.0, 1.0, 2.0, 3.0, 4.0]), "label=x");
    one.steps = Some(["a", "b", "c", "d", "e"].map(String::from).to_vec());
    let labels = |toml: &str| {
        let scaler = SignalScaler::fit(&rules(toml), std::slice::from_ref(&one)).unwrap();
        let prepared = scaler.prepare(&one).unwrap();
        let steps = prepared.steps.unwrap();
        assert_eq!(steps.len(), prepared.signal.time());
        assert_eq!(prepared.fields, one.fields);
        steps.concat()
    };
    assert_eq!(labels(""), "abcde");
    assert_eq!(labels("stride = 2"), "ace");
    assert_eq!(labels("stride = 2\nlongest = 2"), "ac");
    assert_eq!(labels("resample = 3"), "ace");
    assert_eq!(labels("longest = 2\nresample = 6"), "aaabbb");
}

#[test]
fn what_cannot_be_meant_or_does_not_fit() {
    let one = signal(1, &[1.0, 2.0]);
    let fails = |toml: &str, expected: &str| {
        assert_eq!(
            apply(toml, std::slice::from_ref(&one), &one).unwrap_err(),
            expected
        );
    };
    fails(
        "stride = 0",
        "`data.stride`: it is 0, but must be 1 or more; leave it out to do without",
    );
    fails(
        "longest = 0",
        "`data.longest`: it is 0, but must be 1 or more; leave it out to do without",
    );
    fails(
        "resample = 1",
        "`data.resample`: it is 1, but must be from 2 to 1048576; leave it out to do without",
    );
    fails(
        "resample = 1000000000",
        "`data.resample`: it is 1000000000, but must be from 2 to 1048576; leave it out to do without",
    );
    assert_eq!(
        apply("", std::slice::from_ref(&one), &signal(2, &[1.0, 2.0])).unwrap_err(),
        "there: the sequence has 2 features, but those to learn from have 1"
    );
    assert_eq!(
        apply("", std::slice::from_ref(&one), &signal(1, &[])).unwrap_err(),
        "there: the sequence has no steps, or half a step"
    );
    assert_eq!(
        apply("", &[], &one).unwrap_err(),
        "data.files: there are no sequences to fit the scale to"
    );
    assert!(
        apply(
            "scale = \"series\"",
            &[signal(2, &[1.0, 2.0]), one.clone()],
            &one
        )
        .is_err()
    );
}

#[test]
fn a_saved_scaler_is_the_same_and_a_changed_one_is_refused() {
    let train = [example(signal(1, &[0.1, 0.7, 0.2]), "")];
    let scaler = SignalScaler::fit(&rules("differences = true"), &train).unwrap();
    let text = serde_json::to_string(&scaler).unwrap();
    let read: SignalScaler = serde_json::from_str(&text).unwrap();
    assert_eq!(read, scaler);
    assert_eq!((read.features, read.output_features()), (1, 2));
    let changes: [fn(&mut SignalScaler); 4] = [
        |scaler| scaler.scalers.truncate(1),
        |scaler| scaler.scalers[0].scale = 0.0,
        |scaler| scaler.preparation.stride = Some(0),
        |scaler| scaler.features = usize::MAX,
    ];
    for change in changes {
        let mut changed = scaler.clone();
        change(&mut changed);
        assert!(changed.apply(&train[0].signal, "there").is_err());
    }
}

fn values() -> impl Strategy<Value = Signal<f64>> {
    let finite = any::<f32>().prop_filter("finite", |v| v.is_finite());
    let value = prop_oneof![4 => -1e3f64..1e3, 1 => Just(GONE), 1 => finite.prop_map(f64::from)];
    (1usize..4, 1usize..12).prop_flat_map(move |(features, time)| {
        prop::collection::vec(value.clone(), features * time)
            .prop_map(move |values| Signal { values, features })
    })
}

#[test]
fn steps_that_are_left_are_known_by_their_numbers_in_the_file() {
    let own = |toml: &str, before: usize, steps: usize, of: &[usize]| -> Vec<usize> {
        let preparation: Preparation = toml::from_str(toml).unwrap();
        let span = Span {
            before,
            steps,
            ..Span::default()
        };
        of.iter()
            .map(|step| preparation.own_step(span, *step))
            .collect()
    };
    assert_eq!(own("", 0, 9, &[0, 4, 8]), [0, 4, 8]);
    assert_eq!(own("stride = 3", 0, 9, &[0, 1, 2]), [0, 3, 6]);
    assert_eq!(
        own("stride = 2\nlongest = 3", 100, 9, &[0, 1, 2]),
        [100, 102, 104]
    );
    // Of nine steps 0, 2, 4, 6 and 8 are left, and stretched to nine again.
    assert_eq!(
        own("stride = 2\nresample = 9", 0, 9, &[0, 1, 4, 8]),
        [0, 2, 4, 8]
    );
    // The label of a step is that of the step it is.
    let labels: Vec<String> = (0..9).map(|step| step.to_string()).collect();
    for toml in [
        "stride = 4",
        "resample = 4",
        "stride = 2\nlongest = 4\nresample = 11",
    ] {
        let example = Example {
            signal: signal(1, &[0.0; 9]),
            steps: Some(labels.clone()),
            ..Example::default()
        };
        let preparation: Preparation = toml::from_str(toml).unwrap();
        let scaler = SignalScaler::fit(&preparation, std::slice::from_ref(&example)).unwrap();
        let made = scaler.prepare(&example).unwrap();
        for (step, label) in made.steps.unwrap().iter().enumerate() {
            assert_eq!(
                preparation.own_step(made.span, step).to_string(),
                *label,
                "{toml}"
            );
        }
    }
}

proptest! {
    #[test]
    fn every_value_is_finite(one in values(), other in -1f64..1.0, seed in 0u8..24) {
        let scale = ["none", "series", "set"][usize::from(seed % 3)];
        let missing = ["interpolate", "zero"][usize::from(seed / 3 % 2)];
        let more = ["", "differences = true", "resample = 7", "stride = 2\nlongest = 3"][usize::from(seed / 6)];
        let toml = format!("scale = \"{scale}\"\nmissing = \"{missing}\"\n{more}");
        let train = signal(one.features, &vec![other; one.features]);
        for train in [train, one.clone()] {
            let found = apply(&toml, &[train], &one).unwrap();
            prop_assert!(found.values.iter().all(|value| value.is_finite()), "{:?}", found);
        }
    }

    #[test]
    fn known_values_are_kept_where_gaps_are_filled(one in values()) {
        let filled = alone("scale = \"none\"", &one);
        for (before, after) in one.values.iter().zip(&filled.values) {
            prop_assert!(before.is_nan() || *before as f32 == *after);
        }
    }
}

/// numpy: `a = np.array([1, np.nan, 5, 9]); np.nanmean(a) == 5.0`, `np.nanstd(a) == 3.2659863237109041`; on the line between 1 and 5
/// the missing value is 3, which must not count.
#[test]
fn what_was_filled_in_is_not_fitted_to() {
    for scale in ["set", "series"] {
        let preparation: Preparation = toml::from_str(&format!("scale = \"{scale}\"")).unwrap();
        let one = example(signal(1, &[1.0, f64::NAN, 5.0, 9.0]), "label=a");
        let scaler = SignalScaler::fit(&preparation, std::slice::from_ref(&one)).unwrap();
        let found = scaler.apply(&one.signal, "here").unwrap();
        for (found, value) in found.values.iter().zip([1.0, 3.0, 5.0, 9.0]) {
            let expected = (value - 5.0) / 3.265_986_323_710_904;
            assert!(
                (f64::from(*found) - expected).abs() < 1e-6,
                "{scale}: {found}"
            );
        }
    }
}
