//! What the name of a file says: patterns such as `{label}_{speaker}_{take}.npy`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Error;

/// A pattern for the last parts of a path.
#[derive(Debug)]
pub(super) struct NamePattern {
    text: String,
    /// For each part of the path, from the first: what it is made of.
    parts: Vec<Vec<Piece>>,
}

#[derive(Debug)]
enum Piece {
    Literal(String),
    /// One character or more; a field if it has a name.
    Any(String),
}

impl NamePattern {
    /// # Errors
    /// [`Error::Config`] for braces that do not pair up, fields without something between them, or twice the same.
    pub(super) fn new(text: &str) -> Result<Self, Error> {
        let fail = |message: String| Error::Config {
            key: "data.name".into(),
            message: format!(
                "{message}; write it as \"{{label}}_{{subject}}.npy\" or \"{{label}}/{{}}.npy\""
            ),
        };
        let parts: Vec<Vec<Piece>> = text
            .split('/')
            .map(pieces)
            .collect::<Result<_, _>>()
            .map_err(fail)?;
        let mut names: Vec<&str> = Vec::new();
        for piece in parts.iter().flatten() {
            match piece {
                Piece::Any(name) if names.contains(&name.as_str()) => {
                    return Err(fail(format!("\"{text}\" has the field {{{name}}} twice")));
                }
                Piece::Any(name) if !name.is_empty() => names.push(name),
                _ => {}
            }
        }
        if names.is_empty() {
            return Err(fail(format!("\"{text}\" has no field in braces")));
        }
        Ok(Self {
            text: text.into(),
            parts,
        })
    }

    /// The fields of a file. Where several readings fit, the first parts are as short as can be.
    pub(super) fn fields(&self, path: &Path) -> Result<BTreeMap<String, String>, Error> {
        let texts: Vec<String> = path
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        let found = texts
            .len()
            .checked_sub(self.parts.len())
            .and_then(|skipped| {
                let mut fields = BTreeMap::new();
                let last = self.parts.len() - 1;
                for (i, (pieces, text)) in self.parts.iter().zip(&texts[skipped..]).enumerate() {
                    // A packed file may be named with or without the ending of packed files.
                    let unpacked = text.strip_suffix(".gz").filter(|_| i == last);
                    let fits = matches(pieces, text, &mut fields)
                        || unpacked.is_some_and(|text| matches(pieces, text, &mut fields));
                    if !fits {
                        return None;
                    }
                }
                Some(fields)
            });
        found.ok_or_else(|| Error::Signal {
            place: format!("`{}`", path.display()),
            message: format!("the name does not fit data.name = \"{}\"", self.text),
        })
    }
}

fn pieces(part: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = part;
    while !rest.is_empty() {
        let literal = rest.find(['{', '}']).unwrap_or(rest.len());
        if literal > 0 {
            pieces.push(Piece::Literal(rest[..literal].into()));
            rest = &rest[literal..];
            continue;
        }
        let end = rest.find('}').filter(|_| rest.starts_with('{'));
        let end = end.ok_or_else(|| format!("the braces of \"{part}\" do not pair up"))?;
        let name = rest[1..end].trim();
        if name.contains('{') {
            return Err(format!("the braces of \"{part}\" do not pair up"));
        }
        if matches!(pieces.last(), Some(Piece::Any(_))) {
            return Err(format!(
                "nothing stands between two fields of \"{part}\", so they cannot be told apart"
            ));
        }
        pieces.push(Piece::Any(name.into()));
        rest = &rest[end + 1..];
    }
    match pieces.is_empty() {
        true => Err("a part between `/` is empty".into()),
        false => Ok(pieces),
    }
}

/// Whether the pieces make up the text; what they stand for goes into `fields`.
///
/// A field ends at the first place where the literal after it stands; only a literal at the end of the pattern is looked
/// for at the end of the text. Looking no further back keeps the time of a match proportional to the text: pieces
/// between two fields are found at their first place, and a later one could only make the rest shorter.
fn matches(pieces: &[Piece], text: &str, fields: &mut BTreeMap<String, String>) -> bool {
    let mut found = Vec::new();
    let mut rest = text;
    let mut open: Option<&str> = None;
    for (i, piece) in pieces.iter().enumerate() {
        match (piece, open.take()) {
            (Piece::Any(name), _) => open = Some(name),
            (Piece::Literal(literal), None) => match rest.strip_prefix(literal.as_str()) {
                Some(after) => rest = after,
                None => return false,
            },
            (Piece::Literal(literal), Some(name)) => {
                // A field holds one character at least.
                let Some(first) = rest.chars().next().map(char::len_utf8) else {
                    return false;
                };
                let at = if i + 1 == pieces.len() {
                    rest.strip_suffix(literal.as_str())
                        .map(str::len)
                        .filter(|&at| at >= first)
                } else {
                    rest[first..].find(literal.as_str()).map(|at| at + first)
                };
                let Some(at) = at else { return false };
                found.push((name, &rest[..at]));
                rest = &rest[at + literal.len()..];
            }
        }
    }
    if let Some(name) = open {
        if rest.is_empty() {
            return false;
        }
        found.push((name, std::mem::take(&mut rest)));
    }
    let fits = rest.is_empty();
    if fits {
        let named = found.into_iter().filter(|(name, _)| !name.is_empty());
        fields.extend(named.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pattern: &str, path: &str) -> Result<String, String> {
        let pattern = NamePattern::new(pattern).map_err(|error| error.to_string())?;
        let fields = pattern
            .fields(Path::new(path))
            .map_err(|error| error.to_string())?;
        let said: Vec<String> = fields
            .iter()
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        Ok(said.join(" "))
    }

    #[test]
    fn names_and_folders_become_fields() {
        assert_eq!(
            fields("{label}_{speaker}_{take}.wav", "a/7_theo_12.wav").unwrap(),
            "label=7 speaker=theo take=12"
        );
        assert_eq!(
            fields("{label}/{}.npy", "/x/걷기/01.npy.gz").unwrap(),
            "label=걷기"
        );
        assert_eq!(fields("{label}.npy.gz", "a.b.npy.gz").unwrap(), "label=a.b");
        assert_eq!(
            fields("s{subject}/{}/{label}-{}", "s3/x/walk-1-2").unwrap(),
            "label=walk subject=3"
        );
        assert_eq!(fields("{a}_{b}.npy", "1_2_3.npy").unwrap(), "a=1 b=2_3");
        assert_eq!(fields("{a}.npy", "x.npy.npy").unwrap(), "a=x.npy");
        assert_eq!(fields("{a}", "é").unwrap(), "a=é");
    }

    #[test]
    fn names_that_do_not_fit() {
        for (pattern, path) in [
            ("{a}_{b}.npy", "1.npy"),
            ("{a}_{b}.npy", "_2.npy"),
            ("{a}_{b}.npy", "1_.npy"),
            ("x{a}", "x"),
            ("x{a}", "y1"),
            ("{a}/{b}/{}", "1/2"),
            ("{a}x{b}x", "1x2"),
        ] {
            let message = fields(pattern, path).unwrap_err();
            assert_eq!(
                message,
                format!("`{path}`: the name does not fit data.name = \"{pattern}\"")
            );
        }
    }

    #[test]
    fn patterns_that_are_none() {
        let message = |pattern| fields(pattern, "x").unwrap_err();
        assert!(message("{a}{b}").contains("nothing stands between two fields"));
        assert!(message("{a").contains("do not pair up"));
        assert!(message("a}").contains("do not pair up"));
        assert!(message("{a{b}}").contains("do not pair up"));
        assert!(message("{a}/{a}").contains("the field {a} twice"));
        assert!(message("{}_x").contains("no field in braces"));
        assert!(message("{a}//x").contains("a part between `/` is empty"));
    }
}
