//! Counts of words do not know their order.

use super::Lesson;
use crate::claim::Expected;
use crate::lexicon::Lexicon;
use crate::network::{Kind, counts};
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Input, Plan, Target, accuracy, answers, softmax, train};
use crate::told::{HeatPlot, LinePlot, Points, Told};
use crate::words::{Words, say};
use elman::report::plot::LineKind;
use elman_data::random::shuffled;

pub(super) const LESSON: Lesson = Lesson::new(
    "bag-of-counts",
    Words::new(
        "Counts of words cannot tell \"good, not bad\" from \"bad, not good\"",
        "낱말의 개수로는 \"good, not bad\"와 \"bad, not good\"를 가리지 못한다",
    ),
    run,
);

const THINGS: [&str; 8] = [
    "food", "film", "room", "song", "trip", "book", "game", "coffee",
];
const GOOD: [&str; 4] = ["good", "fine", "great", "lovely"];
const BAD: [&str; 4] = ["bad", "poor", "awful", "dull"];
const TAILS: [&str; 4] = ["", "at all", "in the end", "I must say"];

/// The two sentences of the lesson.
const PAIR: [&str; 2] = [
    "the food was good , not bad at all",
    "the food was bad , not good at all",
];

/// Sentences with their class: 1 is praise.
#[derive(Default)]
struct Corpus {
    sentences: Vec<Vec<u32>>,
    classes: Vec<i64>,
}

impl Corpus {
    fn add(&mut self, lexicon: &mut Lexicon, text: &str, class: i64) {
        self.sentences.push(lexicon.read(text));
        self.classes.push(class);
    }

    fn read(&self) -> Examples {
        Examples::sentences(&self.sentences, 12, self.classes.clone())
    }

    /// How often each word occurs, `[sentences, words]`.
    fn counted(&self, words: usize) -> Examples {
        let mut values = vec![0.0; self.sentences.len() * words];
        for (row, sentence) in values.chunks_mut(words).zip(&self.sentences) {
            sentence.iter().for_each(|word| row[*word as usize] += 1.0);
        }
        Examples {
            input: Input::Vectors {
                values,
                features: words,
            },
            lengths: None,
            target: Target::Classes(self.classes.clone()),
        }
    }
}

/// For training: plain sentences, and four fifths of those that compare. For the test: the others of those.
fn corpora(lexicon: &mut Lexicon) -> [Corpus; 2] {
    let [mut training, mut test] = [Corpus::default(), Corpus::default()];
    let mut number = 0;
    let order = shuffled(THINGS.len() * GOOD.len() * BAD.len() * TAILS.len(), 7, 0);
    for thing in THINGS {
        for good in GOOD {
            for bad in BAD {
                for tail in TAILS {
                    let for_test = order[number].is_multiple_of(5);
                    number += 1;
                    let corpus = match for_test {
                        true => &mut test,
                        false => &mut training,
                    };
                    let [praise, blame] = [(good, bad), (bad, good)]
                        .map(|(is, is_not)| format!("the {thing} was {is} , not {is_not} {tail}"));
                    corpus.add(lexicon, &praise, 1);
                    corpus.add(lexicon, &blame, 0);
                }
            }
        }
        for (words, class) in [(GOOD, 1), (BAD, 0)] {
            for word in words {
                training.add(lexicon, &format!("the {thing} was {word}"), class);
            }
        }
    }
    [training, test]
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let mut lexicon = Lexicon::default();
    let [training, test] = corpora(&mut lexicon);
    let mut pair = Corpus::default();
    pair.add(&mut lexicon, PAIR[0], 1);
    pair.add(&mut lexicon, PAIR[1], 0);
    let words = lexicon.size();
    let plan = Plan {
        epochs: setup.pick(10, 8),
        learning_rate: 1e-2,
        ..Plan::default()
    };
    let bag = train(
        setup,
        say!("counts of words", "낱말의 개수"),
        &counts(32, 2),
        &training.counted(words),
        None,
        plan,
    )?
    .model;
    let recurrent = train(
        setup,
        say!("a recurrent network", "순환 신경망"),
        &Kind::Gru.reader(words, 16, 16, 2),
        &training.read(),
        None,
        plan,
    )?
    .model;

    let counted = answers(&bag, &pair.counted(words));
    let (left, right) = counted.split_at(2);
    let same_bits = left
        .iter()
        .zip(right)
        .all(|(l, r)| l.to_bits() == r.to_bits());
    let read = answers(&recurrent, &pair.read());
    let praise: Vec<f64> = read.chunks(2).map(|logits| softmax(logits)[1]).collect();

    let mut told = Told::default();
    let (all, held) = (training.sentences.len(), test.sentences.len());
    told.text(say!(
        "Two networks learned from {all} short reviews whether they praise or blame. One was given how often each word \
         occurs \
         in a review. The other, a recurrent network (a GRU), read the words one after the other. Both were then asked \
         about {held} \
         reviews that neither had seen.",
        "두 신경망이 짧은 평 {all}개로 칭찬인지 불평인지를 배웠습니다. 하나는 평에 낱말마다 몇 번 나오는지를 받았습니다. \
         다른 하나인 순환 \
         신경망(GRU)은 낱말을 차례로 읽었습니다. 그런 다음 둘 다 본 적이 없는 평 {held}개에 답하게 했습니다."
    ));
    let [first, second] = PAIR;
    told.code(Words::same(format!("A: {first}\nB: {second}")));
    told.text(say!(
        "A and B mean the opposite of each other and are made of the same words. Their counts are equal, number by \
         number, so any \
         network that reads counts computes exactly the same for both. It is not a matter of training longer or of more \
         units: what \
         would tell them apart was thrown away before the network saw anything. The recurrent network's state depends on \
         the order \
         in which the words came.",
        "A와 B는 뜻이 반대인데 같은 낱말로 되어 있습니다. 개수는 하나하나 모두 같으므로, 개수를 읽는 신경망이라면 어떤 \
         것이든 두 문장에서 똑같은 계산을 \
         합니다. 더 오래 학습하거나 유닛을 늘려서 될 일이 아닙니다. 둘을 가려 줄 것이 신경망에 들어가기 전에 이미 \
         버려졌습니다. 순환 신경망의 상태는 \
         낱말이 들어온 순서에 따라 달라집니다."
    ));
    told.claim(
        say!(
            "the counts network, A against B: answers that differ in any bit",
            "개수 신경망, A와 B: 한 비트라도 다른 답의 수"
        ),
        Expected::Exactly(0.0),
        f64::from(u8::from(!same_bits)),
    );
    told.claim_share(
        say!(
            "the counts network, unseen reviews that compare: right",
            "개수 신경망, 처음 보는 비교 평: 맞힌 비율"
        ),
        Expected::Exactly(0.5),
        accuracy(&bag, &test.counted(words)),
    );
    told.claim_share(
        say!(
            "the recurrent network, the same reviews: right",
            "순환 신경망, 같은 평: 맞힌 비율"
        ),
        Expected::Above(0.99),
        accuracy(&recurrent, &test.read()),
    );
    for (name, expected, praise) in [
        ("A", Expected::Above(0.9), praise[0]),
        ("B", Expected::Below(0.1), praise[1]),
    ] {
        told.claim_share(
            say!(
                "the recurrent network: probability that {name} is praise",
                "순환 신경망: {name}가 칭찬일 확률"
            ),
            expected,
            praise,
        );
    }
    told.heat(
        "counts",
        HeatPlot {
            title: Words::new("What the counts network sees", "개수 신경망이 보는 것"),
            rows: vec![Words::same("A"), Words::same("B")],
            columns: seen(&pair, &lexicon),
            values: {
                let columns = columns(&pair);
                let of = |sentence: &Vec<u32>| {
                    let count = |word: &u32| sentence.iter().filter(|other| *other == word).count();
                    columns
                        .iter()
                        .map(count)
                        .map(|count| count as f64)
                        .collect::<Vec<_>>()
                };
                pair.sentences.iter().flat_map(of).collect()
            },
            row_title: Words::new("sentence", "문장"),
            column_title: Words::new("word", "낱말"),
            show_values: true,
        },
        Words::new("Both rows are the same.", "두 줄이 똑같습니다."),
    );
    let path = |sentence: &Vec<u32>| -> Points {
        let beginning = |words: usize| {
            let mut corpus = Corpus::default();
            corpus.sentences.push(sentence[..words].to_vec());
            corpus.classes.push(0);
            100.0 * softmax(&answers(&recurrent, &corpus.read()))[1]
        };
        let points = 1..=sentence.len();
        points
            .map(|words| [words as f64, beginning(words)])
            .collect()
    };
    told.lines(
        "reading",
        LinePlot {
            title: Words::new("What the recurrent network thinks, word by word", "순환 신경망의 생각, 낱말마다"),
            x: Words::new("words read", "읽은 낱말 수"),
            y: Words::new("probability of praise, %", "칭찬일 확률, %"),
            logarithmic: false,
            lines: vec![
                (Words::same("A: good , not bad"), path(&pair.sentences[0]), LineKind::Compared),
                (Words::same("B: bad , not good"), path(&pair.sentences[1]), LineKind::Compared),
            ],
            marks: Vec::new(),
        },
        Words::new(
            "The fourth word is \"good\" or \"bad\". After the last word the two sentences stand at opposite ends.",
            "넷째 낱말이 \"good\" 또는 \"bad\"입니다. 마지막 낱말까지 읽으면 두 문장은 서로 반대쪽 끝에 있습니다.",
        ),
    );
    Ok(told)
}

/// The words of both sentences, once each, in the order of the first.
fn columns(pair: &Corpus) -> Vec<u32> {
    let mut columns: Vec<u32> = Vec::new();
    for word in &pair.sentences[0] {
        if !columns.contains(word) {
            columns.push(*word);
        }
    }
    columns
}

fn seen(pair: &Corpus, lexicon: &Lexicon) -> Vec<Words> {
    let word = |word: &u32| Words::same(lexicon.words()[*word as usize - 1].clone());
    columns(pair).iter().map(word).collect()
}
