//! The next word from the last few words, and what that forgets.

use super::Lesson;
use crate::claim::Expected;
use crate::lexicon::Lexicon;
use crate::network::{Kind, window};
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Plan, accuracy, answers, hits, likeliest, softmax, train};
use crate::told::{Entry, Grid, LinePlot, Points, Told};
use crate::words::{Words, say};
use elman::model::Model;
use elman::report::plot::LineKind;
use elman_data::random::Stream;

pub(super) const LESSON: Lesson = Lesson::new(
    "fixed-window",
    Words::new(
        "The next word from a fixed window, and what it forgets",
        "고정된 창으로 다음 낱말 맞히기, 그리고 창이 잊는 것",
    ),
    run,
);

/// Where somebody is from, and what they speak.
const HOMES: [(&str, &str); 8] = [
    ("France", "French"),
    ("Korea", "Korean"),
    ("Spain", "Spanish"),
    ("Japan", "Japanese"),
    ("Italy", "Italian"),
    ("Poland", "Polish"),
    ("Greece", "Greek"),
    ("Finland", "Finnish"),
];

/// What may happen between the country and the language.
const BETWEEN: [&str; 7] = [
    "now I live in Boston",
    "I work in a small town by the sea",
    "my sister sells bread",
    "we have a red house and two cats",
    "I play chess on Sundays",
    "the winters here are long",
    "I teach music",
];

/// Sentences whose last word follows from the words just before it.
const NEAR: [(&str, &str); 6] = [
    ("I took my dog for a", "walk"),
    ("we put the bread into the", "oven"),
    ("she opened the door with her", "key"),
    ("he drank a cup of", "tea"),
    ("they sailed across the", "lake"),
    ("the child fell asleep in her", "bed"),
];

const WHEN: [&str; 4] = ["this morning", "last night", "on Monday", "after lunch"];

/// Words that the window sees.
const WINDOW: usize = 4;
const LONGEST: usize = 40;

/// A sentence without its last word, that word, and how far back the word lies that decides it.
struct Sentence {
    words: Vec<u32>,
    answer: usize,
    distance: Option<usize>,
}

fn sentence(lexicon: &mut Lexicon, random: &mut Stream) -> Sentence {
    if random.below(3) == 0 {
        let near = random.below(NEAR.len());
        let when = WHEN[random.below(WHEN.len())];
        return Sentence {
            words: lexicon.read(&format!("{when} {}", NEAR[near].0)),
            answer: HOMES.len() + near,
            distance: None,
        };
    }
    let home = random.below(HOMES.len());
    let start = format!("{} is where I grew up", HOMES[home].0);
    let mut text = start;
    for _ in 0..random.below(4) {
        text += " , ";
        text += BETWEEN[random.below(BETWEEN.len())];
    }
    let words = lexicon.read(&(text + " . I speak fluent"));
    Sentence {
        distance: Some(words.len()),
        words,
        answer: home,
    }
}

fn examples(sentences: &[Sentence], last: Option<usize>) -> Examples {
    let seen = sentences.iter().map(|sentence| {
        let words = &sentence.words;
        match last {
            Some(last) => words[words.len() - last..].to_vec(),
            None => words.clone(),
        }
    });
    let classes = sentences.iter().map(|sentence| sentence.answer as i64);
    let mut examples = Examples::sentences(
        &seen.collect::<Vec<_>>(),
        last.unwrap_or(LONGEST),
        classes.collect(),
    );
    if last.is_some() {
        examples.lengths = None;
    }
    examples
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let mut lexicon = Lexicon::default();
    let mut draw = |seed: u64, count: usize| -> Vec<Sentence> {
        let mut random = Stream::new(&[seed]);
        (0..count)
            .map(|_| sentence(&mut lexicon, &mut random))
            .collect()
    };
    let (training, test) = (draw(1, setup.pick(4_000, 2_000)), draw(2, 1_000));
    let classes = HOMES.len() + NEAR.len();
    let plan = Plan {
        epochs: setup.pick(6, 5),
        learning_rate: 1e-2,
        ..Plan::default()
    };
    let narrow = train(
        setup,
        say!("a window of {WINDOW} words", "낱말 {WINDOW}개의 창"),
        &window(lexicon.size(), 16, 32, classes),
        &examples(&training, Some(WINDOW)),
        None,
        plan,
    )?
    .model;
    let recurrent = train(
        setup,
        say!("a recurrent network", "순환 신경망"),
        &Kind::Gru.reader(lexicon.size(), 16, 32, classes),
        &examples(&training, None),
        None,
        plan,
    )?
    .model;

    let (near, far): (Vec<Sentence>, Vec<Sentence>) = test
        .into_iter()
        .partition(|sentence| sentence.distance.is_none());
    let chance = 1.0 / HOMES.len() as f64;
    let mut told = Told::default();
    let (homes, all) = (HOMES.len(), training.len());
    told.text(say!(
        "A network with a fixed window sees the last {WINDOW} words and nothing else. It was trained on {all} sentences \
         of two \
         kinds. In the first kind the next word follows from the words just before it: \"I took my dog for a\" is \
         followed by \
         \"walk\". In the second kind it follows from the first word: someone grew up in one of {homes} countries, tells \
         this \
         and that, and then says \"I speak fluent\". A recurrent network (a GRU) read the same sentences from their \
         beginning.",
        "고정된 창을 쓰는 신경망은 마지막 낱말 {WINDOW}개만 봅니다. 두 종류의 문장 {all}개로 학습했습니다. 첫째 \
         종류에서는 다음 낱말이 바로 앞의 \
         낱말들로 정해집니다. \"I took my dog for a\" 다음에는 \"walk\"가 옵니다. 둘째 종류에서는 첫 낱말이 답을 \
         정합니다. 나라 {homes}곳 \
         중 한 곳에서 자란 사람이 이런저런 이야기를 한 다음 \"I speak fluent\"라고 말합니다. 순환 신경망(GRU)은 같은 \
         문장을 처음부터 읽었습니다."
    ));
    let said = |model: &Model, sentence: &Sentence, last| {
        let answer = answers(model, &examples(std::slice::from_ref(sentence), last));
        let best = likeliest(&answer);
        let word = match best.checked_sub(HOMES.len()) {
            Some(near) => NEAR[near].1,
            None => HOMES[best].1,
        };
        format!("{word} ({:.0} %)", 100.0 * softmax(&answer)[best])
    };
    let mut grid = Grid::new([
        Words::new("the sentence", "문장"),
        Words::new("window", "창"),
        Words::new("recurrent", "순환"),
    ]);
    let shown = [
        "this morning I took my dog for a",
        "France is where I grew up . I speak fluent",
        "Korea is where I grew up , I teach music . I speak fluent",
        "France is where I grew up , now I live in Boston , I play chess on Sundays . I speak fluent",
    ];
    for text in shown {
        let sentence = Sentence {
            words: lexicon.read(text),
            answer: 0,
            distance: None,
        };
        grid.row([
            Entry::from(text.replace(" ,", ",").replace(" .", ".") + " …"),
            said(&narrow, &sentence, Some(WINDOW)).into(),
            said(&recurrent, &sentence, None).into(),
        ]);
    }
    told.table(grid);
    told.text(say!(
        "The last {WINDOW} words of every sentence of the second kind are \". I speak fluent\". Whatever the country was, \
         the \
         window reads the same, and so it must answer the same: it guesses. A wider window only moves the limit. The \
         recurrent \
         network takes the country into its state at the first word and carries it to the last.",
        "둘째 종류의 문장은 모두 마지막 낱말 {WINDOW}개가 \". I speak fluent\"입니다. 나라가 어디였든 창이 읽는 것은 \
         같으므로 답도 같을 수밖에 \
         없습니다. 짐작할 뿐입니다. 창을 넓히면 한계가 조금 멀어질 뿐입니다. 순환 신경망은 첫 낱말에서 나라를 상태에 담아 \
         마지막 낱말까지 가져갑니다."
    ));
    told.claim_share(
        say!(
            "the window, where the answer lies just before: right words",
            "창, 답이 바로 앞에 있을 때: 맞힌 비율"
        ),
        Expected::Above(0.99),
        accuracy(&narrow, &examples(&near, Some(WINDOW))),
    );
    told.claim_share(
        say!(
            "the window, where the answer lies far back: right words (1 in {homes} is chance)",
            "창, 답이 멀리 앞에 있을 때: 맞힌 비율 (우연이면 {homes}번에 한 번)"
        ),
        Expected::Below(chance + 0.07),
        accuracy(&narrow, &examples(&far, Some(WINDOW))),
    );
    told.claim_share(
        say!(
            "the recurrent network, where the answer lies far back: right words",
            "순환 신경망, 답이 멀리 앞에 있을 때: 맞힌 비율"
        ),
        Expected::Above(0.95),
        accuracy(&recurrent, &examples(&far, None)),
    );
    told.lines(
        "distance",
        LinePlot {
            title: Words::new("Right words by distance", "거리에 따라 맞힌 비율"),
            x: Words::new(
                "words from the country to the language",
                "나라에서 언어까지의 낱말 수",
            ),
            y: Words::new("right, %", "맞힌 비율, %"),
            logarithmic: false,
            lines: vec![
                (
                    Words::new("recurrent", "순환 신경망"),
                    by_distance(&recurrent, &far, None),
                    LineKind::Compared,
                ),
                (
                    Words::new("fixed window", "고정된 창"),
                    by_distance(&narrow, &far, Some(WINDOW)),
                    LineKind::Compared,
                ),
                (
                    Words::new("chance", "우연"),
                    vec![[8.0, 100.0 * chance], [34.0, 100.0 * chance]],
                    LineKind::Level,
                ),
            ],
            marks: Vec::new(),
        },
        Words::new(
            "The window is at chance at every distance beyond its own width; the recurrent network does not mind.",
            "창은 제 너비를 넘는 모든 거리에서 우연과 같고, 순환 신경망은 거리에 상관이 없습니다.",
        ),
    );
    Ok(told)
}

/// The share of right answers, in per cent, of distances that are near each other.
fn by_distance(model: &Model, sentences: &[Sentence], last: Option<usize>) -> Points {
    const STEP: usize = 4;
    let hits = hits(model, &examples(sentences, last));
    let far = |sentence: &Sentence| sentence.distance.unwrap_or(0) / STEP;
    let bins = 0..=sentences.iter().map(far).max().unwrap_or(0);
    let point = |bin: usize| {
        let of = sentences.iter().zip(&hits);
        let of: Vec<bool> = of
            .filter(|(sentence, _)| far(sentence) == bin)
            .filter_map(|(_, hit)| *hit)
            .collect();
        let right = of.iter().filter(|hit| **hit).count();
        let share = 100.0 * right as f64 / of.len() as f64;
        (of.len() >= 10).then_some([(bin * STEP + STEP / 2) as f64, share])
    };
    bins.filter_map(point).collect()
}
