use super::*;

const START: usize = 0;
const END: usize = 1;

/// A model of a few tokens whose probabilities depend on sentence and whole history, as a recurrent one's do. Returns the
/// log-probabilities after `history`.
fn distribution(sentence: usize, history: &[usize], vocabulary: usize) -> Vec<f32> {
    let mut seed = 12.9898 * (sentence as f64 + 1.0);
    for (place, token) in history.iter().enumerate() {
        seed = (seed * 1.7 + (*token as f64 + 1.3) * (place as f64 + 0.7)) % 97.0;
    }
    let logits: Vec<f64> = (0..vocabulary)
        .map(|token| 3.0 * (seed + 2.1 * token as f64 * (1.0 + seed.fract())).sin())
        .collect();
    let norm = logits.iter().map(|x| x.exp()).sum::<f64>().ln();
    logits.iter().map(|x| (x - norm) as f32).collect()
}

/// Keeps the histories itself, as a decoder keeps its states.
struct Model {
    vocabulary: usize,
    histories: Vec<Vec<usize>>,
    calls: usize,
}

impl Model {
    fn new(vocabulary: usize) -> Self {
        Self {
            vocabulary,
            histories: Vec::new(),
            calls: 0,
        }
    }
}

impl NextToken for Model {
    fn next(&mut self, open: &[Open]) -> Next {
        self.calls += 1;
        assert!(open.is_sorted_by_key(|open| open.sentence));
        let history = |open: &Open| {
            let mut history = open
                .parent
                .map_or(Vec::new(), |parent| self.histories[parent].clone());
            history.push(open.token);
            history
        };
        let histories: Vec<_> = open.iter().map(history).collect();
        let rows = open.iter().zip(&histories);
        let next = Next {
            log_probabilities: rows
                .flat_map(|(open, history)| distribution(open.sentence, history, self.vocabulary))
                .collect(),
            // The step and the last token, to be recognised.
            attention: histories
                .iter()
                .flat_map(|history| [history.len() as f32, *history.last().unwrap() as f32])
                .collect(),
        };
        self.histories = histories;
        next
    }
}

fn search(width: usize, length_penalty: f64) -> Search<'static> {
    Search {
        width,
        length_penalty,
        draws: 0,
        start: START,
        end: END,
        forbidden: &[START],
    }
}

/// The best of all sequences that end within `max_length`, by looking at every one.
fn exhaustive(
    sentence: usize,
    vocabulary: usize,
    max_length: usize,
    alpha: f64,
) -> (Vec<usize>, f64) {
    let mut best = (Vec::new(), f64::NEG_INFINITY);
    let mut open = vec![(vec![START], 0.0)];
    for length in 1..=max_length {
        let mut longer = Vec::new();
        for (history, sum) in &open {
            let next = distribution(sentence, history, vocabulary);
            for (token, value) in next.iter().enumerate().filter(|(token, _)| *token != START) {
                let sum: f64 = sum + f64::from(*value);
                let score = sum / ((5.0 + length as f64) / 6.0).powf(alpha);
                if token == END && score > best.1 {
                    best = (history[1..].to_vec(), score);
                } else if token != END {
                    longer.push(([history.as_slice(), &[token]].concat(), sum));
                }
            }
        }
        open = longer;
    }
    best
}

#[test]
fn a_wide_beam_finds_what_looking_at_everything_finds() {
    let (vocabulary, max_length) = (4, 5);
    let mut lengths = Vec::new();
    for alpha in [0.0, 0.6, 1.0, 3.0] {
        // Several sentences at once, so that rows of different sentences must be told apart.
        let found = search(4usize.pow(5), alpha).run(&mut Model::new(vocabulary), &[max_length; 8]);
        for (sentence, found) in found.iter().enumerate() {
            let (tokens, score) = exhaustive(sentence, vocabulary, max_length, alpha);
            assert_eq!(found[0].tokens, tokens, "α {alpha}, sentence {sentence}");
            assert!((found[0].score - score).abs() < 1e-9 && found[0].ended);
            assert!(found.is_sorted_by(|a, b| a.score >= b.score));
            lengths.push(tokens.len());
        }
    }
    // The test would show little if all answers were alike.
    assert!(lengths.iter().min() < lengths.iter().max());
}

#[test]
fn one_wide_is_greedy() {
    let max_lengths: Vec<usize> = (1..30).collect();
    for alpha in [0.0, 1.5] {
        let found = search(1, alpha).run(&mut Model::new(6), &max_lengths);
        let mut ended = 0;
        for (sentence, found) in found.iter().enumerate() {
            let (mut history, mut sum) = (vec![START], 0.0);
            let mut end = false;
            for _ in 0..max_lengths[sentence] {
                let next = distribution(sentence, &history, 6);
                let best = (1..6).max_by(|a, b| next[*a].total_cmp(&next[*b])).unwrap();
                sum += f64::from(next[best]);
                end = best == END;
                if end {
                    break;
                }
                history.push(best);
            }
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].tokens, history[1..], "sentence {sentence}");
            assert_eq!(found[0].ended, end);
            assert!((found[0].log_probability - sum).abs() < 1e-9);
            ended += usize::from(end);
        }
        assert!((5..25).contains(&ended), "{ended}");
    }
}

#[test]
fn a_wider_beam_is_at_least_usually_better_and_attention_belongs_to_its_token() {
    let greedy = search(1, 0.0).run(&mut Model::new(9), &[12; 40]);
    let beam = search(5, 0.0).run(&mut Model::new(9), &[12; 40]);
    let better = |(a, b): &(&Vec<Hypothesis>, &Vec<Hypothesis>)| {
        b[0].ended && (!a[0].ended || b[0].score >= a[0].score)
    };
    assert!(greedy.iter().zip(&beam).filter(better).count() > 30);
    for hypothesis in beam.iter().flatten() {
        assert_eq!(hypothesis.attention.len(), hypothesis.tokens.len());
        let told = std::iter::once(&START).chain(&hypothesis.tokens);
        for (place, (weights, told)) in hypothesis.attention.iter().zip(told).enumerate() {
            assert_eq!(weights, &[place as f32 + 1.0, *told as f32]);
        }
    }
}

/// One sentence whose end is likely at once: nothing else can win, and the model is asked once; but a penalty that forgives
/// length leaves the others a chance.
#[test]
fn the_search_stops_when_nothing_can_win() {
    let calls = |alpha| {
        let mut calls = 0;
        let mut model = |open: &[Open]| {
            calls += 1;
            let row = [f32::NEG_INFINITY, -0.1, -3.0, -3.5];
            Next {
                log_probabilities: row.repeat(open.len()),
                attention: Vec::new(),
            }
        };
        let found = search(3, alpha).run(&mut model, &[50]);
        assert!(found[0][0].tokens.is_empty() && found[0][0].ended);
        calls
    };
    assert_eq!(calls(0.0), 1);
    assert_eq!(calls(0.6), 1);
    assert!((2..50).contains(&calls(2.0)), "{}", calls(2.0));
}

#[test]
fn what_cannot_be_written_is_not() {
    let never_ends = |open: &[Open]| Next {
        log_probabilities: [-0.5, f32::NEG_INFINITY, -1.0, f32::NAN].repeat(open.len()),
        attention: Vec::new(),
    };
    let found = search(2, 0.6).run(&mut never_ends.clone(), &[3, 0]);
    assert_eq!(found[0][0].tokens, [2, 2, 2]);
    assert!(!found[0][0].ended && found[0][0].log_probability == -3.0);
    assert!(found[1][0].tokens.is_empty() && !found[1][0].ended);
    let everything = Search {
        forbidden: &[0, 1, 2, 3],
        ..search(2, 0.6)
    };
    let found = everything.run(&mut never_ends.clone(), &[3]);
    assert!(found[0][0].tokens.is_empty() && !found[0][0].ended);
}

#[test]
#[should_panic(expected = "answer for each of 2 open sequences")]
fn a_model_that_leaves_rows_out_is_refused() {
    let mut model = |_: &[Open]| Next {
        log_probabilities: vec![0.0; 3],
        attention: Vec::new(),
    };
    search(1, 0.0).run(&mut model, &[3, 3]);
}

#[test]
fn what_is_drawn_comes_as_often_as_it_is_likely() {
    const DRAWS: usize = 4_000;
    let rule = Search {
        draws: DRAWS,
        ..search(1, 0.0)
    };
    let drawn = rule.draw(&mut Model::new(4), &[2, 2, 1]);
    for (sentence, drawn) in drawn.iter().enumerate() {
        assert_eq!(drawn.len(), DRAWS);
        let length = if sentence == 2 { 1 } else { 2 };
        // START is never written: what is left shares its probability.
        let allowed = |history: &[usize]| {
            let row = distribution(sentence, history, 4);
            let rest = 1.0 - f64::from(row[START]).exp();
            row.into_iter()
                .map(move |value| f64::from(value).exp() / rest)
        };
        let mut total = 0.0;
        let mut expect = |tokens: &[usize], ended: bool, share: f64| {
            let same = |one: &&Hypothesis| one.tokens == tokens && one.ended == ended;
            let found = drawn.iter().filter(same).count() as f64;
            let deviation = (DRAWS as f64 * share * (1.0 - share)).sqrt();
            let wanted = DRAWS as f64 * share;
            assert!(
                (found - wanted).abs() < 5.0 * deviation + 1.0,
                "{tokens:?}: {found} of {wanted}"
            );
            total += share;
        };
        for (first, share) in allowed(&[START]).enumerate().skip(1) {
            if first == END || length == 1 {
                let tokens = [first];
                expect(&tokens[usize::from(first == END)..], first == END, share);
                continue;
            }
            for (second, next) in allowed(&[START, first]).enumerate().skip(1) {
                let tokens = [first, second];
                let count = if second == END { 1 } else { 2 };
                expect(&tokens[..count], second == END, share * next);
            }
        }
        assert!((total - 1.0).abs() < 1e-6, "every sequence was looked for");
        for one in drawn.iter().take(50) {
            let mut history = vec![START];
            let mut sum = 0.0;
            for token in one.tokens.iter().copied().chain(one.ended.then_some(END)) {
                sum += f64::from(distribution(sentence, &history, 4)[token]);
                history.push(token);
            }
            assert!((one.log_probability - sum).abs() < 1e-9);
            assert_eq!(one.attention.len(), one.tokens.len());
        }
    }
}

#[test]
fn a_sentence_draws_the_same_whatever_it_is_answered_with() {
    let rule = Search {
        draws: 20,
        ..search(1, 0.0)
    };
    let alone = rule.draw(&mut Model::new(9), &[12]);
    let together = rule.draw(&mut Model::new(9), &[12, 3, 0, 30]);
    assert_eq!(alone[0], together[0]);
    assert!(
        together[2]
            .iter()
            .all(|one| one.tokens.is_empty() && !one.ended)
    );
    let lengths = together
        .iter()
        .map(|drawn| drawn.iter().map(|one| one.tokens.len()).max());
    assert!(
        lengths
            .zip([12, 3, 0, 30])
            .all(|(found, most)| found.unwrap() <= most)
    );
}

#[test]
fn the_answer_that_others_agree_with_comes_first() {
    let sequence = |tokens: &[usize]| Hypothesis {
        tokens: tokens.to_vec(),
        log_probability: 0.0,
        score: 0.0,
        ended: true,
        attention: Vec::new(),
    };
    let score =
        |own: &[usize], other: &[usize]| agreed(vec![sequence(own)], &[sequence(other)])[0].score;
    // Two of three tokens; of two pairs one, and one more given: (2/3 · 2/3)^(1/2).
    assert!((score(&[1, 2, 3], &[1, 2, 4]) - 2.0 / 3.0).abs() < 1e-12);
    // All of it is there, but half of that is missing.
    assert!((score(&[1, 2], &[1, 2, 3, 4]) - (-1f64).exp()).abs() < 1e-12);
    // A token counts no oftener than it is there: (1/3 · 1/3)^(1/2).
    assert!((score(&[5, 5, 5], &[5, 6, 7]) - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(
        (score(&[1], &[2]), score(&[], &[1]), score(&[1], &[])),
        (0.0, 0.0, 0.0)
    );

    let drawn = [
        [1, 2, 3, 4],
        [1, 2, 3, 5],
        [9, 8, 7, 6],
        [1, 2, 3, 4],
        [1, 2, 6, 5],
    ];
    let drawn = drawn.map(|tokens| sequence(&tokens));
    let ordered = agreed(drawn.to_vec(), &drawn);
    assert_eq!(ordered.len(), 4, "the same sequence is one answer");
    assert!([[1, 2, 3, 4], [1, 2, 3, 5]].contains(&ordered[0].tokens[..].try_into().unwrap()));
    assert_eq!(ordered[3].tokens, [9, 8, 7, 6]);
    assert!(ordered.is_sorted_by(|a, b| a.score >= b.score));

    // A drawn sequence is not its own witness, but another that is the same is.
    let silent = sequence(&[]);
    let alone = agreed(vec![silent.clone()], std::slice::from_ref(&silent));
    let twice = agreed(vec![silent.clone()], &[silent.clone(), silent]);
    assert_eq!((alone[0].score, twice[0].score), (0.0, 1.0));
}
