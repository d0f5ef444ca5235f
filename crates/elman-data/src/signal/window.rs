//! Long sequences as several short ones.

use super::{Example, Signal, Span};
use crate::Error;

/// The field that says which window of its sequence an example is, from 1.
pub const WINDOW_FIELD: &str = "window";

/// The windows of so many steps that a sequence holds, one after the other; what is left at its end, shorter than a window, is
/// in none. A sequence no longer than a window stays as it is. Each is known by what is known of the sequence, and by the field
/// `window`, its number from 1.
pub(super) fn cut(example: Example, steps: usize) -> Result<Vec<Example>, Error> {
    let time = example.signal.time();
    if example.fields.contains_key(WINDOW_FIELD) {
        return Err(Error::Signal {
            place: example.place,
            message: format!(
                "it has a field `{WINDOW_FIELD}` already, which data.windows gives to every window; call the column or field otherwise"
            ),
        });
    }
    let window = |number: usize| {
        let (first, last) = (number * steps, ((number + 1) * steps).min(time));
        let features = example.signal.features;
        let mut fields = example.fields.clone();
        fields.insert(WINDOW_FIELD.into(), (number + 1).to_string());
        Example {
            signal: Signal {
                values: example.signal.values[first * features..last * features].to_vec(),
                features,
            },
            fields,
            steps: example
                .steps
                .as_ref()
                .map(|labels| labels[first..last].to_vec()),
            place: match time <= steps {
                true => example.place.clone(),
                false => format!("{}, steps {} to {last}", example.place, first + 1),
            },
            span: Span {
                before: first,
                steps: 0,
                ..example.span
            },
        }
    };
    Ok((0..(time / steps).max(1)).map(window).collect())
}

#[cfg(test)]
mod tests {
    use crate::signal::support::{fields, one, signal};

    const LONG: &str = "id,t,value,state\na,1,1,x\na,2,2,x\nb,1,10,y\na,3,3,y\na,4,4,y\na,5,5,x\n";

    #[test]
    fn windows_are_sequences_of_their_own() {
        let toml = "id = \"id\"\nlabel = \"id\"\ntime = \"t\"\nsteps = \"state\"\nwindows = 2";
        let found = one("a.csv", LONG, toml).unwrap();
        let values: Vec<_> = found.iter().map(|one| one.signal.clone()).collect();
        // The fifth step of `a` is in no window; `b` is shorter than one.
        assert_eq!(
            values,
            [
                signal(1, &[1.0, 2.0]),
                signal(1, &[3.0, 4.0]),
                signal(1, &[10.0])
            ]
        );
        let said: Vec<String> = found.iter().map(fields).collect();
        assert_eq!(said, ["id=a window=1", "id=a window=2", "id=b window=1"]);
        assert_eq!(found[1].steps.as_ref().unwrap(), &["y", "y"]);
        let places: Vec<&str> = found
            .iter()
            .map(|one| one.place.split_once(", ").unwrap().1)
            .collect();
        assert_eq!(
            places,
            ["line 2, steps 1 to 2", "line 2, steps 3 to 4", "line 4"]
        );
    }

    #[test]
    fn several_features_stay_together() {
        let found = one(
            "a.ts",
            "@classLabel true x\n@data\n1,2,3,4,5:6,7,8,9,10:x\n",
            "windows = 3",
        );
        let found = found.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].signal, signal(2, &[1.0, 6.0, 2.0, 7.0, 3.0, 8.0]));
    }

    #[test]
    fn what_cannot_be_cut() {
        let zero = one("a.csv", LONG, "id = \"id\"\nwindows = 0").unwrap_err();
        assert!(
            zero.contains("data.windows") && zero.contains("1 or more"),
            "{zero}"
        );
        let taken = one(
            "a.csv",
            "window,v\na,1\na,2\n",
            "id = \"window\"\nwindows = 1",
        )
        .unwrap_err();
        assert!(taken.contains("a field `window` already"), "{taken}");
    }
}
