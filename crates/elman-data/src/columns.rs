//! Columns of equal length for other programs, as CSV or Parquet.

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};
use std::borrow::Cow;
use std::sync::Arc;

/// A table, column by column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    columns: Vec<(&'static str, Column)>,
}

/// The values of a column, from the first row on.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Texts.
    Text(Vec<Arc<str>>),
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Numbers of 24 bits of precision.
    Single(Vec<f32>),
    /// Numbers of 53 bits of precision, where they are known.
    Double(Vec<Option<f64>>),
}

impl Column {
    fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Whole(values) => values.len(),
            Self::Single(values) => values.len(),
            Self::Double(values) => values.len(),
        }
    }

    /// A value as text; none where it is not known.
    fn cell(&self, row: usize) -> Cow<'_, str> {
        match self {
            Self::Text(values) => csv_cell(&values[row]),
            Self::Whole(values) => values[row].to_string().into(),
            Self::Single(values) => values[row].to_string().into(),
            Self::Double(values) => values[row]
                .map_or(String::new(), |value| value.to_string())
                .into(),
        }
    }

    fn schema(&self, name: &str) -> Result<Type, ParquetError> {
        let (physical, logical, repetition) = match self {
            Self::Text(_) => (
                Physical::BYTE_ARRAY,
                Some(LogicalType::String),
                Repetition::REQUIRED,
            ),
            Self::Whole(_) => (Physical::INT64, None, Repetition::REQUIRED),
            Self::Single(_) => (Physical::FLOAT, None, Repetition::REQUIRED),
            Self::Double(_) => (Physical::DOUBLE, None, Repetition::OPTIONAL),
        };
        Type::primitive_type_builder(name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()
    }

    fn write(&self, writer: &mut SerializedColumnWriter<'_>) -> Result<usize, ParquetError> {
        match self {
            Self::Text(values) => {
                let values: Vec<ByteArray> =
                    values.iter().map(|text| ByteArray::from(&**text)).collect();
                writer
                    .typed::<ByteArrayType>()
                    .write_batch(&values, None, None)
            }
            Self::Whole(values) => writer.typed::<Int64Type>().write_batch(values, None, None),
            Self::Single(values) => writer.typed::<FloatType>().write_batch(values, None, None),
            Self::Double(values) => {
                let known: Vec<i16> = values
                    .iter()
                    .map(|value| i16::from(value.is_some()))
                    .collect();
                let values: Vec<f64> = values.iter().copied().flatten().collect();
                writer
                    .typed::<DoubleType>()
                    .write_batch(&values, Some(&known), None)
            }
        }
    }
}

impl Columns {
    /// A table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more column.
    ///
    /// # Panics
    /// If it is not as long as the others.
    pub fn with(mut self, name: &'static str, column: Column) -> Self {
        if let Some((_, first)) = self.columns.first() {
            assert_eq!(column.len(), first.len(), "columns are of one length");
        }
        self.columns.push((name, column));
        self
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// Comma-separated lines, the first with the names (RFC 4180).
    pub fn to_csv(&self) -> String {
        let names = self.columns.iter().map(|(name, _)| csv_cell(name));
        let mut csv = names.collect::<Vec<_>>().join(",");
        csv.push('\n');
        for row in 0..self.rows() {
            for (place, (_, column)) in self.columns.iter().enumerate() {
                if place > 0 {
                    csv.push(',');
                }
                csv += &column.cell(row);
            }
            csv.push('\n');
        }
        csv
    }

    /// A Parquet file of one row group.
    pub fn to_parquet(&self) -> Vec<u8> {
        self.parquet().expect("memory takes what is written to it")
    }

    fn parquet(&self) -> Result<Vec<u8>, ParquetError> {
        let fields = self
            .columns
            .iter()
            .map(|(name, column)| Ok(Arc::new(column.schema(name)?)));
        let fields = fields.collect::<Result<Vec<TypePtr>, ParquetError>>()?;
        let schema = Type::group_type_builder("table")
            .with_fields(fields)
            .build()?;
        let properties =
            WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default()));
        let mut file =
            SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties.build()))?;
        let mut group = file.next_row_group()?;
        for (_, column) in &self.columns {
            let mut writer = group.next_column()?.expect("as many columns as fields");
            column.write(&mut writer)?;
            writer.close()?;
        }
        group.close()?;
        file.into_inner()
    }
}

/// A cell of a CSV file: in quotes where it holds a comma, a quote or a line's end (RFC 4180).
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")).into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;
    use std::io::Write;

    fn table() -> Columns {
        Columns::new()
            .with("word", Column::Text(vec!["a,b".into(), "기온".into()]))
            .with("step", Column::Whole(vec![1, -7]))
            .with("state", Column::Single(vec![0.1, -1e-9]))
            .with("share", Column::Double(vec![None, Some(0.25)]))
    }

    #[test]
    fn a_table_as_csv() {
        let text = "word,step,state,share\n\"a,b\",1,0.1,\n기온,-7,-0.000000001,0.25\n";
        assert_eq!(table().to_csv(), text);
        assert_eq!(
            Columns::new().with("x", Column::Whole(Vec::new())).to_csv(),
            "x\n"
        );
    }

    #[test]
    fn a_table_as_parquet() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&table().to_parquet()).unwrap();
        let file = SerializedFileReader::new(file).unwrap();
        let rows: Vec<_> = file
            .get_row_iter(None)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].get_string(0).unwrap(), "a,b");
        assert_eq!(rows[1].get_string(0).unwrap(), "기온");
        assert_eq!(
            (rows[0].get_long(1).unwrap(), rows[1].get_long(1).unwrap()),
            (1, -7)
        );
        assert_eq!(rows[0].get_float(2).unwrap(), 0.1);
        assert!(rows[0].get_double(3).is_err(), "it is not known");
        assert_eq!(rows[1].get_double(3).unwrap(), 0.25);
    }
}
