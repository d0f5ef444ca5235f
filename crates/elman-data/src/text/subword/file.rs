//! A `tokenizer.json` before the tokenizers library sees it, which panics at some of what may stand in one.

use serde_json::{Value, json};

/// The same file, such that the library does what it means.
///
/// # Errors
/// If it is no JSON, or says what cannot be meant.
pub(super) fn checked(text: &str) -> Result<Option<Value>, String> {
    let mut file: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    check_merges(&file["model"])?;
    check_lengths(&file["pre_tokenizer"])?;
    let changed = file
        .get_mut("decoder")
        .is_some_and(|decoder| each(decoder, "decoders", &mut strip));
    Ok(changed.then_some(file))
}

/// The library cuts the prefix off the second half of every merge, whether it is there or not.
fn check_merges(model: &Value) -> Result<(), String> {
    let prefix = model["continuing_subword_prefix"].as_str().unwrap_or("");
    let merges = model["merges"].as_array().map_or(&[][..], Vec::as_slice);
    if prefix.is_empty() {
        return Ok(());
    }
    for (at, merge) in merges.iter().enumerate() {
        let second = match merge {
            Value::String(pair) => pair.split_once(' ').map(|(_, second)| second),
            pair => pair[1].as_str(),
        };
        if let Some(second) = second.filter(|second| !second.starts_with(prefix)) {
            return Err(format!(
                "merge {} continues a word with {second:?}, which does not begin with the prefix {prefix:?}",
                at + 1
            ));
        }
    }
    Ok(())
}

/// Pieces of no length have no end.
fn check_lengths(pre_tokenizer: &Value) -> Result<(), String> {
    let parts = pre_tokenizer["pretokenizers"].as_array();
    parts.into_iter().flatten().try_for_each(check_lengths)?;
    match (&pre_tokenizer["type"], pre_tokenizer["length"].as_u64()) {
        (Value::String(kind), Some(0)) if kind == "FixedLength" => {
            Err("its pre-tokenizer FixedLength cuts pieces of length 0".into())
        }
        _ => Ok(()),
    }
}

/// Applies `change` to a part and to those that it is a sequence of; whether any changed.
fn each(part: &mut Value, list: &str, change: &mut impl FnMut(&mut Value) -> bool) -> bool {
    let mut changed = change(part);
    for inner in part
        .get_mut(list)
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        changed |= each(inner, list, change);
    }
    changed
}

/// Characters that a decoder takes from both ends of a token, at most.
const MOST: u64 = 1000;

/// The library's `Strip` looks for more characters than a token has; a pattern does not.
fn strip(decoder: &mut Value) -> bool {
    let number = |key: &str| decoder[key].as_u64();
    let (Some("Strip"), Some(content)) = (decoder["type"].as_str(), decoder["content"].as_str())
    else {
        return false;
    };
    let (Some(start), Some(stop @ 1..)) = (number("start"), number("stop")) else {
        return false;
    };
    // A code point, whatever it means in a pattern.
    let Some(content) = content
        .chars()
        .next()
        .map(|c| format!("\\x{{{:x}}}", u32::from(c)))
    else {
        return false;
    };
    let most = |count: u64| count.min(MOST);
    let mut pattern = format!("{content}{{1,{}}}$", most(stop));
    if start > 0 {
        pattern = format!("^{content}{{1,{}}}|{pattern}", most(start));
    }
    *decoder = json!({"type": "Replace", "pattern": {"Regex": pattern}, "content": ""});
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_said() {
        let says = |text: &str| checked(text).unwrap_err();
        assert!(says("{\"decoder\": {\"type\": \"Re").contains("EOF"));
        let merges =
            json!({"model": {"continuing_subword_prefix": "##", "merges": ["a ##b", ["a", "b"]]}});
        assert!(says(&merges.to_string()).contains("merge 2 continues a word with \"b\""));
        let fixed = json!({"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "FixedLength", "length": 0}]}});
        assert!(says(&fixed.to_string()).contains("length 0"));
    }

    #[test]
    fn only_what_takes_characters_from_the_end_is_written_anew() {
        let strip = |start: u64, stop: u64| json!({"type": "Strip", "content": "a", "start": start, "stop": stop});
        assert_eq!(
            checked(&json!({"decoder": strip(1, 0)}).to_string()),
            Ok(None)
        );
        let file = json!({"decoder": {"type": "Sequence", "decoders": [{"type": "Fuse"}, strip(2, u64::MAX)]}});
        let changed = checked(&file.to_string()).unwrap().unwrap();
        let pattern = &changed["decoder"]["decoders"][1]["pattern"]["Regex"];
        assert_eq!(pattern, "^\\x{61}{1,2}|\\x{61}{1,1000}$");
    }
}
