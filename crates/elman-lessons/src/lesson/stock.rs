//! A stock price many to one, with and without the leak of a well-known script.

use super::Lesson;
use crate::claim::Expected;
use crate::network::Kind;
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Input, Plan, Target, answers, squared_error, train};
use crate::told::{Entry, Grid, LinePlot, Points, Told};
use crate::words::{Words, say};
use elman::model::{Dense, Model, Sequential};
use elman::report::plot::LineKind;
use elman_data::random::Stream;
use elman_data::{Scaler, ScalerKind};
use std::ops::Range;

pub(super) const LESSON: Lesson = Lesson::new(
    "stock",
    Words::new(
        "A stock price from seven days, with and without looking into the future",
        "이레 동안의 주가로 다음 날 맞히기, 앞날을 엿볼 때와 엿보지 않을 때",
    ),
    run,
);

/// Days that are read.
const DAYS: usize = 7;
/// Open, high, low, volume, close.
const COLUMNS: usize = 5;
const CLOSE: usize = 4;
/// Days there are; seven tenths are for training.
const ALL: usize = 732;
const TRAIN: usize = ALL * 7 / 10;

/// Days that are drawn.
const DRAWN: usize = 60;

/// A market that nobody can forecast: a random walk in per cent that drifts upwards, `[days][columns]`.
fn market(seed: u64) -> Vec<[f64; COLUMNS]> {
    let mut random = Stream::new(&[seed, 77]);
    let mut close = 500.0f64;
    (0..ALL)
        .map(|_| {
            let mut move_by = |size: f64| (size * f64::from(random.normal())).exp();
            let open = close * move_by(0.004);
            close *= move_by(0.012) * 1.0018;
            let high = open.max(close) * (1.0 + (move_by(0.005) - 1.0).abs());
            let low = open.min(close) * (1.0 - (move_by(0.005) - 1.0).abs());
            [open, high, low, 1.5e6 * move_by(0.3), close]
        })
        .collect()
}

/// One scaler for each column, to between 0 and 1 on these days.
fn scalers(market: &[[f64; COLUMNS]], days: Range<usize>) -> [Scaler; COLUMNS] {
    std::array::from_fn(|column| {
        let values: Vec<f64> = market[days.clone()].iter().map(|day| day[column]).collect();
        Scaler::fit(ScalerKind::MinMax, &values)
    })
}

/// Seven days each, and the close of the next, for targets on these days.
fn examples(
    market: &[[f64; COLUMNS]],
    scalers: &[Scaler; COLUMNS],
    targets: Range<usize>,
) -> Examples {
    let scaled = |day: usize, column: usize| scalers[column].transform(market[day][column]) as f32;
    let (mut values, mut right) = (Vec::new(), Vec::new());
    for target in targets {
        for day in target - DAYS..target {
            values.extend((0..COLUMNS).map(|column| scaled(day, column)));
        }
        right.push(scaled(target, CLOSE));
    }
    Examples {
        input: Input::Steps {
            values,
            time: DAYS,
            features: COLUMNS,
        },
        lengths: None,
        target: Target::Values {
            values: right,
            width: 1,
        },
    }
}

/// Forecasts of the close in the market's own unit.
fn forecasts(model: &Model, examples: &Examples, scaler: &Scaler) -> Vec<f32> {
    let answers = answers(model, examples).into_iter();
    answers
        .map(|answer| scaler.inverse(f64::from(answer)) as f32)
        .collect()
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let market = market(3);
    let test = TRAIN..ALL;
    let honest = scalers(&market, 0..TRAIN);
    // The leak: the test span by its own smallest and largest values, which lie in its future.
    let leaking = scalers(&market, TRAIN - DAYS..ALL);
    let training = examples(&market, &honest, DAYS..TRAIN);
    let network = Sequential::new()
        .add(Kind::Lstm.layer(10, false))
        .add(Dense::new(1));
    let plan = Plan {
        epochs: setup.pick(150, 80),
        learning_rate: 1e-2,
        ..Plan::default()
    };
    let name = Words::same("LSTM");
    let model = train(setup, name, &network, &training, None, plan)?.model;

    let right: Vec<f32> = market[test.clone()]
        .iter()
        .map(|day| day[CLOSE] as f32)
        .collect();
    let naive: Vec<f32> = market[TRAIN - 1..ALL - 1]
        .iter()
        .map(|day| day[CLOSE] as f32)
        .collect();
    let said = |scalers: &[Scaler; COLUMNS]| {
        let examples = examples(&market, scalers, test.clone());
        forecasts(&model, &examples, &scalers[CLOSE])
    };
    let (without, with) = (said(&honest), said(&leaking));
    let error = |said: &[f32]| squared_error(said, &right).sqrt();
    let errors = [error(&naive), error(&without), error(&with)];

    let mut told = Told::default();
    told.text(say!(
        "The notes read open, high, low, volume and close of {DAYS} days and forecast the close of the next. The market \
         here was made by a program: {ALL} days of a random walk that drifts upwards. Nobody can forecast it better than \
         by the \
         last close. An LSTM with 10 units learned from the first {TRAIN} days.",
        "강의 노트는 {DAYS}일 동안의 시가, 고가, 저가, 거래량, 종가를 읽고 다음 날의 종가를 예측합니다. 여기의 시장은 \
         프로그램이 만들었습니다. 위쪽으로 조금씩 움직이는 무작위 행보 {ALL}일입니다. 마지막 종가보다 잘 예측할 수 있는 \
         사람은 \
         없습니다. 유닛 10개의 LSTM이 처음 {TRAIN}일로 배웠습니다."
    ));
    told.text(Words::new(
        "A network wants numbers between 0 and 1, so each column is scaled by its smallest and its largest value. The \
         question is: on which days? A script that is much copied scales the test days by their own smallest and \
         largest values. On the first test day these lie in the future: whoever uses them already knows how high the \
         price will climb.",
        "신경망에는 0과 1 사이의 수를 넣으므로 열마다 가장 작은 값과 가장 큰 값으로 크기를 맞춥니다. 문제는 어느 날들의 \
         값이냐입니다. 널리 베껴 쓰는 한 스크립트는 시험 기간을 그 기간의 최솟값과 최댓값으로 맞춥니다. 시험 첫날에 \
         그것은 앞날의 일입니다. \
         이를 쓰는 사람은 값이 어디까지 오를지 이미 아는 셈입니다.",
    ));
    let mut grid = Grid::new([
        Words::new("forecast of the test days", "시험 기간의 예측"),
        Words::new("RMSE", "RMSE"),
        Words::new("against the last close", "마지막 종가에 대한 비"),
    ]);
    for (name, error) in [
        (Words::new("last close", "마지막 종가"), errors[0]),
        (
            Words::new("LSTM, scaled on training days", "LSTM, 학습 기간으로 맞춤"),
            errors[1],
        ),
        (
            Words::new(
                "LSTM, scaled on the test days: leak",
                "LSTM, 시험 기간으로 맞춤: 누출",
            ),
            errors[2],
        ),
    ] {
        grid.row([Entry::from(name), error.into(), (error / errors[0]).into()]);
    }
    told.table(grid);
    told.text(Words::new(
        "The leak seems to mend the forecast. It does so because the price leaves the range that the network saw in \
         training: scaled honestly, the test days are numbers above 1, where its gates are shut. Scaled on the test days \
         they fall into the known range again. But no one could have done that at the time, and even with the leak the \
         LSTM is no better than the last close. A forecast of prices that looks good on a chart mostly repeats \
         yesterday's price; always put the last value beside it.",
        "누출은 예측을 고쳐 주는 것처럼 보입니다. 값이 학습 때 본 범위를 벗어나기 때문입니다. 정직하게 맞추면 시험 기간은 \
         1보다 큰 수가 되고, 거기서는 게이트가 닫혀 버립니다. 시험 기간으로 맞추면 다시 아는 범위 안에 들어옵니다. 그러나 \
         그때에는 \
         아무도 그렇게 할 수 없었고, 엿보고도 LSTM은 마지막 종가보다 낫지 않습니다. 그림에서 좋아 보이는 주가 예측은 대개 \
         어제의 값을 되풀이한 것입니다. 언제나 마지막 값을 옆에 두고 보십시오.",
    ));
    told.claim_share(
        say!(
            "what the leak seems to buy: share of the honest LSTM's distance to the last close that it takes away",
            "누출로 얻는 듯한 것: 정직한 LSTM과 마지막 종가의 차이 중 없어지는 몫"
        ),
        Expected::Above(0.5),
        (errors[1] - errors[2]) / (errors[1] - errors[0]),
    );
    told.claim(
        say!(
            "honest LSTM against the last close: error",
            "마지막 종가에 대한 정직한 LSTM의 오차의 비"
        ),
        Expected::Above(1.0),
        errors[1] / errors[0],
    );
    told.claim(
        say!(
            "LSTM with the leak against the last close: error",
            "마지막 종가에 대한 누출 LSTM의 오차의 비"
        ),
        Expected::Above(0.98),
        errors[2] / errors[0],
    );
    let line = |values: &[f32]| -> Points {
        let days = values.iter().enumerate().skip(test.len() - DRAWN);
        days.map(|(day, value)| [(TRAIN + day + 1) as f64, f64::from(*value)])
            .collect()
    };
    let known: Vec<f32> = market.iter().map(|day| day[CLOSE] as f32).collect();
    let known = known.iter().enumerate().skip(ALL - DRAWN);
    told.lines(
        "test",
        LinePlot {
            title: say!("The last {DRAWN} test days", "시험 기간의 마지막 {DRAWN}일"),
            x: Words::new("day", "날"),
            y: Words::new("close", "종가"),
            logarithmic: false,
            lines: vec![
                (
                    Words::new("LSTM, honest", "LSTM, 정직하게"),
                    line(&without),
                    LineKind::Compared,
                ),
                (
                    Words::new("LSTM with the leak", "LSTM, 누출"),
                    line(&with),
                    LineKind::Compared,
                ),
                (
                    Words::new("what came", "실제 값"),
                    known
                        .map(|(day, value)| [(day + 1) as f64, f64::from(*value)])
                        .collect(),
                    LineKind::Observed,
                ),
            ],
            marks: Vec::new(),
        },
        Words::new(
            "Honestly scaled, the forecast stays below a price that it has never seen so high.",
            "정직하게 맞추면, 본 적 없이 높은 값 앞에서 예측이 아래에 머뭅니다.",
        ),
    );
    Ok(told)
}
