//! Parts of speech with probabilities: the same word in another place.

use super::Lesson;
use crate::claim::Expected;
use crate::lexicon::Lexicon;
use crate::network::Kind;
use crate::setup::{Error, Setup};
use crate::teach::{Examples, IGNORED, Input, Plan, Target, accuracy, answers, softmax, train};
use crate::told::{Entry, Grid, HeatPlot, Told};
use crate::words::{Words, say};
use elman::model::{Dense, Embedding, Model, Sequential};
use elman_data::random::Stream;
use std::collections::BTreeMap;

pub(super) const LESSON: Lesson = Lesson::new(
    "tagging",
    Words::new(
        "Parts of speech with probabilities: \"I work at play\" and \"I play at work\"",
        "확률로 말하는 품사: \"I work at play\"와 \"I play at work\"",
    ),
    run,
);

const TAGS: [&str; 6] = [
    "pronoun",
    "noun",
    "verb",
    "preposition",
    "determiner",
    "adjective",
];
const PRONOUN: usize = 0;
const NOUN: usize = 1;
const VERB: usize = 2;
const PREPOSITION: usize = 3;
const DETERMINER: usize = 4;
const ADJECTIVE: usize = 5;

const PRONOUNS: [&str; 4] = ["I", "we", "you", "they"];
const DETERMINERS: [&str; 3] = ["the", "a", "my"];
const ADJECTIVES: [&str; 5] = ["long", "quiet", "new", "old", "good"];
const PREPOSITIONS: [&str; 4] = ["at", "after", "before", "during"];
/// Nouns and verbs at once.
const BOTH: [&str; 8] = [
    "work", "play", "walk", "rest", "talk", "dance", "study", "swim",
];
const NOUNS: [&str; 4] = ["school", "lunch", "summer", "town"];
const VERBS: [&str; 4] = ["sing", "sleep", "eat", "read"];
/// Words of the longest sentence.
const LONGEST: usize = 8;

/// The two sentences of the lesson.
const PAIR: [&str; 2] = ["I work at play", "I play at work"];

struct Sentence {
    words: Vec<u32>,
    tags: Vec<i64>,
}

fn sentence(lexicon: &mut Lexicon, random: &mut Stream) -> Sentence {
    let mut pattern = Vec::new();
    let thing = |pattern: &mut Vec<usize>, random: &mut Stream| {
        match random.below(3) {
            0 => {}
            1 => pattern.push(DETERMINER),
            _ => pattern.extend([DETERMINER, ADJECTIVE]),
        }
        pattern.push(NOUN);
    };
    match random.below(3) {
        0 => pattern.push(PRONOUN),
        1 => pattern.extend([DETERMINER, NOUN, PREPOSITION, NOUN]),
        _ => pattern.extend([PRONOUN, PREPOSITION, NOUN]), // "we after lunch talk"
    }
    pattern.push(VERB);
    if random.below(4) > 0 && pattern.len() < 5 {
        pattern.push(PREPOSITION);
        thing(&mut pattern, random);
    }
    let mut words = Vec::new();
    for tag in &pattern {
        let list: &[&str] = match *tag {
            PRONOUN => &PRONOUNS,
            PREPOSITION => &PREPOSITIONS,
            DETERMINER => &DETERMINERS,
            ADJECTIVE => &ADJECTIVES,
            _ if random.below(3) > 0 => &BOTH,
            NOUN => &NOUNS,
            _ => &VERBS,
        };
        words.extend(lexicon.read(list[random.below(list.len())]));
    }
    Sentence {
        words,
        tags: pattern.into_iter().map(|tag| tag as i64).collect(),
    }
}

fn examples(sentences: &[Sentence]) -> Examples {
    let (mut ids, mut classes) = (Vec::new(), Vec::new());
    for sentence in sentences {
        let missing = LONGEST - sentence.words.len();
        ids.extend(&sentence.words);
        ids.extend(std::iter::repeat_n(0, missing));
        classes.extend(&sentence.tags);
        classes.extend(std::iter::repeat_n(IGNORED, missing));
    }
    Examples {
        input: Input::Ids { ids, time: LONGEST },
        lengths: Some(
            sentences
                .iter()
                .map(|sentence| sentence.words.len())
                .collect(),
        ),
        target: Target::StepClasses {
            classes,
            time: LONGEST,
        },
    }
}

/// For each word how often it had each tag in training.
fn tag_counts(training: &[Sentence]) -> BTreeMap<u32, [usize; TAGS.len()]> {
    let mut counts: BTreeMap<u32, [usize; TAGS.len()]> = BTreeMap::new();
    for sentence in training {
        for (word, tag) in sentence.words.iter().zip(&sentence.tags) {
            counts.entry(*word).or_default()[*tag as usize] += 1;
        }
    }
    counts
}

/// Right answers to words that may be more than one thing, of each word's most frequent tag.
fn by_frequency(training: &[Sentence], test: &[Sentence]) -> f64 {
    let counts = tag_counts(training);
    let (mut right, mut all) = (0, 0);
    for sentence in test {
        for (word, tag) in sentence.words.iter().zip(&sentence.tags) {
            let Some(counts) = counts.get(word) else {
                continue;
            };
            if counts.iter().filter(|count| **count > 0).count() > 1 {
                let best = (0..TAGS.len()).max_by_key(|tag| counts[*tag]);
                right += usize::from(best == Some(*tag as usize));
                all += 1;
            }
        }
    }
    right as f64 / all as f64
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let mut lexicon = Lexicon::default();
    let mut draw = |seed: u64, count: usize| -> Vec<Sentence> {
        let mut random = Stream::new(&[seed]);
        (0..count)
            .map(|_| sentence(&mut lexicon, &mut random))
            .collect()
    };
    let (training, test) = (draw(1, setup.pick(3_000, 1_500)), draw(2, 500));
    let pair = PAIR.map(|text| Sentence {
        words: lexicon.read(text),
        tags: [PRONOUN, VERB, PREPOSITION, NOUN]
            .map(|tag| tag as i64)
            .to_vec(),
    });
    let network = Sequential::new()
        .add(Embedding::new(lexicon.size(), 16))
        .add(Kind::Simple.layer(32, true))
        .add(Dense::new(TAGS.len()));
    let plan = Plan {
        epochs: setup.pick(8, 6),
        learning_rate: 1e-2,
        ..Plan::default()
    };
    let name = Words::same("SimpleRnn");
    let model = train(setup, name, &network, &examples(&training), None, plan)?.model;
    let probabilities = said(&model, &pair);

    let mut told = Told::default();
    let count = training.len();
    told.text(say!(
        "Which part of speech a word is depends on the words around it. {count} sentences were made by a small grammar. \
         Eight of their words, such as \"work\" and \"play\", are as often nouns as verbs. A SimpleRnn reads a \
         sentence word by word and gives six numbers at each, which softmax turns into probabilities that sum to 1. The \
         loss is the sum over all words, and training moves the probabilities towards the right tags.",
        "낱말의 품사는 둘레의 낱말에 달려 있습니다. 작은 문법으로 문장 {count}개를 만들었습니다. \"work\", \"play\" 같은 \
         낱말 여덟 개는 명사일 때도 있고 동사일 때도 있습니다. SimpleRnn이 문장을 낱말마다 읽으며 수 여섯 개씩을 내고, \
         소프트맥스가 이를 합이 1인 확률로 바꿉니다. 손실은 모든 낱말에 대한 합이고, 학습은 확률을 맞는 품사 쪽으로 \
         옮깁니다."
    ));
    let mut columns = vec![Words::new("word", "낱말")];
    columns.extend(TAGS.map(Words::same));
    for (text, probabilities) in PAIR.iter().zip(probabilities.chunks(4)) {
        let mut grid = Grid::new(columns.clone());
        for (word, probabilities) in text.split(' ').zip(probabilities) {
            let mut row = vec![Entry::from(word)];
            row.extend(probabilities.iter().map(|p| Entry::from(format!("{p:.3}"))));
            grid.row(row);
        }
        told.table(grid);
    }
    told.text(Words::new(
        "Both sentences consist of the same four words. After \"I\" the network expects a verb, after \"at\" a noun, \
         whichever of the two words comes. A table of each word's most frequent tag cannot do that: it says the same of \
         \"work\" wherever it stands.",
        "두 문장은 같은 낱말 네 개로 되어 있습니다. 신경망은 둘 중 어느 낱말이 오든 \"I\" 다음에는 동사를, \"at\" \
         다음에는 명사를 기대합니다. 낱말마다 가장 흔한 품사를 적은 표로는 그렇게 할 수 없습니다. \"work\"가 어디에 있든 \
         같은 말을 합니다.",
    ));
    told.claim_share(
        say!(
            "right tags, all words of unseen sentences",
            "처음 보는 문장의 모든 낱말: 맞힌 비율"
        ),
        Expected::Above(0.98),
        accuracy(&model, &examples(&test)),
    );
    told.claim_share(
        say!(
            "each word's most frequent tag, where a word may be two things",
            "낱말마다 가장 흔한 품사, 두 가지일 수 있는 낱말: 맞힌 비율"
        ),
        Expected::Below(0.75),
        by_frequency(&training, &test),
    );
    for (text, place, tag) in [
        (PAIR[0], 1, VERB),
        (PAIR[0], 3, NOUN),
        (PAIR[1], 1, VERB),
        (PAIR[1], 3, NOUN),
    ] {
        let row = if text == PAIR[0] { place } else { 4 + place };
        let word = text.split(' ').nth(place).unwrap_or_default();
        let tag_name = TAGS[tag];
        told.claim_share(
            say!(
                "\"{text}\": probability that \"{word}\" is a {tag_name}",
                "\"{text}\": \"{word}\"가 {tag_name}일 확률"
            ),
            Expected::Above(0.9),
            probabilities[row][tag],
        );
    }
    let off = probabilities
        .iter()
        .map(|p| (p.iter().sum::<f64>() - 1.0).abs());
    told.claim(
        say!(
            "largest distance of a sum of probabilities from 1",
            "확률의 합이 1에서 벗어난 가장 큰 거리"
        ),
        Expected::Below(1e-9),
        off.fold(0.0, f64::max),
    );
    for (which, file) in ["work-at-play", "play-at-work"].into_iter().enumerate() {
        let of = &probabilities[4 * which..4 * which + 4];
        told.heat(
            file,
            HeatPlot {
                title: Words::same(PAIR[which]),
                rows: TAGS.map(Words::same).to_vec(),
                columns: PAIR[which].split(' ').map(Words::same).collect(),
                values: (0..TAGS.len())
                    .flat_map(|tag| of.iter().map(move |p| p[tag]))
                    .collect(),
                row_title: Words::new("tag", "품사"),
                column_title: Words::new("word", "낱말"),
                show_values: true,
            },
            Words::new(
                "Probability of each tag at each word.",
                "낱말마다 각 품사의 확률입니다.",
            ),
        );
    }
    Ok(told)
}

/// The probabilities of the tags at each of the four words of each sentence.
fn said(model: &Model, pair: &[Sentence]) -> Vec<Vec<f64>> {
    let answers = answers(model, &examples(pair));
    let steps = answers.chunks(TAGS.len()).enumerate();
    let valid = steps.filter(|(step, _)| step % LONGEST < 4);
    valid.map(|(_, logits)| softmax(logits)).collect()
}
