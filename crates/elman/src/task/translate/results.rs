//! How good answers are, and how that is shown.

use super::pairs::PairList;
use super::translator::{Answer, Translation};
use crate::metric::{Bleu, BleuConfig, BleuTokens, Overlap, bleu, overlap};
use crate::report::{Block, Picture, Table, Tone, csv_cell, number};

use serde::{Deserialize, Serialize};

/// Answers that are shown, and drawn.
const SHOWN: usize = 10;
const DRAWN: usize = 3;
/// Pieces of a source or an answer that a picture has room for.
const PIECES: usize = 40;

/// How good the answers of one translator are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Against the references, all answers together.
    pub bleu: Bleu,
    /// Answer by answer.
    pub overlap: Overlap,
}

impl Scores {
    /// Measures answers against the targets of `pairs`.
    pub(super) fn measure(
        answers: &[impl AsRef<str>],
        pairs: &PairList,
        config: BleuConfig,
    ) -> Self {
        let references: Vec<&str> = pairs.iter().map(|pair| pair.target()).collect();
        Self {
            bleu: bleu(answers, &references, config),
            overlap: overlap(answers, &references, config),
        }
    }
}

/// Translators beside each other, by name.
pub(super) fn table(rows: &[(String, Scores)], config: BleuConfig) -> Table {
    let tokens = match config.tokenize {
        BleuTokens::Words => "tokens F1 %",
        BleuTokens::Characters => "characters F1 %",
    };
    let columns = ["", "BLEU", "BLEU-1", "BLEU-2", "BLEU-3", "exact %", tokens];
    let mut table = Table::new(columns);
    for (name, scores) in rows {
        let [one, two, three, _] = scores.bleu.by_order;
        table.row([
            name.as_str().into(),
            scores.bleu.score.into(),
            one.into(),
            two.into(),
            three.into(),
            scores.overlap.exact.into(),
            scores.overlap.f1.into(),
        ]);
    }
    (1..columns.len()).for_each(|column| {
        table.mark_largest(column);
    });
    table
}

/// Is it any good? Against the best of what learns nothing, if that was measured.
pub(super) fn verdict(model: &Scores, baselines: &[(String, Scores)]) -> (Tone, String) {
    let own = model.bleu.score;
    let best = baselines
        .iter()
        .max_by(|a, b| a.1.bleu.score.total_cmp(&b.1.bleu.score));
    let Some((name, best)) = best else {
        return (Tone::Neutral, format!("The answers score BLEU {own:.1}."));
    };
    let best = best.bleu.score;
    let scores = format!("BLEU {own:.1} against {best:.1} of {name}");
    match own - best {
        more if more > 0.5 => (
            Tone::Good,
            format!("The model is better than what learns nothing: {scores}."),
        ),
        less if less < -0.5 => (
            Tone::Bad,
            format!(
                "The model is worse than what learns nothing: {scores}. Train longer, or give it more pairs."
            ),
        ),
        _ => (
            Tone::Neutral,
            format!("The model is about as good as what learns nothing: {scores}."),
        ),
    }
}

/// Some sources, spread over the part, with what was asked for and what was answered.
pub(super) fn examples(pairs: &PairList, answers: &[Vec<Answer>]) -> Table {
    let mut table = Table::new(["source", "reference", "the model"]);
    for row in spread(pairs.len(), SHOWN) {
        table.row([
            pairs.get(row).source().into(),
            pairs.get(row).target().into(),
            answers[row][0].text.as_str().into(),
        ]);
    }
    table
}

/// So many places of a list, evenly spread.
fn spread(length: usize, wanted: usize) -> impl Iterator<Item = usize> {
    let wanted = wanted.min(length);
    (0..wanted).map(move |index| index * length / wanted)
}

/// What the model looked at as it wrote a few of its answers.
pub(super) fn alignments(
    judged: &PairList,
    answers: &[Vec<Answer>],
    pieces: impl Fn(&[u32]) -> Vec<String>,
) -> Vec<Picture> {
    let fits = |row: &usize| {
        let best = &answers[*row][0];
        let sizes = [judged.read()[*row].len(), best.tokens.len()];
        sizes.iter().all(|size| (2..=PIECES).contains(size)) && !best.attention.is_empty()
    };
    let rows: Vec<usize> = (0..judged.len()).filter(fits).collect();
    let drawn = spread(rows.len(), DRAWN).enumerate();
    let picture = |(index, place): (usize, usize)| {
        let row = rows[place];
        let translation = Translation {
            source: pieces(&judged.read()[row]),
            answers: vec![answers[row][0].clone()],
            unknown: 0,
            cut: false,
        };
        Some(Picture {
            file: format!("alignment-{}", index + 1),
            svg: translation.alignment("")?,
            caption: format!(
                "What the model looked at as it wrote \u{201c}{}\u{201d}: each row is one token it wrote, and its shades add up to one.",
                answers[row][0].text
            ),
        })
    };
    drawn.filter_map(picture).collect()
}

/// Every answer beside its source and what was asked for, as CSV.
pub(super) fn csv(pairs: &PairList, answers: &[Vec<Answer>]) -> String {
    let mut text = String::from("source,reference,answer,score,ended\n");
    for (pair, answers) in pairs.iter().zip(answers) {
        let best = &answers[0];
        let cells = [
            csv_cell(pair.source()),
            csv_cell(pair.target()),
            csv_cell(&best.text),
            format!("{:.6}", best.score).into(),
            best.ended.to_string().into(),
        ];
        text += &cells.join(",");
        text.push('\n');
    }
    text
}

/// What may make the figures look other than they are.
pub(super) fn remarks(answers: &[Vec<Answer>], loss: f64) -> Block {
    let endless = answers.iter().filter(|found| !found[0].ended).count();
    let mut text = format!(
        "The right answers surprise the model by {} nats a token (perplexity {}).",
        number(loss),
        number(loss.exp())
    );
    if endless > 0 {
        text += &format!(
            " {} of {} answers were cut off at their greatest length.",
            endless,
            answers.len()
        );
    }
    Block::Text(text)
}
