//! The six equations of the LSTM, and its gates at work.

use super::Lesson;
use super::store::{STEPS, Stored, UNITS};
use crate::claim::Expected;
use crate::network::Kind;
use crate::setup::{Error, Setup};
use crate::teach::numbers;
use crate::told::{Entry, Grid, Told};
use crate::words::{Words, say};
use elman::model::{Layer, Model};

pub(super) const LESSON: Lesson = Lesson::new(
    "lstm",
    Words::new(
        "The six equations of the LSTM, with its gates at work",
        "LSTM의 여섯 식과 일하는 게이트",
    ),
    run,
);

/// Places among what a step leaves behind: `i f g o c`.
const I: usize = 0;
const F: usize = 1;
const C: usize = 4;

pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The parameters of the first layer, each `[inputs][gates × units]` in rows.
pub(super) struct Parameters {
    ih: Vec<f32>,
    hh: Vec<f32>,
    pub(super) biases: [Vec<f32>; 2],
    width: usize,
}

impl Parameters {
    pub(super) fn of(model: &Model) -> Self {
        let Some(Layer::Recurrent(layer)) = model.layers.first() else {
            panic!("a recurrent layer first");
        };
        let direction = &layer.rnn.directions[0];
        let hh = numbers(direction.weight_hh.val());
        let width = hh.len() / UNITS;
        let bias = |bias: Option<Vec<f32>>| bias.unwrap_or_else(|| vec![0.0; width]);
        Self {
            ih: numbers(direction.weight_ih.val()),
            biases: [
                bias(direction.bias_ih.as_ref().map(|bias| numbers(bias.val()))),
                bias(direction.bias_hh.as_ref().map(|bias| numbers(bias.val()))),
            ],
            hh,
            width,
        }
    }

    /// `W x` for one row of a gate's weights: column `column` of `[inputs][gates × units]`.
    pub(super) fn input(&self, x: &[f32], column: usize) -> f64 {
        product(
            &self.ih,
            self.width,
            column,
            x.iter().map(|x| f64::from(*x)),
        )
    }

    pub(super) fn own(&self, h: &[f64], column: usize) -> f64 {
        product(&self.hh, self.width, column, h.iter().copied())
    }
}

fn product(weights: &[f32], width: usize, column: usize, values: impl Iterator<Item = f64>) -> f64 {
    let column = weights.iter().skip(column).step_by(width);
    column
        .zip(values)
        .map(|(weight, value)| f64::from(*weight) * value)
        .sum()
}

/// The hidden states of a sequence by the six equations, in f64.
fn by_hand(stored: &Stored, row: usize) -> Vec<f64> {
    let parameters = Parameters::of(&stored.model);
    let (mut h, mut c) = (vec![0.0; UNITS], vec![0.0; UNITS]);
    let mut states = Vec::new();
    for step in 0..STEPS {
        let x = stored.read(row, step);
        let sum = |gate: usize, unit: usize| {
            let column = gate * UNITS + unit;
            let biases: f32 = parameters.biases.iter().map(|bias| bias[column]).sum();
            parameters.input(&x, column) + parameters.own(&h, column) + f64::from(biases)
        };
        let (mut next_h, mut next_c) = (h.clone(), c.clone());
        for unit in 0..UNITS {
            let i = sigmoid(sum(0, unit));
            let f = sigmoid(sum(1, unit));
            let candidate = sum(2, unit).tanh();
            let o = sigmoid(sum(3, unit));
            next_c[unit] = f * c[unit] + i * candidate;
            next_h[unit] = o * next_c[unit].tanh();
        }
        (h, c) = (next_h, next_c);
        states.extend(&h);
    }
    states
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let stored = Stored::train(setup, Kind::Lstm)?;
    let apart = stored.apart(|row| by_hand(&stored, row));
    let keeper = stored.keeper(|row, step| stored.passage.kept_at(row, step, C).to_vec());
    let (input, forget) = (stored.gate(I, keeper), stored.gate(F, keeper));

    let mut told = Told::default();
    told.text(Words::new(
        "An LSTM has two states: h, what it says, and C, what it keeps. Six equations make the next ones. f_t says how \
         much of C is kept, i_t how much of the candidate C̃_t is \
         added, o_t how much of C is shown. σ lies between 0 and 1, so f, i and o act as gates.",
        "LSTM에는 상태가 두 개 있습니다. h는 내보이는 것이고 C는 지니고 있는 것입니다. 여섯 식이 다음 상태를 만듭니다. \
         f_t는 C를 얼마나 남길지, i_t는 후보 C̃_t를 얼마나 \
         더할지, o_t는 C를 얼마나 내보일지를 정합니다. σ는 0과 1 사이의 값이므로 f, i, o는 문 노릇을 합니다.",
    ));
    told.code(Words::same(
        "f_t = σ(W_f · [h_(t-1), x_t] + b_f)\n\
         i_t = σ(W_i · [h_(t-1), x_t] + b_i)\n\
         C̃_t = tanh(W_C · [h_(t-1), x_t] + b_C)\n\
         C_t = f_t * C_(t-1) + i_t * C̃_t\n\
         o_t = σ(W_o · [h_(t-1), x_t] + b_o)\n\
         h_t = o_t * tanh(C_t)",
    ));
    told.text(say!(
        "The task shows what the gates are for. At each step the network reads a number and a mark. It must always say \
         the last number that was marked, and ignore all others. An \
         LSTM with {UNITS} units learned it. Below are the gates of the unit whose C goes most closely with the number to \
         be kept.",
        "과제가 게이트의 쓰임을 보여 줍니다. 신경망은 걸음마다 수 하나와 표시를 읽습니다. 언제나 마지막으로 표시된 수를 \
         말하고 나머지는 무시해야 합니다. 유닛이 {UNITS}개인 LSTM이 \
         이것을 배웠습니다. 아래는 지켜야 할 수와 C가 가장 가깝게 움직이는 유닛의 게이트입니다."
    ));
    let mut grid = Grid::new([
        Words::new("mean of the gate", "게이트의 평균"),
        Words::new("marked: store", "표시 있음: 담기"),
        Words::new("not marked: keep", "표시 없음: 지키기"),
    ]);
    for (name, gate) in [
        (Words::new("input gate i", "입력 게이트 i"), input),
        (Words::new("forget gate f", "망각 게이트 f"), forget),
    ] {
        let [marked, other] = gate.map(Entry::from);
        grid.row([name.into(), marked, other]);
    }
    told.table(grid);
    told.text(Words::new(
        "Where a number is marked the input gate opens, to let it in, and the forget gate closes, to drop the old one. \
         Elsewhere it is the other way round: f is near 1 and i near 0, so C_t is \
         nearly C_(t-1). That is also why the gradient lives: on its way back through C it is multiplied by f alone.",
        "표시가 있으면 입력 게이트가 열려 새 수를 받아들이고, 망각 게이트가 닫혀 옛 수를 버립니다. 다른 곳에서는 \
         반대입니다. f는 1에, i는 0에 가까우므로 C_t는 C_(t-1)과 거의 같습니다. \
         기울기가 살아남는 까닭도 이것입니다. C를 따라 거슬러 갈 때 f만 곱해집니다.",
    ));
    told.claim(
        say!(
            "largest difference between the six equations by hand and the library",
            "손으로 계산한 여섯 식과 라이브러리의 가장 큰 차이"
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
            "input gate: marked less not marked",
            "입력 게이트: 표시 있을 때 빼기 없을 때"
        ),
        Expected::Above(0.3),
        input[0] - input[1],
    );
    told.claim(
        say!(
            "forget gate where nothing is marked",
            "표시가 없을 때의 망각 게이트"
        ),
        Expected::Above(0.9),
        forget[1],
    );
    told.claim(
        say!(
            "forget gate where a number is marked",
            "표시가 있을 때의 망각 게이트"
        ),
        Expected::Below(0.5),
        forget[0],
    );
    stored.draw(
        &mut told,
        keeper,
        &[
            (Words::new("input gate i", "입력 게이트 i"), I),
            (Words::new("forget gate f", "망각 게이트 f"), F),
        ],
        (
            Words::new("C, what it keeps", "C, 지니고 있는 것"),
            &|row, step| stored.passage.kept_at(row, step, C)[keeper],
        ),
        Words::new(
            "Blue is above zero, brown below. C follows the number to be kept, or its negative.",
            "파란색은 0보다 크고 갈색은 0보다 작습니다. C는 지킬 수, 또는 부호를 바꾼 수를 따라갑니다.",
        ),
    );
    Ok(told)
}
