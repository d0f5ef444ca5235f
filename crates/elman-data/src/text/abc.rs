//! Whether a text is a whole tune in ABC notation: a complete header, a body that parses, and bars of equal length.
//!
//! The grammar is that of the [ABC music standard 2.1](https://abcnotation.com/wiki/abc:standard:v2.1) (2011), counted
//! in exact fractions of a whole note.
//!
//! # What a tune must have
//!
//! - **Header**: `X:` with a number first, a title `T:` right after it, the metre `M:`, and the key `K:` last. Without
//!   `L:` the unit is the standard's: 1/16 where the metre is below 3/4, else 1/8. `M:`, `L:`, `Q:`, `K:`, `U:` and `V:`
//!   must be well formed. Letters without a meaning in the standard (such as Nottingham's `Y:`) are passed over, as it asks.
//! - **Body**: notes, rests, chords, grace notes, tuplets, broken rhythm, ties, slurs, decorations, chord symbols, fields
//!   in and between lines, comments, continued lines, voices (`V:`), overlays (`&`), bar lines, repeats and endings. A
//!   blank line ends a tune, so nothing may follow one. Macros (`m:`) are not expanded and are refused.
//! - **Equal bars**: every bar lasts what `M:` asks for. None may be longer.
//!
//! # Which bars may be short
//!
//! - The first bar (a pickup) and the last one.
//! - A bar beside a *cut*: a repeat sign, a double bar line, an ending or the start of a part. The two sides of a cut are
//!   two pieces of one bar, so a short bar must make up a whole one with what is played next to it: the bar across the cut;
//!   the other end of its section (the last bar of a repeat leads back to the pickup of that repeat); for an ending, the
//!   bar before the first ending; and for the end of a section the pickup of the tune, since a dance tune is played
//!   round again from the top. A short bar that nothing completes is a problem.
//! - Any bar of a tune without metre (`M:none`).
//!
//! # Where this is milder than the standard
//!
//! Three habits of printed collections do not change what is played: a space before a tie (`d3 -d2`) or
//! inside a chord (`[c2 e2]`), a line of music that begins with a note and a repeat sign (`A:|`, where the standard would see
//! an area field), and several bar lines in a row (`|| |:`), which are one.

mod bars;
mod body;
mod cursor;
mod fields;
mod header;
mod length;
#[cfg(test)]
mod tests;
mod voice;

/// What is wrong with `tune` as a tune in ABC notation, or `None` if it is one, whole and with equal bars.
///
/// The message names the line, and in the music the bar, counted from 1 in the order of the text: the pickup is bar 1, and
/// each ending has bars of its own. With several voices it names the voice too.
///
/// ```
/// use elman_data::text::abc::problem;
///
/// let tune = "X:1\nT:Two bars\nM:6/8\nL:1/8\nK:D\nd2e fga|";
/// assert_eq!(problem(&format!("{tune}b3 a3|]")), None);
/// assert_eq!(problem(&format!("{tune}b3 a2|d6|]")).unwrap(), "bar 2 lasts 5/8, not 6/8 (line 6)");
/// ```
pub fn problem(tune: &str) -> Option<String> {
    check(tune).err()
}

fn check(tune: &str) -> Result<(), String> {
    let lines = lines(tune);
    let (header, body) = header::read(&lines)?;
    let voices = body::read(&header, body)?;
    voices.iter().try_for_each(bars::check)
}

/// A line and its number, from 1.
struct Line<'a> {
    number: usize,
    text: &'a str,
}

/// The lines from the first to the last that is not blank, less the blocks of typeset text (`%%begintext` … `%%endtext`).
fn lines(tune: &str) -> Vec<Line<'_>> {
    let tune = tune.strip_prefix('\u{feff}').unwrap_or(tune).trim_end();
    let mut block: Option<&str> = None;
    let mut lines = Vec::new();
    for (index, text) in tune.lines().enumerate() {
        if let Some(name) = block {
            if text
                .strip_prefix("%%end")
                .is_some_and(|end| end.trim() == name)
            {
                block = None;
            }
        } else if let Some(name) = text.strip_prefix("%%begin") {
            block = name.split_whitespace().next();
        } else if !(lines.is_empty() && text.trim().is_empty()) {
            lines.push(Line {
                number: index + 1,
                text,
            });
        }
    }
    lines
}

/// A field on a line of its own: its letter (or `+`, which continues the last one) and its text.
fn field(line: &str) -> Option<(char, &str)> {
    let mut chars = line.chars();
    let letter = chars
        .next()
        .filter(|c| c.is_ascii_alphabetic() || *c == '+')?;
    let text = chars.as_str().strip_prefix(':')?;
    // `A:|` and `d::` are a note and a repeat sign.
    let music = matches!(letter, 'A'..='G' | 'a'..='g' | 'x' | 'z') && text.starts_with(['|', ':']);
    (!music).then(|| (letter, uncommented(text).trim()))
}

/// A field's text without its comment; `\%` is a percent sign.
fn uncommented(text: &str) -> &str {
    let comment = text
        .match_indices('%')
        .find(|(at, _)| !text[..*at].ends_with('\\'));
    comment.map_or(text, |(at, _)| &text[..at])
}
