//! Deep against shallow recurrent networks, on the next value of a series.

use super::Lesson;
use super::panel::{PAST, Part, Series};
use crate::claim::Expected;
use crate::network::Kind;
use crate::setup::{Error, Setup};
use crate::teach::{Plan, answers, squared_error, train};
use crate::told::{Entry, Grid, LinePlot, Points, Told};
use crate::words::{Words, say};
use elman::baseline::LinearLeastSquares;
use elman::model::{Dense, Sequential};
use elman::report::plot::LineKind;

pub(super) const LESSON: Lesson = Lesson::new(
    "deep",
    Words::new(
        "Deep against shallow: one unit, one layer, two layers",
        "깊은 것과 얕은 것: 유닛 하나, 층 하나, 층 둘",
    ),
    run,
);

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let count = setup.pick(10_000, 3_000);
    let series = Series::new(count, 1);
    let [training, valid, test] =
        [Part::Train, Part::Valid, Part::Test].map(|part| series.examples(part, 1));
    let right = series.values(Part::Test, PAST, 1);
    let naive = squared_error(&series.naive(Part::Test, 1), &right);
    let (past, next) = (
        series.values(Part::Train, 0, PAST),
        series.values(Part::Train, PAST, 1),
    );
    let line = LinearLeastSquares::fit(&past, &next, training.len())?;
    let said = line.predict(&series.values(Part::Test, 0, PAST), test.len());
    let said: Vec<f32> = said.into_iter().map(|value| value as f32).collect();
    let linear = squared_error(&said, &right);

    let simple = Kind::Simple;
    let networks = [
        (
            Words::new("SimpleRnn, 1 unit", "SimpleRnn, 유닛 1개"),
            Sequential::new().add(simple.layer(1, false)),
        ),
        (
            Words::new("SimpleRnn, 20 units", "SimpleRnn, 유닛 20개"),
            Sequential::new()
                .add(simple.layer(20, false))
                .add(Dense::new(1)),
        ),
        (
            Words::new("SimpleRnn, 20 + 20 units", "SimpleRnn, 유닛 20 + 20개"),
            Sequential::new()
                .add(simple.layer(20, true))
                .add(simple.layer(20, false))
                .add(Dense::new(1)),
        ),
    ];
    let mut grid = Grid::new([
        Words::new("forecast", "예측"),
        Words::new("parameters", "파라미터"),
        Words::new("mean squared error", "평균 제곱 오차"),
    ]);
    grid.row([
        Words::new("last value", "마지막 값").into(),
        0usize.into(),
        naive.into(),
    ]);
    grid.row([
        Words::new("linear regression", "선형 회귀").into(),
        (PAST + 1).into(),
        linear.into(),
    ]);
    let (mut errors, mut lines) = (Vec::new(), Vec::new());
    let epochs = setup.pick(20, 12);
    for (name, network) in networks {
        let plan = Plan {
            epochs,
            learning_rate: setup.pick(1e-3, 3e-3),
            ..Plan::default()
        };
        let trained = train(setup, name.clone(), &network, &training, Some(&valid), plan)?;
        let error = squared_error(&answers(&trained.model, &test), &right);
        let summary = network.summary_of(training.shape());
        let parameters = summary.expect("the layers fit a series").parameters();
        grid.row([Entry::from(name.clone()), parameters.into(), error.into()]);
        errors.push(error);
        let losses = trained.history.iter();
        let losses = losses.map(|record| [(record.epoch + 1) as f64, record.score()]);
        lines.push((name, losses.collect::<Points>(), LineKind::Compared));
    }
    lines.reverse();
    for (name, level) in [
        (Words::new("last value", "마지막 값"), naive),
        (Words::new("linear regression", "선형 회귀"), linear),
    ] {
        let ends = [1.0, epochs as f64];
        lines.push((
            name,
            ends.map(|epoch| [epoch, level]).to_vec(),
            LineKind::Level,
        ));
    }

    let mut told = Told::default();
    told.text(say!(
        "{count} series were made of two waves each, with frequencies and offsets of their own and a little noise. From \
         {PAST} values the next one is to be said. Two simple forecasts come first: the \
         last value again, and a line fitted to the {PAST} values. Then three recurrent networks: one unit, one layer, \
         and two layers of which the second reads every state of the first.",
        "저마다 다른 주파수와 위상을 가진 물결 두 개에 잡음을 조금 더해 시계열 {count}개를 만들었습니다. 값 {PAST}개로 \
         다음 값을 맞힙니다. 먼저 단순한 예측 두 가지입니다. 마지막 값을 그대로 쓰는 것과, 값 {PAST}개에 맞춘 \
         선형 회귀입니다. 그다음이 순환 신경망 셋입니다. 유닛 하나, 층 하나, 그리고 둘째 층이 첫째 층의 모든 상태를 읽는 \
         두 층입니다."
    ));
    told.table(grid);
    told.text(Words::new(
        "A single unit has three numbers to learn and can only blend the past into one number; it beats the last value, \
         but a line of 51 numbers beats it. Twenty units can follow both waves. A second layer sees a sequence that \
         the first has already worked on, and gains a little more. Depth helps where the first layer's features are worth \
         reading in order, and it costs time.",
        "유닛 하나가 배울 수는 세 개뿐이고, 과거를 수 하나로 뭉뚱그릴 수밖에 없습니다. 마지막 값은 이기지만 수 51개의 \
         선형 회귀에는 집니다. 유닛 스무 개는 두 물결을 모두 따라갈 수 있습니다. 둘째 층은 첫째 층이 이미 다듬은 열을 \
         읽고 조금 더 나아집니다. 첫째 층의 특징을 순서대로 읽을 값어치가 있을 때 깊이가 도움이 되고, 시간이 더 듭니다.",
    ));
    told.claim(
        say!(
            "last value: mean squared error (0.020 in Géron's book)",
            "마지막 값: 평균 제곱 오차 (제롱의 책에서는 0.020)"
        ),
        Expected::Between(0.017, 0.024),
        naive,
    );
    told.claim(
        say!(
            "linear regression (0.004 there)",
            "선형 회귀 (책에서는 0.004)"
        ),
        Expected::Between(0.002, 0.0055),
        linear,
    );
    told.claim(
        say!("one unit (0.014 there)", "유닛 하나 (책에서는 0.014)"),
        Expected::Between(0.009, setup.pick(0.018, 0.03)),
        errors[0],
    );
    told.claim(
        say!("two layers (0.003 there)", "두 층 (책에서는 0.003)"),
        Expected::Below(setup.pick(0.0035, 0.005)),
        errors[2],
    );
    told.claim(
        say!(
            "two layers against one unit: share of the error",
            "유닛 하나에 대한 두 층의 오차의 비"
        ),
        Expected::Below(0.4),
        errors[2] / errors[0],
    );
    told.claim(
        say!(
            "two layers against one layer of 20: share of the error",
            "유닛 20개의 한 층에 대한 두 층의 오차의 비"
        ),
        Expected::Below(setup.pick(1.0, 1.5)),
        errors[2] / errors[1],
    );
    told.lines(
        "loss",
        LinePlot {
            title: Words::new("Error while learning", "배우는 동안의 오차"),
            x: Words::new("epoch", "에포크"),
            y: Words::new(
                "mean squared error, logarithmic",
                "평균 제곱 오차, 로그 눈금",
            ),
            logarithmic: true,
            lines,
            marks: Vec::new(),
        },
        Words::new(
            "The straight lines are the last value (upper) and linear regression (lower).",
            "곧은 선은 마지막 값(위)과 선형 회귀(아래)입니다.",
        ),
    );
    Ok(told)
}
