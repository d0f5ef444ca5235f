//! `hello`, letter by letter: softmax, the loss of each step, and their sum.

use super::Lesson;
use crate::claim::Expected;
use crate::network::Kind;
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Input, Plan, Target, answers, built, numbers, softmax, train_from};
use crate::told::{Entry, Grid, HeatPlot, LinePlot, Points, Told};
use crate::words::{Words, say};
use burn::prelude::*;
use elman::model::{Dense, Model, OneHot, Sequential};
use elman::report::number;
use elman::report::plot::LineKind;
use elman::train::loss::{CrossEntropy, OverTime, Reduction};

pub(super) const LESSON: Lesson = Lesson::new(
    "hello-loss",
    Words::new(
        "Loss(θ) = Σ_t loss, and softmax step by step, on \"hello\"",
        "\"hello\"로 보는 Loss(θ) = Σ_t loss, 그리고 걸음마다의 소프트맥스",
    ),
    run,
);

const LETTERS: [char; 4] = ['h', 'e', 'l', 'o'];

fn id(letter: char) -> usize {
    let place = LETTERS.iter().position(|known| *known == letter);
    place.expect("a letter of hello")
}

fn hello() -> Examples {
    let letters: Vec<usize> = "hello".chars().map(id).collect();
    let time = letters.len() - 1;
    Examples {
        input: Input::Ids {
            ids: letters[..time].iter().map(|id| *id as u32).collect(),
            time,
        },
        lengths: None,
        target: Target::StepClasses {
            classes: letters[1..].iter().map(|id| *id as i64).collect(),
            time,
        },
    }
}

/// A row for each step: the letter read, the probabilities, the letter that is right, its loss. Also the losses.
fn steps(model: &Model) -> (Grid, Vec<f64>, Vec<f64>) {
    let mut columns = vec![Words::new("reads", "읽음")];
    columns.extend(LETTERS.map(|letter| Words::same(format!("p({letter})"))));
    columns.extend([
        Words::new("right", "정답"),
        Words::new("loss = -ln p", "손실 = -ln p"),
    ]);
    let mut grid = Grid::new(columns);
    let (mut losses, mut all) = (Vec::new(), Vec::new());
    let letters: Vec<char> = "hello".chars().collect();
    for (step, logits) in answers(model, &hello()).chunks(LETTERS.len()).enumerate() {
        let probabilities = softmax(logits);
        let right = letters[step + 1];
        let loss = -probabilities[id(right)].ln();
        let mut row = vec![Entry::from(letters[step].to_string())];
        row.extend(probabilities.iter().map(|p| Entry::from(format!("{p:.3}"))));
        row.extend([Entry::from(right.to_string()), format!("{loss:.4}").into()]);
        grid.row(row);
        losses.push(loss);
        all.extend(probabilities);
    }
    (grid, losses, all)
}

/// The library's loss, summed over the steps.
fn summed(model: &Model) -> f64 {
    let device = Device::default();
    let examples = hello();
    let (signal, _) = examples.signal(&[0], &device);
    let Target::StepClasses { classes, time } = examples.target else {
        unreachable!("as made above")
    };
    let target = Tensor::from_data(TensorData::new(classes, [1, time]), &device);
    let sum = Reduction {
        over_time: OverTime::Sum,
        ..Reduction::default()
    };
    let logits = model.forward(signal, None).sequence();
    let loss = CrossEntropy::default().forward_sequence(logits, target, sum);
    f64::from(numbers(loss)[0])
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let examples = hello();
    let network = Sequential::new()
        .add(OneHot::new(LETTERS.len()))
        .add(Kind::Simple.layer(4, true))
        .add(Dense::new(LETTERS.len()));
    let model = built(&network, examples.shape(), 2);
    let (before, losses_before, _) = steps(&model);
    let sum_before = losses_before.iter().sum::<f64>();
    let apart_before = (sum_before - summed(&model)).abs();
    let plan = Plan {
        epochs: setup.pick(400, 300),
        learning_rate: 3e-2,
        ..Plan::default()
    };
    let trained = train_from(setup, Words::same("hello"), model, &examples, None, plan)?;
    let (after, losses, probabilities) = steps(&trained.model);
    let sum = losses.iter().sum::<f64>();
    let apart = apart_before.max((sum - summed(&trained.model)).abs());
    let of = |step: usize, letter: char| probabilities[step * LETTERS.len() + id(letter)];

    let mut told = Told::default();
    told.text(Words::new(
        "A SimpleRnn with four units reads the letters h, e, l, l and is to say the next letter each time: e, l, l, o. At \
         each step it gives four numbers, \
         one for each letter of its alphabet. Softmax makes them probabilities: each is e to the power of its number, \
         divided by the sum of all four. The \
         loss of a step is the negative logarithm of the probability of the right letter. The loss of the word is the sum \
         over its steps.",
        "유닛이 네 개인 SimpleRnn이 h, e, l, l을 읽으면서 매번 다음 글자 e, l, l, o를 말해야 합니다. 걸음마다 글자마다 \
         하나씩 수 네 개를 냅니다. 소프트맥스는 \
         이것을 확률로 바꿉니다. e를 그 수만큼 거듭제곱한 것을 네 개의 합으로 나눈 것입니다. 한 걸음의 손실은 맞는 글자의 \
         확률에 로그를 취하고 부호를 바꾼 것입니다. \
         낱말의 손실은 걸음마다의 손실을 더한 것입니다.",
    ));
    told.heading(Words::new("Before training", "학습하기 전"));
    told.table(before);
    let (first, last) = (number(sum_before), number(sum));
    let each = |losses: &[f64]| {
        let losses: Vec<String> = losses.iter().map(|loss| format!("{loss:.4}")).collect();
        losses.join(" + ")
    };
    let words = each(&losses_before);
    told.code(Words::same(format!("Loss(θ) = {words} = {first}")));
    told.heading(Words::new("After training", "학습한 뒤"));
    told.table(after);
    let words = each(&losses);
    told.code(Words::same(format!("Loss(θ) = {words} = {last}")));
    told.text(Words::new(
        "Look at the third and the fourth step. Both times the letter read is l, but l comes after the first and o after \
         the second. A network that saw \
         the current letter alone could not say both. The state tells them apart, because it remembers whether an l was \
         there before.",
        "셋째와 넷째 걸음을 보십시오. 두 번 모두 읽은 글자는 l이지만 첫째 다음에는 l이, 둘째 다음에는 o가 옵니다. 지금 \
         글자만 보는 신경망은 둘 다 맞힐 수 없습니다. \
         상태가 둘을 가려 줍니다. 앞에 l이 있었는지를 기억하기 때문입니다.",
    ));
    told.claim(
        say!(
            "difference between the sum of the steps' losses and the library's Loss(θ)",
            "걸음마다의 손실의 합과 라이브러리의 Loss(θ)의 차이"
        ),
        Expected::Below(1e-5),
        apart,
    );
    told.claim(
        say!(
            "Loss(θ) before training (four guesses among four letters: 4 ln 4 = 5.545)",
            "학습하기 전의 Loss(θ) (네 글자 중 짐작 네 번: 4 ln 4 = 5.545)"
        ),
        Expected::Between(4.0, 8.0),
        sum_before,
    );
    told.claim(
        say!("Loss(θ) after training", "학습한 뒤의 Loss(θ)"),
        Expected::Below(0.1),
        sum,
    );
    told.claim_share(
        say!(
            "probability of l after the first l",
            "첫째 l 다음에 l이 올 확률"
        ),
        Expected::Above(0.95),
        of(2, 'l'),
    );
    told.claim_share(
        say!(
            "probability of o after the second l",
            "둘째 l 다음에 o가 올 확률"
        ),
        Expected::Above(0.95),
        of(3, 'o'),
    );
    told.heat(
        "probabilities",
        HeatPlot {
            title: Words::new("Probabilities after training", "학습한 뒤의 확률"),
            rows: LETTERS
                .map(|letter| Words::same(letter.to_string()))
                .to_vec(),
            columns: "hell"
                .chars()
                .enumerate()
                .map(|(step, letter)| Words::same(format!("{}: {letter}", step + 1)))
                .collect(),
            values: (0..LETTERS.len())
                .flat_map(|letter| probabilities.iter().skip(letter).step_by(LETTERS.len()))
                .copied()
                .collect(),
            row_title: Words::new("next letter", "다음 글자"),
            column_title: Words::new("letter read", "읽은 글자"),
            show_values: true,
        },
        Words::new(
            "Each column sums to 1. The two columns of l differ.",
            "세로줄마다 합이 1입니다. l의 두 줄이 서로 다릅니다.",
        ),
    );
    let curve = trained.history.iter();
    let curve = curve.map(|record| [(record.epoch + 1) as f64, 4.0 * record.train_loss]);
    told.lines(
        "loss",
        LinePlot {
            title: Words::new("Loss(θ) while learning", "배우는 동안의 Loss(θ)"),
            x: Words::new("step of training", "학습 걸음"),
            y: Words::new(
                "sum over the four letters, logarithmic",
                "네 글자의 합, 로그 눈금",
            ),
            logarithmic: true,
            lines: vec![(
                Words::same("Loss(θ)"),
                curve.collect::<Points>(),
                LineKind::Compared,
            )],
            marks: Vec::new(),
        },
        Words::new(
            "Training changes the weights a little at a time, always downhill.",
            "학습은 가중치를 조금씩, 늘 내리막 쪽으로 바꿉니다.",
        ),
    );
    Ok(told)
}
