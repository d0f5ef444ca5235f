//! Gradients that vanish and explode, and the latch: one sign to be kept over 5 to 500 steps.

use super::Lesson;
use crate::claim::Expected;
use crate::gradient::through_time;
use crate::network::{Kind, remembering, stretched};
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Input, Plan, Target, accuracy, built, train_from};
use crate::told::{Entry, Grid, LinePlot, Points, Told};
use crate::words::{Words, say};
use elman::model::{Dense, Model, RecurrentActivation, Sequential, SimpleRnn};
use elman::report::number;
use elman::report::plot::LineKind;
use elman_data::random::Stream;

pub(super) const LESSON: Lesson = Lesson::new(
    "vanishing",
    Words::new(
        "Vanishing and exploding gradients: SimpleRnn against LSTM and GRU over 5 to 500 steps",
        "사라지고 폭발하는 기울기: 5~500걸음에서 SimpleRnn과 LSTM, GRU",
    ),
    run,
);

const UNITS: usize = 16;
/// Factors of the recurrent weights, which begin orthogonal.
const FADING: f32 = 0.8;
const EXPLODING: f32 = 1.03;
/// The deviation of what says nothing in the latch.
const NOISE: f32 = 0.1;

/// The first number is 1 or -1, all others are noise; the answer is which it was.
///
/// Bengio, Simard & Frasconi, "Learning long-term dependencies with gradient descent is difficult" (1994).
fn latch(distance: usize, count: usize, seed: u64) -> Examples {
    let time = distance + 1;
    let (mut values, mut classes) = (Vec::with_capacity(count * time), Vec::new());
    for row in 0..count {
        let mut random = Stream::new(&[seed, row as u64]);
        let class = random.below(2);
        values.push([-1.0, 1.0][class]);
        values.extend((0..distance).map(|_| NOISE * random.normal()));
        classes.push(class as i64);
    }
    Examples {
        input: Input::Steps {
            values,
            time,
            features: 1,
        },
        lengths: None,
        target: Target::Classes(classes),
    }
}

/// The sign as a number, whose error has a gradient however wrong the answer is.
fn as_numbers(examples: Examples) -> Examples {
    let Target::Classes(classes) = &examples.target else {
        panic!("a latch has classes");
    };
    let values = classes.iter().map(|class| [-1.0, 1.0][*class as usize]);
    Examples {
        target: Target::Values {
            values: values.collect(),
            width: 1,
        },
        ..examples
    }
}

fn reader(kind: Kind, answers: usize) -> Sequential {
    Sequential::new()
        .add(kind.layer(UNITS, false))
        .add(Dense::new(answers))
}

/// The networks whose gradients are drawn, before any training.
fn drawn(examples: &Examples, longest: usize) -> Vec<(Words, Model)> {
    let linear = Sequential::new()
        .add(SimpleRnn::new(UNITS).activation(RecurrentActivation::Identity))
        .add(Dense::new(1));
    let fresh = |network: &Sequential| built(network, examples.shape(), 5);
    let keeping = |kind| remembering(fresh(&reader(kind, 1)), longest);
    vec![
        (
            say!("SimpleRnn, W_hh × {FADING}", "SimpleRnn, W_hh × {FADING}"),
            stretched(fresh(&reader(Kind::Simple, 1)), FADING),
        ),
        (
            say!(
                "without tanh, W_hh × {EXPLODING}",
                "tanh 없이, W_hh × {EXPLODING}"
            ),
            stretched(fresh(&linear), EXPLODING),
        ),
        (
            Words::new("LSTM, forget gate open", "LSTM, 망각 게이트를 엶"),
            keeping(Kind::Lstm),
        ),
        (
            Words::new("GRU, update gate closed", "GRU, 갱신 게이트를 닫음"),
            keeping(Kind::Gru),
        ),
        (
            Words::new("LSTM, forget bias 1", "LSTM, 망각 바이어스 1"),
            fresh(&reader(Kind::Lstm, 1)),
        ),
    ]
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let distances: &[usize] = setup.pick(&[5, 20, 50, 100, 200, 500], &[5, 500]);
    let longest = setup.pick(500, 200);
    let examples = as_numbers(latch(longest, 16, 9));
    let picked: Vec<usize> = (0..examples.len()).collect();
    let mut told = Told::default();
    told.text(say!(
        "The loss of the last step is carried back through the sequence, one step after the other. On its way it is \
         multiplied at each step by the weights W_hh and by the \
         slope of tanh. A product of many factors below 1 is soon nothing, and one of many factors above 1 is soon huge. \
         The table and the first picture show \
         the gradient of the state after each of {longest} steps of networks that were not trained, made so that it \
         fades, explodes or is kept.",
        "마지막 걸음의 손실은 열을 따라 한 걸음씩 거슬러 갑니다. 가는 동안 걸음마다 가중치 W_hh와 tanh의 기울기가 \
         곱해집니다. 1보다 작은 수를 여러 번 곱하면 곧 아무것도 \
         아니게 되고, 1보다 큰 수를 여러 번 곱하면 곧 엄청나게 커집니다. 표와 첫째 그림은 학습하지 않은 신경망에서 \
         {longest}걸음 하나하나의 상태의 기울기를 보여 줍니다. \
         각각 기울기가 흐려지거나, 폭발하거나, 유지되도록 만든 것입니다."
    ));
    let mut grid = Grid::new([
        Words::new("network", "신경망"),
        Words::new("1 step back", "1걸음 전"),
        Words::new("10", "10"),
        Words::new("50", "50"),
        say!("{longest}", "{longest}"),
    ]);
    let (mut lines, mut shares) = (Vec::new(), Vec::new());
    for (name, model) in drawn(&examples, longest) {
        let norms: Vec<f64> = through_time(&model, &examples, &picked)
            .into_iter()
            .rev()
            .collect();
        let share = |distance: usize| norms[distance] / norms[1];
        let mut row = vec![Entry::from(name.clone())];
        row.extend([1, 10, 50, longest].map(|distance| Entry::from(number(share(distance)))));
        grid.row(row);
        shares.push([share(50), share(longest)]);
        let points = (1..=longest).map(|distance| [distance as f64, share(distance)]);
        lines.push((name, points.collect::<Points>(), LineKind::Compared));
    }
    told.table(grid);
    told.lines(
        "gradient",
        LinePlot {
            title: Words::new("Gradient through time", "시간을 거슬러 가는 기울기"),
            x: Words::new("steps back from the answer", "답에서 거슬러 간 걸음 수"),
            y: Words::new(
                "gradient of the state, one step back = 1, logarithmic",
                "상태의 기울기, 한 걸음 전 = 1, 로그 눈금",
            ),
            logarithmic: true,
            lines,
            marks: Vec::new(),
        },
        Words::new(
            "A straight line on this scale is a constant factor for each step.",
            "이 눈금에서 곧은 선은 걸음마다 같은 비율이 곱해진다는 뜻입니다.",
        ),
    );
    told.heading(Words::new("The latch", "빗장"));
    told.text(Words::new(
        "What this means for learning: the first number of a sequence is 1 or -1, all others are noise, and at the end \
         the network must say which it was. The farther the \
         end, the less of the gradient reaches the step that matters. LSTM and GRU began with gates that keep the state \
         for about that many steps, \
         the SimpleRnn with orthogonal weights, which is the best start that it has.",
        "배우는 데에 어떤 뜻이 있는지 봅시다. 열의 첫 수는 1 또는 -1이고 나머지는 모두 잡음입니다. 끝에서 첫 수가 \
         무엇이었는지 말해야 합니다. 끝이 멀수록 중요한 걸음에 닿는 \
         기울기가 적습니다. LSTM과 GRU는 대략 그 걸음 수만큼 상태를 지키는 게이트로, SimpleRnn은 가장 좋은 \
         출발인 직교 가중치로 시작했습니다.",
    ));
    let mut columns = vec![Words::new("right at the end, %", "끝에서 맞힌 비율, %")];
    columns.extend(
        distances
            .iter()
            .map(|distance| Words::same(distance.to_string())),
    );
    let mut grid = Grid::new(columns);
    let mut lines = Vec::new();
    let mut ends = Vec::new();
    for kind in Kind::ALL {
        let mut row = vec![Entry::from(kind.name())];
        let mut points = Points::new();
        for distance in distances {
            let training = latch(*distance, setup.pick(1_500, 1_000), 1);
            let (valid, test) = (latch(*distance, 200, 2), latch(*distance, 500, 3));
            let model = built(&reader(kind, 2), training.shape(), 5);
            let name = kind.name();
            let what = say!("{name}, {distance} steps", "{name}, {distance}걸음");
            let plan = Plan {
                epochs: 12,
                learning_rate: 5e-3,
                goal: Some(0.05),
                ..Plan::default()
            };
            let model = remembering(model, *distance);
            let model = train_from(setup, what, model, &training, Some(&valid), plan)?.model;
            let right = accuracy(&model, &test);
            row.push((100.0 * right).into());
            points.push([*distance as f64, 100.0 * right]);
        }
        grid.row(row);
        ends.push((
            kind,
            points[0][1] / 100.0,
            points[points.len() - 1][1] / 100.0,
        ));
        lines.push((Words::same(kind.name()), points, LineKind::Compared));
    }
    told.table(grid);
    told.lines(
        "latch",
        LinePlot {
            title: Words::new("The latch, by distance", "거리에 따른 빗장"),
            x: Words::new("steps from the sign to the answer", "기호에서 답까지의 걸음 수"),
            y: Words::new("right, %", "맞힌 비율, %"),
            logarithmic: false,
            lines,
            marks: Vec::new(),
        },
        Words::new(
            "Half is guessing. With distance the SimpleRnn ends there; LSTM and GRU do not.",
            "절반이면 짐작입니다. 거리가 멀어지면 SimpleRnn은 거기에 머물고, LSTM과 GRU는 그렇지 않습니다.",
        ),
    );
    told.claim(
        say!(
            "SimpleRnn, W_hh × {FADING}: gradient 50 steps back, 1 step back = 1",
            "SimpleRnn, W_hh × {FADING}: 50걸음 전의 기울기, 1걸음 전 = 1"
        ),
        Expected::Below(1e-3),
        shares[0][0],
    );
    told.claim(
        say!(
            "without tanh, W_hh × {EXPLODING}: gradient {longest} steps back",
            "tanh 없이, W_hh × {EXPLODING}: {longest}걸음 전의 기울기"
        ),
        Expected::Above(100.0),
        shares[1][1],
    );
    for (name, share) in [("LSTM", shares[2][1]), ("GRU", shares[3][1])] {
        told.claim(
            say!(
                "{name} with gates that keep: gradient {longest} steps back",
                "지키는 게이트의 {name}: {longest}걸음 전의 기울기"
            ),
            Expected::Above(0.05),
            share,
        );
    }
    let far = distances[distances.len() - 1];
    for (kind, near, end) in ends {
        let name = kind.name();
        if kind == Kind::Simple {
            let first = distances[0];
            told.claim_share(
                say!(
                    "{name}, latch over {first} steps: right",
                    "{name}, {first}걸음 빗장: 맞힌 비율"
                ),
                Expected::Above(0.95),
                near,
            );
        }
        told.claim_share(
            say!(
                "{name}, latch over {far} steps: right",
                "{name}, {far}걸음 빗장: 맞힌 비율"
            ),
            match kind {
                Kind::Simple => Expected::Below(0.7),
                _ => Expected::Above(0.95),
            },
            end,
        );
    }
    Ok(told)
}
