//! The fields whose text has a form of its own.

use super::length::{Length, Metre};

/// The metre of `M:`, `None` for a tune without one.
pub(super) fn metre(text: &str) -> Result<Option<Metre>, String> {
    let (beats, unit) = match text {
        "none" => return Ok(None),
        "C" => (4, 4),
        "C|" => (2, 2),
        _ => fraction(text)
            .filter(|(beats, unit)| *beats <= 128 && unit.is_power_of_two() && *unit <= 128)
            .ok_or_else(|| format!("`M:{text}` is no metre; write for example M:6/8, M:(2+3)/8, M:C, M:C| or M:none"))?,
    };
    Ok(Some(Metre { beats, unit }))
}

/// `6/8`, `2+3/8` or `(2+3)/8`; neither part is zero.
fn fraction(text: &str) -> Option<(u32, u32)> {
    let (beats, unit) = text.split_once('/')?;
    let beats = beats.trim();
    let beats = beats
        .strip_prefix('(')
        .map_or(Some(beats), |b| b.strip_suffix(')'))?;
    let beats = beats
        .split('+')
        .try_fold(0_u32, |sum, part| sum.checked_add(number(part.trim())?))?;
    Some((beats, number(unit.trim())?))
}

/// A number above zero, of digits alone.
pub(super) fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number > 0)
}

/// The length of a note without a number: `L:`.
pub(super) fn unit(text: &str) -> Result<Length, String> {
    let denominator = match text.split_once('/') {
        Some((one, denominator)) if one.trim() == "1" => number(denominator.trim()),
        None if text == "1" => Some(1),
        _ => None,
    };
    let denominator = denominator.filter(|d| d.is_power_of_two() && *d <= 512);
    denominator
        .and_then(|d| Length::new(1, d))
        .ok_or_else(|| format!("`L:{text}` is no unit of length; write for example L:1/8"))
}

/// The unit where there is no `L:`: 1/16 for metres below 3/4, else 1/8 (standard 2.1, section 3.1.7).
pub(super) fn default_unit(metre: Option<Metre>) -> Length {
    let short = metre.is_some_and(|m| 4 * m.beats < 3 * m.unit);
    Length::new(1, if short { 16 } else { 8 }).unwrap_or(Length::ONE)
}

/// Checks the tempo, `Q:`: `120`, `1/4=120`, `"Slow" 1/4 3/8=40` or `"Slow"`.
pub(super) fn tempo(text: &str) -> Result<(), String> {
    let wrong = || format!("`Q:{text}` is no tempo; write for example Q:1/4=120");
    let parts: Vec<&str> = text.split('"').collect();
    if parts.len().is_multiple_of(2) {
        return Err(wrong());
    }
    let plain: Vec<&str> = parts.into_iter().step_by(2).collect();
    let plain = plain.join(" ");
    let is_beat = |beat: &str| {
        let outdated = beat
            .strip_prefix('C')
            .is_some_and(|rest| rest.is_empty() || number(rest).is_some());
        outdated || fraction(beat).is_some()
    };
    let well_formed = match plain.split_once('=') {
        Some((beats, speed)) => {
            let mut beats = beats.split_whitespace().peekable();
            beats.peek().is_some() && beats.all(is_beat) && number(speed.trim()).is_some()
        }
        None if plain.trim().is_empty() => text.contains('"'),
        None => number(plain.trim()).is_some(),
    };
    well_formed.then_some(()).ok_or_else(wrong)
}

/// Checks the key, `K:`: a tonic with its mode, `HP`, `none` or nothing, then accidentals, a clef and its settings.
pub(super) fn key(text: &str) -> Result<(), String> {
    let mut rest = text;
    let none = rest
        .split_whitespace()
        .next()
        .is_none_or(|word| word.eq_ignore_ascii_case("none"));
    if none {
        rest = rest.get(4..).unwrap_or("");
    } else if let Some(after) = rest.strip_prefix("HP").or_else(|| rest.strip_prefix("Hp")) {
        rest = after;
    } else if let Some(after) = rest.strip_prefix(|c| matches!(c, 'A'..='G')) {
        rest = after.strip_prefix(['#', 'b']).unwrap_or(after);
        let mode: String = rest
            .trim_start()
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect();
        if is_mode(&mode) {
            rest = &rest.trim_start()[mode.len()..];
        } else if !mode.is_empty() && !rest.starts_with(char::is_whitespace) {
            return Err(wrong_key(text));
        }
    }
    rest.split_whitespace()
        .all(is_key_setting)
        .then_some(())
        .ok_or_else(|| wrong_key(text))
}

fn wrong_key(text: &str) -> String {
    format!("`K:{text}` is no key; write for example K:G, K:Em, K:Bb, K:D mix or K:none")
}

/// Modes count by their first three letters, in either case; `m` is minor.
fn is_mode(word: &str) -> bool {
    let start = word.get(..3).unwrap_or(word).to_ascii_lowercase();
    word == "m"
        || [
            "maj", "min", "mix", "dor", "phr", "lyd", "loc", "ion", "aeo", "exp",
        ]
        .contains(&start.as_str())
}

/// An accidental for a note (`^f`), a setting (`clef=bass`), or a clef by its name (`bass`, `treble-8`).
fn is_key_setting(word: &str) -> bool {
    let setting = word.split_once('=').is_some_and(|(name, value)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()) && !value.is_empty()
    });
    let note = word.trim_start_matches(['^', '_', '=']);
    let accidental = note.len() < word.len()
        && note.len() == 1
        && matches!(note.as_bytes()[0], b'A'..=b'G' | b'a'..=b'g');
    let clef = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-');
    let clefs = [
        "treble",
        "bass",
        "alto",
        "tenor",
        "soprano",
        "mezzosoprano",
        "baritone",
        "perc",
        "none",
    ];
    setting || accidental || clefs.contains(&clef)
}

/// The letter that `U:` gives a decoration to, as in `U:T = !trill!`.
pub(super) fn decoration(text: &str) -> Result<char, String> {
    let defined = text.split_once('=').and_then(|(name, value)| {
        let letter = name
            .trim()
            .parse::<char>()
            .ok()
            .filter(|c| matches!(c, 'H'..='W' | 'h'..='w' | '~'))?;
        (!value.trim().is_empty()).then_some(letter)
    });
    defined.ok_or_else(|| format!("`U:{text}` defines no decoration; write for example U:T = !trill!, with a letter of H-W or h-w"))
}

/// The name of a voice, the first word of `V:`.
pub(super) fn voice(text: &str) -> Result<&str, String> {
    text.split_whitespace()
        .next()
        .ok_or_else(|| "`V:` names no voice; write for example V:1".into())
}
