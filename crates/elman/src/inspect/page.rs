//! What was seen, as sections of a page.

mod states;

use super::{Inspection, Part, Reading, Training};
use crate::ops::Passage;
use crate::report::plot::{HeatMap, Lines, Places, Series, heat_map, lines};
use crate::report::{Block, Picture, Section, Svg, Table, Tone};

/// Steps that a heat map shows.
const STEPS: usize = 100;
/// Steps, units and answers that tables show.
const ROWS: usize = 12;

impl Inspection {
    /// How healthy the gradient is, in a sentence, and how good that news is.
    pub fn verdict(&self) -> (Tone, String) {
        let Some(flow) = self.deepest().and_then(|part| part.flow.as_ref()) else {
            return (
                Tone::Neutral,
                "No gradient flows through a recurrence.".into(),
            );
        };
        let tone = match flow.verdict {
            super::Verdict::Healthy(_) => Tone::Good,
            super::Verdict::Exploding { .. } => Tone::Bad,
            super::Verdict::Fading(_) | super::Verdict::Weakening(_) | super::Verdict::Still => {
                Tone::Neutral
            }
        };
        (tone, flow.verdict.sentence(flow.shares[0].len()))
    }

    /// Everything as sections of a page, and the pictures in them by the files they go to.
    pub fn sections(&self, training: &Training) -> (Vec<Section>, Vec<Picture>) {
        let mut pictures = Vec::new();
        let mut sections = vec![self.gradients(training, &mut pictures)];
        sections.push(self.rests_section(&mut pictures));
        sections.push(self.gates_section());
        sections.push(self.states(&mut pictures));
        sections.extend(self.said_section());
        sections.extend(self.units());
        (sections, pictures)
    }

    /// The sections that say most in least room: gradients, what the answer rests on, gates.
    pub fn short(&self, training: &Training) -> Vec<Section> {
        let mut pictures = Vec::new();
        vec![
            self.gradients(training, &mut pictures),
            self.rests_section(&mut pictures),
            self.gates_section(),
        ]
    }

    /// What a step read, in a word.
    pub(super) fn step_name(&self, step: usize) -> String {
        match &self.reading {
            Reading::Tokens(tokens) => match tokens.get(step).map(String::as_str) {
                Some("\n") => "⏎".into(),
                Some(" ") => "␣".into(),
                Some(token) => token.into(),
                None => (step + 1).to_string(),
            },
            Reading::Numbers(_) | Reading::Series { .. } => self.step_number(step).to_string(),
        }
    }

    /// The number of a step, from 1: where a file numbers its steps, that of the file.
    pub(super) fn step_number(&self, step: usize) -> usize {
        match &self.reading {
            Reading::Series { steps, .. } => steps.get(step).copied().unwrap_or(step + 1),
            _ => step + 1,
        }
    }

    fn gradients(&self, training: &Training, pictures: &mut Vec<Picture>) -> Section {
        let columns = [
            "recurrence",
            "units",
            "steps",
            "below 1 % after",
            "at the far end, %",
            "gradient",
        ];
        let mut table = Table::new(columns);
        for Part { passage, flow, .. } in &self.parts {
            let Some(flow) = flow else { continue };
            let memory = &flow.shares[flow.shares.len() - 1];
            table.row([
                named(passage).into(),
                passage.dims.hidden.into(),
                memory.len().into(),
                flow.verdict.horizon().into(),
                memory.last().map(|share| 100.0 * share).into(),
                flow.verdict.word().into(),
            ]);
        }
        let (_, verdict) = self.verdict();
        let mut blocks = vec![
            Block::Text(format!("{}: {}.", self.title, self.said)),
            Block::Table(table),
            Block::Text(verdict),
        ];
        let remedies = self.remedies(training);
        if !remedies.is_empty() {
            blocks.push(Block::Text(format!("To try: {}.", remedies.join("; "))));
        }
        for (state, letter, what) in [(0, "h", "hidden states"), (1, "c", "cell states")] {
            let curves: Vec<(String, Vec<f64>)> = self
                .parts
                .iter()
                .filter_map(|part| {
                    let flow = part
                        .flow
                        .as_ref()
                        .filter(|flow| flow.shares.len() > state)?;
                    (flow.shares[state].len() > 1)
                        .then(|| (named(&part.passage), flow.shares[state].clone()))
                })
                .collect();
            if curves.is_empty() {
                continue;
            }
            let series: Vec<Series<'_>> = curves
                .iter()
                .take(5)
                .map(|(name, values)| Series { name, values })
                .collect();
            let svg = lines(&Lines {
                title: "",
                along: "steps back",
                places: Places::Counted(0),
                value: &format!("‖∂answer/∂{letter}‖, as a share of the last step's"),
                logarithmic: true,
                series: &series,
                behind: &[],
                mark: None,
            });
            let caption =
                format!("How much of the gradient reaches {what} further and further back.");
            figure(
                &mut blocks,
                pictures,
                format!("gradient-{letter}"),
                svg,
                caption,
            );
        }
        Section::new("How far back gradients reach", blocks)
    }

    fn rests_section(&self, pictures: &mut Vec<Picture>) -> Section {
        let order = self.rests.order();
        let mut table = Table::new(["step", "read", "gradient × input", "fall when hidden"]);
        for step in order.iter().take(ROWS) {
            let at = |values: &Option<Vec<f64>>| values.as_ref().map(|values| values[*step]);
            table.row([
                self.step_number(*step).into(),
                match self.reading {
                    Reading::Tokens(_) => self.step_name(*step).into(),
                    _ => crate::report::Cell::Missing,
                },
                at(&self.rests.gradient).into(),
                at(&self.rests.hidden).into(),
            ]);
        }
        let mut blocks = Vec::new();
        if order.is_empty() {
            blocks.push(Block::Text("Nothing is known of which steps the answer rests on: no recurrent layer reads them first, and \
                                     they were not hidden one by one.".into()));
            return Section::new("What the answer rests on", blocks);
        }
        blocks.push(Block::Text(
            format!(
                "How much each step that was read adds to the answer, measured in {}: to first order (gradient × input), and by how \
                 much it falls when the step is hidden from the network{}.",
                self.measure,
                match self.rests.together {
                    0 | 1 => String::new(),
                    many => format!(" together with its neighbours, {many} at a time"),
                }
            ),
        ));
        blocks.push(Block::Table(table));
        let shown = order.len().min(STEPS);
        let last = order.len() - shown;
        let names: Vec<String> = (last..order.len())
            .map(|step| self.step_name(step))
            .collect();
        let mut rows = Vec::new();
        let mut values = Vec::new();
        let kinds = [
            ("gradient × input", &self.rests.gradient),
            ("fall when hidden", &self.rests.hidden),
        ];
        for (name, of) in kinds {
            let Some(of) = of else { continue };
            let largest = of
                .iter()
                .fold(1e-12f64, |most, value| most.max(value.abs()));
            rows.push(name.to_owned());
            values.extend(of[last..].iter().map(|value| value / largest));
        }
        let svg = heat_map(&HeatMap {
            title: "",
            rows: &rows,
            columns: &names,
            values: &values,
            row_title: "",
            column_title: "what was read",
            show_values: false,
        });
        let caption =
            "What each step adds to the answer, as a share of the most; orange takes away.";
        figure(&mut blocks, pictures, "rests".into(), svg, caption.into());
        Section::new("What the answer rests on", blocks)
    }

    fn gates_section(&self) -> Section {
        let mut table = Table::new([
            "recurrence",
            "gate",
            "mean",
            "low end, %",
            "high end, %",
            "spectral radius",
        ]);
        for part in &self.parts {
            let radii = part.spectral_radii();
            for (index, gate) in part.gates.iter().enumerate() {
                table.row([
                    named(&part.passage).into(),
                    gate.name.into(),
                    gate.mean.into(),
                    (100.0 * gate.low).into(),
                    (100.0 * gate.high).into(),
                    radii.get(index).map(|(_, radius)| *radius).into(),
                ]);
            }
        }
        let still: usize = self.parts.iter().map(|part| part.still_units).sum();
        let mut blocks = vec![
            Block::Text(
                "A gate below 0.1 (its low end) is shut, one above 0.9 (its high end) open; where a tanh is below −0.9 or above 0.9, \
                 hardly any gradient passes it. The spectral radius is how much the gate's recurrent weights can stretch a state, step after step."
                    .into(),
            ),
            Block::Table(table),
        ];
        if still > 0 {
            blocks.push(Block::Text(format!(
                "{still} units say the same at every step."
            )));
        }
        Section::new("What the gates do", blocks)
    }

    fn said_section(&self) -> Option<Section> {
        if self.steps.is_empty() {
            return None;
        }
        let mut table = Table::new([
            "after",
            "right",
            "its probability",
            "likeliest",
            "probability",
            "then",
            "probability ",
        ]);
        for step in &self.steps {
            let likely = |index: usize| step.likely.get(index);
            let shown = |text: &str| match text {
                "\n" => "⏎".to_owned(),
                " " => "␣".to_owned(),
                text => text.to_owned(),
            };
            table.row([
                shown(&step.at).into(),
                step.right.as_ref().map(|(name, _)| shown(name)).into(),
                step.right.as_ref().map(|(_, share)| *share).into(),
                likely(0).map(|(name, _)| shown(name)).into(),
                likely(0).map(|(_, share)| *share).into(),
                likely(1).map(|(name, _)| shown(name)).into(),
                likely(1).map(|(_, share)| *share).into(),
            ]);
        }
        let table = Block::Table(table);
        let blocks = match self.steps.len() > ROWS {
            true => vec![Block::Folded {
                summary: format!("{} steps", self.steps.len()),
                blocks: vec![table],
            }],
            false => vec![table],
        };
        Some(Section::new("What is said, step by step", blocks))
    }

    fn units(&self) -> Option<Section> {
        let mut table = Table::new(["recurrence", "unit", "follows", "correlation"]);
        let mut found = false;
        for part in &self.parts {
            for follower in part.followers.iter().take(ROWS / 2) {
                found = true;
                table.row([
                    named(&part.passage).into(),
                    follower.unit.into(),
                    follower.what.clone().into(),
                    follower.correlation.into(),
                ]);
            }
        }
        found.then(|| Section::new("What units follow", vec![Block::Table(table)]))
    }
}

fn figure(
    blocks: &mut Vec<Block>,
    pictures: &mut Vec<Picture>,
    file: String,
    svg: Svg,
    caption: String,
) {
    blocks.push(Block::Figure {
        svg: svg.clone(),
        caption: caption.clone(),
    });
    pictures.push(Picture { file, svg, caption });
}

/// A passage's name as people read it: its cell where its name does not say it, and no direction where there is one only.
fn named(passage: &Passage) -> String {
    passage.name.trim_end_matches(".forward").replace('.', ", ")
}
