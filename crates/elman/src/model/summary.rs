use super::shape::{self, Shape};
use crate::layer::RecurrentShape;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// The layers of a model with their output shapes and parameters; prints as the table Keras made familiar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What the first layer reads.
    pub input: Shape,
    /// One row a layer, first to last.
    pub rows: Vec<SummaryRow>,
}

/// One layer of a [`Summary`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SummaryRow {
    /// The layer's name in its model.
    pub name: String,
    /// The layer's type.
    pub layer: Cow<'static, str>,
    /// What it gives.
    pub output: Shape,
    /// Its parameters.
    pub parameters: usize,
    /// Its recurrence, if it has one.
    pub recurrence: Option<RecurrentShape>,
    /// Whether it belongs to the half of a model that writes, step by step, after another half has read.
    pub writes: bool,
}

impl SummaryRow {
    /// A layer of a model that reads, without a recurrence.
    pub fn new(
        name: impl Into<String>,
        layer: &'static str,
        output: Shape,
        parameters: usize,
    ) -> Self {
        Self {
            name: name.into(),
            layer: layer.into(),
            output,
            parameters,
            recurrence: None,
            writes: false,
        }
    }

    /// The same with a recurrence.
    pub fn with_recurrence(mut self, recurrence: impl Into<RecurrentShape>) -> Self {
        self.recurrence = Some(recurrence.into());
        self
    }
}

impl Summary {
    /// Parameters of the whole model.
    pub fn parameters(&self) -> usize {
        let rows = self.rows.iter().map(|row| row.parameters);
        rows.fold(0, usize::saturating_add)
    }

    /// Whether the model has more parameters than fit into memory: what is wrong then, and what to do.
    pub fn problem(&self) -> Option<String> {
        let checked = shape::check_parameters(self.parameters());
        checked.err().map(|error| error.to_string())
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = [
            "Layer (type)".to_string(),
            "Output shape".into(),
            "Parameters".into(),
        ];
        let body = self.rows.iter().map(|row| {
            [
                format!("{} ({})", row.name, row.layer),
                row.output.to_string(),
                thousands(row.parameters),
            ]
        });
        let rows: Vec<_> = std::iter::once(head).chain(body).collect();
        let [a, b, c] =
            [0, 1, 2].map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0));
        for (index, [name, shape, parameters]) in rows.iter().enumerate() {
            writeln!(f, "{name:a$}  {shape:b$}  {parameters:>c$}")?;
            if index == 0 {
                writeln!(f, "{}", "─".repeat(a + b + c + 4))?;
            }
        }
        writeln!(f, "{}", "─".repeat(a + b + c + 4))?;
        write!(
            f,
            "{:w$}  {:>c$}",
            "Total",
            thousands(self.parameters()),
            w = a + b + 2
        )
    }
}

/// `322080` as `322,080`.
fn thousands(value: usize) -> String {
    let digits = value.to_string();
    let groups: Vec<_> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| String::from_utf8_lossy(group))
        .collect();
    groups.join(",")
}
