//! Apache Parquet files with flat columns.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, tz};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use serde::Deserialize;
use serde_json::Value;

use super::open;
use super::places::Place;
use super::table::{Cells, Table};
use super::texts::Texts;
use crate::Error;
use crate::caught::caught;

pub(super) fn read(path: &Path) -> Result<Table, Error> {
    // The reader asserts what damaged files break here and there; a file must never end the program.
    caught(|| decode(path)).unwrap_or_else(|| {
        Err(Error::Parquet {
            path: path.into(),
            message: "its structure is damaged".into(),
        })
    })
}

fn decode(path: &Path) -> Result<Table, Error> {
    let file = file(path)?;
    let failed = |error: ParquetError| Error::Parquet {
        path: path.into(),
        message: error.to_string(),
    };
    let reader = SerializedFileReader::new(file).map_err(failed)?;
    check_chunks(reader.metadata()).map_err(failed)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let header = schema
        .columns()
        .iter()
        .map(|column| column.path().string())
        .collect();
    let mut table = Table::new(path, true, header, 1)?;
    let zones = zones(reader.metadata());
    for (i, descriptor) in schema.columns().iter().enumerate() {
        if is_instant(descriptor) {
            let name = table.names[i].clone();
            let zone = zones.get(&name).cloned();
            table.zones.insert(name, zone);
        }
    }
    for (i, descriptor) in schema.columns().iter().enumerate() {
        let mut column = Column::new(descriptor);
        for group in 0..reader.num_row_groups() {
            let part = reader
                .get_row_group(group)
                .and_then(|group| group.get_column_reader(i))
                .map_err(failed)?;
            column.extend(part).map_err(failed)?;
        }
        table.columns.push(column.cells);
    }
    let rows = table
        .columns
        .iter()
        .filter_map(Cells::len)
        .max()
        .unwrap_or(0);
    if rows == 0 {
        return Err(Error::Empty {
            path: path.into(),
            what: "has no rows",
        });
    }
    if table
        .columns
        .iter()
        .filter_map(Cells::len)
        .any(|length| length != rows)
    {
        return Err(failed(ParquetError::General(
            "its columns differ in length".into(),
        )));
    }
    table.places = (1..=rows as u64)
        .map(|line| Place { file: 0, line })
        .collect();
    Ok(table)
}

/// The file itself; of standard input and of a packed file, a temporary one with its bytes.
fn file(path: &Path) -> Result<File, Error> {
    let failed = |source| Error::Io {
        action: "read",
        path: path.into(),
        source,
    };
    if !open::is_stdin(path) {
        let mut mark = [0; 4];
        let mut file = File::open(path).map_err(failed)?;
        let is_plain = file.read(&mut mark).map_err(failed)? < 4 || mark == *b"PAR1";
        if is_plain {
            file.rewind().map_err(failed)?;
            return Ok(file);
        }
    }
    let bytes = open::open(path)?.bytes;
    let mut file = tempfile::tempfile().map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    file.rewind().map_err(failed)?;
    Ok(file)
}

/// The reader panics on negative places and sizes, so they are looked for first.
fn check_chunks(metadata: &ParquetMetaData) -> Result<(), ParquetError> {
    let mut chunks = metadata
        .row_groups()
        .iter()
        .flat_map(|group| group.columns());
    let damaged = chunks.any(|chunk| {
        let start = chunk
            .dictionary_page_offset()
            .unwrap_or(chunk.data_page_offset());
        start < 0 || chunk.compressed_size() < 0 || chunk.num_values() < 0
    });
    if damaged {
        Err(ParquetError::General("its directory is damaged".into()))
    } else {
        Ok(())
    }
}

/// Whether a column holds instants, rather than clock times of a place.
fn is_instant(descriptor: &ColumnDescriptor) -> bool {
    match descriptor.logical_type_ref() {
        Some(LogicalType::Timestamp(kind)) => kind.is_adjusted_to_u_t_c,
        _ => false,
    }
}

/// The zones of columns of instants, where pandas wrote them: Parquet itself has none.
fn zones(metadata: &ParquetMetaData) -> HashMap<String, TimeZone> {
    #[derive(Deserialize)]
    struct Pandas {
        columns: Vec<Described>,
    }
    #[derive(Deserialize)]
    struct Described {
        field_name: Option<String>,
        metadata: Option<Value>,
    }
    let pairs = metadata.file_metadata().key_value_metadata();
    let pandas = pairs
        .into_iter()
        .flatten()
        .find(|pair| pair.key == "pandas");
    let text = pandas
        .and_then(|pair| pair.value.as_deref())
        .unwrap_or("null");
    let Ok(Pandas { columns }) = serde_json::from_str(text) else {
        return HashMap::new();
    };
    let zone = |column: Described| {
        let metadata = column.metadata?;
        let name = metadata.get("timezone")?.as_str()?;
        Some((column.field_name?, TimeZone::get(name).ok()?))
    };
    columns.into_iter().filter_map(zone).collect()
}

/// What the stored values of a column stand for.
enum Meaning {
    /// Themselves, divided by a power of ten (1 unless the column is a decimal).
    Number(f64),
    Unsigned,
    /// Days since 1970.
    Date,
    /// So many ticks per second since 1970.
    Timestamp(i64),
    Text,
    HalfFloat,
}

struct Column {
    meaning: Option<Meaning>,
    present: i16,
    cells: Cells,
}

impl Column {
    fn new(descriptor: &ColumnDescriptor) -> Self {
        let meaning = meaning(descriptor)
            .filter(|_| descriptor.path().parts().len() == 1 && descriptor.max_rep_level() == 0);
        let cells = match meaning {
            Some(Meaning::Date | Meaning::Timestamp(_)) => Cells::Times(Vec::new()),
            Some(Meaning::Text) => Cells::Text(Texts::default()),
            Some(_) => Cells::Numbers(Vec::new()),
            None => Cells::Other(match descriptor.logical_type_ref() {
                Some(logical) => format!("{logical:?}"),
                None if descriptor.max_rep_level() > 0 || descriptor.path().parts().len() > 1 => {
                    "nested".into()
                }
                None => descriptor.physical_type().to_string(),
            }),
        };
        Self {
            meaning,
            present: descriptor.max_def_level(),
            cells,
        }
    }

    fn extend(&mut self, reader: ColumnReader) -> Result<(), ParquetError> {
        let Some(meaning) = &self.meaning else {
            return Ok(());
        };
        let present = self.present;
        match (&mut self.cells, reader) {
            (Cells::Numbers(out), reader) => {
                let decimal = |bytes: &[u8], scale: f64| big_endian(bytes) / scale;
                match (reader, meaning) {
                    (ColumnReader::BoolColumnReader(r), _) => {
                        numbers(out, r, present, |&yes| f64::from(u8::from(yes)))
                    }
                    (ColumnReader::Int32ColumnReader(r), Meaning::Unsigned) => {
                        numbers(out, r, present, |&v| f64::from(v as u32))
                    }
                    (ColumnReader::Int32ColumnReader(r), Meaning::Number(scale)) => {
                        numbers(out, r, present, |&v| f64::from(v) / scale)
                    }
                    (ColumnReader::Int64ColumnReader(r), Meaning::Unsigned) => {
                        numbers(out, r, present, |&v| v as u64 as f64)
                    }
                    (ColumnReader::Int64ColumnReader(r), Meaning::Number(scale)) => {
                        numbers(out, r, present, |&v| v as f64 / scale)
                    }
                    (ColumnReader::FloatColumnReader(r), _) => {
                        numbers(out, r, present, |&v| f64::from(v))
                    }
                    (ColumnReader::DoubleColumnReader(r), _) => numbers(out, r, present, |&v| v),
                    (ColumnReader::ByteArrayColumnReader(r), Meaning::Number(scale)) => {
                        numbers(out, r, present, |v| decimal(v.data(), *scale))
                    }
                    (ColumnReader::FixedLenByteArrayColumnReader(r), Meaning::Number(scale)) => {
                        numbers(out, r, present, |v| decimal(v.data(), *scale))
                    }
                    (ColumnReader::FixedLenByteArrayColumnReader(r), _) => {
                        numbers(out, r, present, |v| half_float(v.data()))
                    }
                    _ => Err(unfit()),
                }
            }
            (Cells::Times(out), ColumnReader::Int32ColumnReader(r)) => {
                out.extend(
                    values(r, present)?
                        .iter()
                        .map(|days| days.as_ref().and_then(|&days| day(days))),
                );
                Ok(())
            }
            (Cells::Times(out), ColumnReader::Int64ColumnReader(r)) => {
                let Meaning::Timestamp(ticks) = meaning else {
                    return Err(unfit());
                };
                out.extend(
                    values(r, present)?
                        .iter()
                        .map(|t| t.as_ref().and_then(|&t| moment(t, *ticks))),
                );
                Ok(())
            }
            (Cells::Times(out), ColumnReader::Int96ColumnReader(r)) => {
                out.extend(
                    values(r, present)?
                        .iter()
                        .map(|t| t.as_ref().and_then(|t| moment(t.to_nanos(), 1_000_000_000))),
                );
                Ok(())
            }
            (Cells::Text(out), ColumnReader::ByteArrayColumnReader(r)) => {
                for value in values(r, present)? {
                    let bytes = value.as_ref().map_or(&[][..], |value| value.data());
                    out.push(
                        std::str::from_utf8(bytes)
                            .map_err(|_| ParquetError::General("a text is not UTF-8".into()))?,
                    );
                }
                Ok(())
            }
            _ => Err(unfit()),
        }
    }
}

fn unfit() -> ParquetError {
    ParquetError::General("a column's stored type does not fit its schema".into())
}

fn meaning(descriptor: &ColumnDescriptor) -> Option<Meaning> {
    use parquet::basic::Type as Physical;
    let ten = |scale: i32| 10f64.powi(scale);
    let ticks = |unit: &TimeUnit| match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    };
    match descriptor.logical_type_ref() {
        Some(LogicalType::Date) => return Some(Meaning::Date),
        Some(LogicalType::Timestamp(kind)) => return Some(Meaning::Timestamp(ticks(&kind.unit))),
        Some(LogicalType::Decimal(kind)) => return Some(Meaning::Number(ten(kind.scale))),
        Some(LogicalType::Integer(kind)) if !kind.is_signed => return Some(Meaning::Unsigned),
        Some(LogicalType::Integer(_)) => return Some(Meaning::Number(1.0)),
        Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) => {
            return Some(Meaning::Text);
        }
        Some(LogicalType::Float16) => return Some(Meaning::HalfFloat),
        Some(LogicalType::Unknown) | None => {}
        Some(_) => return None,
    }
    match (descriptor.converted_type(), descriptor.physical_type()) {
        (ConvertedType::DATE, _) => Some(Meaning::Date),
        (ConvertedType::TIMESTAMP_MILLIS, _) => Some(Meaning::Timestamp(1_000)),
        (ConvertedType::TIMESTAMP_MICROS, _) => Some(Meaning::Timestamp(1_000_000)),
        (ConvertedType::DECIMAL, _) => Some(Meaning::Number(ten(descriptor.type_scale()))),
        (
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64,
            _,
        ) => Some(Meaning::Unsigned),
        (ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON, _) => Some(Meaning::Text),
        (
            ConvertedType::TIME_MILLIS
            | ConvertedType::TIME_MICROS
            | ConvertedType::INTERVAL
            | ConvertedType::BSON,
            _,
        ) => None,
        // INT96 is a timestamp, and nothing else, by the habit of early Spark and Impala.
        (_, Physical::INT96) => Some(Meaning::Timestamp(1_000_000_000)),
        (_, Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY) => None,
        _ => Some(Meaning::Number(1.0)),
    }
}

fn numbers<T: DataType>(
    out: &mut Vec<f64>,
    reader: ColumnReaderImpl<T>,
    present: i16,
    number: impl Fn(&T::T) -> f64,
) -> Result<(), ParquetError> {
    out.extend(
        values(reader, present)?
            .iter()
            .map(|value| value.as_ref().map_or(f64::NAN, &number)),
    );
    Ok(())
}

/// All values of one column in one row group; `None` where the value is null.
fn values<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    present: i16,
) -> Result<Vec<Option<T::T>>, ParquetError> {
    let mut all = Vec::new();
    loop {
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let (records, read, _) = reader.read_records(8192, Some(&mut levels), None, &mut values)?;
        if records == 0 && read == 0 {
            return Ok(all);
        }
        let mut values = values.into_iter();
        if present == 0 {
            all.extend(values.map(Some));
        } else {
            for level in levels {
                all.push(if level == present {
                    Some(values.next().ok_or_else(unfit)?)
                } else {
                    None
                });
            }
        }
    }
}

fn day(days: i32) -> Option<DateTime> {
    let epoch = Date::constant(1970, 1, 1).to_datetime(jiff::civil::Time::midnight());
    epoch
        .checked_add(SignedDuration::from_secs(i64::from(days) * 86_400))
        .ok()
}

fn moment(ticks: i64, per_second: i64) -> Option<DateTime> {
    let nanoseconds = i128::from(ticks) * i128::from(1_000_000_000 / per_second);
    Timestamp::from_nanosecond(nanoseconds)
        .ok()
        .map(|timestamp| tz::Offset::UTC.to_datetime(timestamp))
}

/// A two's-complement integer of any length, most significant byte first.
fn big_endian(bytes: &[u8]) -> f64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let magnitude = bytes.iter().fold(0.0, |sum, &byte| {
        sum * 256.0 + f64::from(if negative { !byte } else { byte })
    });
    if negative {
        -magnitude - 1.0
    } else {
        magnitude
    }
}

/// IEEE 754 binary16, little-endian.
fn half_float(bytes: &[u8]) -> f64 {
    let &[low, high] = bytes else { return f64::NAN };
    let bits = u16::from_le_bytes([low, high]);
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}
