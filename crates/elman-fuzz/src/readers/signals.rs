//! Sequences of vectors: `.ts`, wide and long tables, tables of labels, patterns of names, NumPy arrays, IDX files.

use super::{Readers, config, each, place, said, tables};
use crate::reader::{Case, Reader};
use elman_data::signal::{SignalConfig, SignalScaler, read_signals};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::Path;

pub(super) const READERS: Readers = &[
    ("ts", |_| Ok(ts())),
    ("wide", |_| Ok(wide())),
    ("long", |_| Ok(long())),
    ("labels", |_| Ok(labels())),
    ("name-pattern", |_| Ok(names())),
    ("npy", |_| Ok(npy_files())),
    ("idx", |_| Ok(idx_files())),
];

/// Compressed as gzip does it.
pub(super) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("memory takes what is written to it")
}

/// Reads sequences and does to them what is done before training.
pub(super) fn read(config: &SignalConfig, path: &Path) -> Result<(), String> {
    let (base, name) = place(path);
    read_as(
        &SignalConfig {
            files: vec![name],
            ..config.clone()
        },
        base,
    )
}

fn read_as(config: &SignalConfig, base: &Path) -> Result<(), String> {
    let (examples, report) = read_signals(config, None, base).map_err(said)?;
    let _ = report.to_string();
    let scaler = SignalScaler::fit(&config.preparation(), &examples).map_err(said)?;
    scaler.prepare_all(&examples).map(drop).map_err(said)
}

fn reader(name: &'static str, cases: Vec<(Case, &str)>) -> Reader {
    let cases = cases
        .into_iter()
        .map(|(case, keys)| (case, config(keys)))
        .collect();
    each(name, cases, read)
}

fn ts() -> Reader {
    let row = |row: usize, length: usize| -> String {
        (0..length)
            .map(|step| format!("{:.2}", tables::value(row * 3 + step)))
            .collect::<Vec<_>>()
            .join(",")
    };
    let head = "# a note\n@problemName Ramps\n@timeStamps false\n@missing true\n@univariate true\n@equalLength false\n@classLabel true up down\n@data";
    let one = tables::table(head, 24, |at| {
        format!("{}:{}", row(at, 4 + at % 5), ["up", "down"][at % 2])
    });
    let many = "@problemName Many\n@univariate false\n@dimensions 2\n@equalLength true\n@seriesLength 5\n@classLabel true 1 2\n@data";
    let many = tables::table(many, 20, |at| {
        format!("{}:{}:{}", row(at, 5), row(at + 1, 5), at % 2 + 1)
    });
    let regression = tables::table("@targetLabel true\n@data", 12, |at| {
        format!("{}:{}", row(at, 5), tables::value(at))
    });
    let cases = vec![
        (
            Case::text("one.ts", one.replace("4.25", "?")),
            r#"{"missing": "interpolate"}"#,
        ),
        (
            Case::text("many.ts", many.clone()),
            r#"{"scale": "series", "differences": true}"#,
        ),
        (Case::text("regression.ts", regression), "{}"),
        (
            Case::binary("packed.ts.gz", gz(many.as_bytes())).whole(),
            "{}",
        ),
    ];
    reader("ts", cases).holding(16 << 20, 4096)
}

fn wide() -> Reader {
    let row = |at: usize| {
        (0..8)
            .map(|step| tables::value(at + step).to_string())
            .collect::<Vec<_>>()
            .join(",")
    };
    let plain = tables::table("", 20, |at| format!("{},{}", at % 3, row(at)));
    let named = tables::table("class,who,a,b,c,d,e,f,g,h", 20, |at| {
        format!("{},p{},{}", ["x", "y"][at % 2], at % 4, row(at))
    });
    let cases = vec![
        (Case::text("plain.csv", plain.clone()), r#"{"label": 1}"#),
        (
            Case::text("plain.tsv", plain.replace(',', "\t")),
            r#"{"label": 1, "missing": "zero"}"#,
        ),
        (
            Case::text("named.csv", named),
            r#"{"label": "class", "fields": ["who"], "resample": 5, "header": true}"#,
        ),
    ];
    reader("wide", cases)
}

fn long() -> Reader {
    let text = tables::table("who,t,label,x,y", 60, |at| {
        format!(
            "{},{},{},{},{}",
            at / 7,
            at % 7,
            ["a", "b"][at / 7 % 2],
            tables::value(at),
            at % 5
        )
    });
    let timed = tables::table("id;when;x", 40, |at| {
        format!(
            "s{};2020-01-01 00:{:02}:00;{}",
            at / 20,
            at % 20,
            tables::value(at)
        )
    });
    let steps = tables::table("id,x,what", 40, |at| {
        format!(
            "{},{},{}",
            at / 10,
            tables::value(at),
            ["on", "off"][at % 2]
        )
    });
    let cases = vec![
        (
            Case::text("long.csv", text.clone()),
            r#"{"id": "who", "time": "t", "label": "label", "stride": 2}"#,
        ),
        (
            Case::text("windows.csv", text),
            r#"{"id": "who", "time": "t", "label": "label", "windows": 3, "longest": 4, "centre": 1}"#,
        ),
        (
            Case::text("timed.csv", timed),
            r#"{"id": "id", "time": "when", "delimiter": ";"}"#,
        ),
        (
            Case::text("steps.csv", steps),
            r#"{"id": "id", "steps": "what", "broken": "skip"}"#,
        ),
    ];
    reader("long", cases)
}

/// Arrays that a table of labels names.
fn arrays(base: &Path) -> Result<(), String> {
    let folder = base.join("arrays");
    if folder.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(&folder).map_err(said)?;
    for at in 0..4 {
        let file = folder.join(format!("{}_p{}_{at}.npy", ["go", "stop"][at % 2], at / 2));
        std::fs::write(file, npy("<f4", "False", "(4, 2)", &floats(8))).map_err(said)?;
    }
    Ok(())
}

fn labels() -> Reader {
    let text = tables::table("file,label,who,steps", 4, |at| {
        let label = ["go", "stop"][at % 2];
        format!(
            "arrays/{label}_p{}_{at}.npy,{label},p{},a b b a",
            at / 2,
            at / 2
        )
    });
    let cases = vec![
        (Case::text("labels.csv", text.clone()), ""),
        (Case::text("steps.csv", text), "steps"),
    ];
    each("labels", cases, |steps, path| {
        let (base, name) = place(path);
        arrays(base)?;
        let steps = Some(*steps)
            .filter(|steps| !steps.is_empty())
            .map(|steps| steps.into());
        read_as(
            &SignalConfig {
                labels: Some(name),
                steps,
                ..SignalConfig::default()
            },
            base,
        )
    })
    .holding(32 << 20, 64)
}

/// The pattern is the file: what is in it is a key of a recipe.
fn names() -> Reader {
    let patterns = [
        "{label}_{who}_{}.npy",
        "arrays/{label}_{who}_{take}.npy",
        "{}/{label}_p{who}_{}.npy",
        "{label}_{}.npy",
    ];
    let cases = patterns
        .iter()
        .enumerate()
        .map(|(at, pattern)| Case::text(format!("{at}.txt"), *pattern));
    Reader::new("name-pattern", cases.collect(), |_, path| {
        let base = place(path).0;
        arrays(base)?;
        let pattern = std::fs::read_to_string(path).map_err(said)?;
        read_as(
            &SignalConfig {
                files: vec!["arrays/*.npy".into()],
                name: Some(pattern),
                ..SignalConfig::default()
            },
            base,
        )
    })
    .holding(32 << 20, 64)
}

fn floats(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|at| (tables::value(at) as f32).to_le_bytes())
        .collect()
}

/// A NumPy array, version 1.
pub(super) fn npy(kind: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut header =
        format!("{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}");
    while (header.len() + 11) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    [
        b"\x93NUMPY\x01\x00",
        &(header.len() as u16).to_le_bytes()[..],
        header.as_bytes(),
        data,
    ]
    .concat()
}

fn npy_files() -> Reader {
    let doubles: Vec<u8> = (0..12)
        .flat_map(|at| tables::value(at).to_be_bytes())
        .collect();
    let cases = vec![
        (
            Case::binary("a.npy", npy("<f4", "False", "(6, 2)", &floats(12))).whole(),
            "{}",
        ),
        (
            Case::binary("b.npy", npy(">f8", "True", "(4, 3)", &doubles)).whole(),
            "{}",
        ),
        (
            Case::binary("c.npy", npy("|u1", "False", "(5, 2, 3)", &[7; 30])).whole(),
            r#"{"differences": true}"#,
        ),
        (
            Case::binary("d.npy", npy("<i8", "False", "(3,)", &doubles[..24])).whole(),
            "{}",
        ),
        (
            Case::binary("e.npy.gz", gz(&npy("<f4", "False", "(6, 2)", &floats(12)))).whole(),
            "{}",
        ),
    ];
    reader("npy", cases).holding(16 << 20, 4096)
}

fn idx(kind: u8, shape: &[u32], data: &[u8]) -> Vec<u8> {
    let sizes: Vec<u8> = shape.iter().flat_map(|size| size.to_be_bytes()).collect();
    [&[0, 0, kind, shape.len() as u8], sizes.as_slice(), data].concat()
}

fn idx_files() -> Reader {
    let bytes: Vec<u8> = (0..96).collect();
    let cases = vec![
        (
            Case::binary("a.idx", idx(8, &[6, 4, 4], &bytes)).whole(),
            "{}",
        ),
        (
            Case::binary("b.idx", idx(13, &[4, 6], &[0x3F; 96])).whole(),
            "{}",
        ),
        (
            Case::binary("c-images-idx3-ubyte.gz", gz(&idx(8, &[2, 6, 8], &bytes))).whole(),
            "{}",
        ),
    ];
    reader("idx", cases).holding(16 << 20, 4096)
}
