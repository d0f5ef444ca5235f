//! The five shapes of tasks: one to one, one to many, many to one, many to many aligned, and unaligned.

use super::Lesson;
use crate::claim::Expected;
use crate::network::Kind;
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Input, Plan, Target, accuracy, answers, mean_loss, train};
use crate::told::{Entry, Grid, LinePlot, Points, Told};
use crate::words::{Lang, Words, say};
use elman::model::{
    ActivationKind, Dense, Embedding, Model, OneHot, RepeatVector, Sequential, Shape,
};
use elman::report::plot::{self, LineKind, Unrolled, UnrolledWords};
use elman_data::random::Stream;

pub(super) const LESSON: Lesson = Lesson::new(
    "five-shapes",
    Words::new(
        "The five shapes: one to one, one to many, many to one, many to many twice",
        "다섯 가지 꼴: 일대일, 일대다, 다대일, 다대다 두 가지",
    ),
    run,
);

/// Steps of what is one to many.
const WAVE: usize = 20;
/// Digits that are turned round.
const DIGITS: usize = 4;

/// What the pictures say in Korean.
const UNROLLED: UnrolledWords = UnrolledWords {
    shared: "모든 걸음에 같은 가중치",
    shared_both_ways: "방향마다, 모든 걸음에 같음",
    last_state: "마지막 상태",
    told: "앞에서 말한 것",
    layer: "층",
    step: "걸음",
};

/// A shape: its name, its task, its layers and examples.
struct Form {
    name: Words,
    /// The file of its picture.
    file: &'static str,
    /// What it reads, and what it says.
    ends: [Words; 2],
    task: Words,
    network: Sequential,
    training: Examples,
    test: Examples,
    rate: f64,
    epochs: usize,
}

/// Two numbers: how high, and how fast.
fn of_numbers(
    count: usize,
    seed: u64,
    answer: impl Fn(f32, f32) -> Target,
    join: impl Fn(&mut Target, Target),
) -> Examples {
    let mut values = Vec::new();
    let mut all: Option<Target> = None;
    for row in 0..count {
        let mut random = Stream::new(&[seed, row as u64]);
        let (high, fast) = (random.between(0.3, 1.0), random.between(0.2, 1.0));
        values.extend([high, fast]);
        let one = answer(high, fast);
        match &mut all {
            Some(all) => join(all, one),
            None => all = Some(one),
        }
    }
    Examples {
        input: Input::Vectors {
            values,
            features: 2,
        },
        lengths: None,
        target: all.expect("there is an example"),
    }
}

fn wave(high: f32, fast: f32, step: usize) -> f32 {
    high * (fast * step as f32 * 0.8).sin()
}

fn one_to_one(count: usize, seed: u64) -> Examples {
    of_numbers(
        count,
        seed,
        |high, fast| Target::Classes(vec![i64::from(high > fast)]),
        |all, one| {
            if let (Target::Classes(all), Target::Classes(one)) = (all, one) {
                all.extend(one);
            }
        },
    )
}

fn one_to_many(count: usize, seed: u64) -> Examples {
    of_numbers(
        count,
        seed,
        |high, fast| Target::StepValues {
            values: (0..WAVE).map(|step| wave(high, fast, step)).collect(),
            time: WAVE,
            width: 1,
        },
        |all, one| {
            if let (
                Target::StepValues { values: all, .. },
                Target::StepValues { values: one, .. },
            ) = (all, one)
            {
                all.extend(one);
            }
        },
    )
}

/// Signs from 1 to `signs`, and the classes of their sequence.
fn of_signs(
    count: usize,
    seed: u64,
    time: usize,
    signs: usize,
    answer: impl Fn(&[u32]) -> Vec<i64>,
) -> Examples {
    let (mut ids, mut classes) = (Vec::new(), Vec::new());
    for row in 0..count {
        let mut random = Stream::new(&[seed, row as u64]);
        let one: Vec<u32> = (0..time).map(|_| 1 + random.below(signs) as u32).collect();
        classes.extend(answer(&one));
        ids.extend(one);
    }
    let target = match classes.len() == count {
        true => Target::Classes(classes),
        false => Target::StepClasses { classes, time },
    };
    Examples {
        input: Input::Ids { ids, time },
        lengths: None,
        target,
    }
}

/// Whether there are more ones than twos.
fn more_ones(signs: &[u32]) -> Vec<i64> {
    let count = |sign: u32| signs.iter().filter(|other| **other == sign).count();
    vec![i64::from(count(1) > count(2))]
}

/// At each step whether the sign was there before.
fn seen_before(signs: &[u32]) -> Vec<i64> {
    let steps = signs.iter().enumerate();
    steps
        .map(|(step, sign)| i64::from(signs[..step].contains(sign)))
        .collect()
}

fn turned_round(signs: &[u32]) -> Vec<i64> {
    signs
        .iter()
        .rev()
        .map(|sign| i64::from(*sign) - 1)
        .collect()
}

fn forms(count: usize) -> Vec<Form> {
    let sign_reader = |every_step: bool| {
        Sequential::new()
            .add(OneHot::new(7))
            .add(Kind::Gru.layer(32, every_step))
            .add(Dense::new(2))
    };
    vec![
        Form {
            name: Words::new("one to one", "일대일"),
            file: "one-to-one",
            ends: [
                Words::new("two numbers", "수 두 개"),
                Words::new("yes or no", "예 또는 아니요"),
            ],
            task: Words::new(
                "two numbers: is the first larger?",
                "수 두 개: 첫째가 더 큰가?",
            ),
            network: Sequential::new()
                .add(Dense::new(16).activation(ActivationKind::Relu))
                .add(Dense::new(2)),
            training: one_to_one(count, 1),
            test: one_to_one(500, 2),
            rate: 1e-2,
            epochs: 25,
        },
        Form {
            name: Words::new("one to many", "일대다"),
            file: "one-to-many",
            ends: [
                Words::new("two numbers", "수 두 개"),
                Words::new("a wave", "물결"),
            ],
            task: Words::new(
                "two numbers: the wave that they describe",
                "수 두 개: 그것이 나타내는 물결",
            ),
            network: Sequential::new()
                .add(RepeatVector { times: WAVE })
                .add(Kind::Gru.layer(32, true))
                .add(Dense::new(1)),
            training: one_to_many(count, 3),
            test: one_to_many(500, 4),
            rate: 5e-3,
            epochs: 20,
        },
        Form {
            name: Words::new("many to one", "다대일"),
            file: "many-to-one",
            ends: [
                Words::new("signs", "기호"),
                Words::new("yes or no", "예 또는 아니요"),
            ],
            task: Words::new(
                "12 signs: more ones than twos?",
                "기호 12개: 1이 2보다 많은가?",
            ),
            network: sign_reader(false),
            training: of_signs(count, 5, 12, 4, more_ones),
            test: of_signs(500, 6, 12, 4, more_ones),
            rate: 1e-2,
            epochs: 15,
        },
        Form {
            name: Words::new("many to many, aligned", "다대다, 나란히"),
            file: "aligned",
            ends: [
                Words::new("signs", "기호"),
                Words::new("yes or no", "예 또는 아니요"),
            ],
            task: Words::new(
                "at each sign: was it there before?",
                "기호마다: 앞에 나왔는가?",
            ),
            network: sign_reader(true),
            training: of_signs(count, 7, 10, 6, seen_before),
            test: of_signs(500, 8, 10, 6, seen_before),
            rate: 1e-2,
            epochs: 12,
        },
        Form {
            name: Words::new("many to many, unaligned", "다대다, 어긋나게"),
            file: "unaligned",
            ends: [Words::new("digits", "숫자"), Words::new("digits", "숫자")],
            task: Words::new(
                "four digits, then the same in reverse",
                "숫자 네 개를 읽은 뒤 거꾸로 말하기",
            ),
            network: Sequential::new()
                .add(Embedding::new(11, 16))
                .add(Kind::Gru.layer(64, false))
                .add(RepeatVector { times: DIGITS })
                .add(Kind::Gru.layer(64, true))
                .add(Dense::new(10)),
            training: of_signs(2 * count, 9, DIGITS, 10, turned_round),
            test: of_signs(500, 10, DIGITS, 10, turned_round),
            rate: 5e-3,
            epochs: 30,
        },
    ]
}

/// The sizes that a network reads and gives.
fn sizes(network: &Sequential, input: Shape) -> String {
    let output = network.output_shape(input);
    let output = output.expect("the layers fit the examples");
    format!("{input} → {output}").replace("None", "N")
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let mut grid = Grid::new([
        Words::new("shape", "꼴"),
        Words::new("task", "과제"),
        Words::new("reads → gives (N examples)", "읽음 → 말함 (예 N개)"),
        Words::new("parameters", "파라미터"),
    ]);
    let mut claims = Vec::new();
    let mut drawn: Option<(Model, Examples)> = None;
    let mut pictures = Vec::new();
    for form in forms(setup.pick(4_000, 2_500)) {
        let plan = Plan {
            epochs: form.epochs,
            learning_rate: form.rate,
            ..Plan::default()
        };
        let model = train(
            setup,
            form.name.clone(),
            &form.network,
            &form.training,
            None,
            plan,
        )?
        .model;
        let shape = form.training.shape();
        let summary = form.network.summary_of(shape);
        let summary = summary.expect("the layers fit the examples");
        let parameters = summary.parameters();
        pictures.push((form.file, form.name.clone(), form.ends, summary));
        grid.row([
            Entry::from(form.name.clone()),
            form.task.into(),
            sizes(&form.network, shape).into(),
            parameters.into(),
        ]);
        let error = match &form.test.target {
            Target::StepValues { .. } => Some(mean_loss(&model, &form.test)),
            _ => None,
        };
        let right = error.is_none().then(|| accuracy(&model, &form.test));
        claims.push((form.name, right, error));
        if error.is_some() {
            drawn = Some((model, form.test));
        }
    }

    let mut told = Told::default();
    told.text(Words::new(
        "Tasks on sequences come in five shapes, by where inputs come in and answers go out. One small network of each \
         shape was trained on a task whose answer is known.",
        "열에 대한 과제는 입력이 들어오는 곳과 답이 나가는 곳에 따라 다섯 가지 꼴이 있습니다. 꼴마다 작은 신경망 하나를, \
         답을 아는 과제로 학습했습니다.",
    ));
    told.table(grid);
    told.text(Words::new(
        "They are made of the same parts. One to one needs no recurrence. One to many gives the vector to every step of a \
         recurrent layer, as a picture is given to what writes its caption. Many to one uses the last state only, as for \
         whether a review praises. Aligned many to many answers at every step, as in tagging words or frames. Unaligned, \
         an encoder reads everything into one state and a decoder speaks from it, as in translation; it must have read \
         the last digit \
         before it can say the first.",
        "모두 같은 부품으로 되어 있습니다. 일대일에는 순환이 필요 없습니다. 일대다는 벡터를 순환 층의 모든 걸음에 줍니다. \
         사진을 받아 설명을 쓰는 것과 같습니다. 다대일은 마지막 상태만 씁니다. 평이 칭찬인지 가리는 것과 같습니다. 나란한 \
         다대다는 걸음마다 답합니다. 낱말이나 \
         영상 프레임에 이름을 다는 것과 같습니다. 어긋난 다대다에서는 인코더가 모두 읽어 한 상태에 담고 디코더가 거기서 \
         말합니다. 번역과 같습니다. 마지막 숫자를 읽고 나서야 첫 숫자를 말할 수 있습니다.",
    ));
    for (file, name, ends, summary) in pictures {
        let draw = move |lang| {
            plot::unrolled(&Unrolled {
                title: name.say(lang),
                summary: &summary,
                ends: [ends[0].say(lang), ends[1].say(lang)],
                values: None,
                words: match lang {
                    Lang::En => UnrolledWords::ENGLISH,
                    Lang::Ko => UNROLLED,
                },
            })
        };
        let caption = Words::new(
            "The network unrolled in time: what it reads below, what it says above.",
            "시간에 따라 펼친 신경망: 아래가 읽는 것, 위가 말하는 것입니다.",
        );
        told.figure(file, draw, caption);
    }
    for (name, right, error) in claims {
        let (en, ko) = (&name.en, &name.ko);
        if let Some(right) = right {
            told.claim_share(
                say!("{en}: right", "{ko}: 맞힌 비율"),
                Expected::Above(0.95),
                right,
            );
        }
        if let Some(error) = error {
            told.claim(
                say!("{en}: mean squared error", "{ko}: 평균 제곱 오차"),
                Expected::Below(0.01),
                error,
            );
        }
    }
    let (model, test) = drawn.expect("one shape gives a series");
    let said = answers(&model, &test);
    let Target::StepValues { values: right, .. } = &test.target else {
        unreachable!("as chosen above")
    };
    let line = |values: &[f32], row: usize| -> Points {
        let values = values[row * WAVE..(row + 1) * WAVE].iter().enumerate();
        values
            .map(|(step, value)| [(step + 1) as f64, f64::from(*value)])
            .collect()
    };
    let mut lines = Vec::new();
    for row in 0..2 {
        let number = row + 1;
        lines.push((
            say!("said, wave {number}", "말한 물결 {number}"),
            line(&said, row),
            LineKind::Compared,
        ));
    }
    for row in 0..2 {
        let name = match row {
            0 => Words::new("right", "정답"),
            _ => Words::same(""),
        };
        lines.push((name, line(right, row), LineKind::Observed));
    }
    told.lines(
        "waves",
        LinePlot {
            title: Words::new(
                "One to many: waves from two numbers",
                "일대다: 수 두 개에서 나온 물결",
            ),
            x: Words::new("step", "걸음"),
            y: Words::new("value", "값"),
            logarithmic: false,
            lines,
            marks: Vec::new(),
        },
        Words::new(
            "Each wave comes from two numbers that were read once.",
            "물결마다 처음에 읽은 수 두 개에서 나옵니다.",
        ),
    );
    Ok(told)
}
