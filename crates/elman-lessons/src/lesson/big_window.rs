//! A window that holds the whole sentence: what it costs, and what moving a phrase does to it.

use super::Lesson;
use crate::claim::Expected;
use crate::lexicon::Lexicon;
use crate::network::{Kind, window};
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Plan, accuracy, train};
use crate::told::{Entry, Grid, LinePlot, Points, Told};
use crate::words::{Words, say};
use elman::model::Shape;
use elman::report::plot::LineKind;
use elman_data::random::Stream;

pub(super) const LESSON: Lesson = Lesson::new(
    "big-window",
    Words::new(
        "A really big window: its parameters, and \"this morning\" in another place",
        "아주 큰 창: 파라미터의 수, 그리고 자리를 옮긴 \"this morning\"",
    ),
    run,
);

const WHEN: [&str; 8] = [
    "this morning",
    "this evening",
    "last night",
    "last week",
    "next week",
    "next year",
    "at noon",
    "on Monday",
];
const WHO: [&str; 8] = [
    "I",
    "we",
    "they",
    "my brother",
    "the old man",
    "Anna",
    "our neighbours",
    "you",
];
const DO: [&str; 8] = [
    "walk the dog",
    "bake bread and cake",
    "play chess in the garden",
    "read a long book",
    "clean the kitchen",
    "sing in the choir",
    "write a letter to a friend",
    "swim in the cold lake",
];
/// Places in the window.
const PLACES: usize = 16;
/// The vocabulary and sizes of the notes' model, for counting parameters.
const NOTES: [usize; 3] = [10_000, 32, 32];

/// Sentences and when they say it happens, or that they do not say it. In training every phrase may stand at either end, but
/// [`WHEN`]'s first only at the front.
fn training(lexicon: &mut Lexicon, count: usize) -> Examples {
    let mut random = Stream::new(&[1]);
    let (mut sentences, mut classes) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let said = random.below(WHEN.len() + 1);
        let at_the_end = said > 0 && random.below(2) == 0;
        let text = sentence(&mut random, WHEN.get(said).copied(), at_the_end);
        sentences.push(lexicon.read(&text));
        classes.push(said as i64);
    }
    Examples::sentences(&sentences, PLACES, classes)
}

/// Sentences with `this morning` at the front or at the end.
fn test(lexicon: &mut Lexicon, at_the_end: bool) -> Examples {
    let mut random = Stream::new(&[2]);
    let text = |_| sentence(&mut random, Some(WHEN[0]), at_the_end);
    let texts: Vec<String> = (0..1_000).map(text).collect();
    let sentences: Vec<_> = texts.iter().map(|text| lexicon.read(text)).collect();
    Examples::sentences(&sentences, PLACES, vec![0; texts.len()])
}

fn sentence(random: &mut Stream, when: Option<&str>, at_the_end: bool) -> String {
    let (who, what) = (WHO[random.below(WHO.len())], DO[random.below(DO.len())]);
    match (when, at_the_end) {
        (None, _) => format!("{who} {what}"),
        (Some(when), true) => format!("{who} {what} {when}"),
        (Some(when), false) => format!("{when} {who} {what}"),
    }
}

/// Parameters above the embedding: of a window of so many words, and of a recurrent network that reads them.
fn parameters(length: usize) -> [usize; 2] {
    let [vocabulary, features, hidden_size] = NOTES;
    let shape = Shape::Ids { time: Some(length) };
    let networks = [
        window(vocabulary, features, hidden_size, 1),
        Kind::Simple.reader(vocabulary, features, hidden_size, 1),
    ];
    networks.map(|network| {
        let summary = network.summary_of(shape);
        let summary = summary.expect("the layers fit a sequence of words");
        summary.parameters() - vocabulary * features
    })
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let mut lexicon = Lexicon::default();
    let count = setup.pick(3_000, 1_200);
    let training = training(&mut lexicon, count);
    let (front, end) = (test(&mut lexicon, false), test(&mut lexicon, true));
    let without_lengths = |examples: &Examples| Examples {
        lengths: None,
        ..examples.clone()
    };
    let plan = Plan {
        epochs: setup.pick(8, 6),
        learning_rate: 1e-2,
        ..Plan::default()
    };
    let big = train(
        setup,
        say!("a window of {PLACES} words", "낱말 {PLACES}개의 창"),
        &window(lexicon.size(), 16, 32, WHEN.len() + 1),
        &without_lengths(&training),
        None,
        plan,
    )?
    .model;
    let recurrent = train(
        setup,
        say!("a recurrent network", "순환 신경망"),
        &Kind::Gru.reader(lexicon.size(), 16, 32, WHEN.len() + 1),
        &training,
        None,
        plan,
    )?
    .model;

    let mut told = Told::default();
    told.text(say!(
        "A window may be made so wide that whole sentences fit into it, {PLACES} words here. Then nothing is forgotten \
         and the order \
         is known. Two networks learned from {count} sentences when something happens: \"this morning we walk the dog\". \
         In training \
         seven such phrases (\"last night\", \"this evening\" and the like) stood at the front or at the end, \"this \
         morning\" at the front only. Then both were \
         asked about sentences that begin, and about sentences that end, with \"this morning\".",
        "창을 문장 전체가 들어갈 만큼 넓힐 수 있습니다. 여기서는 낱말 {PLACES}개입니다. 그러면 잊는 것도 없고 순서도 \
         압니다. 두 신경망이 문장 \
         {count}개로 언제 일어나는 일인지를 배웠습니다. 예를 들면 \"this morning we walk the dog\"입니다. 학습할 때 \
         \"last night\", \"this evening\" 같은 구 일곱 개는 맨 앞이나 맨 뒤에 있었고, \"this morning\"은 맨 앞에만 \
         있었습니다. \
         그런 다음 \"this morning\"으로 시작하는 문장과 끝나는 문장을 물었습니다."
    ));
    let mut grid = Grid::new([
        Words::new("\"this morning\" stands", "\"this morning\"의 자리"),
        Words::new("window: right, %", "창: 맞힌 비율, %"),
        Words::new("recurrent: right, %", "순환: 맞힌 비율, %"),
    ]);
    let measured = [&front, &end].map(|examples| {
        [
            accuracy(&big, &without_lengths(examples)),
            accuracy(&recurrent, examples),
        ]
    });
    let places = [
        Words::new("at the front, as in training", "맨 앞, 학습 때처럼"),
        Words::new("at the end", "맨 뒤"),
    ];
    for (place, shares) in places.into_iter().zip(measured) {
        let [window, recurrent] = shares.map(|share| Entry::from(100.0 * share));
        grid.row([place.into(), window, recurrent]);
    }
    told.table(grid);
    told.text(Words::new(
        "The window has weights of its own for each place. What it learned about \"morning\" it learned for the first \
         places. At the end \
         of a sentence the same word meets weights that never saw it, and the network knows nothing. The recurrent \
         network uses one set of \
         weights at every step, so a word is the same word wherever it stands.",
        "창에는 자리마다 따로 가중치가 있습니다. \"morning\"에 대해 배운 것은 처음 두 자리에서 배운 것입니다. 문장 \
         끝에서는 같은 낱말이 그 낱말을 본 적 \
         없는 가중치를 만나고, 신경망은 아무것도 모릅니다. 순환 신경망은 모든 걸음에서 같은 가중치를 쓰므로 낱말은 어디에 \
         있든 같은 낱말입니다.",
    ));
    let [vocabulary, features, hidden_size] = NOTES;
    told.text(say!(
        "The same fact shows in the number of parameters. With {vocabulary} words of {features} features and \
         {hidden_size} units, each \
         further place costs {features} × {hidden_size} weights. The recurrent network's count does not depend on the \
         length.",
        "같은 사실이 파라미터의 수에도 나타납니다. 낱말 {vocabulary}개, 특징 {features}개, 유닛 {hidden_size}개라면 \
         자리가 하나 늘 때마다 가중치 \
         {features} × {hidden_size}개가 더 듭니다. 순환 신경망의 파라미터 수는 길이에 달려 있지 않습니다."
    ));
    let lengths = [5, 10, 20, 50, 100, 200, 500];
    let counted = lengths.map(parameters);
    let mut grid = Grid::new([
        Words::new("words", "낱말 수"),
        Words::new("window", "창"),
        Words::new("SimpleRnn", "SimpleRnn"),
    ]);
    for (length, [window, recurrent]) in lengths.iter().zip(counted) {
        grid.row([(*length).into(), window.into(), recurrent.into()]);
    }
    told.table(grid);

    told.claim_share(
        say!(
            "the window, the phrase first: right",
            "창, 구가 맨 앞일 때: 맞힌 비율"
        ),
        Expected::Above(0.99),
        measured[0][0],
    );
    told.claim_share(
        say!(
            "the window, the phrase at the end: right",
            "창, 구가 맨 뒤일 때: 맞힌 비율"
        ),
        Expected::Below(0.5),
        measured[1][0],
    );
    told.claim_share(
        say!(
            "the recurrent network, the phrase at the end: right",
            "순환 신경망, 구가 맨 뒤일 때: 맞힌 비율"
        ),
        Expected::Above(0.95),
        measured[1][1],
    );
    let head = hidden_size + 1;
    told.claim(
        say!(
            "parameters of SimpleRnn(32) on 32 features, at every length",
            "특징 32개를 읽는 SimpleRnn(32)의 파라미터, 길이에 상관없이"
        ),
        Expected::Exactly(2_080.0),
        match counted.iter().all(|counts| counts[1] == counted[0][1]) {
            true => (counted[0][1] - head) as f64,
            false => f64::NAN,
        },
    );
    told.claim(
        say!(
            "parameters of the window's hidden layer at 100 words: 100 × 32 × 32 + 32",
            "낱말 100개에서 창의 은닉층 파라미터: 100 × 32 × 32 + 32"
        ),
        Expected::Exactly(102_432.0),
        (counted[4][0] - head) as f64,
    );
    let line = |which: usize| -> Points {
        let points = lengths.iter().zip(counted);
        points
            .map(|(length, counts)| [*length as f64, counts[which] as f64])
            .collect()
    };
    told.lines(
        "parameters",
        LinePlot {
            title: Words::new("Parameters by length", "길이에 따른 파라미터 수"),
            x: Words::new("words in the sentence", "문장의 낱말 수"),
            y: Words::new("parameters, logarithmic", "파라미터, 로그 눈금"),
            logarithmic: true,
            lines: vec![
                (Words::same("SimpleRnn"), line(1), LineKind::Compared),
                (Words::new("window", "창"), line(0), LineKind::Compared),
            ],
            marks: Vec::new(),
        },
        Words::new(
            "A window pays for every place; a recurrent network shares its weights.",
            "창은 자리마다 값을 치르고, 순환 신경망은 가중치를 나누어 씁니다.",
        ),
    );
    Ok(told)
}
