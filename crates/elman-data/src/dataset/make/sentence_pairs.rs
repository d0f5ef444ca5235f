//! Tatoeba, English and French: short pairs, split by a hash.

use super::{Parts, md5, words};

/// Pairs in the training, validation and test set.
pub(super) const EACH: [usize; 3] = [30_000, 2_000, 2_000];
/// No English sentence has more words.
const WORDS: usize = 10;

/// Lines of English, tab and French. The set of a pair is decided by the MD5 of its English side alone, so that no English sentence
/// is in two sets; a set has the first pairs in the order of the MD5 of both sides together.
pub(super) fn split(text: &str, each: [usize; 3]) -> Result<Parts, String> {
    let mut parts = [const { Vec::new() }; 3];
    for (line, pair) in text
        .split('\n')
        .enumerate()
        .filter(|(_, pair)| !pair.is_empty())
    {
        let Some((english, french)) = pair.split_once('\t') else {
            return Err(format!("line {} of `fra.txt` has no tab", line + 1));
        };
        if words(english).count() > WORDS {
            continue;
        }
        let part = match md5(english) % 100 {
            0..=4 => 2,
            5..=9 => 1,
            _ => 0,
        };
        parts[part].push((md5(&format!("{english}{french}")), pair));
    }
    let mut each = each.into_iter();
    Ok(parts.map(|mut pairs: Vec<(u128, &str)>| {
        pairs.sort_by_key(|(hash, _)| *hash);
        let count = each.next().unwrap_or(0);
        pairs
            .iter()
            .take(count)
            .map(|(_, pair)| format!("{pair}\n"))
            .collect()
    }))
}
