//! Learning pieces of words. The same texts give the same pieces with the same numbers.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::models::unigram::{Unigram, UnigramTrainer};
use tokenizers::models::wordpiece::{WordPiece, WordPieceTrainer};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::{
    AddedToken, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer, Tokenizer, Trainer,
};

use super::{failed, spaced};
use crate::Error;

/// What stands for the unknown inside a trained tokenizer.
const UNKNOWN: &str = "[UNK]";
/// Longer words are cut in training, so that a text without white space takes no longer than another.
const LONGEST: usize = 200;

pub(super) fn byte_pairs(
    room: usize,
    min_count: u64,
    texts: &[Cow<'_, str>],
) -> Result<Tokenizer, Error> {
    if room < 256 {
        return Err(Error::Config {
            key: "vocabulary.size".into(),
            message: "bpe needs 256 tokens for the bytes besides the special ones; raise it".into(),
        });
    }
    let pre_tokenizer = ByteLevel::new(false, false, true);
    let mut trainer = BpeTrainer::builder()
        .vocab_size(room)
        .min_frequency(min_count)
        .show_progress(false)
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .build();
    feed(&mut trainer, texts, &pre_tokenizer)?;
    let mut model = BPE::default();
    trainer.train(&mut model).map_err(failed)?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer
        .with_pre_tokenizer(Some(pre_tokenizer))
        .with_decoder(Some(ByteLevel::default()));
    Ok(tokenizer)
}

pub(super) fn word_piece(
    room: usize,
    min_count: u64,
    texts: &[Cow<'_, str>],
) -> Result<Tokenizer, Error> {
    let spaced: Vec<Cow<'_, str>> = texts.iter().map(|text| Cow::Owned(spaced(text))).collect();
    // The pieces of one character get their numbers here: the trainer would give them in no particular order.
    let mut first = BTreeSet::new();
    let mut later = BTreeSet::new();
    for word in spaced.iter().flat_map(|text| text.split(' ')) {
        let mut characters = word.chars();
        first.extend(characters.next());
        later.extend(characters);
    }
    let mut pieces = vec![UNKNOWN.to_owned()];
    pieces.extend(
        first
            .iter()
            .chain(&later)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(char::to_string),
    );
    pieces.extend(later.iter().map(|c| format!("##{c}")));
    if pieces.len() > room {
        return Err(too_small(pieces.len()));
    }
    let mut trainer = WordPieceTrainer::builder()
        .vocab_size(room)
        .min_frequency(min_count)
        .show_progress(false)
        .special_tokens(
            pieces
                .into_iter()
                .map(|piece| AddedToken::from(piece, false))
                .collect(),
        )
        .build();
    feed(&mut trainer, &spaced, &WhitespaceSplit)?;
    let mut model = WordPiece::builder()
        .unk_token(UNKNOWN.into())
        .build()
        .map_err(failed)?;
    trainer.train(&mut model).map_err(failed)?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer
        .with_pre_tokenizer(Some(WhitespaceSplit))
        .with_decoder(Some(tokenizers::decoders::wordpiece::WordPiece::default()));
    Ok(tokenizer)
}

pub(super) fn unigram(
    room: usize,
    min_count: u64,
    texts: &[Cow<'_, str>],
) -> Result<Tokenizer, Error> {
    let pre_tokenizer = Metaspace::new('▁', PrependScheme::Always, true);
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for text in texts {
        for word in pre_tokenize(text, &pre_tokenizer).map_err(failed)? {
            let count = counts.entry(word).or_default();
            *count = count.saturating_add(1);
        }
    }
    counts.retain(|_, count| u64::from(*count) >= min_count);
    let characters: BTreeSet<char> = counts.keys().flat_map(|word| word.chars()).collect();
    if characters.len() + 1 > room {
        return Err(too_small(characters.len() + 1));
    }
    let trainer = UnigramTrainer::builder()
        .show_progress(false)
        .vocab_size(room.min(u32::MAX as usize) as u32)
        .unk_token(Some(UNKNOWN.into()))
        .build()
        .map_err(|error| failed(Box::new(error)))?;
    // One thread: the sums depend on how the words are divided among threads.
    let single = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .map_err(|error| failed(Box::new(error)))?;
    let mut model = Unigram::default();
    single
        .install(|| trainer.do_train(counts.into_iter().collect(), &mut model))
        .map_err(failed)?;
    let model =
        Unigram::from(in_order(model.iter().cloned().collect()), Some(0), false).map_err(failed)?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer
        .with_pre_tokenizer(Some(pre_tokenizer.clone()))
        .with_decoder(Some(pre_tokenizer));
    Ok(tokenizer)
}

/// Pieces (the first stands for the unknown) by falling score, those of equal score in alphabetical order.
///
/// The trainer adds characters that it had dropped with scores that rise from the lowest by a fixed step, and does it in
/// no particular order; they are given out again in alphabetical order.
fn in_order(mut pieces: Vec<(String, f64)>) -> Vec<(String, f64)> {
    let mut own = pieces.split_off(1);
    let lowest = own
        .iter()
        .map(|(_, score)| *score)
        .fold(f64::INFINITY, f64::min);
    let mut penalty = 0.0;
    let steps: Vec<f64> = (0..own.len())
        .map(|_| {
            let score = lowest + penalty;
            penalty += 0.0001;
            score
        })
        .collect();
    let mut added: Vec<usize> = (0..own.len())
        .filter(|&i| {
            own[i].0.chars().count() == 1
                && steps
                    .binary_search_by(|step| step.total_cmp(&own[i].1))
                    .is_ok()
        })
        .collect();
    let mut scores: Vec<f64> = added.iter().map(|&i| own[i].1).collect();
    scores.sort_by(f64::total_cmp);
    added.sort_by(|&a, &b| own[a].0.cmp(&own[b].0));
    added
        .into_iter()
        .zip(scores)
        .for_each(|(i, score)| own[i].1 = score);
    own.sort_by(|(a, m), (b, n)| n.total_cmp(m).then_with(|| a.cmp(b)));
    pieces.extend(own);
    pieces
}

fn feed(
    trainer: &mut impl Trainer,
    texts: &[Cow<'_, str>],
    pre_tokenizer: &(impl PreTokenizer + Sync),
) -> Result<(), Error> {
    trainer
        .feed(texts.iter(), |text| pre_tokenize(text, pre_tokenizer))
        .map_err(failed)
}

/// The words of a text, none longer than [`LONGEST`] characters.
fn pre_tokenize(text: &str, pre_tokenizer: &impl PreTokenizer) -> tokenizers::Result<Vec<String>> {
    let mut cut = PreTokenizedString::from(text);
    pre_tokenizer.pre_tokenize(&mut cut)?;
    let mut words = Vec::new();
    for (word, _, _) in cut.get_splits(OffsetReferential::Original, OffsetType::None) {
        let mut rest = word;
        while let Some((end, _)) = rest.char_indices().nth(LONGEST) {
            words.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        words.push(rest.to_owned());
    }
    Ok(words)
}

fn too_small(needed: usize) -> Error {
    Error::Config {
        key: "vocabulary.size".into(),
        message: format!(
            "the characters of the training texts alone are {needed} tokens besides the special ones; raise it, or set tokens = \"bpe\", which begins with bytes"
        ),
    }
}
