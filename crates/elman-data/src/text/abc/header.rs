//! The header: from `X:` to `K:`.

use super::length::{Length, Metre};
use super::{Line, field, fields};

/// What the music needs of the header.
pub(super) struct Header {
    /// `None` for a tune without metre.
    pub metre: Option<Metre>,
    /// The length of a note without a number.
    pub unit: Length,
    /// The letters that stand for a decoration.
    pub decorations: String,
}

/// The decorations that need no definition (standard 2.1, section 4.14), less `.`, which bar lines and slurs may have too.
const DECORATIONS: &str = "~HLMOPSTuv";

/// Reads the header, and gives the lines after it.
pub(super) fn read<'a, 'b>(lines: &'b [Line<'a>]) -> Result<(Header, &'b [Line<'a>]), String> {
    let mut metre = None;
    let mut unit = None;
    let mut decorations = DECORATIONS.to_string();
    let mut letters = String::new();
    for (index, line) in lines.iter().enumerate() {
        let at = |message: String| format!("line {}: {message}", line.number);
        if line.text.starts_with('%') || (letters.is_empty() && line.text.trim().is_empty()) {
            continue;
        }
        let (letter, text) = field(line.text).ok_or_else(|| at(not_a_field(line.text)))?;
        match (letters.len(), letter) {
            (0, 'X') | (1, 'T') => {}
            (0, _) => {
                return Err(at(format!(
                    "a tune begins with its number, such as X:1, not with {letter}:"
                )));
            }
            (1, _) => return Err(at(format!("a title, T:, follows X:, not {letter}:"))),
            (_, 'X') => return Err(at("a second X: before the header's end, K:".into())),
            _ => {}
        }
        match letter {
            'X' => {
                let number = fields::number(text);
                number.ok_or_else(|| {
                    at(format!(
                        "`X:{text}` is no tune number; write for example X:1"
                    ))
                })?;
            }
            'T' if text.is_empty() => return Err(at("the title, T:, is empty".into())),
            'M' => metre = Some(fields::metre(text).map_err(at)?),
            'L' => unit = Some(fields::unit(text).map_err(at)?),
            'Q' => fields::tempo(text).map_err(at)?,
            'U' => decorations.push(fields::decoration(text).map_err(at)?),
            'V' => drop(fields::voice(text).map_err(at)?),
            'm' => {
                return Err(at(
                    "macros (m:) are not expanded; write the notes out".into()
                ));
            }
            's' | 'w' => {
                return Err(at(format!(
                    "{letter}: goes with notes, below the header's end, K:"
                )));
            }
            'K' => {
                fields::key(text).map_err(at)?;
                let metre = metre
                    .ok_or_else(|| at("the header ends here, at K:, without a metre, M:".into()))?;
                let unit = unit.unwrap_or_else(|| fields::default_unit(metre));
                return Ok((
                    Header {
                        metre,
                        unit,
                        decorations,
                    },
                    &lines[index + 1..],
                ));
            }
            _ => {}
        }
        letters.push(letter);
    }
    Err(match letters.chars().next() {
        None => "no tune: the text is empty".into(),
        Some(_) => "the header has no end: K: is missing".into(),
    })
}

fn not_a_field(line: &str) -> String {
    if line.trim().is_empty() {
        return "a blank line ends the tune before its key, K:".into();
    }
    let start: String = line.chars().take(40).collect();
    format!(
        "`{start}` is no header field; before the music stand lines such as T:title, the last of them K:"
    )
}
