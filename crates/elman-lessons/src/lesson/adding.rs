//! The adding problem: two numbers far apart, and their sum.

use super::Lesson;
use crate::claim::Expected;
use crate::gradient::through_time;
use crate::network::{Kind, remembering};
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Input, Plan, Target, built, mean_loss, train_from};
use crate::told::{Entry, Grid, LinePlot, Points, Told};
use crate::words::{Words, say};
use elman::model::{Dense, Model, Sequential};
use elman::report::number;
use elman::report::plot::LineKind;
use elman_data::random::Stream;

pub(super) const LESSON: Lesson = Lesson::new(
    "adding",
    Words::new(
        "The adding problem: SimpleRnn, LSTM and GRU over 200 steps",
        "덧셈 문제: 200걸음에 걸친 SimpleRnn, LSTM, GRU",
    ),
    run,
);

/// The variance of the sum of two numbers drawn evenly from 0 to 1: the error of always answering 1.
const GUESS: f64 = 1.0 / 6.0;

/// An error that is good enough to stop at.
const GOAL: f64 = 0.002;

/// Each step is a random number and a mark; two steps are marked, one in each half. The answer is the sum of the two.
///
/// Hochreiter & Schmidhuber, "Long short-term memory" (1997), section 5.4, as simplified since.
pub(super) fn examples(time: usize, count: usize, seed: u64) -> Examples {
    let (mut values, mut sums) = (Vec::with_capacity(count * time * 2), Vec::new());
    for row in 0..count {
        let mut random = Stream::new(&[seed, row as u64]);
        let marked = [
            random.below(time / 2),
            time / 2 + random.below(time - time / 2),
        ];
        let mut sum = 0.0;
        for step in 0..time {
            let (number, is_marked) = (random.unit() as f32, marked.contains(&step));
            values.extend([number, f32::from(u8::from(is_marked))]);
            if is_marked {
                sum += number;
            }
        }
        sums.push(sum);
    }
    Examples {
        input: Input::Steps {
            values,
            time,
            features: 2,
        },
        lengths: None,
        target: Target::Values {
            values: sums,
            width: 1,
        },
    }
}

/// A network whose gates, if it has any, begin so open that about `time` steps are remembered.
fn network(kind: Kind, hidden_size: usize, time: usize, examples: &Examples) -> Model {
    let layers = Sequential::new()
        .add(kind.layer(hidden_size, false))
        .add(Dense::new(1));
    remembering(built(&layers, examples.shape(), 3), time)
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let time = setup.pick(200, 50);
    let training = examples(time, setup.pick(10_000, 5_000), 1);
    let (valid, test) = (examples(time, 500, 2), examples(time, 1_000, 3));
    let picked: Vec<usize> = (0..50).collect();
    let (mut curves, mut gradients, mut measured) = (Vec::new(), Vec::new(), Vec::new());
    let mut grid = Grid::new([
        Words::new("network", "신경망"),
        Words::new("test error", "시험 오차"),
        Words::new("epochs", "에포크"),
        Words::new(
            "gradient, first step against last",
            "기울기, 첫 걸음 대 마지막 걸음",
        ),
    ]);
    for kind in Kind::ALL {
        let plan = Plan {
            epochs: setup.pick(8, 10),
            batch_size: 50,
            learning_rate: match kind {
                Kind::Simple => 1e-3,
                _ => 5e-3,
            },
            goal: Some(GOAL),
            ..Plan::default()
        };
        let model = network(kind, 32, time, &training);
        let norms = through_time(&model, &valid, &picked);
        let name = Words::same(kind.name());
        let trained = train_from(setup, name.clone(), model, &training, Some(&valid), plan)?;
        let error = mean_loss(&trained.model, &test);
        let last = norms[time - 1];
        let reach = norms[0] / last;
        grid.row([
            Entry::from(kind.name()),
            error.into(),
            trained.history.len().into(),
            number(reach).into(),
        ]);
        measured.push((kind, error, reach));
        let losses = trained.history.iter();
        let losses = losses.map(|record| [(record.epoch + 1) as f64, record.score()]);
        curves.push((name.clone(), losses.collect::<Points>(), LineKind::Compared));
        let back = norms.iter().rev().enumerate();
        let back = back.map(|(distance, norm)| [distance as f64, norm / last]);
        gradients.push((name, back.collect::<Points>(), LineKind::Compared));
    }
    let longest = curves.iter().map(|(_, curve, _)| curve.len()).max();
    let ends = [1.0, longest.unwrap_or(1) as f64];
    curves.push((
        Words::new("always answering 1", "늘 1이라고 답하기"),
        ends.map(|epoch| [epoch, GUESS]).to_vec(),
        LineKind::Level,
    ));

    let mut told = Told::default();
    let count = training.len();
    told.text(say!(
        "Each of {time} steps is a random number between 0 and 1. Two steps are marked, one in the first half and one in \
         the second. \
         The answer is the sum of the two marked numbers. Always answering 1 has a mean squared error of 1/6 = 0.167. To \
         do better, a \
         network must carry a number over many steps. Three networks with 32 units each learned from {count} sequences, \
         LSTM and GRU with a \
         learning rate of 0.005, the SimpleRnn with 0.001.",
        "{time}걸음마다 0과 1 사이의 임의의 수가 하나씩 있습니다. 두 걸음에 표시가 있는데, 하나는 앞쪽 절반에 하나는 뒤쪽 \
         절반에 있습니다. 답은 표시된 두 수의 \
         합입니다. 늘 1이라고 답하면 평균 제곱 오차는 1/6 = 0.167입니다. 그보다 잘하려면 수를 여러 걸음에 걸쳐 가져가야 \
         합니다. 유닛이 32개씩인 세 신경망이 \
         열 {count}개로 배웠습니다. 학습률은 LSTM과 GRU가 0.005, SimpleRnn이 0.001입니다."
    ));
    told.table(grid);
    told.text(Words::new(
        "The reason is in the gradient before any training. The picture shows how much the loss changes with the state of \
         each step. In the \
         SimpleRnn each step back multiplies the gradient by the same weights and by the slope of tanh, so it shrinks by \
         a constant factor \
         with each step. What happened 100 steps ago has no say in how the weights change, and so it is not learned.",
        "까닭은 학습하기 전의 기울기에 있습니다. 그림은 걸음마다의 상태에 따라 손실이 얼마나 달라지는지를 보여 줍니다. \
         SimpleRnn에서는 한 걸음 뒤로 갈 때마다 기울기에 \
         같은 가중치와 tanh의 기울기가 곱해지므로 걸음마다 일정한 비율로 줄어듭니다. 100걸음 전에 있었던 일은 가중치가 \
         바뀌는 데 아무 영향을 주지 못하고, 그래서 \
         배워지지 않습니다.",
    ));
    told.text(Words::new(
        "LSTM and GRU add to their state instead of replacing it. Their gates were set at the start so that the state is \
         kept for about as many \
         steps as the sequence has. The gradient then falls slowly, and the first marked number can be learned as well as \
         the last.",
        "LSTM과 GRU는 상태를 갈아 치우지 않고 상태에 더합니다. 처음에 게이트를, 상태가 대략 열의 길이만큼 유지되도록 정해 \
         두었습니다. 그러면 기울기가 천천히 줄어들어, 처음에 \
         표시된 수도 마지막 수만큼 잘 배울 수 있습니다.",
    ));
    for (kind, error, _) in &measured {
        let name = kind.name();
        told.claim(
            say!(
                "{name}: mean squared error over {time} steps",
                "{name}: {time}걸음의 평균 제곱 오차"
            ),
            match kind {
                Kind::Simple => Expected::Between(0.145, 0.19),
                _ => Expected::Below(0.01),
            },
            *error,
        );
    }
    for (kind, _, reach) in measured {
        let name = kind.name();
        told.claim(
            say!(
                "{name}: gradient at the first step, as a share of that at the last",
                "{name}: 첫 걸음의 기울기, 마지막 걸음에 대한 비"
            ),
            match kind {
                Kind::Simple => Expected::Below(setup.pick(1e-5, 0.03)),
                _ => Expected::Above(0.05),
            },
            reach,
        );
    }
    told.lines(
        "error",
        LinePlot {
            title: Words::new("Error while learning", "배우는 동안의 오차"),
            x: Words::new("epoch", "에포크"),
            y: Words::new(
                "mean squared error, logarithmic",
                "평균 제곱 오차, 로그 눈금",
            ),
            logarithmic: true,
            lines: curves,
            marks: Vec::new(),
        },
        Words::new(
            "LSTM and GRU find the answer; SimpleRnn stays where guessing is.",
            "LSTM과 GRU는 답을 찾고, SimpleRnn은 짐작하는 수준에 머뭅니다.",
        ),
    );
    told.lines(
        "gradient",
        LinePlot {
            title: Words::new(
                "Gradient through time, before training",
                "시간을 거슬러 가는 기울기, 학습 전",
            ),
            x: Words::new("steps back from the answer", "답에서 거슬러 간 걸음 수"),
            y: Words::new(
                "gradient of the state, last step = 1, logarithmic",
                "상태의 기울기, 마지막 걸음 = 1, 로그 눈금",
            ),
            logarithmic: true,
            lines: gradients,
            marks: Vec::new(),
        },
        Words::new(
            "In the SimpleRnn the past fades away step by step; in LSTM and GRU it does not.",
            "SimpleRnn에서는 과거가 걸음마다 흐려지고, LSTM과 GRU에서는 그렇지 않습니다.",
        ),
    );
    Ok(told)
}
