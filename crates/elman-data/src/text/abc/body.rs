//! The body: lines of music and the fields between them.

use super::cursor::Cursor;
use super::header::Header;
use super::length::Length;
use super::voice::Voice;
use super::{Line, field, fields};

/// Reads the lines after the header into voices, each with its bars.
pub(super) fn read(header: &Header, lines: &[Line]) -> Result<Vec<Voice>, String> {
    let mut body = Body {
        header,
        decorations: header.decorations.clone(),
        voices: vec![Voice::new("", header)],
        current: 0,
    };
    for line in lines {
        let at = |message: String| format!("line {}: {message}", line.number);
        if line.text.trim().is_empty() {
            return Err(at("a blank line ends the tune, but more follows".into()));
        }
        if line.text.starts_with('%') {
            continue;
        }
        match field(line.text) {
            Some((letter, text)) => body.field(letter, text, false).map_err(at)?,
            None => {
                let mut cursor = Cursor::new(line.text, line.number);
                let mut column = 1;
                body.music(&mut cursor, &mut column)
                    .map_err(|message| body.place(line.number, column, &message))?;
            }
        }
    }
    let last = lines.last().map_or(0, |line| line.number);
    for index in 0..body.voices.len() {
        body.current = index;
        body.voice()
            .end()
            .map_err(|message| body.place(last, 0, &message))?;
    }
    body.voices.retain(|voice| !voice.bars.is_empty());
    match body.voices.is_empty() {
        true => Err("no music follows the header".into()),
        false => Ok(body.voices),
    }
}

struct Body<'a> {
    header: &'a Header,
    decorations: String,
    voices: Vec<Voice>,
    current: usize,
}

impl Body<'_> {
    fn voice(&mut self) -> &mut Voice {
        &mut self.voices[self.current]
    }

    /// `message` with its place; column 0 is the end of the tune.
    fn place(&self, line: usize, column: usize, message: &str) -> String {
        let bar = self.voices[self.current].number();
        match column {
            0 => format!("line {line}: {message}"),
            _ => format!("bar {bar} (line {line}, column {column}): {message}"),
        }
    }

    /// A field between lines, or `inline` in brackets.
    fn field(&mut self, letter: char, text: &str, inline: bool) -> Result<(), String> {
        match letter {
            'M' => {
                let metre = fields::metre(text)?;
                if self.voice().in_bar() {
                    return Err("the metre, M:, changes inside a bar".into());
                }
                self.voice().metre = metre;
            }
            'L' => self.voice().unit = fields::unit(text)?,
            'K' => fields::key(text)?,
            'Q' => fields::tempo(text)?,
            'U' => self.decorations.push(fields::decoration(text)?),
            'V' => self.choose(fields::voice(text)?),
            'P' => {
                self.voice().end_bar()?;
                self.voice().join.cut = true;
            }
            'm' => return Err("macros (m:) are not expanded; write the notes out".into()),
            'X' => return Err("a second tune begins, X:, without a blank line before it".into()),
            'T' | 'W' | 'w' | 's' | '+' if inline => {
                return Err(format!("{letter}: stands on a line of its own"));
            }
            'A' | 'B' | 'C' | 'D' | 'F' | 'G' | 'H' | 'O' | 'S' | 'Z' => {
                return Err(format!("{letter}: belongs in the header, above K:"));
            }
            _ => {}
        }
        Ok(())
    }

    /// Goes on with the voice of that name; the first name is that of the music so far, if there is none.
    fn choose(&mut self, name: &str) {
        let unnamed = self.voices.len() == 1 && self.voices[0].name.is_empty();
        if unnamed && self.voices[0].bars.is_empty() && !self.voices[0].in_bar() {
            self.voices[0].name = name.into();
        }
        let found = self.voices.iter().position(|voice| voice.name == name);
        self.current = found.unwrap_or_else(|| {
            self.voices.push(Voice::new(name, self.header));
            self.voices.len() - 1
        });
    }

    /// Reads a line of music; `column` is left at the symbol that was read last.
    fn music(&mut self, cursor: &mut Cursor, column: &mut usize) -> Result<(), String> {
        while let Some(next) = cursor.peek() {
            *column = cursor.column();
            match next {
                ' ' | '\t' | '`' | '$' => drop(cursor.take()),
                '%' => return Ok(()),
                '\\' => return continued(cursor),
                '|' | ':' => self.bar_line(cursor)?,
                '[' => self.bracket(cursor)?,
                '"' | '!' => {
                    cursor.take();
                    let text = cursor
                        .take_until(next)
                        .ok_or_else(|| format!("`{next}` is not closed on its line"))?;
                    if next == '!' && (text.is_empty() || text.contains(char::is_whitespace)) {
                        return Err(format!("`!{text}!` is no decoration"));
                    }
                }
                '{' => {
                    grace(cursor)?;
                    self.voice().grace = true;
                }
                '(' => self.round_bracket(cursor)?,
                ')' => {
                    cursor.take();
                    self.voice().close_slur()?;
                }
                '-' => {
                    cursor.take();
                    self.voice().tie()?;
                }
                '>' | '<' => {
                    let count = cursor.take_while(|c| c == next).len();
                    self.voice()
                        .broken(next == '>', count.try_into().unwrap_or(u32::MAX))?;
                }
                '&' => {
                    cursor.take();
                    self.voice().overlay()?;
                }
                'Z' | 'X' => {
                    cursor.take();
                    let count = cursor.number()?.unwrap_or(1);
                    self.voice().rest_bars(count, cursor.line)?;
                }
                'y' => {
                    cursor.take();
                    cursor.length()?;
                }
                '^' | '_' | '=' | 'A'..='G' | 'a'..='g' | 'z' | 'x' => {
                    let length = note(cursor, true)?;
                    self.voice().note(length, cursor.line)?;
                }
                '.' => drop(cursor.take()),
                letter if self.decorations.contains(letter) => drop(cursor.take()),
                other => return Err(format!("`{other}` has no meaning here")),
            }
        }
        Ok(())
    }

    /// A bar line in any of its forms, and the ending that may follow it: `|`, `||`, `|]`, `:|`, `::`, `:||:`, `|1` …
    fn bar_line(&mut self, cursor: &mut Cursor) -> Result<(), String> {
        let mut sign = String::new();
        while let Some(next) = cursor.peek() {
            let part = match next {
                '|' | ':' => true,
                '[' => cursor.peek_at(1) == Some('|'),
                ']' => sign.ends_with('|'),
                _ => false,
            };
            if !part {
                break;
            }
            sign.push(next);
            cursor.take();
        }
        if sign == ":" {
            return Err("`:` alone is no bar line; repeats are written `|:`, `:|` and `::`".into());
        }
        self.voice().end_bar()?;
        let dots = !sign.contains('|');
        let join = &mut self.voice().join;
        join.back |= dots || sign.starts_with(':');
        join.forth |= dots || sign.ends_with(':');
        join.cut |= sign != "|";
        if cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.ending(cursor)?;
        }
        Ok(())
    }

    /// The numbers of an ending: `1`, `1,3`, `1-3`.
    fn ending(&mut self, cursor: &mut Cursor) -> Result<(), String> {
        loop {
            cursor
                .number()?
                .ok_or("an ending's numbers are written `[1`, `[1,3` or `[1-3`")?;
            let separator = matches!(cursor.peek(), Some(',' | '-'));
            if !separator {
                break;
            }
            cursor.take();
        }
        self.voice().end_bar()?;
        let join = &mut self.voice().join;
        join.ending = true;
        join.cut = true;
        Ok(())
    }

    /// What begins with `[`: a bar line, an ending, a field or a chord.
    fn bracket(&mut self, cursor: &mut Cursor) -> Result<(), String> {
        match (cursor.peek_at(1), cursor.peek_at(2)) {
            (Some('|'), _) => self.bar_line(cursor),
            (Some(digit), _) if digit.is_ascii_digit() => {
                cursor.take();
                self.ending(cursor)
            }
            (Some(letter), Some(':')) if letter.is_ascii_alphabetic() => {
                for _ in 0..3 {
                    cursor.take();
                }
                let text = cursor
                    .take_until(']')
                    .ok_or_else(|| format!("`[{letter}:` is not closed by `]`"))?;
                self.field(letter, text.trim(), true)
            }
            _ => {
                let length = chord(cursor)?;
                self.voice().note(length, cursor.line)
            }
        }
    }

    /// A tuplet, `(3`, `(3:2`, `(3:2:4`, `(3::4` or a slur.
    fn round_bracket(&mut self, cursor: &mut Cursor) -> Result<(), String> {
        cursor.take();
        let Some(p) = cursor.number()? else {
            self.voice().open_slur();
            return Ok(());
        };
        let q = if cursor.eat(':') {
            cursor.number()?
        } else {
            None
        };
        let r = if cursor.eat(':') {
            cursor.number()?
        } else {
            None
        };
        self.voice().tuplet(p, q, r)
    }
}

/// After `\`, which continues a line, nothing but a comment may follow.
fn continued(cursor: &mut Cursor) -> Result<(), String> {
    cursor.take();
    cursor.take_while(char::is_whitespace);
    match cursor.peek() {
        None | Some('%') => Ok(()),
        Some(_) => Err("`\\` stands at the end of a line, which it continues".into()),
    }
}

/// A note or, where they may stand, a rest; gives its length in units.
fn note(cursor: &mut Cursor, rests: bool) -> Result<Length, String> {
    let accidental = cursor.take_while(|c| matches!(c, '^' | '_' | '='));
    if !matches!(accidental.as_str(), "" | "^" | "^^" | "_" | "__" | "=") {
        return Err(format!(
            "`{accidental}` is no accidental; there are ^ ^^ _ __ and ="
        ));
    }
    match cursor.take() {
        Some('A'..='G' | 'a'..='g') => drop(cursor.take_while(|c| matches!(c, '\'' | ','))),
        Some('z' | 'x') if rests && accidental.is_empty() => {}
        found => {
            let found = found.map_or("the end of the line".into(), |c| format!("`{c}`"));
            return Err(match accidental.is_empty() {
                true => format!("{found} where a note should stand"),
                false => format!(
                    "{found} after the accidental `{accidental}`, where a note should stand"
                ),
            });
        }
    }
    cursor.length()
}

/// A chord, `[CEG]2`: as long as its first note, times the length after it (standard 2.1, section 4.17).
fn chord(cursor: &mut Cursor) -> Result<Length, String> {
    cursor.take();
    let mut first = None;
    loop {
        match cursor.peek() {
            Some(']') if first.is_some() => break,
            Some(']') => return Err("`[]` is an empty chord".into()),
            Some(' ' | '-' | '.' | '(' | ')' | 'u' | 'v') => drop(cursor.take()),
            Some('!') => {
                cursor.take();
                cursor
                    .take_until('!')
                    .ok_or("`!` is not closed on its line")?;
            }
            None => return Err("a chord, `[`, is not closed by `]`".into()),
            Some(_) => {
                let length = note(cursor, false)?;
                first.get_or_insert(length);
            }
        }
    }
    cursor.take();
    let length =
        first.and_then(|first| cursor.length().map(|times| first.times(times)).transpose());
    length.unwrap_or_else(|| Err("lengths too long or too fine to be music".into()))
}

/// Grace notes, `{g}` or `{/gab}`, which take no time of the bar.
fn grace(cursor: &mut Cursor) -> Result<(), String> {
    cursor.take();
    cursor.eat('/');
    let mut any = false;
    loop {
        match cursor.peek() {
            Some('}') if any => break,
            Some('}') => return Err("`{}` holds no grace note".into()),
            Some(' ' | '-' | '(' | ')' | '>' | '<') => drop(cursor.take()),
            Some('[') => drop(chord(cursor)?),
            None => return Err("grace notes, `{`, are not closed by `}`".into()),
            Some(_) => drop(note(cursor, false)?),
        }
        any |= true;
    }
    cursor.take();
    Ok(())
}
