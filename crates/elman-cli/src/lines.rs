//! Texts of a user, one on each line of a file or of standard input.

use crate::failure::Failure;
use std::io::Read;
use std::path::Path;

/// A text and its line, from 1.
pub struct Line {
    /// The line.
    pub number: usize,
    /// The text, without white space around it.
    pub text: String,
}

/// The lines of a file, or of standard input for `-`; those that are blank are left out.
///
/// # Errors
/// If there is no such file, it is not UTF-8, or no line has a text.
pub fn read(path: &Path) -> Result<Vec<Line>, Failure> {
    let (name, bytes) = match path == Path::new("-") {
        true => {
            let mut bytes = Vec::new();
            let read = std::io::stdin().read_to_end(&mut bytes);
            ("standard input".to_string(), read.map(|_| bytes))
        }
        false => (format!("`{}`", path.display()), std::fs::read(path)),
    };
    let bytes = bytes.map_err(|error| Failure::input(format!("cannot read {name}: {error}")))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Failure::input(format!(
            "{name}, line {line}: it is not UTF-8; convert it first, for example with: iconv -f CP949 -t UTF-8"
        ))
    })?;
    let lines: Vec<Line> = (1..)
        .zip(text.lines())
        .map(|(number, text)| Line {
            number,
            text: text.trim().into(),
        })
        .filter(|line| !line.text.is_empty())
        .collect();
    match lines.is_empty() {
        true => Err(Failure::input(format!("{name} has no line with a text"))),
        false => Ok(lines),
    }
}
