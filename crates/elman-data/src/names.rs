//! "Did you mean": the nearest of a list of names.

use crate::Error;

/// The name in `known` that `name` most likely misspells, if one is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.trim().to_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&wanted, &candidate.trim().to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            *distance <= (wanted.chars().count().max(candidate.chars().count()) / 3).max(1)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `; did you mean `x`?`, or nothing.
pub(crate) fn nearest_phrase<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}

/// At most `most` names, separated by commas, with the number of the rest.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names[..names.len().min(most)].join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        rest => format!("{shown}, … ({rest} more)"),
    }
}

/// A name as a message can show it.
fn shortened(name: &str) -> String {
    const LONGEST: usize = 100;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.into(),
    }
}

/// The position of `name` in `names`, or an error that offers the nearest.
pub(crate) fn position(names: &[String], name: &str, key: &str) -> Result<usize, Error> {
    names
        .iter()
        .position(|known| known == name)
        .ok_or_else(|| Error::NoColumn {
            key: key.into(),
            name: shortened(name),
            nearest: nearest_phrase(name, names.iter().map(String::as_str)),
            columns: list(names.iter().map(String::as_str), 30),
        })
}
