//! Series and their times: CSV in many dialects, Parquet, lines of JSON.

use super::{Readers, config, each, place, said};
use crate::reader::{Case, Reader};
use elman_data::{Column, Columns, SourceConfig, read_series};
use std::fmt::Write;
use std::io::{self, Cursor, Write as _};
use std::path::Path;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub(super) const READERS: Readers = &[
    ("series-csv", |_| Ok(csv())),
    ("times", |_| Ok(times())),
    ("series-parquet", |_| Ok(parquet())),
    ("series-jsonl", |_| Ok(jsonl())),
    ("series-json", |_| Ok(json())),
    ("series-packed", |_| packed()),
    ("series-xlsx", |_| xlsx()),
];

/// What the keys beside `files` are for most files.
const TARGET: &str = r#"{"targets": ["value"]}"#;

fn read(config: &SourceConfig, path: &Path) -> Result<(), String> {
    let (base, name) = place(path);
    let config = SourceConfig {
        files: vec![name],
        ..config.clone()
    };
    let (series, report) = read_series(&config, base).map_err(said)?;
    // What becomes of it: nothing here may panic either.
    let _ = (
        report.to_string(),
        series.next_times(3),
        series.labels(0..series.len().min(4)),
    );
    Ok(())
}

fn reader(name: &'static str, cases: Vec<(Case, &str)>) -> Reader {
    let cases = cases
        .into_iter()
        .map(|(case, keys)| (case, config(keys)))
        .collect();
    each(name, cases, read)
}

/// A table of `rows` rows, the cells of each said by `line`.
pub(super) fn table(header: &str, rows: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    if !header.is_empty() {
        text += header;
        text.push('\n');
    }
    for row in 0..rows {
        let _ = writeln!(text, "{}", line(row));
    }
    text
}

/// Some value of a row.
pub(super) fn value(row: usize) -> f64 {
    ((row * 37 % 101) as f64 - 31.0) / 8.0
}

fn iso(rows: usize) -> String {
    table("date,value,other", rows, |row| {
        format!(
            "2021-{:02}-{:02},{},{}",
            row / 28 + 1,
            row % 28 + 1,
            value(row),
            row
        )
    })
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

fn csv() -> Reader {
    let german = table("Datum;value;Ort", 40, |row| {
        format!(
            "{:02}.{:02}.2020;{};\"Köln; Süd\"",
            row % 28 + 1,
            row / 28 + 1,
            format!("{:.3}", value(row)).replace('.', ",")
        )
    });
    let commented = iso(20).replace("2021-01-05,2,", "2021-01-05,NA,");
    let commented = format!("# a note\n# another\n{commented}");
    // 날짜,value,값 in CP949.
    let mut korean = b"\xb3\xaf\xc2\xa5,value,\xb0\xaa\n".to_vec();
    korean.extend(
        table("", 28, |row| {
            format!("2019-01-{:02},{},{}", row % 28 + 1, value(row), row)
        })
        .bytes(),
    );
    let quoted = table("\"time\",\"value\",\"a, b\"", 30, |row| {
        format!(
            "\"2020-01-{:02} {:02}:00:00\",\"{}\",\"{row}\"",
            row / 24 + 1,
            row % 24,
            value(row)
        )
    });
    let cases = vec![
        (Case::text("iso.csv", iso(50)), TARGET),
        (Case::text("german.csv", german), TARGET),
        (Case::text("tabs.tsv", iso(30).replace(',', "\t")), TARGET),
        (Case::text("utf16.csv", utf16(&iso(20))), TARGET),
        (
            Case::text("commented.csv", commented),
            r#"{"targets": ["value"], "missing": "interpolate", "duplicates": "mean"}"#,
        ),
        (Case::text("korean.csv", korean), TARGET),
        (
            Case::text("quoted.csv", quoted),
            r#"{"targets": ["value"], "resample": {"every": "3h"}, "gaps": "fill", "missing": "zero"}"#,
        ),
        (
            Case::text(
                "no-header.csv",
                table("", 40, |row| format!("{row};{}", value(row))),
            ),
            r#"{"header": false, "time": "none"}"#,
        ),
        (
            Case::text(
                "two-columns.csv",
                table("day|clock|value", 48, |row| {
                    format!(
                        "2020/03/{:02}|{:02}:30|{}",
                        row / 24 + 28,
                        row % 24,
                        value(row)
                    )
                }),
            ),
            r#"{"time": ["day", "clock"], "targets": ["value"], "gaps": "error", "calendar": ["hour", "weekday", "month", "day_of_year"]}"#,
        ),
        (
            Case::text(
                "named.csv",
                table("# x", 30, |row| format!("{},{}", row % 7, value(row))),
            ),
            r#"{"header": ["kind", "value"], "missing": "drop", "time": "none"}"#,
        ),
    ];
    reader("series-csv", cases)
}

/// One case for each way of writing a time.
fn times() -> Reader {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let months = |row: usize| (2010 + row / 12, row % 12 + 1, MONTHS[row % 12]);
    let day = |row: usize| (row / 28 % 12 + 1, row % 28 + 1);
    type Form<'a> = (&'a str, Box<dyn Fn(usize) -> String>);
    let forms: Vec<Form> = vec![
        (
            "us",
            Box::new(move |row| format!("{:02}/{:02}/2021", day(row).0, day(row).1)),
        ),
        (
            "german",
            Box::new(move |row| {
                format!("{:02}.{:02}.2021 {:02}:00", row / 24 % 28 + 1, 3, row % 24)
            }),
        ),
        (
            "korean",
            Box::new(move |row| format!("2021년 {}월 {}일", day(row).0, day(row).1)),
        ),
        (
            "month-name",
            Box::new(move |row| format!("{}-{:02}", months(row).2, months(row).0 % 100)),
        ),
        (
            "long-name",
            Box::new(move |row| format!("{} {}, 2021", MONTHS[day(row).0 - 1], day(row).1)),
        ),
        (
            "quarter",
            Box::new(|row| format!("{}-Q{}", 2000 + row / 4, row % 4 + 1)),
        ),
        ("week", Box::new(|row| format!("2019-W{:02}", row % 52 + 1))),
        ("year", Box::new(|row| (1950 + row).to_string())),
        (
            "epoch",
            Box::new(|row| (1_600_000_000 + 3600 * row).to_string()),
        ),
        (
            "epoch-ms",
            Box::new(|row| (1_600_000_000_000u64 + 86_400_000 * row as u64).to_string()),
        ),
        (
            "compact",
            Box::new(move |row| format!("202101{:02}T{:02}0000Z", row / 24 + 1, row % 24)),
        ),
        (
            "digits",
            Box::new(move |row| format!("2021{:02}{:02}", day(row).0, day(row).1)),
        ),
        (
            "offset",
            Box::new(move |row| {
                format!(
                    "2021-{:02}-{:02}T12:00:00+0{}:00",
                    day(row).0,
                    day(row).1,
                    1 + row / 20
                )
            }),
        ),
        (
            "zulu",
            Box::new(move |row| format!("2021-03-01T{:02}:{:02}:00.250Z", row / 60, row % 60)),
        ),
        ("serial", Box::new(|row| (44_197 + row).to_string())),
        (
            "decimal",
            Box::new(|row| format!("{:.4}", 1990.0 + row as f64 / 12.0)),
        ),
        (
            "two-digit",
            Box::new(move |row| format!("{:02}/{:02}/{:02}", day(row).1, day(row).0, 21)),
        ),
    ];
    // Forms that may be refused without a key.
    let unsure = [
        "quarter",
        "week",
        "compact",
        "serial",
        "decimal",
        "two-digit",
        "us",
    ];
    let cases = forms.into_iter().map(|(name, form)| {
        let text = table("when,value", 45, |row| {
            format!("\"{}\",{}", form(row), value(row))
        });
        let case = Case::text(format!("{name}.csv"), text);
        let case = if unsure.contains(&name) {
            case.refused()
        } else {
            case
        };
        (case, r#"{"time": "when", "targets": ["value"]}"#)
    });
    reader("times", cases.collect())
}

fn parquet() -> Reader {
    let doubles = |rows: usize| {
        Column::Double(
            (0..rows)
                .map(|row| (row % 9 != 4).then(|| value(row)))
                .collect(),
        )
    };
    let plain = Columns::new().with("value", doubles(50)).with(
        "single",
        Column::Single((0..50).map(|row| row as f32).collect()),
    );
    let long = Columns::new().with("value", doubles(2_000));
    let keys = r#"{"targets": ["value"], "time": "none", "missing": "interpolate"}"#;
    let cases = vec![
        (
            Case::binary("plain.parquet", plain.to_parquet()).whole(),
            keys,
        ),
        (
            Case::binary("long.parquet", long.to_parquet()).whole(),
            keys,
        ),
    ];
    reader("series-parquet", cases).holding(64 << 20, 256)
}

fn jsonl() -> Reader {
    let lines = table("", 28, |row| {
        format!(
            r#"{{"time": "2020-01-{:02}T00:00:00", "value": {}, "note": "a \u0041 {row}", "none": null}}"#,
            row + 1,
            value(row)
        )
    });
    let cases = vec![
        (
            Case::text("lines.jsonl", lines.clone()),
            r#"{"targets": ["value"], "duplicates": "first"}"#,
        ),
        (
            Case::text(
                "lines.ndjson",
                lines
                    .replace("\"value\": ", "\"value\": \"")
                    .replace(", \"note", "\", \"note"),
            ),
            r#"{"targets": ["value"], "duplicates": "last"}"#,
        ),
    ];
    reader("series-jsonl", cases)
}

/// Lists of objects, and the columns of a table as pandas writes them.
fn json() -> Reader {
    let rows: Vec<String> = (0..28)
        .map(|row| {
            format!(
                r#"{{"time": "2020-01-{:02}", "value": {}, "note": "a"}}"#,
                row + 1,
                value(row)
            )
        })
        .collect();
    let column = |cell: &dyn Fn(usize) -> String| {
        let cells: Vec<String> = (0..28)
            .map(|row| format!("\"{row}\": {}", cell(row)))
            .collect();
        format!("{{{}}}", cells.join(", "))
    };
    let times = column(&|row| format!("\"2020-01-{:02}\"", row + 1));
    let columns = format!(
        r#"{{"time": {times}, "value": {}}}"#,
        column(&|row| value(row).to_string())
    );
    let cases = vec![
        (
            Case::text("rows.json", format!("[{}]\n", rows.join(",\n"))).whole_but(2),
            TARGET,
        ),
        (Case::text("columns.json", columns).whole(), TARGET),
    ];
    reader("series-json", cases)
}

fn packed() -> io::Result<Reader> {
    let text = iso(50);
    let gz = super::signals::gz(text.as_bytes());
    // At the end stand the checksum and the length of what was compressed.
    let length = gz.len();
    let gz = Case::binary("iso.csv.gz", gz)
        .whole()
        .sealed(length - 8..length);
    let zst = Case::binary("iso.csv.zst", zstd::encode_all(text.as_bytes(), 3)?).whole();
    // Compression packs a thousand zeros into a byte or two.
    Ok(reader("series-packed", vec![(gz, TARGET), (zst, TARGET)]).holding(32 << 20, 8192))
}

/// A workbook of one sheet: texts in the cells, numbers, and days as numbers.
fn xlsx() -> io::Result<Reader> {
    const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
    const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    const SHEETS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let text = |cell: &str, text: &str| {
        format!(r#"<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>"#)
    };
    let mut rows = format!(
        "<row r=\"1\">{}{}</row>",
        text("A1", "date"),
        text("B1", "value")
    );
    for row in 0..28 {
        let line = row + 2;
        let date = text(&format!("A{line}"), &format!("2020-01-{:02}", row + 1));
        rows += &format!(
            "<row r=\"{line}\">{date}<c r=\"B{line}\"><v>{}</v></c></row>",
            value(row)
        );
    }
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:B29"/><sheetData>{rows}</sheetData></worksheet>"#
    );
    let parts = [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELATIONS),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", SHEETS),
        ("xl/worksheets/sheet1.xml", &sheet),
    ];
    let book = |options: SimpleFileOptions| -> io::Result<Vec<u8>> {
        let mut file = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, part) in parts {
            file.start_file(name, options)?;
            file.write_all(part.as_bytes())?;
        }
        Ok(file.finish()?.into_inner())
    };
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let cases = vec![
        (
            Case::binary("packed.xlsx", book(SimpleFileOptions::default())?).whole(),
            TARGET,
        ),
        // What is not compressed can be mutated itself.
        (Case::binary("stored.xlsx", book(stored)?).whole(), TARGET),
    ];
    Ok(reader("series-xlsx", cases).holding(64 << 20, 8192))
}
