use super::*;
use elman_data::Ragged;

/// Texts of tokens 0 to 3 with these counts, and the class of each.
const COUNTS: [([usize; 4], usize); 7] = [
    ([2, 0, 1, 0], 0),
    ([1, 1, 0, 0], 0),
    ([0, 2, 0, 1], 1),
    ([0, 1, 1, 2], 1),
    ([1, 0, 0, 3], 2),
    ([0, 0, 2, 1], 2),
    ([3, 1, 0, 0], 0),
];
const UNSEEN: [[usize; 4]; 3] = [[1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 0, 2]];

fn text(counts: &[usize; 4]) -> Vec<u32> {
    let repeated = (0u32..).zip(counts);
    repeated
        .flat_map(|(token, count)| std::iter::repeat_n(token, *count))
        .collect()
}

fn training() -> (Ragged<u32>, Vec<usize>) {
    let texts = COUNTS.iter().map(|(counts, _)| text(counts)).collect();
    let labels = COUNTS.iter().map(|(_, label)| *label).collect();
    (texts, labels)
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], within: f64) {
    assert_eq!(found.len(), expected.len());
    for (found_one, expected_one) in found.iter().zip(expected) {
        assert!(
            (found_one - expected_one).abs() < within,
            "{found:?} and {expected:?}"
        );
    }
}

/// ```python
/// LogisticRegression(C=1.0, tol=1e-12, max_iter=10000).fit(X, c).predict_proba(T)
/// ```
#[test]
fn logistic_regression_is_that_of_scikit_learn() {
    let (texts, labels) = training();
    let data = Labelled {
        texts: &texts,
        labels: &labels,
    };
    let model = CountsModel::fit(data, 1, &[1.0; 3], 1.0);
    assert!(model.model.converged);
    assert_eq!(model.parameters(), 15);
    let expected = [
        [
            0.730_829_355_060_475,
            0.183_205_178_325_359,
            0.085_965_466_614_166,
        ],
        [
            0.215_547_580_512_069,
            0.261_723_687_421_293,
            0.522_728_732_066_638,
        ],
        [
            0.100_820_737_624_878,
            0.610_020_782_890_764,
            0.289_158_479_484_358,
        ],
    ];
    for (counts, expected) in UNSEEN.iter().zip(expected) {
        assert_close(&model.probabilities(&text(counts)), &expected, 1e-5);
    }
}

/// ```python
/// LogisticRegression(C=0.3, tol=1e-12, max_iter=10000, class_weight={0: 0.5, 1: 2.0, 2: 3.0}).fit(X, c).predict_proba(T)
/// ```
#[test]
fn class_weights_are_those_of_scikit_learn() {
    let (texts, labels) = training();
    let data = Labelled {
        texts: &texts,
        labels: &labels,
    };
    let model = CountsModel::fit(data, 1, &[0.5, 2.0, 3.0], 0.3);
    let expected = [
        [
            0.339_114_408_521_160,
            0.403_068_580_790_453,
            0.257_817_010_688_387,
        ],
        [
            0.111_989_881_213_792,
            0.265_522_943_810_537,
            0.622_487_174_975_671,
        ],
        [
            0.079_711_388_602_863,
            0.524_369_832_277_833,
            0.395_918_779_119_303,
        ],
    ];
    for (counts, expected) in UNSEEN.iter().zip(expected) {
        assert_close(&model.probabilities(&text(counts)), &expected, 1e-5);
    }
}

/// ```python
/// MultinomialNB(alpha=1.0).fit(X, c).predict_proba(T)
/// ```
#[test]
fn naive_bayes_is_that_of_scikit_learn() {
    let (texts, labels) = training();
    let features = CountFeatures::learn(&texts, 1, 100);
    let model = NaiveBayes::fit(&features.count_all(&texts), features.len(), &labels, 3);
    let expected = [
        [
            0.789_866_335_094_809,
            0.140_089_109_936_794,
            0.070_044_554_968_397,
        ],
        [
            0.085_411_764_705_882,
            0.318_117_647_058_824,
            0.596_470_588_235_294,
        ],
        [
            0.029_721_247_007_158,
            0.697_728_541_477_999,
            0.272_550_211_514_843,
        ],
    ];
    for (counts, expected) in UNSEEN.iter().zip(expected) {
        let found = model.probabilities(&features.count(&text(counts)));
        assert_close(&found, &expected, 1e-12);
    }
    // A class without texts is never predicted, and poisons nothing.
    let model = NaiveBayes::fit(&features.count_all(&texts), features.len(), &labels, 4);
    let found = model.probabilities(&features.count(&text(&UNSEEN[0])));
    assert_close(&found[..3], &expected[0], 1e-12);
    assert_eq!(found[3], 0.0);
}

#[test]
fn nothing_is_learned_from_validation_but_the_strength() {
    let (texts, labels) = training();
    let data = Labelled {
        texts: &texts,
        labels: &labels,
    };
    // Tokens and labels that training never saw.
    let other = Labelled {
        texts: &[[77, 78], [3, 3]].into_iter().collect(),
        labels: &[1, 2],
    };
    let chosen = CountsModel::choose(data, other, 2, &[1.0; 3]);
    assert!(STRENGTHS.contains(&chosen.strength));
    let fitted = CountsModel::fit(data, 2, &[1.0; 3], chosen.strength);
    assert_eq!(chosen.probabilities(&[0, 1]), fitted.probabilities(&[0, 1]));
    assert_eq!(chosen.probabilities(&[77]), chosen.probabilities(&[]));
}

#[test]
fn texts_without_tokens_leave_the_shares_of_the_classes() {
    let texts = [[0; 0]; 4].into_iter().collect();
    let data = Labelled {
        texts: &texts,
        labels: &[0, 1, 1, 1],
    };
    let model = CountsModel::fit(data, 2, &[1.0; 2], 1.0);
    assert_close(&model.probabilities(&[4]), &majority(data.labels, 2), 1e-5);
    assert_eq!(likeliest(&majority(data.labels, 2)), 1);
    assert_eq!(likeliest(&[0.4, 0.4, 0.2]), 0);
}

#[test]
fn a_window_counts_its_parameters_and_sees_its_end_of_a_text() {
    let window = Window {
        length: 5,
        keep: Keep::First,
        vocabulary: 100,
        features: 8,
        hidden_size: 16,
        classes: 3,
    };
    let summary = window.layers().summary_of(window.input()).unwrap();
    assert_eq!(summary.parameters(), 800 + (5 * 8 + 1) * 16 + 17 * 3);
    assert_eq!(window.seen(&[1, 2, 3, 4, 5, 6]), [1, 2, 3, 4, 5]);
    assert_eq!(window.seen(&[1, 2]), [1, 2]);
    let end = Window {
        keep: Keep::Last,
        ..window
    };
    assert_eq!(end.seen(&[1, 2, 3, 4, 5, 6]), [2, 3, 4, 5, 6]);
}
