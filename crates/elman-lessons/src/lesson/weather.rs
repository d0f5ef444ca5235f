//! Temperature from itself, and from itself, the air pressure and the density.

use super::Lesson;
use crate::claim::Expected;
use crate::network::Kind;
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Input, Plan, Target, answers, squared_error, train};
use crate::told::{Entry, Grid, LinePlot, Points, Told};
use crate::words::{Words, say};
use elman::model::{Dense, Sequential};
use elman::report::plot::LineKind;
use elman_data::random::{Stream, shuffled};
use elman_data::{Scaler, ScalerKind};
use std::f64::consts::TAU;
use std::ops::Range;

pub(super) const LESSON: Lesson = Lesson::new(
    "weather",
    Words::new(
        "Weather: temperature from itself, and from pressure and density as well",
        "날씨: 기온만으로, 그리고 기압과 공기 밀도까지 더해",
    ),
    run,
);

/// Hours that are read.
const PAST: usize = 24;
/// How far ahead the later forecast looks, in hours.
const LATER: usize = 12;
const COLUMNS: usize = 3;

/// Three years of hours: temperature (°C), pressure (hPa) and density (g/m³), `[hours][columns]`.
///
/// Fronts pass: the pressure wanders, and the temperature follows it about ten hours later. Seasons and days go on top. The density
/// follows from both by the gas law.
fn weather(hours: usize) -> Vec<[f64; COLUMNS]> {
    const LAG: usize = 10;
    const YEAR: f64 = 365.25 * 24.0;
    let mut random = Stream::new(&[5, 23]);
    let (mut front, mut speed, mut fronts, mut rest) = (0.0, 0.0, Vec::new(), 0.0);
    (0..hours + LAG)
        .map(|hour| {
            speed = 0.85 * speed + 0.032 * f64::from(random.normal());
            front = 0.97 * front + speed;
            fronts.push(front);
            rest = 0.8 * rest + 0.15 * f64::from(random.normal());
            let passed = hour.checked_sub(LAG).map_or(0.0, |hour| fronts[hour]);
            let time = hour as f64;
            let season = -10.0 * (TAU * time / YEAR).cos();
            let day = -3.5 * (TAU * (time - 3.0) / 24.0).cos();
            let temperature = 11.0 + season + day - 5.0 * passed + rest;
            let pressure = 1013.0 + 9.0 * front + 0.3 * f64::from(random.normal());
            let density = 1e5 * pressure / (287.05 * (temperature + 273.15));
            [temperature, pressure, density]
        })
        .skip(LAG)
        .collect()
}

/// The past day in these columns, and the temperature `ahead` hours later, for some of the hours.
fn examples(scaled: &[[f32; COLUMNS]], columns: usize, ahead: usize, hours: &[usize]) -> Examples {
    let (mut values, mut right) = (Vec::new(), Vec::new());
    for hour in hours {
        for past in &scaled[hour + 1 - PAST..=*hour] {
            values.extend(&past[..columns]);
        }
        right.push(scaled[hour + ahead][0]);
    }
    Examples {
        input: Input::Steps {
            values,
            time: PAST,
            features: columns,
        },
        lengths: None,
        target: Target::Values {
            values: right,
            width: 1,
        },
    }
}

/// Every so many hours of a span, those at its edges left out whose past or future lies outside.
fn hours(span: Range<usize>, count: usize) -> Vec<usize> {
    let inside = span.start + PAST..span.end - LATER;
    let mut hours: Vec<usize> = shuffled(inside.len(), 8, 0)
        .into_iter()
        .take(count)
        .map(|hour| inside.start + hour)
        .collect();
    hours.sort_unstable();
    hours
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let all = 3 * 8_766;
    let weather = weather(all);
    let split = 2 * 8_766;
    let scalers: [Scaler; COLUMNS] = std::array::from_fn(|column| {
        let values: Vec<f64> = weather[..split].iter().map(|hour| hour[column]).collect();
        Scaler::fit(ScalerKind::Standard, &values)
    });
    let scaled: Vec<[f32; COLUMNS]> = weather
        .iter()
        .map(|hour| std::array::from_fn(|column| scalers[column].transform(hour[column]) as f32))
        .collect();
    let training = hours(0..split, setup.pick(8_000, 3_000));
    let test = hours(split..all, 2_000);
    let degrees = |said: &[f32]| -> Vec<f32> {
        let said = said
            .iter()
            .map(|value| scalers[0].inverse(f64::from(*value)) as f32);
        said.collect()
    };
    let mut grid = Grid::new([
        Words::new("forecast: RMSE in °C", "예측: RMSE, °C"),
        Words::new("1 hour ahead", "1시간 뒤"),
        say!("{LATER} hours ahead", "{LATER}시간 뒤"),
    ]);
    let right = [1, LATER].map(|ahead| -> Vec<f32> {
        test.iter()
            .map(|hour| weather[hour + ahead][0] as f32)
            .collect()
    });
    let last: Vec<f32> = test.iter().map(|hour| weather[*hour][0] as f32).collect();
    let day_before: [Vec<f32>; 2] = [1, LATER].map(|ahead| {
        test.iter()
            .map(|hour| weather[hour + ahead - 24][0] as f32)
            .collect()
    });
    let error = |said: &[f32], which: usize| squared_error(said, &right[which]).sqrt();
    let naive = [error(&last, 0), error(&last, 1)];
    let seasonal = [error(&day_before[0], 0), error(&day_before[1], 1)];
    for (name, errors) in [
        (Words::new("last value", "마지막 값"), naive),
        (
            Words::new("same hour the day before", "하루 전 같은 시각"),
            seasonal,
        ),
    ] {
        let [soon, later] = errors.map(Entry::from);
        grid.row([name.into(), soon, later]);
    }
    let mut measured = Vec::new();
    let mut far = Vec::new();
    for (name, columns) in [
        (Words::new("LSTM, temperature alone", "LSTM, 기온만"), 1),
        (
            Words::new("LSTM, pressure and density too", "LSTM, 기압과 밀도도"),
            COLUMNS,
        ),
    ] {
        let mut errors = [0.0; 2];
        for (which, ahead) in [1, LATER].into_iter().enumerate() {
            let network = Sequential::new()
                .add(Kind::Lstm.layer(24, false))
                .add(Dense::new(1));
            let plan = Plan {
                epochs: setup.pick(10, 8),
                learning_rate: 5e-3,
                ..Plan::default()
            };
            let (en, ko) = (&name.en, &name.ko);
            let what = say!("{en}, {ahead} h", "{ko}, {ahead}시간");
            let examples = |hours: &[usize]| examples(&scaled, columns, ahead, hours);
            let model = train(setup, what, &network, &examples(&training), None, plan)?.model;
            let said = degrees(&answers(&model, &examples(&test)));
            errors[which] = error(&said, which);
            if ahead == LATER {
                let shown: Vec<usize> = (test[0]..test[0] + 120).collect();
                let said = degrees(&answers(&model, &examples(&shown)));
                let points = said.iter().enumerate();
                far.push(
                    points
                        .map(|(hour, value)| [hour as f64, f64::from(*value)])
                        .collect::<Points>(),
                );
            }
        }
        let [soon, later] = errors.map(Entry::from);
        grid.row([name.into(), soon, later]);
        measured.push(errors);
    }
    let mut told = Told::default();
    told.text(say!(
        "The weather of three years was made by a program, hour by hour: seasons, day and night, and fronts. A front \
         shows in the pressure first and in the temperature about ten hours later. From {PAST} hours an LSTM with 24 \
         units forecasts the \
         temperature, 1 hour and {LATER} hours ahead; once from the temperature alone, once from temperature, pressure \
         and density. It learned from the first two years and is measured on the third.",
        "세 해 동안의 날씨를 프로그램으로 한 시간씩 만들었습니다. 계절과 밤낮과 전선이 있습니다. 전선은 먼저 기압에 \
         나타나고 열 시간쯤 뒤에 기온에 나타납니다. 유닛 24개의 LSTM이 {PAST}시간으로 1시간 뒤와 {LATER}시간 뒤의 기온을 \
         예측합니다. \
         한 번은 기온만으로, 한 번은 기온과 기압과 공기 밀도로 합니다. 처음 두 해로 배우고 셋째 해로 잽니다."
    ));
    told.table(grid);
    told.text(say!(
        "One hour ahead the temperature itself says nearly all there is to say. {LATER} hours ahead it cannot know of a \
         front that has not arrived, but the pressure does. More variables help where they know something of the future \
         that the \
         target does not; they are no help by being many.",
        "한 시간 뒤라면 기온 자체가 거의 모든 것을 말해 줍니다. {LATER}시간 뒤라면 기온은 아직 오지 않은 전선을 알 수 \
         없지만 기압은 압니다. 변수는 목표 변수가 모르는 앞날을 알 때에 도움이 됩니다. 많다고 해서 도움이 되는 것은 \
         아닙니다."
    ));
    told.claim(
        say!(
            "1 hour ahead, temperature alone against the last value: error",
            "1시간 뒤, 마지막 값에 대한 기온만의 오차의 비"
        ),
        Expected::Below(0.8),
        measured[0][0] / naive[0],
    );
    told.claim(
        say!(
            "{LATER} hours ahead, temperature alone against the same hour the day before: error",
            "{LATER}시간 뒤, 하루 전 같은 시각에 대한 기온만의 오차의 비"
        ),
        Expected::Below(0.9),
        measured[0][1] / seasonal[1],
    );
    told.claim(
        say!(
            "{LATER} hours ahead, all variables against temperature alone: error",
            "{LATER}시간 뒤, 기온만에 대한 모든 변수의 오차의 비"
        ),
        Expected::Below(0.75),
        measured[1][1] / measured[0][1],
    );
    let observed = (test[0]..test[0] + 120).map(|hour| weather[hour + LATER][0]);
    let observed = observed
        .enumerate()
        .map(|(hour, value)| [hour as f64, value]);
    let [alone, all] = [far[0].clone(), far[1].clone()];
    told.lines(
        "forecast",
        LinePlot {
            title: say!(
                "Forecasts of {LATER} hours, five days of the test",
                "{LATER}시간 예측, 시험 기간의 닷새"
            ),
            x: Words::new("hour", "시간"),
            y: Words::new("temperature, °C", "기온, °C"),
            logarithmic: false,
            lines: vec![
                (
                    Words::new("all variables", "모든 변수"),
                    all,
                    LineKind::Compared,
                ),
                (
                    Words::new("temperature alone", "기온만"),
                    alone,
                    LineKind::Compared,
                ),
                (
                    Words::new("what came", "실제 값"),
                    observed.collect(),
                    LineKind::Observed,
                ),
            ],
            marks: Vec::new(),
        },
        Words::new(
            "With the pressure the network sees fronts coming.",
            "기압을 읽으면 신경망이 다가오는 전선을 봅니다.",
        ),
    );
    Ok(told)
}
