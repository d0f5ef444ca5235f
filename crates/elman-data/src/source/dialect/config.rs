//! The keys that say how a table is written, the same in every task.

use serde::{Deserialize, Serialize};

use crate::Error;

/// How a table is written, where it is said rather than found: the keys `delimiter`, `quote`, `decimal`, `thousands`,
/// `comment`, `header` and `sheet` of `[data]`. What is `None` is decided from the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DialectConfig {
    pub(crate) delimiter: Option<char>,
    pub(crate) quote: Option<String>,
    pub(crate) decimal: Option<char>,
    pub(crate) thousands: Option<String>,
    pub(crate) comment: Option<String>,
    pub(crate) header: Option<Header>,
    pub(crate) sheet: Option<String>,
}

/// Whether the first line of a table names the columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "true, false or a list of column names")]
pub enum Header {
    /// `true`: it does. `false`: it does not, and the columns are `c1`, `c2`, …
    Present(bool),
    /// It does not, and these are the names.
    Names(Vec<String>),
}

impl DialectConfig {
    /// Refuses what no file can be written with.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let refuse = |key: &str, message: String| {
            Err(Error::Config {
                key: format!("data.{key}"),
                message,
            })
        };
        if let Some(given) = self.delimiter
            && (!given.is_ascii() || matches!(given, '"' | '\n' | '\r'))
        {
            return refuse(
                "delimiter",
                format!(
                    "{given:?} cannot separate cells; use an ASCII character such as \",\" or \"\\t\""
                ),
            );
        }
        if let Some(given) = &self.quote
            && (given.len() > 1 || !given.is_ascii() || given == "\n")
        {
            return refuse(
                "quote",
                format!(
                    "{given:?} cannot quote cells; use one ASCII character such as '\"', or \"\" if quotes are letters"
                ),
            );
        }
        if let Some(given) = self.decimal
            && !matches!(given, '.' | ',')
        {
            return refuse(
                "decimal",
                format!("{given:?} is no decimal mark; use \".\" or \",\""),
            );
        }
        if let Some(given) = self.thousands.as_deref()
            && !matches!(given, "" | "." | "," | " " | "'")
        {
            return refuse(
                "thousands",
                format!(
                    "{given:?} does not group digits; use \",\", \".\", \" \", \"'\", or \"\" if nothing does"
                ),
            );
        }
        match (self.decimal, self.thousands.as_deref()) {
            (Some(decimal), Some(thousands)) if thousands == decimal.to_string() => refuse(
                "thousands",
                "it is the decimal mark too; set data.decimal to another one".into(),
            ),
            _ => Ok(()),
        }
    }
}
