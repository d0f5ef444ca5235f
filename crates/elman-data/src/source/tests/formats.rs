//! JSON lines and Parquet, and any bytes at all.

use proptest::prelude::*;

use super::*;

#[test]
fn json_lines() {
    let text = "{\"t\": \"2020-01-01\", \"z\": 1, \"a\": 1.5}\n\n{\"z\": null, \"t\": \"2020-01-02\", \"b\": true}\n";
    let (series, report) = read(&[("a.jsonl", text.as_bytes())], "missing = \"zero\"").unwrap();
    assert_eq!(series.names, ["z", "a", "b"], "in the order of the keys");
    assert_eq!(series.columns, [[1.0, 0.0], [1.5, 0.0], [0.0, 1.0]]);
    assert_eq!((report.files[0].format, series.len()), ("jsonl", 2));
    let say = |text: &str| read(&[("a.jsonl", text.as_bytes())], "").unwrap_err();
    assert!(say("{\"x\": 1}\n{\"x\": }\n").starts_with(
        "`a.jsonl`, line 2: not a JSON object of plain values: expected value at character 7"
    ));
    assert_eq!(
        say("{\"x\": [1]}\n"),
        "`a.jsonl`, line 1: the value of `x` is a list or an object; only plain values can become columns"
    );
    assert_eq!(
        say("{\"x\": 1, \"x\": 2}\n"),
        "`a.jsonl`, line 1: the key `x` comes twice"
    );
    assert!(say("[1, 2]\n").contains("expected an object such as {\"time\""));
    assert_eq!(
        say(""),
        "`a.jsonl` is empty: there is nothing to learn from"
    );
}

/// A Parquet file of two row groups: a time in microseconds (or days), an optional double, a decimal and a text.
fn parquet_file(compression: ::parquet::basic::Compression) -> Vec<u8> {
    use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
    use ::parquet::file::{properties::WriterProperties, writer::SerializedFileWriter};
    let schema = "message m {
        required int64 t (TIMESTAMP(MICROS,false));
        optional double x;
        required int32 price (DECIMAL(9,2));
        required binary word (STRING);
        required int32 day (DATE);
        required int64 big (INTEGER(64,false));
    }";
    let schema =
        std::sync::Arc::new(::parquet::schema::parser::parse_message_type(schema).unwrap());
    let properties = std::sync::Arc::new(
        WriterProperties::builder()
            .set_compression(compression)
            .build(),
    );
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    for group in 0..2i64 {
        let mut rows = writer.next_row_group().unwrap();
        let hour = 3_600_000_000i64;
        let first = 1_577_836_800_000_000 + 2 * group * hour; // 2020-01-01
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&[first, first + hour], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<DoubleType>()
            .write_batch(&[1.5 + group as f64], Some(&[1, 0]), None)
            .unwrap();
        column.close().unwrap();
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<Int32Type>()
            .write_batch(&[12345, -50], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<ByteArrayType>()
            .write_batch(&[ByteArray::from("a"), ByteArray::from("b")], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<Int32Type>()
            .write_batch(&[18262, 18263], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&[-1, 7], None, None)
            .unwrap();
        column.close().unwrap();
        rows.close().unwrap();
    }
    writer.into_inner().unwrap()
}

#[test]
fn parquet() {
    use ::parquet::basic::{Compression, ZstdLevel};
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        let bytes = parquet_file(compression);
        let (series, report) = read(&[("a.parquet", &bytes)], "missing = \"interpolate\"").unwrap();
        assert_eq!(series.names, ["x", "price", "big"]);
        assert_eq!(series.columns[0], [1.5, 2.0, 2.5, 2.5]);
        assert_eq!(series.columns[1], [123.45, -0.5, 123.45, -0.5]);
        assert_eq!(series.columns[2][0], u64::MAX as f64);
        assert_eq!(times(&series)[3], "2020-01-01T03:00:00");
        assert_eq!(
            report.columns[0].first_missing.as_deref(),
            Some("a.parquet, row 2")
        );
        assert_eq!(report.skipped.len(), 2, "the text and the second time");
    }
    let bytes = parquet_file(::parquet::basic::Compression::SNAPPY);
    let (series, _) = read(
        &[("a.parquet", &bytes)],
        "time = \"day\"\nduplicates = \"first\"\ncolumns = [\"price\"]",
    )
    .unwrap();
    assert_eq!(
        times(&series),
        ["2020-01-01T00:00:00", "2020-01-02T00:00:00"]
    );
    let bad = read(&[("a.parquet", &bytes)], "columns = [\"word\"]").unwrap_err();
    assert!(
        bad.starts_with("`a.parquet`, row 1, column `word`: \"a\" is not a number"),
        "{bad}"
    );
    let bad = read(&[("a.parquet", &bytes[..100])], "").unwrap_err();
    assert!(
        bad.starts_with("`a.parquet` is not a readable Parquet file: "),
        "{bad}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn numbers_written_are_numbers_read(
        rows in prop::collection::vec((any::<f64>().prop_filter("finite", |v| v.is_finite()), -1e6f64..1e6), 1..30),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
    ) {
        let lines: String = rows.iter().map(|(a, b)| format!("{a}{delimiter}\"{b}\"\n")).collect();
        let (series, _) = csv(&format!("a{delimiter}b\n{lines}"), "").unwrap();
        prop_assert_eq!(&series.columns[0], &rows.iter().map(|row| row.0).collect::<Vec<_>>());
        prop_assert_eq!(&series.columns[1], &rows.iter().map(|row| row.1).collect::<Vec<_>>());
    }

    /// A damaged Parquet file may give a message or other numbers, but no panic.
    #[test]
    fn damaged_parquet_does_not_panic(hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = parquet_file(::parquet::basic::Compression::SNAPPY);
        for (place, byte) in hits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = read(&[("a.parquet", &bytes)], "missing = \"zero\"\nduplicates = \"first\"");
    }

    /// Nothing a file can hold makes the reader panic, and what it returns is complete and finite.
    #[test]
    fn any_bytes_give_a_series_or_a_message(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[-0-9a,;\"#\n./: ]{0,200}") {
        for (name, content) in [("a.csv", bytes.as_slice()), ("a.csv", text.as_bytes()), ("a.jsonl", &bytes), ("a.parquet", &bytes)] {
            for toml in ["", "header = false\nmissing = \"interpolate\"\nduplicates = \"mean\"\ngaps = \"fill\"", "header = false\nresample = { every = \"1d\" }\nmissing = \"zero\""] {
                if let Ok((series, _)) = read(&[(name, content)], toml) {
                    prop_assert!(series.columns.iter().all(|c| c.len() == series.len() && c.iter().all(|v| v.is_finite())));
                    prop_assert!(series.times.is_none_or(|t| t.windows(2).all(|pair| pair[0] < pair[1])));
                }
            }
        }
    }
}

/// `pd.date_range("2022-01-03", periods=3, tz="Europe/Berlin")` as pandas writes it: instants, and the zone in its own metadata.
#[test]
fn instants_in_parquet_and_the_zone_that_pandas_wrote() {
    use ::parquet::data_type::{DoubleType, Int64Type};
    use ::parquet::file::metadata::KeyValue;
    use ::parquet::file::{properties::WriterProperties, writer::SerializedFileWriter};
    let file = |zone: Option<&str>| {
        let schema =
            "message m { required int64 day (TIMESTAMP(MICROS,true)); required double y; }";
        let schema =
            std::sync::Arc::new(::parquet::schema::parser::parse_message_type(schema).unwrap());
        let pandas = zone.map(|zone| {
            let text = format!(
                r#"{{"columns": [{{"name": "day", "field_name": "day", "metadata": {{"timezone": "{zone}"}}}},
                    {{"name": "y", "field_name": "y", "metadata": null}}]}}"#
            );
            vec![KeyValue::new("pandas".into(), text)]
        });
        let properties = WriterProperties::builder().set_key_value_metadata(pandas);
        let mut writer =
            SerializedFileWriter::new(Vec::new(), schema, std::sync::Arc::new(properties.build()))
                .unwrap();
        let mut rows = writer.next_row_group().unwrap();
        let first = 1_641_164_400_000_000i64; // 2022-01-02T23:00:00Z
        let mut column = rows.next_column().unwrap().unwrap();
        let days = [0, 1, 2].map(|day| first + day * 86_400_000_000);
        column
            .typed::<Int64Type>()
            .write_batch(&days, None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<DoubleType>()
            .write_batch(&[1.0, 2.0, 3.0], None, None)
            .unwrap();
        column.close().unwrap();
        rows.close().unwrap();
        writer.into_inner().unwrap()
    };
    let (series, _) = read(&[("z.parquet", &file(Some("Europe/Berlin")))], "").unwrap();
    assert_eq!(times(&series)[0], "2022-01-03T00:00:00");
    let (series, report) = read(&[("z.parquet", &file(None))], "").unwrap();
    assert_eq!(times(&series)[0], "2022-01-02T23:00:00");
    let said = report.to_string();
    assert!(
        said.contains("shown in UTC") && said.contains("data.zone"),
        "{said}"
    );
    let (series, _) = read(&[("z.parquet", &file(None))], "zone = \"Asia/Seoul\"").unwrap();
    assert_eq!(times(&series)[0], "2022-01-03T08:00:00");
}
