//! Numbers as files hold them: large ones, ends that only pad, and what is said of them.

use crate::signal::support::{npy_f32, one, read, same, signal};

#[test]
fn large_numbers_keep_their_small_changes() {
    // float("123456716") - float("123456708") is 8 in Python; of 32 bits, which are 8 apart there, 123456711 would be 123456712.
    let text = "label,a,b,c\nx,123456708,123456711,123456716.5\n";
    for (name, text) in [
        ("a.csv", text.to_owned()),
        ("a.tsv", text.replace(',', "\t")),
        (
            "a.ts",
            "@classLabel true x\n@data\n123456708,123456711,123456716.5:x\n".into(),
        ),
        (
            "a.csv",
            "label,t,v\nx,1,123456708\nx,2,123456711\nx,3,123456716.5\n".into(),
        ),
    ] {
        let toml = match name {
            "a.csv" if text.contains(",t,") => "layout = \"long\"\ntime = \"t\"\ncolumns = [\"v\"]",
            _ => "label = \"label\"",
        };
        let toml = if name == "a.ts" { "" } else { toml };
        let found = one(name, &text, toml).unwrap();
        let expected = signal(1, &[123_456_708.0, 123_456_711.0, 123_456_716.5]);
        assert_eq!(found[0].signal, expected, "{name}");
    }
}

#[test]
fn nan_at_the_end_pads_and_nan_inside_is_missing() {
    let gone = f64::NAN;
    let (found, report) = read(
        &[(
            "a.csv",
            b"label,a,b,c,d\nx,1,NaN,3,NaN\ny,1,2,nan,\nz,1,2,3,?\n",
        )],
        "",
    )
    .unwrap();
    assert!(same(&found[0].signal, &signal(1, &[1.0, gone, 3.0])));
    assert_eq!(found[1].signal, signal(1, &[1.0, 2.0]));
    // What is said to be missing is a step all the same.
    assert!(same(&found[2].signal, &signal(1, &[1.0, 2.0, 3.0, gone])));
    assert_eq!(report.padding, 2);
    assert!(
        report
            .to_string()
            .contains("2 steps of NaN at the ends of sequences")
    );

    // As UEA's archives of unequal length are padded: a step ends a sequence where all its dimensions are NaN.
    let archive = "@univariate false\n@dimensions 2\n@equalLength true\n@seriesLength 4\n@classLabel true x y\n@data\n\
                   1,2,NaN,NaN:5,6,7,NaN:x\n1,NaN,3,4:5,6,7,8:y\n";
    let (found, report) = read(&[("a.ts", archive.as_bytes())], "").unwrap();
    assert!(same(
        &found[0].signal,
        &signal(2, &[1.0, 5.0, 2.0, 6.0, gone, 7.0])
    ));
    assert_eq!((found[1].signal.time(), report.padding), (4, 1));
    let only = archive.replace("1,2,NaN,NaN:5,6,7,NaN", "NaN,NaN,NaN,NaN:NaN,NaN,NaN,NaN");
    assert!(
        one("a.ts", &only, "")
            .unwrap_err()
            .contains("no values, only NaN")
    );

    let array = npy_f32(
        "(4, 2)",
        &[
            1.0,
            2.0,
            f32::NAN,
            3.0,
            f32::NAN,
            f32::NAN,
            f32::NAN,
            f32::NAN,
        ],
    );
    let (found, report) = read(&[("a.npy", &array)], "").unwrap();
    assert!(same(&found[0].signal, &signal(2, &[1.0, 2.0, gone, 3.0])));
    assert_eq!(report.padding, 2);
    let none = read(&[("a.npy", &npy_f32("(2,)", &[f32::NAN; 2]))], "").unwrap_err();
    assert!(none.contains("no values, only NaN"), "{none}");
}

#[test]
fn what_numbers_cannot_hold_is_said() {
    // 2^53 is 9007199254740992; float("9007199254740993") in Python is the same number.
    let text = "label,a,b\nx,9007199254740993,9007199254740992\ny,1,2\n";
    let (_, report) = read(&[("a.csv", text.as_bytes())], "").unwrap();
    assert_eq!(report.beyond, 2);
    assert!(report.to_string().contains("from 2^53 on"), "{report}");

    // Steps of 1 at 123456700, where numbers of 32 bits are 8 apart.
    let near = "label,a,b,c\nx,123456700,123456701,123456702\ny,1,2,3\n";
    let merged = |toml: &str| read(&[("a.csv", near.as_bytes())], toml).unwrap().1;
    assert_eq!(merged("scale = \"none\"").merged, 2);
    assert!(
        merged("scale = \"none\"")
            .to_string()
            .contains("2 values differ from the one before")
    );
    assert_eq!(merged("scale = \"series\"").merged, 0);
}
