//! `.npy` and IDX files.

use crate::signal::support::{fields, gz, npy, npy_f32, read, same, signal};
use crate::signal::{Example, Signal};

fn array(bytes: &[u8]) -> Result<Signal<f64>, String> {
    read(&[("a.npy", bytes)], "").map(|(mut found, _)| found.remove(0).signal)
}

fn header(descr: &str, fortran: &str, shape: &str) -> String {
    format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}            \n")
}

#[test]
fn shapes_orders_and_versions() {
    let values: Vec<f32> = (0u8..12).map(f32::from).collect();
    let doubles: Vec<f64> = (0u8..12).map(f64::from).collect();
    assert_eq!(
        array(&npy_f32("(12,)", &values)).unwrap(),
        signal(1, &doubles)
    );
    assert_eq!(
        array(&npy_f32("(4, 3)", &values)).unwrap(),
        signal(3, &doubles)
    );
    assert_eq!(
        array(&npy_f32("(2, 3L, 2)", &values)).unwrap(),
        signal(6, &doubles)
    );
    let data: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect();
    for version in [2, 3] {
        let bytes = npy(version, &header(">f4", "True", "(2, 3, 2)"), &data);
        // numpy.arange(12, dtype='>f4').reshape((2, 3, 2), order='F').reshape(2, 6)
        let rows = [0.0, 6.0, 2.0, 8.0, 4.0, 10.0, 1.0, 7.0, 3.0, 9.0, 5.0, 11.0];
        assert_eq!(array(&bytes).unwrap(), signal(6, &rows));
    }
    let double = npy(
        1,
        "{\"shape\": (2,), \"descr\": \"<f8\", \"fortran_order\": False}",
        &[[0; 8], 0.1f64.to_le_bytes()].concat(),
    );
    assert_eq!(array(&double).unwrap(), signal(1, &[0.0, 0.1]));
    let missing = array(&npy_f32("(2,)", &[f32::NAN, 1.0])).unwrap();
    assert!(same(&missing, &signal(1, &[f64::NAN, 1.0])));
}

#[test]
fn types() {
    let cases: [(&str, &[u8], f64); 11] = [
        ("|u1", &[200], 200.0),
        ("|i1", &[200], -56.0),
        ("|b1", &[1], 1.0),
        ("<u2", &[1, 2], 513.0),
        (">i2", &[255, 254], -2.0),
        ("<i4", &[255, 255, 255, 255], -1.0),
        (">u4", &[0, 0, 1, 0], 256.0),
        ("<i8", &[254, 255, 255, 255, 255, 255, 255, 255], -2.0),
        (">u8", &[0, 0, 0, 0, 0, 0, 0, 7], 7.0),
        ("<f2", &[0x00, 0xc5], -5.0),
        (">f8", &[0x3f, 0xe0, 0, 0, 0, 0, 0, 0], 0.5),
    ];
    for (descr, data, value) in cases {
        assert_eq!(
            array(&npy(1, &header(descr, "False", "(1,)"), data)).unwrap(),
            signal(1, &[value]),
            "{descr}"
        );
    }
    for descr in ["<c8", "|O", "<U5", "<f16", "f", "한글", "<M8[ns]"] {
        let message = array(&npy(1, &header(descr, "False", "(1,)"), &[0; 8])).unwrap_err();
        assert!(
            message.starts_with(&format!("`a.npy`: holds elements of the type {descr}; ")),
            "{message}"
        );
    }
    let structured =
        "{'descr': [('x', '<f4'), ('y', '<f4')], 'fortran_order': False, 'shape': (1,), }";
    let message = array(&npy(1, structured, &[0; 8])).unwrap_err();
    assert!(
        message.starts_with("`a.npy`: holds elements of the type [('x', '<f4'), ('y', '<f4')]; "),
        "{message}"
    );
}

#[test]
fn arrays_that_are_cut_short_or_none() {
    let good = npy_f32("(2, 3)", &[1.0; 6]);
    for length in 0..good.len() {
        let message = array(&good[..length]).unwrap_err();
        assert!(message.starts_with("`a.npy`: "), "{length}: {message}");
    }
    assert_eq!(
        array(&good[..good.len() - 1]).unwrap_err(),
        "`a.npy`: its header promises an array of 2 × 3 (24 bytes), but 23 bytes follow; the file is cut short or damaged"
    );
    // Nothing of the promised size is made.
    let huge = array(&npy_f32("(9000000000000, 1000)", &[1.0])).unwrap_err();
    assert!(
        huge.contains("promises an array of 9000000000000 × 1000 (36000000000000000 bytes)"),
        "{huge}"
    );
    let beyond = array(&npy_f32("(18446744073709551615, 4)", &[1.0])).unwrap_err();
    assert!(
        beyond.contains("more bytes than can be counted"),
        "{beyond}"
    );
    let fails = |bytes: &[u8], expected: &str| {
        assert_eq!(array(bytes).unwrap_err(), format!("`a.npy`: {expected}"))
    };
    fails(&npy_f32("(0, 3)", &[]), "holds an empty array of 0 × 3");
    fails(
        &npy_f32("()", &[1.0]),
        "holds a single number, where a sequence [time] or [time, features] is needed",
    );
    fails(
        b"PK\x03\x04",
        "is no NumPy array: it does not begin with \\x93NUMPY",
    );
    fails(
        &npy(4, &header("<f4", "False", "(1,)"), &[0; 4]),
        "is of version 4 of NumPy's format; versions 1 to 3 are read",
    );
    for bad in [
        "{'descr': '<f4'}",
        "{'shape': (-1,), 'descr': '<f4', 'fortran_order': False}",
        "",
        "{",
        "{'descr' '<f4'}",
        "{'a': 1}",
        "{'shape': (1",
        "{'descr': [}",
    ] {
        fails(
            &npy(1, bad, &[0; 4]),
            "has a header that is not NumPy's dictionary of 'descr', 'fortran_order' and 'shape'",
        );
    }
    fails(
        &npy_f32("(2, 2)", &[0.0, 1.0, f32::INFINITY, 0.0]),
        "step 2, feature 1: the value is infinite, or too large for 32 bits; write NaN where a value is missing",
    );
}

fn idx(kind: u8, shape: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, kind, shape.len() as u8];
    shape
        .iter()
        .for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend(data);
    bytes
}

fn pictures(labels: &[u8], toml: &str) -> Result<Vec<Example>, String> {
    let images = gz(&idx(
        8,
        &[2, 2, 3],
        &[0, 51, 102, 153, 204, 255, 255, 0, 0, 0, 0, 0],
    ));
    let toml = format!("files = [\"t-images-idx3-ubyte.gz\"]\n{toml}");
    let files: [(&str, &[u8]); 2] = [
        ("t-images-idx3-ubyte.gz", &images),
        ("t-labels-idx1-ubyte", labels),
    ];
    read(&files, &toml).map(|(found, _)| found)
}

#[test]
fn pictures_become_rows_from_0_to_1() {
    let labels = "label_files = [\"t-labels-*\"]";
    let found = pictures(&idx(8, &[2], &[7, 0]), labels).unwrap();
    assert_eq!(found[0].signal, signal(3, &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]));
    assert_eq!(
        found.iter().map(fields).collect::<Vec<_>>(),
        ["label=7", "label=0"]
    );
    assert_eq!(found[1].place.rsplit_once(", ").unwrap().1, "sequence 2");
    assert_eq!(fields(&pictures(&[], "").unwrap()[0]), "");
    let short = pictures(&idx(8, &[1], &[7]), labels).unwrap_err();
    assert_eq!(
        short,
        "`t-labels-idx1-ubyte`: holds an array of 1, but `t-images-idx3-ubyte.gz` holds 2 sequences: one label for each is needed"
    );
    let twice = pictures(&idx(8, &[2], &[7, 0]), "label_files = [\"*\"]").unwrap_err();
    assert_eq!(
        twice,
        "`data.label_files`: there are 2 of them for 1 files; each file needs its own"
    );
}

#[test]
fn idx_types_and_damage() {
    let one =
        |bytes: &[u8]| read(&[("a.idx", bytes)], "").map(|(mut found, _)| found.remove(0).signal);
    let floats = idx(
        0x0d,
        &[1, 2],
        &[1.5f32.to_be_bytes(), (-2f32).to_be_bytes()].concat(),
    );
    assert_eq!(one(&floats).unwrap(), signal(1, &[1.5, -2.0]));
    assert_eq!(
        one(&idx(0x0b, &[1, 1, 1, 2], &[255, 254, 1, 0])).unwrap(),
        signal(2, &[-2.0, 256.0])
    );
    for length in 0..floats.len() {
        assert!(one(&floats[..length]).is_err(), "{length}");
    }
    let fails = |bytes: &[u8], expected: &str| {
        assert_eq!(one(bytes).unwrap_err(), format!("`a.idx`: {expected}"))
    };
    let none = "is no IDX file: it does not begin with two zero bytes, a type and a number of axes";
    fails(b"\x1f\x8b\x09\x00\x00", none);
    fails(&idx(7, &[1, 1], &[0]), none);
    fails(
        &idx(8, &[], &[0]),
        "has no axes, where sequences [count, time, features] are needed",
    );
    fails(&idx(8, &[0, 5], &[]), "holds no sequences");
    let most = [0, u32::MAX, u32::MAX, u32::MAX];
    fails(
        &idx(0x0e, &most, &[]),
        "holds an array of 0 × 4294967295 × 4294967295 × 4294967295, larger than any",
    );
    fails(&idx(8, &[2, 0], &[]), "holds an empty array of 0");
    fails(
        &idx(8, &[u32::MAX; 9], &[0]),
        &format!(
            "its header promises an array of {} (more bytes than can be counted), but 1 bytes follow; the file is cut short or damaged",
            vec![u32::MAX.to_string(); 9].join(" × ")
        ),
    );
    fails(
        &idx(8, &[3], &[1, 2, 3]),
        "holds 3 single numbers, where sequences [count, time, features] are needed; files of labels belong in data.label_files",
    );
}
