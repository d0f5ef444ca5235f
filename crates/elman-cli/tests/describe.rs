//! `elman data describe`: something true of every kind of file. Expected figures are counted by hand, or follow from how the file is
//! made.

mod common;

use common::{last_json, project, refused, run, stdout, succeeds};
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// What is said of a file that holds these bytes, for machines and for people.
#[track_caller]
fn said(name: &str, bytes: &[u8]) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    let json = succeeds(folder.path(), &["data", "describe", name, "--json"]);
    let text = succeeds(folder.path(), &["data", "describe", name]);
    (last_json(&json), text)
}

#[test]
fn tables_of_texts() {
    let mut rows = String::from("id,review,stars\n");
    for row in 0..12 {
        let _ = writeln!(
            rows,
            "{row},\"it was, all in all, number {row}\",{}",
            1 + row % 3
        );
    }
    rows += "12,\"it was, all in all, number 3\",1\n";
    let (json, text) = said("reviews.csv", rows.as_bytes());
    assert_eq!(
        (&json["texts"], &json["copies"]),
        (&13.into(), &1.into()),
        "{json}"
    );
    assert_eq!(json["labels"]["1"], 5, "{json}");
    assert_eq!(json["words"], 13 * 7, "{json}");
    assert!(
        text.contains("the column review") && text.contains("the column stars"),
        "{text}"
    );
    let (json, text) = said(
        "fra.tsv",
        "Go.\tVa !\nRun, now!\tCours !\nStop it.\tArrête !\n".as_bytes(),
    );
    assert_eq!(json["pairs"], 3, "{text}");
    let (json, _) = said(
        "q.txt",
        "DESC:x How did it end ?\nNUM:y How many are there ?\n"
            .repeat(3)
            .as_bytes(),
    );
    assert_eq!(
        (&json["texts"], &json["labels"]["DESC:x"]),
        (&6.into(), &3.into()),
        "{json}"
    );
}

#[test]
fn running_text() {
    let (json, text) = said("story.txt", "가나 다\n\nabc, d\n".as_bytes());
    // 가나 다⏎ ⏎ abc, d⏎ are 5 + 1 + 7 characters; 가 나 다 a b c d , and the space are 9.
    assert_eq!(
        (
            &json["lines"],
            &json["words"],
            &json["characters"],
            &json["different_characters"]
        ),
        (&3.into(), &4.into(), &13.into(), &9.into()),
        "{text}"
    );
    assert!(
        text.contains("Hangul 42.9 %"),
        "three of seven letters: {text}"
    );
    let (json, _) = said("alt.txt", b"\xb0\xa1\xb3\xaa \xb4\xd9\n\xb0\xa1\n");
    assert_eq!(json["encoding"], "cp949");
    let (json, _) = said(
        "a.abc",
        b"X:1\nT:one\nK:C\nCDEF|\n\nX:2\nT:two\nK:G\nGABc|\n",
    );
    assert_eq!(json["tunes"], 2);
}

#[test]
fn tagged_sentences() {
    let conllu = "# text\n1\tThe\t_\tDET\t_\t_\t_\t_\t_\t_\n2\tdog\t_\tNOUN\t_\t_\t_\t_\t_\t_\n\n1\tthe\t_\tDET\t_\t_\t_\t_\t_\t_\n";
    let (json, _) = said("a.conllu", conllu.as_bytes());
    assert_eq!(
        (&json["sentences"], &json["words"], &json["tags"]["DET"]),
        (&2.into(), &3.into(), &2.into()),
        "{json}"
    );
    let (json, _) = said("a.tsv", b"The\tDET\ndog\tNOUN\n\nthe\tDET\ncat\tNOUN\n");
    assert_eq!(
        (&json["sentences"], &json["tags"]["NOUN"]),
        (&2.into(), &2.into()),
        "{json}"
    );
}

#[test]
fn series_and_arrays() {
    let ts = "@problemName x\n@timeStamps false\n@univariate true\n@classLabel true a b\n@data\n1,2,3:a\n4,5,6:b\n7,8,9:a\n";
    let (json, text) = said("x.ts", ts.as_bytes());
    assert_eq!(
        (&json["series"], &json["labels"]["a"], &json["steps"][0]),
        (&3.into(), &2.into(), &3.into()),
        "{json}"
    );
    assert!(text.contains("1 to 9, 5 on average"), "{text}");
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }";
    let header = format!("{header:<117}\n");
    let mut npy = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    npy.extend(header.as_bytes());
    npy.extend((0..8).flat_map(|value| (value as f32).to_le_bytes()));
    let (json, _) = said("x.npy", &npy);
    assert_eq!(
        (&json["series"], &json["features"]),
        (&1.into(), &2.into()),
        "{json}"
    );
}

#[test]
fn recordings_and_pictures() {
    let mut wav = b"RIFF".to_vec();
    wav.extend((36u32 + 3200).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    wav.extend(8000u32.to_le_bytes());
    wav.extend(32000u32.to_le_bytes());
    wav.extend([4, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend(3200u32.to_le_bytes());
    wav.extend((0..1600u32).flat_map(|k| ((k % 100) as i16 * 100).to_le_bytes()));
    let (json, _) = said("a.wav", &wav);
    // 3200 bytes are 800 samples of two channels of two bytes.
    assert_eq!(
        (
            &json["rate"],
            &json["channels"],
            &json["bits"],
            &json["seconds"]
        ),
        (&8000.into(), &2.into(), &16.into(), &0.1.into()),
        "{json}"
    );
    let mut bmp = b"BM".to_vec();
    for number in [54u32 + 24, 0, 54, 40, 3, 2] {
        bmp.extend(number.to_le_bytes());
    }
    bmp.extend([1, 0, 32, 0]);
    for number in [0u32, 24, 0, 0, 0, 0] {
        bmp.extend(number.to_le_bytes());
    }
    bmp.extend([10, 20, 30, 255].repeat(6));
    let (json, text) = said("a.bmp", &bmp);
    assert_eq!(
        (&json["width"], &json["height"], &json["frames"]),
        (&3.into(), &2.into(), &1.into()),
        "{text}"
    );
}

#[test]
fn weights_folders_and_what_is_nothing_of_these() {
    let folder = project();
    let folder = folder.path();
    succeeds(
        folder,
        &[
            "train",
            "sales.toml",
            "--quiet",
            "--run",
            "run",
            "--set",
            "train.epochs=1",
        ],
    );
    let said = last_json(&succeeds(
        folder,
        &["data", "describe", "run/model.safetensors", "--json"],
    ));
    let summary = last_json(&succeeds(
        folder,
        &["recipe", "check", "sales.toml", "--json"],
    ));
    assert_eq!(said["parameters"], summary["parameters"]);
    let said = last_json(&succeeds(folder, &["data", "describe", "run", "--json"]));
    assert_eq!(
        said["folders"]["plots"].as_u64().unwrap(),
        std::fs::read_dir(folder.join("run/plots")).unwrap().count() as u64
    );

    std::fs::write(folder.join("a.mp3"), [0u8, 1, 2, 255]).unwrap();
    refused(
        folder,
        &["data", "describe", "a.mp3"],
        &["a.mp3", "no kind that elman reads", "WAV"],
    );
    std::fs::write(folder.join("empty.txt"), "").unwrap();
    refused(
        folder,
        &["data", "describe", "empty.txt"],
        &["empty.txt", "empty"],
    );
    refused(
        folder,
        &["data", "describe", "slaes.csv"],
        &[
            "no file and no dataset called `slaes.csv`",
            "did you mean `sales.csv`?",
        ],
    );
    refused(
        folder,
        &["data", "describe", "stock_dayly"],
        &["did you mean `stock_daily`?"],
    );
    let none = run(folder, &["data", "describe", "nothing-like-it"]);
    assert!(common::stderr(&none).len() < 300 && stdout(&none).is_empty());
}

#[test]
fn texts_of_datasets_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    let text = succeeds(folder.path(), &["data", "describe", "stock_daily"]);
    assert!(!text.contains('…'), "{text}");
    assert!(Path::new(folder.path()).exists());
}
