//! The GRU: one state and two gates.

use super::Lesson;
use super::lstm::{Parameters, sigmoid};
use super::store::{STEPS, Stored, UNITS};
use crate::claim::Expected;
use crate::network::Kind;
use crate::setup::{Error, Setup};
use crate::told::{Entry, Grid, Told};
use crate::words::{Words, say};
use elman::cell::Bias;
use elman::layer::{GruConfig, LstmConfig};

pub(super) const LESSON: Lesson = Lesson::new(
    "gru",
    Words::new(
        "The GRU: three quarters of an LSTM's weights, one state, two gates",
        "GRU: LSTM 가중치의 4분의 3, 상태 하나, 게이트 둘",
    ),
    run,
);

const Z: usize = 1;

/// The hidden states of a sequence by the equations, in f64.
fn by_hand(stored: &Stored, row: usize) -> Vec<f64> {
    let parameters = Parameters::of(&stored.model);
    let [bias_ih, bias_hh] = &parameters.biases;
    let mut h = vec![0.0; UNITS];
    let mut states = Vec::new();
    for step in 0..STEPS {
        let x = stored.read(row, step);
        let parts = |gate: usize, unit: usize| {
            let column = gate * UNITS + unit;
            [
                parameters.input(&x, column) + f64::from(bias_ih[column]),
                parameters.own(&h, column) + f64::from(bias_hh[column]),
            ]
        };
        let next = (0..UNITS).map(|unit| {
            let r = sigmoid(parts(0, unit).iter().sum());
            let z = sigmoid(parts(1, unit).iter().sum());
            let [from_input, from_state] = parts(2, unit);
            let n = (from_input + r * from_state).tanh();
            (1.0 - z) * n + z * h[unit]
        });
        h = next.collect();
        states.extend(&h);
    }
    states
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let stored = Stored::train(setup, Kind::Gru)?;
    let apart = stored.apart(|row| by_hand(&stored, row));
    let keeper = stored.keeper(|row, step| stored.passage.hidden(row, step).to_vec());
    let update = stored.gate(Z, keeper);
    let gru = GruConfig::new(32, 32)
        .with_bias(Bias::One)
        .parameter_count();
    let lstm = LstmConfig::new(32, 32)
        .with_bias(Bias::One)
        .parameter_count();

    let mut told = Told::default();
    told.text(Words::new(
        "A GRU does with one state what the LSTM does with two. The update gate z_t says how much of the old state is \
         kept; what is not kept is filled with the candidate n_t. One gate thus \
         does the work of the forget gate and the input gate. The reset gate r_t says how much of the old state the \
         candidate sees.",
        "GRU는 LSTM이 두 상태로 하는 일을 상태 하나로 합니다. 갱신 게이트 z_t는 옛 상태를 얼마나 남길지 정하고, 남기지 \
         않은 만큼은 후보 n_t로 채웁니다. 게이트 하나가 망각 게이트와 입력 \
         게이트의 일을 함께 합니다. 초기화 게이트 r_t는 후보가 옛 상태를 얼마나 볼지를 정합니다.",
    ));
    told.code(Words::same(
        "r_t = σ(W_r x_t + U_r h_(t-1) + b_r)\n\
         z_t = σ(W_z x_t + U_z h_(t-1) + b_z)\n\
         n_t = tanh(W_n x_t + b_n + r_t * (U_n h_(t-1) + c_n))\n\
         h_t = (1 - z_t) * n_t + z_t * h_(t-1)",
    ));
    told.text(say!(
        "The same task as in the lesson on the LSTM: always say the last number that was marked. Below is the update gate \
         of the one of {UNITS} units whose state goes most closely with that number.",
        "과제는 LSTM 수업과 같습니다. 언제나 마지막으로 표시된 수를 말합니다. 아래는 유닛 {UNITS}개 중 상태가 그 수와 \
         가장 가깝게 움직이는 유닛의 갱신 게이트입니다."
    ));
    let mut grid = Grid::new([
        Words::new("mean of the gate", "게이트의 평균"),
        Words::new("marked: store", "표시 있음: 담기"),
        Words::new("not marked: keep", "표시 없음: 지키기"),
    ]);
    let [marked, other] = update.map(Entry::from);
    grid.row([
        Words::new("update gate z", "갱신 게이트 z").into(),
        marked,
        other,
    ]);
    told.table(grid);
    told.text(say!(
        "With 32 inputs and 32 units a GRU has {gru} parameters and an LSTM {lstm}: three blocks of weights instead of \
         four. (Most frameworks give the GRU a second bias, as c_n above; it is not counted here.)",
        "입력 32개, 유닛 32개일 때 GRU의 파라미터는 {gru}개, LSTM은 {lstm}개입니다. 가중치가 네 덩어리가 아니라 세 \
         덩어리입니다. (대부분의 프레임워크는 위의 c_n처럼 GRU에 둘째 바이어스를 두는데, 여기서는 \
         세지 않았습니다.)"
    ));
    told.claim(
        say!(
            "largest difference between the equations by hand and the library",
            "손으로 계산한 식과 라이브러리의 가장 큰 차이"
        ),
        Expected::Below(1e-5),
        apart,
    );
    told.claim(
        say!(
            "mean squared error of what is kept",
            "지킨 수의 평균 제곱 오차"
        ),
        Expected::Below(0.01),
        stored.error,
    );
    told.claim(
        say!(
            "update gate where nothing is marked",
            "표시가 없을 때의 갱신 게이트"
        ),
        Expected::Above(0.9),
        update[1],
    );
    told.claim(
        say!(
            "update gate where a number is marked",
            "표시가 있을 때의 갱신 게이트"
        ),
        Expected::Below(0.5),
        update[0],
    );
    told.claim(
        say!(
            "parameters of a GRU against those of an LSTM",
            "LSTM에 대한 GRU의 파라미터 비"
        ),
        Expected::Exactly(0.75),
        gru as f64 / lstm as f64,
    );
    stored.draw(
        &mut told,
        keeper,
        &[(Words::new("update gate z", "갱신 게이트 z"), Z)],
        (
            Words::new("h, its state", "h, 상태"),
            &|row, step| stored.passage.hidden(row, step)[keeper],
        ),
        Words::new(
            "The update gate closes at each mark, and the state takes up the new number, or its negative.",
            "표시가 있을 때마다 갱신 게이트가 닫히고, 상태가 새 수, 또는 부호를 바꾼 수를 받아들입니다.",
        ),
    );
    Ok(told)
}
