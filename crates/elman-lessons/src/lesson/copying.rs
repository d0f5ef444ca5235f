//! Copy memory: say again what was shown long ago.

use super::Lesson;
use crate::claim::Expected;
use crate::network::{Kind, remembering};
use crate::setup::{Error, Setup};
use crate::teach::{
    Examples, Input, Plan, Target, answers, built, likeliest, mean_loss, train_from,
};
use crate::told::{Entry, Grid, LinePlot, Points, Told};
use crate::words::{Words, say};
use elman::model::{Dense, Model, OneHot, Sequential};
use elman::report::number;
use elman::report::plot::LineKind;
use elman_data::random::Stream;

pub(super) const LESSON: Lesson = Lesson::new(
    "copying",
    Words::new(
        "Copy memory: signs shown once and asked for 100 steps later",
        "복사 기억: 한 번 보여 주고 100걸음 뒤에 묻는 기호",
    ),
    run,
);

/// Different signs.
const SIGNS: usize = 8;
/// Says nothing.
const BLANK: u32 = 0;
/// Asks for the signs.
const ASK: u32 = SIGNS as u32 + 1;

/// `shown` signs, `time` blanks of which the last asks, then blanks for the answer. The answer is blanks, then the signs.
///
/// Hochreiter & Schmidhuber (1997), in the form of Arjovsky, Shah & Bengio, "Unitary evolution recurrent neural networks" (2016).
fn examples(shown: usize, time: usize, count: usize, seed: u64) -> Examples {
    let all = shown + time + shown;
    let (mut ids, mut classes) = (
        Vec::with_capacity(count * all),
        Vec::with_capacity(count * all),
    );
    for row in 0..count {
        let mut random = Stream::new(&[seed, row as u64]);
        let signs: Vec<u32> = (0..shown).map(|_| 1 + random.below(SIGNS) as u32).collect();
        ids.extend(&signs);
        ids.extend(std::iter::repeat_n(BLANK, time - 1));
        ids.push(ASK);
        ids.extend(std::iter::repeat_n(BLANK, shown));
        classes.extend(std::iter::repeat_n(i64::from(BLANK), shown + time));
        classes.extend(signs.iter().map(|sign| i64::from(*sign)));
    }
    Examples {
        input: Input::Ids { ids, time: all },
        lengths: None,
        target: Target::StepClasses { classes, time: all },
    }
}

/// The share of signs that are said again rightly, each place of the answer by itself.
fn recalled(model: &Model, examples: &Examples, shown: usize) -> f64 {
    let Target::StepClasses { classes, time } = &examples.target else {
        panic!("one class for each step");
    };
    let answers = answers(model, examples);
    let steps = answers.chunks(SIGNS + 1).zip(classes).enumerate();
    let asked = steps.filter(|(step, _)| step % time >= time - shown);
    let hits: Vec<bool> = asked
        .map(|(_, (logits, class))| likeliest(logits) as i64 == *class)
        .collect();
    hits.iter().filter(|hit| **hit).count() as f64 / hits.len() as f64
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let (shown, time) = setup.pick((10, 100), (3, 20));
    let training = examples(shown, time, setup.pick(10_000, 4_000), 1);
    let (valid, test) = (examples(shown, time, 200, 2), examples(shown, time, 500, 3));
    let all = time + 2 * shown;
    // Only the blanks are known: every sign of the answer is a guess among eight.
    let chance = shown as f64 * (SIGNS as f64).ln() / all as f64;
    let mut curves = Vec::new();
    let mut measured = Vec::new();
    for kind in Kind::ALL {
        let plan = Plan {
            epochs: 9,
            learning_rate: match kind {
                Kind::Simple => 1e-3,
                _ => 1e-2,
            },
            goal: Some(0.5 * chance),
            ..Plan::default()
        };
        let layers = Sequential::new()
            .add(OneHot::new(SIGNS + 2))
            .add(kind.layer(setup.pick(64, 48), true))
            .add(Dense::new(SIGNS + 1));
        let model = remembering(built(&layers, training.shape(), 3), time);
        let name = Words::same(kind.name());
        let trained = train_from(setup, name.clone(), model, &training, Some(&valid), plan)?;
        let losses = trained.history.iter();
        let losses = losses.map(|record| [(record.epoch + 1) as f64, record.score()]);
        curves.push((name, losses.collect::<Points>(), LineKind::Compared));
        measured.push((
            kind,
            mean_loss(&trained.model, &test),
            recalled(&trained.model, &test, shown),
        ));
    }
    let longest = curves.iter().map(|(_, curve, _)| curve.len()).max();
    let ends = [1.0, longest.unwrap_or(1) as f64];
    curves.push((
        Words::new("chance", "우연"),
        ends.map(|epoch| [epoch, chance]).to_vec(),
        LineKind::Level,
    ));

    let mut told = Told::default();
    let level = number(chance);
    told.text(say!(
        "{shown} signs out of {SIGNS} are shown, one at each step. Then nothing happens for {time} steps, and at the last \
         of them the network is \
         asked to say the signs again in their order. Whoever remembers nothing can only say the blanks rightly, and \
         guesses the signs: the \
         cross-entropy is then {shown} × ln {SIGNS} / {all} = {level}, the chance level. LSTM and GRU learned with \
         a rate of 0.01, the SimpleRnn with 0.001.",
        "기호 {SIGNS}가지 중에서 {shown}개를 한 걸음에 하나씩 보여 줍니다. 그런 다음 {time}걸음 동안 아무 일도 없다가, 그 \
         마지막 걸음에서 기호를 순서대로 다시 말하라고 \
         합니다. 아무것도 기억하지 못하면 빈칸만 맞히고 기호는 짐작하게 됩니다. 그때의 교차 엔트로피는 {shown} × ln \
         {SIGNS} / {all} = {level}이고, 이것이 우연의 \
         수준입니다. 학습률은 LSTM과 GRU가 0.01, SimpleRnn이 0.001입니다."
    ));
    let mut grid = Grid::new([
        Words::new("network", "신경망"),
        Words::new("cross-entropy", "교차 엔트로피"),
        Words::new("signs recalled, %", "기억한 기호, %"),
    ]);
    for (kind, loss, recalled) in &measured {
        let (loss, recalled) = (Entry::from(*loss), Entry::from(100.0 * recalled));
        grid.row([kind.name().into(), loss, recalled]);
    }
    told.table(grid);
    told.text(Words::new(
        "All three first learn when to say blanks, which brings them to the chance level. There the SimpleRnn stays: its \
         state is written anew at every \
         step, and the trace of the signs fades. LSTM and GRU can leave their state alone while nothing happens, and go \
         on below the level, sign by sign. \
         With more training they recall all of them; this lesson stops early.",
        "세 신경망 모두 먼저 빈칸을 언제 말할지 배워 우연의 수준에 이릅니다. SimpleRnn은 거기에 머뭅니다. 상태가 걸음마다 \
         새로 쓰이므로 기호의 흔적이 흐려집니다. \
         LSTM과 GRU는 아무 일도 없는 동안 상태를 그대로 둘 수 있어서, 기호를 하나씩 더 기억하며 그 수준 아래로 \
         내려갑니다. 더 오래 학습하면 모두 기억하지만, 이 \
         수업은 일찍 멈춥니다.",
    ));
    for (kind, loss, _) in &measured {
        let name = kind.name();
        told.claim(
            say!(
                "{name}: cross-entropy (chance level {level})",
                "{name}: 교차 엔트로피 (우연의 수준 {level})"
            ),
            match kind {
                Kind::Simple => Expected::Above(0.9 * chance),
                _ => Expected::Below(0.75 * chance),
            },
            *loss,
        );
    }
    for (kind, _, recalled) in measured {
        let name = kind.name();
        told.claim_share(
            say!(
                "{name}: signs recalled (1 in {SIGNS} is chance)",
                "{name}: 기억한 기호 (우연이면 {SIGNS}번에 한 번)"
            ),
            match kind {
                Kind::Simple => Expected::Below(0.3),
                _ => Expected::Above(0.3),
            },
            recalled,
        );
    }
    told.lines(
        "loss",
        LinePlot {
            title: Words::new("Copy memory while learning", "배우는 동안의 복사 기억"),
            x: Words::new("epoch", "에포크"),
            y: Words::new(
                "cross-entropy on unseen sequences",
                "처음 보는 열의 교차 엔트로피",
            ),
            logarithmic: false,
            lines: curves,
            marks: Vec::new(),
        },
        Words::new(
            "Below the line something is remembered.",
            "선 아래로 내려가면 무언가를 기억하는 것입니다.",
        ),
    );
    Ok(told)
}
