//! What a model of sequences must be able to do, checked on three models.

use super::Lesson;
use crate::claim::Expected;
use crate::network::{Kind, window};
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Input, Plan, Target, accuracy, train};
use crate::told::{Entry, Grid, HeatPlot, Told};
use crate::words::{Words, say};
use elman::model::{Dense, Sequential};
use elman_data::random::Stream;

pub(super) const LESSON: Lesson = Lesson::new(
    "four-criteria",
    Words::new(
        "Four design criteria, each measured on a window, on counts and on a recurrent network",
        "네 가지 설계 기준, 창과 개수와 순환 신경망에서 하나씩 재기",
    ),
    run,
);

/// Signs from 3 on say nothing; these two are asked for.
const A: u32 = 1;
const B: u32 = 2;
const SIGNS: usize = 9;
const CLASSES: usize = 2;
/// Places of the window.
const PLACES: usize = 24;
/// Signs of the longest sequences.
const LONGEST: usize = 48;
/// Above this share of right answers a model meets a criterion.
const ENOUGH: f64 = 0.95;

/// One criterion: what a model must answer, in training and in the test.
#[derive(Clone, Copy, PartialEq)]
enum Criterion {
    Length,
    Memory,
    Order,
    Sharing,
}

impl Criterion {
    const ALL: [Self; 4] = [Self::Length, Self::Memory, Self::Order, Self::Sharing];

    fn name(self) -> Words {
        match self {
            Self::Length => Words::new("sequences of any length", "길이가 다른 열"),
            Self::Memory => Words::new("long-term dependencies", "먼 의존 관계"),
            Self::Order => Words::new("order", "순서"),
            Self::Sharing => Words::new("parameters shared", "파라미터 공유"),
        }
    }

    /// The task that measures it.
    fn task(self) -> Words {
        match self {
            Self::Length => Words::new(
                "A or B? trained on 6 to 24 signs, asked about 48",
                "A인가 B인가? 6~24개로 학습, 48개로 시험",
            ),
            Self::Memory => Words::new(
                "was the first of 26 signs A or B?",
                "26개 중 처음이 A인가 B인가?",
            ),
            Self::Order => Words::new("which came first, A or B?", "A와 B 중 먼저 온 것은?"),
            Self::Sharing => Words::new(
                "A or B? trained at 1 to 18, asked at 19 on",
                "A인가 B인가? 자리 1~18로 학습, 19부터 시험",
            ),
        }
    }

    /// A sequence and its class.
    fn draw(self, random: &mut Stream, test: bool) -> (Vec<u32>, i64) {
        let length = match self {
            Self::Length if test => LONGEST,
            Self::Length => 6 + random.below(PLACES - 5),
            Self::Memory => 26,
            Self::Order | Self::Sharing => PLACES,
        };
        let mut signs: Vec<u32> = (0..length)
            .map(|_| 3 + random.below(SIGNS - 3) as u32)
            .collect();
        let class = random.below(CLASSES);
        let sign = [A, B][class];
        match self {
            Self::Length => signs[random.below(length)] = sign,
            Self::Memory => signs[0] = sign,
            Self::Order => {
                let first = random.below(length - 1);
                let second = first + 1 + random.below(length - 1 - first);
                (signs[first], signs[second]) = (sign, A + B - sign);
            }
            Self::Sharing => {
                let back = PLACES / 4;
                let place = match test {
                    false => random.below(PLACES - back),
                    true => PLACES - 1 - random.below(back),
                };
                signs[place] = sign;
            }
        }
        (signs, class as i64)
    }
}

/// Sequences as each model reads them.
struct Drawn {
    signs: Vec<Vec<u32>>,
    classes: Vec<i64>,
}

impl Drawn {
    fn new(criterion: Criterion, seed: u64, count: usize, test: bool) -> Self {
        let mut random = Stream::new(&[seed, u64::from(test)]);
        let drawn = (0..count).map(|_| criterion.draw(&mut random, test));
        let (signs, classes) = drawn.unzip();
        Self { signs, classes }
    }

    /// The last signs, as many as the window has places.
    fn window(&self) -> Examples {
        let last = |signs: &Vec<u32>| signs[signs.len().saturating_sub(PLACES)..].to_vec();
        let seen: Vec<_> = self.signs.iter().map(last).collect();
        Examples {
            lengths: None,
            ..Examples::sentences(&seen, PLACES, self.classes.clone())
        }
    }

    /// How often each sign occurs.
    fn counts(&self) -> Examples {
        let mut values = vec![0.0; self.signs.len() * SIGNS];
        for (row, signs) in values.chunks_mut(SIGNS).zip(&self.signs) {
            signs.iter().for_each(|sign| row[*sign as usize] += 1.0);
        }
        Examples {
            input: Input::Vectors {
                values,
                features: SIGNS,
            },
            lengths: None,
            target: Target::Classes(self.classes.clone()),
        }
    }

    fn sequences(&self) -> Examples {
        Examples::sentences(&self.signs, LONGEST, self.classes.clone())
    }
}

/// The shares of right answers of the window, the counts and the recurrent network.
fn measure(setup: &mut Setup<'_>, criterion: Criterion) -> Result<[f64; 3], Error> {
    let seed = 1 + criterion as u64;
    let training = Drawn::new(criterion, seed, 4_000, false);
    let test = Drawn::new(criterion, seed, 1_000, true);
    let plan = Plan {
        epochs: setup.pick(16, 12),
        learning_rate: 1e-2,
        ..Plan::default()
    };
    let networks = [
        (
            window(SIGNS, 8, 32, CLASSES),
            training.window(),
            test.window(),
        ),
        (
            Sequential::new().add(Dense::new(CLASSES)),
            training.counts(),
            test.counts(),
        ),
        (
            Kind::Gru.reader(SIGNS, 8, 24, CLASSES),
            training.sequences(),
            test.sequences(),
        ),
    ];
    let name = criterion.name();
    let mut shares = [0.0; 3];
    for (share, (network, training, test)) in shares.iter_mut().zip(networks) {
        let model = train(setup, name.clone(), &network, &training, None, plan)?.model;
        *share = accuracy(&model, &test);
    }
    Ok(shares)
}

fn run(setup: &mut Setup<'_>) -> Result<Told, Error> {
    let mut told = Told::default();
    told.text(say!(
        "A model of sequences should handle sequences of any length, remember what lies far back, keep the order, and use \
         the same \
         parameters at every step. Each of the four was made into a small task on sequences of signs whose answer is \
         known, and each \
         task was given to a window of {PLACES} places, to counts of the signs, and to a recurrent network (a GRU). \
         Guessing is right in half \
         of the cases at most.",
        "열을 다루는 모델은 길이가 다른 열을 다루고, 멀리 앞에 있던 것을 기억하고, 순서를 지키고, 모든 걸음에서 같은 \
         파라미터를 써야 합니다. 네 가지를 \
         각각 답을 아는 기호 열의 작은 과제로 만들어, 자리 {PLACES}개의 창과 기호의 개수와 순환 신경망(GRU)에게 풀게 \
         했습니다. 짐작해서는 많아야 절반을 맞힙니다.",
    ));
    let mut grid = Grid::new([
        Words::new("criterion", "기준"),
        Words::new("window", "창"),
        Words::new("counts", "개수"),
        Words::new("recurrent", "순환"),
        Words::new("the task", "과제"),
    ]);
    // Window, counts, recurrent network.
    let expected = [
        [false, true, true],
        [false, true, true],
        [true, false, true],
        [false, true, true],
    ];
    let models = [
        Words::new("window", "창"),
        Words::new("counts", "개수"),
        Words::new("recurrent network", "순환 신경망"),
    ];
    let mut values = Vec::new();
    for (criterion, expected) in Criterion::ALL.into_iter().zip(expected) {
        let shares = measure(setup, criterion)?;
        let shown = |share: f64| -> Entry {
            let mark = if share > ENOUGH { "✓" } else { "✗" };
            format!("{mark} {:.0} %", 100.0 * share).into()
        };
        let [window, counts, recurrent] = shares.map(shown);
        grid.row([
            criterion.name().into(),
            window,
            counts,
            recurrent,
            criterion.task().into(),
        ]);
        for ((share, able), model) in shares.into_iter().zip(expected).zip(&models) {
            let (name, of) = (&model.en, criterion.name());
            let (name_ko, en, ko) = (&model.ko, &of.en, &of.ko);
            told.claim_share(
                say!("{en}, {name}: right", "{ko}, {name_ko}: 맞힌 비율"),
                match able {
                    true => Expected::Above(ENOUGH),
                    false => Expected::Below(0.8),
                },
                share,
            );
            values.push(100.0 * share);
        }
    }
    told.table(grid);
    told.text(Words::new(
        "The window cannot see what lies before its first place, and it must learn each place anew. Counts have any \
         length, forget \
         nothing and do not care where a sign stands, but the order is gone. The recurrent network meets all four, \
         because it reads \
         one sign at a time with the same weights and keeps a state.",
        "창은 첫 자리보다 앞에 있는 것을 보지 못하고, 자리마다 새로 배워야 합니다. 개수는 길이에 상관이 없고 잊는 것이 \
         없고 기호가 어디에 있든 같지만, 순서가 \
         사라집니다. 순환 신경망은 같은 가중치로 기호를 하나씩 읽고 상태를 지니므로 네 가지를 모두 채웁니다.",
    ));
    told.heat(
        "criteria",
        HeatPlot {
            title: Words::new("Right answers, %", "맞힌 비율, %"),
            rows: Criterion::ALL.map(Criterion::name).to_vec(),
            columns: models.to_vec(),
            values,
            row_title: Words::new("criterion", "기준"),
            column_title: Words::new("model", "모델"),
            show_values: true,
        },
        Words::new(
            "Half is guessing. Only the recurrent network is right in every row.",
            "절반이면 짐작입니다. 순환 신경망만 모든 줄에서 맞힙니다.",
        ),
    );
    Ok(told)
}
