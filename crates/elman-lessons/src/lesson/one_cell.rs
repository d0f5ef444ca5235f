//! One recurrent cell by hand, every number shown.

use super::Lesson;
use crate::claim::Expected;
use crate::setup::{Error, Setup};
use crate::teach::numbers;
use crate::told::{HeatPlot, Told};
use crate::words::{Words, say};
use burn::module::Param;
use burn::prelude::*;
use elman::layer::SimpleRnnConfig;

pub(super) const LESSON: Lesson = Lesson::new(
    "one-cell",
    Words::new(
        "One cell by hand: every number of h_t = tanh(W_xh x_t + W_hh h_{t-1} + b)",
        "손으로 계산하는 셀 하나: h_t = tanh(W_xh x_t + W_hh h_{t-1} + b)의 모든 수",
    ),
    run,
);

const UNITS: usize = 2;
/// W_xh, `[inputs][units]`, as the library keeps it.
const WEIGHT_XH: [[f32; UNITS]; 3] = [[0.5, -0.3], [0.8, 0.2], [-0.4, 0.7]];
/// W_hh, `[units before][units]`.
const WEIGHT_HH: [[f32; UNITS]; UNITS] = [[0.6, -0.2], [0.1, 0.4]];
const BIAS: [f32; UNITS] = [0.1, -0.1];
/// Three steps of three inputs.
const INPUT: [[f32; 3]; 3] = [[1.0, 0.0, 0.5], [0.0, 1.0, -1.0], [0.5, 0.5, 0.0]];

/// A number with its sign, so that columns line up.
fn signed(value: f32) -> String {
    format!("{value:>8.4}")
}

fn run(_setup: &mut Setup<'_>) -> Result<Told, Error> {
    let mut told = Told::default();
    told.text(Words::new(
        "A recurrent cell with two units reads three steps of three numbers. At each step it adds up three things: the \
         input times W_xh, its own last \
         state times W_hh, and the bias b. The hyperbolic tangent of that sum is the new state. The same W_xh, W_hh and b \
         are used at every step.",
        "유닛이 두 개인 순환 셀이 수 세 개짜리 걸음을 세 번 읽습니다. 걸음마다 세 가지를 더합니다. 입력에 W_xh를 곱한 것, \
         바로 앞의 제 상태에 W_hh를 곱한 것, 그리고 \
         바이어스 b입니다. 그 합의 쌍곡탄젠트가 새 상태입니다. 모든 걸음에서 같은 W_xh, W_hh, b를 씁니다.",
    ));
    let row = |values: &[f32]| values.iter().copied().map(signed).collect::<String>();
    let mut text = String::from(" W_xh              W_hh              b\n");
    for (index, weights) in WEIGHT_XH.iter().enumerate() {
        let own = WEIGHT_HH.get(index).map_or(String::new(), |own| row(own));
        let bias = if index == 0 {
            row(&BIAS)
        } else {
            String::new()
        };
        text += format!("{}  {own:<16}  {bias}", row(weights)).trim_end();
        text += "\n";
    }
    told.code(Words::same(text));

    let mut state = [0.0f32; UNITS];
    let mut by_hand = Vec::new();
    for (step, input) in INPUT.iter().enumerate() {
        let mut text = format!(
            "t = {}    x = ({} )    h before = ({} )\n",
            step + 1,
            row(input),
            row(&state)
        );
        let before = state;
        for unit in 0..UNITS {
            let products = |values: &[f32], weight: &dyn Fn(usize) -> f32| -> (String, f32) {
                let each = values.iter().enumerate();
                let words: Vec<String> = each
                    .clone()
                    .map(|(k, value)| format!("{} ×{}", signed(*value), signed(weight(k))))
                    .collect();
                let sum = each.map(|(k, value)| value * weight(k)).sum();
                (words.join(" +"), sum)
            };
            let (inputs, from_input) = products(input, &|k| WEIGHT_XH[k][unit]);
            let (own, from_state) = products(&before, &|k| WEIGHT_HH[k][unit]);
            let sum = from_input + from_state + BIAS[unit];
            state[unit] = sum.tanh();
            text += &format!(
                "  unit {}\n    W_xh x  {inputs} = {}\n    W_hh h  {own} = {}\n    tanh({} +{} +{} ) = tanh({} ) = {}\n",
                unit + 1,
                signed(from_input),
                signed(from_state),
                signed(from_input),
                signed(from_state),
                signed(BIAS[unit]),
                signed(sum),
                signed(state[unit]),
            );
        }
        by_hand.extend(state);
        told.code(Words::same(text));
    }

    let device = Device::default();
    let mut layer = SimpleRnnConfig::new(WEIGHT_XH.len(), UNITS).init(&device);
    let own = &mut layer.directions[0];
    own.weight_ih = Param::from_tensor(Tensor::from_data(WEIGHT_XH, &device));
    own.weight_hh = Param::from_tensor(Tensor::from_data(WEIGHT_HH, &device));
    own.bias_ih = Some(Param::from_tensor(Tensor::from_data(BIAS, &device)));
    let input = Tensor::<2>::from_data(INPUT, &device).unsqueeze_dim(0);
    let (output, _) = layer.forward(input, None, None);
    let library = numbers(output);
    let apart = library.iter().zip(&by_hand);
    let apart = apart
        .map(|(l, h)| f64::from((l - h).abs()))
        .fold(0.0, f64::max);
    let parameters = SimpleRnnConfig::new(WEIGHT_XH.len(), UNITS).parameter_count();

    told.text(Words::new(
        "The last state depends on all three inputs: the first one is inside the state that the second step multiplied \
         with W_hh, and so on. This is all that a \
         SimpleRnn does; everything else is how its weights are found.",
        "마지막 상태는 세 입력 모두에 달려 있습니다. 첫 입력은 둘째 걸음이 W_hh와 곱한 상태 안에 들어 있고, 그다음도 \
         마찬가지입니다. SimpleRnn이 하는 일은 이것이 \
         전부이고, 나머지는 가중치를 어떻게 찾느냐입니다.",
    ));
    told.claim(
        say!(
            "largest difference between the numbers by hand and the library's layer",
            "손으로 계산한 수와 라이브러리 층의 가장 큰 차이"
        ),
        Expected::Below(1e-6),
        apart,
    );
    told.claim(
        say!(
            "parameters: W_xh 3 × 2, W_hh 2 × 2, b 2",
            "파라미터: W_xh 3 × 2, W_hh 2 × 2, b 2"
        ),
        Expected::Exactly(12.0),
        parameters as f64,
    );
    told.heat(
        "states",
        HeatPlot {
            title: Words::new("The state, step by step", "상태, 걸음마다"),
            rows: (1..=UNITS)
                .map(|unit| say!("unit {unit}", "유닛 {unit}"))
                .collect(),
            columns: (1..=INPUT.len())
                .map(|step| Words::same(format!("t = {step}")))
                .collect(),
            values: (0..UNITS)
                .flat_map(|unit| by_hand.iter().skip(unit).step_by(UNITS))
                .map(|value| f64::from(*value))
                .collect(),
            row_title: Words::new("state", "상태"),
            column_title: Words::new("step", "걸음"),
            show_values: true,
        },
        Words::new(
            "Blue is above zero, brown below. A state is a handful of numbers between -1 and 1.",
            "파란색은 0보다 크고 갈색은 0보다 작습니다. 상태는 -1과 1 사이의 수 몇 개입니다.",
        ),
    );
    Ok(told)
}
