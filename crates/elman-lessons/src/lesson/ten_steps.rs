//! One step ahead against ten, and three ways to say ten.

use super::Lesson;
use super::panel::{PAST, Part, Series};
use crate::claim::Expected;
use crate::network::Kind;
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Input, Plan, Target, answers, squared_error, train};
use crate::told::{Entry, Grid, LinePlot, Points, Told};
use crate::words::{Words, say};
use elman::model::{Dense, Model, Sequential};
use elman::report::plot::LineKind;

pub(super) const LESSON: Lesson = Lesson::new(
    "ten-steps",
    Words::new(
        "One step ahead against ten: iterated, as a vector, at every step",
        "한 걸음 앞과 열 걸음 앞: 되풀이, 벡터로 한 번에, 모든 걸음에서",
    ),
    run,
);

const AHEAD: usize = 10;

fn network(every_step: bool, answers: usize) -> Sequential {
    Sequential::new()
        .add(Kind::Simple.layer(20, true))
        .add(Kind::Simple.layer(20, every_step))
        .add(Dense::new(answers))
}

/// Ten values by a model of the next one: each that it says is read as if it had come.
fn iterated(model: &Model, series: &Series, part: Part) -> Vec<f32> {
    let mut known = series.values(part, 0, PAST);
    let rows = known.len() / PAST;
    for time in PAST..PAST + AHEAD {
        let examples = Examples {
            input: Input::Steps {
                values: known.clone(),
                time,
                features: 1,
            },
            lengths: None,
            target: Target::Values {
                values: vec![0.0; rows],
                width: 1,
            },
        };
        let next = answers(model, &examples);
        let grown = known.chunks(time).zip(next);
        known = grown
            .flat_map(|(past, next)| past.iter().copied().chain(std::iter::once(next)))
            .collect();
    }
    known
        .chunks(PAST + AHEAD)
        .flat_map(|one| one[PAST..].iter().copied())
        .collect()
}

/// The mean squared error at each of the ten steps.
fn by_step(said: &[f32], right: &[f32]) -> Points {
    let at = |step: usize| {
        let of = |values: &[f32]| -> Vec<f32> {
            values.iter().skip(step).step_by(AHEAD).copied().collect()
        };
        [(step + 1) as f64, squared_error(&of(said), &of(right))]
    };
    (0..AHEAD).map(at).collect()
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let series = Series::new(setup.pick(10_000, 3_000), AHEAD);
    let right = series.values(Part::Test, PAST, AHEAD);
    let plan = Plan {
        epochs: setup.pick(20, 10),
        learning_rate: 3e-3,
        ..Plan::default()
    };
    let iterated_name = Words::new("one step, iterated", "한 걸음을 되풀이");
    let vector_name = Words::new("a vector of ten", "열 개의 벡터");
    let sequence_name = Words::new("ten at every step", "모든 걸음에서 열 개");

    let (training, valid) = (
        series.examples(Part::Train, 1),
        series.examples(Part::Valid, 1),
    );
    let one = train(
        setup,
        iterated_name.clone(),
        &network(false, 1),
        &training,
        Some(&valid),
        plan,
    )?
    .model;
    let first = squared_error(
        &answers(&one, &series.examples(Part::Test, 1)),
        &series.values(Part::Test, PAST, 1),
    );
    let by_iterating = iterated(&one, &series, Part::Test);

    let (training, valid) = (
        series.examples(Part::Train, AHEAD),
        series.examples(Part::Valid, AHEAD),
    );
    let vector = train(
        setup,
        vector_name.clone(),
        &network(false, AHEAD),
        &training,
        Some(&valid),
        plan,
    )?
    .model;
    let by_vector = answers(&vector, &series.examples(Part::Test, AHEAD));

    let (training, valid) = (
        series.at_every_step(Part::Train, AHEAD),
        series.at_every_step(Part::Valid, AHEAD),
    );
    let sequence = train(
        setup,
        sequence_name.clone(),
        &network(true, AHEAD),
        &training,
        Some(&valid),
        plan,
    )?
    .model;
    let all = answers(&sequence, &series.at_every_step(Part::Test, AHEAD));
    let by_sequence: Vec<f32> = all
        .chunks(PAST * AHEAD)
        .flat_map(|steps| steps[(PAST - 1) * AHEAD..].iter().copied())
        .collect();
    let naive = series.naive(Part::Test, AHEAD);

    let mut told = Told::default();
    told.text(say!(
        "The series are those of the lesson `deep`. Now the next {AHEAD} values are to be said, by networks of two layers \
         of 20 units. There are three ways. The first trains for one step and reads its own answer as if it had \
         come, {AHEAD} times. The second says all {AHEAD} at once, as a vector, at the end. The third says {AHEAD} values \
         at every step of the past, so that each of the {PAST} steps teaches; only the last \
         answer is used.",
        "시계열은 `deep` 수업의 것과 같습니다. 이번에는 유닛 20개짜리 두 층의 신경망이 다음 값 {AHEAD}개를 맞힙니다. 세 \
         가지 길이 있습니다. 첫째는 한 걸음만 배우고, 제 답을 실제로 온 값인 것처럼 읽기를 {AHEAD}번 되풀이합니다. \
         둘째는 끝에서 {AHEAD}개를 벡터로 한 번에 말합니다. 셋째는 과거의 모든 걸음에서 {AHEAD}개씩 말하므로 {PAST}걸음이 \
         저마다 가르칩니다. 쓰는 것은 마지막 답뿐입니다."
    ));
    let mut grid = Grid::new([
        Words::new("the way", "방법"),
        Words::new("error over ten steps", "열 걸음의 오차"),
        Words::new("first step", "첫 걸음"),
        Words::new("tenth step", "열째 걸음"),
    ]);
    let ways = [
        (sequence_name, &by_sequence, LineKind::Compared),
        (vector_name, &by_vector, LineKind::Compared),
        (iterated_name, &by_iterating, LineKind::Compared),
        (
            Words::new("last value", "마지막 값"),
            &naive,
            LineKind::Compared,
        ),
    ];
    let (mut errors, mut lines) = (Vec::new(), Vec::new());
    for (name, said, kind) in ways {
        let steps = by_step(said, &right);
        let error = squared_error(said, &right);
        grid.row([
            Entry::from(name.clone()),
            error.into(),
            steps[0][1].into(),
            steps[AHEAD - 1][1].into(),
        ]);
        errors.push(error);
        lines.push((name, steps, kind));
    }
    told.table(grid);
    let shown = 3;
    let place = |values: &[f32], from: usize| -> Points {
        let values = values.iter().enumerate();
        values
            .map(|(step, value)| [(from + step) as f64, f64::from(*value)])
            .collect()
    };
    let of = |said: &[f32]| place(&said[shown * AHEAD..(shown + 1) * AHEAD], PAST + 1);
    let known = series.values(Part::Test, 0, PAST + AHEAD);
    let known = &known[shown * (PAST + AHEAD)..(shown + 1) * (PAST + AHEAD)];
    told.text(Words::new(
        "Iterating lets errors grow, since each answer is built on those before it. The vector does not, but it learns \
         from the end of each series alone. With ten values at every step the same series gives fifty times as \
         many errors to learn from, though the early ones come from steps that have seen little. On these series the \
         second and the third way end up about equally good. In the book the third was ahead; there the second was \
         trained with a learning rate a tenth as large.",
        "되풀이하면 답마다 앞의 답 위에 쌓이므로 오차가 커집니다. 벡터는 그렇지 않지만 시계열마다 끝에서만 배웁니다. 모든 \
         걸음에서 열 개씩 말하면 같은 시계열에서 배울 오차가 쉰 배가 되지만, 앞쪽의 것은 본 것이 적은 걸음에서 나옵니다. \
         이 시계열에서는 둘째와 \
         셋째 길이 거의 같습니다. 책에서는 셋째가 앞섰는데, 거기서는 둘째를 10분의 1의 학습률로 학습했습니다.",
    ));
    told.claim(
        say!(
            "last value: mean squared error over ten steps (0.223 in Géron's book)",
            "마지막 값: 열 걸음의 평균 제곱 오차 (제롱의 책에서는 0.223)"
        ),
        Expected::Between(0.18, 0.3),
        errors[3],
    );
    told.claim(
        say!("one step ahead alone", "한 걸음 앞만"),
        Expected::Below(0.005),
        first,
    );
    told.claim(
        say!(
            "one step, iterated (0.029 there)",
            "한 걸음을 되풀이 (책에서는 0.029)"
        ),
        Expected::Between(0.005, 0.05),
        errors[2],
    );
    told.claim(
        say!(
            "a vector of ten (0.008 there)",
            "열 개의 벡터 (책에서는 0.008)"
        ),
        Expected::Below(setup.pick(0.012, 0.03)),
        errors[1],
    );
    told.claim(
        say!(
            "ten at every step (0.006 there)",
            "모든 걸음에서 열 개 (책에서는 0.006)"
        ),
        Expected::Below(setup.pick(0.009, 0.02)),
        errors[0],
    );
    told.claim(
        say!(
            "the better of the two against iterating: share of the error",
            "되풀이에 대한 둘 중 나은 쪽의 오차의 비"
        ),
        Expected::Below(0.6),
        errors[0].min(errors[1]) / errors[2],
    );
    told.claim(
        say!(
            "iterated: error of the tenth step against the first",
            "되풀이: 첫 걸음에 대한 열째 걸음의 오차의 비"
        ),
        Expected::Above(3.0),
        lines[2].1[AHEAD - 1][1] / lines[2].1[0][1],
    );
    told.lines(
        "forecast",
        LinePlot {
            title: Words::new("One series of the test", "시험 시계열 하나"),
            x: Words::new("step", "걸음"),
            y: Words::new("value", "값"),
            logarithmic: false,
            lines: vec![
                (
                    Words::new("ten at every step", "모든 걸음에서 열 개"),
                    of(&by_sequence),
                    LineKind::Compared,
                ),
                (
                    Words::new("a vector of ten", "열 개의 벡터"),
                    of(&by_vector),
                    LineKind::Compared,
                ),
                (
                    Words::new("one step, iterated", "한 걸음을 되풀이"),
                    of(&by_iterating),
                    LineKind::Compared,
                ),
                (
                    Words::new("what came", "실제 값"),
                    place(&known[20..], 21),
                    LineKind::Observed,
                ),
            ],
            marks: vec![(PAST as f64 + 0.5, Words::new("forecast", "예측"))],
        },
        Words::new(
            "From the fifty-first step on, each way says ten values.",
            "쉰한째 걸음부터 방법마다 값 열 개를 말합니다.",
        ),
    );
    told.lines(
        "by-step",
        LinePlot {
            title: Words::new("Error by distance", "거리에 따른 오차"),
            x: Words::new("steps ahead", "앞으로의 걸음 수"),
            y: Words::new(
                "mean squared error, logarithmic",
                "평균 제곱 오차, 로그 눈금",
            ),
            logarithmic: true,
            lines,
            marks: Vec::new(),
        },
        Words::new(
            "All errors grow with distance; the iterated ones most steeply.",
            "모든 오차가 거리에 따라 커지고, 되풀이한 것이 가장 가파릅니다.",
        ),
    );
    Ok(told)
}
