use proptest::prelude::*;

use super::*;
use crate::signal::dtw;
use crate::signal::support::signal;

/// Every distance, none passed over.
fn plain(train: &[&Signal], query: &Signal, window: Option<f64>) -> Neighbour {
    let mut best = Neighbour {
        index: 0,
        distance: f64::INFINITY,
    };
    for (index, signal) in train.iter().enumerate() {
        let distance = dtw(query, signal, window);
        if distance < best.distance {
            best = Neighbour { index, distance };
        }
    }
    best
}

#[test]
fn of_equals_the_first() {
    let [a, b, c] = [[1.0, 2.0], [5.0, 5.0], [1.0, 2.0]].map(|values| signal(1, &values));
    let found = nearest_neighbour(&[&b, &a, &c, &a], &[&a, &b], Some(0.0));
    assert_eq!(
        found,
        [
            Neighbour {
                index: 1,
                distance: 0.0
            },
            Neighbour {
                index: 0,
                distance: 0.0
            }
        ]
    );
    assert!(nearest_neighbour(&[&a], &[], None).is_empty());
}

#[test]
#[should_panic(expected = "missing or infinite")]
fn missing_values() {
    nearest_neighbour(&[&signal(1, &[1.0])], &[&signal(1, &[f32::NAN])], None);
}

fn set(features: usize, lengths: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Signal>> {
    // Few values, so that distances are often equal.
    let value = prop_oneof![-3i8..3].prop_map(f32::from);
    let one = lengths.prop_flat_map(move |time| {
        prop::collection::vec(value.clone(), features * time)
            .prop_map(move |values| Signal { values, features })
    });
    prop::collection::vec(one, 1..12)
}

proptest! {
    #[test]
    fn nothing_nearer_is_passed_over(
        (train, queries) in (1usize..3).prop_flat_map(|features| (set(features, 1..9), set(features, 1..9))),
        window in prop::option::of(0f64..1.0),
    ) {
        let (train, queries): (Vec<&Signal>, Vec<&Signal>) = (train.iter().collect(), queries.iter().collect());
        let found = nearest_neighbour(&train, &queries, window);
        for (found, query) in found.iter().zip(&queries) {
            prop_assert_eq!(*found, plain(&train, query, window));
        }
    }

    #[test]
    fn bounds_hold_where_lengths_are_equal(
        (train, queries) in (set(2, 8..9), set(2, 8..9)),
        window in 0f64..0.6,
    ) {
        for train in &train {
            let envelope = Envelope::new(train, Some(window));
            for query in &queries {
                let distance = dtw(query, train, Some(window));
                prop_assert!(envelope.bound(train, query) <= distance * distance * (1.0 + 1e-9) + 1e-12);
            }
        }
    }
}
