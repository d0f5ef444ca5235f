//! The recursions over one sequence, in logarithms.

/// Below this a sum of exponentials may have lost terms that count, and is taken again in logarithms. Products that
/// vanish are below 1e-308, so that even millions of them are far from a sum this large.
const FAINT: f64 = 1e-150;

/// The largest exponent by which a product of exponentials may be scaled back, for the same reason.
const SCALE: f64 = 345.0;

/// Scores of one direction of the recursion: `to_j = log Σ_i e^{from_i + scores_ij}`.
struct Passage {
    tags: usize,
    /// `[tags, tags]`
    scores: Vec<f64>,
    /// `e^{scores − shift}`
    weights: Vec<f64>,
    shift: f64,
}

impl Passage {
    fn new(tags: usize, scores: Vec<f64>) -> Self {
        let largest = largest(&scores);
        let shift = if largest.is_finite() { largest } else { 0.0 };
        let weights = scores.iter().map(|score| (score - shift).exp()).collect();
        Self {
            tags,
            scores,
            weights,
            shift,
        }
    }

    /// `powers` is room for `tags` numbers.
    fn run(&self, from: &[f64], to: &mut [f64], powers: &mut [f64]) {
        let shift = largest(from);
        for (power, from) in powers.iter_mut().zip(from) {
            *power = (from - shift).exp();
        }
        to.fill(0.0);
        for (power, weights) in powers.iter().zip(self.weights.chunks_exact(self.tags)) {
            for (to, weight) in to.iter_mut().zip(weights) {
                *to += power * weight;
            }
        }
        for (j, to) in to.iter_mut().enumerate() {
            // A sum that is not a number passes on as what it is.
            *to = match *to < FAINT || shift == f64::NEG_INFINITY {
                true => log_sum_exp(from.iter().zip(self.column(j)).map(|(x, s)| x + s)),
                false => to.ln() + shift + self.shift,
            };
        }
    }

    fn column(&self, j: usize) -> impl Iterator<Item = &f64> + Clone {
        self.scores.iter().skip(j).step_by(self.tags)
    }
}

/// The largest number; −∞ without any.
fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// `log Σ eˣ`; −∞ where every term is 0, not a number where a term is none.
fn log_sum_exp(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    let shift = if largest.is_finite() { largest } else { 0.0 };
    terms.map(|x| (x - shift).exp()).sum::<f64>().ln() + shift
}

/// Working memory of [`Chain::gradient`] and [`Chain::marginals`].
#[derive(Default)]
pub(super) struct Room {
    alphas: Vec<f64>,
    beta: Vec<f64>,
    ahead: Vec<f64>,
    /// Three times `tags`.
    powers: Vec<f64>,
}

/// The scores of a random field, made ready for both directions.
pub(super) struct Chain {
    tags: usize,
    onwards: Passage,
    back: Passage,
    start: Vec<f64>,
    end: Vec<f64>,
}

impl Chain {
    pub(super) fn new(tags: usize, transitions: &[f32], start: &[f32], end: &[f32]) -> Self {
        let exact = |scores: &[f32]| scores.iter().copied().map(f64::from).collect::<Vec<_>>();
        let scores = exact(transitions);
        let swapped = (0..tags * tags).map(|place| scores[place % tags * tags + place / tags]);
        Self {
            tags,
            back: Passage::new(tags, swapped.collect()),
            onwards: Passage::new(tags, scores),
            start: exact(start),
            end: exact(end),
        }
    }

    /// The score of one path.
    pub(super) fn score(&self, emissions: &[f32], path: &[u32]) -> f64 {
        let tag = |step: usize| path[step] as usize;
        let rows = emissions.chunks_exact(self.tags).zip(path);
        let emitted: f64 = rows.map(|(x, tag)| f64::from(x[*tag as usize])).sum();
        let passed: f64 = (1..path.len())
            .map(|step| self.onwards.scores[tag(step - 1) * self.tags + tag(step)])
            .sum();
        self.start[tag(0)] + emitted + passed + self.end[tag(path.len() - 1)]
    }

    /// Fills `[steps, tags]` with the log-sums of all paths that end in a tag at a step, and returns that of all
    /// complete ones. There is at least one step.
    pub(super) fn alphas(&self, emissions: &[f32], alphas: &mut Vec<f64>) -> f64 {
        let tags = self.tags;
        alphas.clear();
        alphas.resize(emissions.len(), 0.0);
        let mut powers = vec![0.0; tags];
        alphas[..tags].copy_from_slice(&self.start);
        for (step, x) in emissions.chunks_exact(tags).enumerate() {
            let (before, now) = alphas.split_at_mut(step * tags);
            let now = &mut now[..tags];
            if step > 0 {
                self.onwards
                    .run(&before[(step - 1) * tags..], now, &mut powers);
            }
            now.iter_mut()
                .zip(x)
                .for_each(|(sum, x)| *sum += f64::from(*x));
        }
        let last = &alphas[alphas.len() - tags..];
        log_sum_exp(last.iter().zip(&self.end).map(|(alpha, end)| alpha + end))
    }

    /// Calls `f` for every step from the last to the first with its number, with alpha and beta there and with the
    /// log-sum of all paths; beta is the log-sum of how a path may go on.
    fn sweep(
        &self,
        emissions: &[f32],
        room: &mut Room,
        mut f: impl FnMut(usize, &[f64], &[f64], f64, &mut [f64]),
    ) {
        let tags = self.tags;
        if emissions.is_empty() {
            return;
        }
        let norm = self.alphas(emissions, &mut room.alphas);
        room.beta.clone_from(&self.end);
        room.ahead.resize(tags, 0.0);
        room.powers.resize(3 * tags, 0.0);
        for step in (0..emissions.len() / tags).rev() {
            f(step, &room.alphas, &room.beta, norm, &mut room.powers);
            let x = &emissions[step * tags..][..tags];
            for ((ahead, beta), x) in room.ahead.iter_mut().zip(&room.beta).zip(x) {
                *ahead = beta + f64::from(*x);
            }
            if step > 0 {
                let powers = &mut room.powers[..tags];
                self.back.run(&room.ahead, &mut room.beta, powers);
            }
        }
    }

    /// `[steps, tags]`: the probability of each tag at each step.
    pub(super) fn marginals(&self, emissions: &[f32], out: &mut [f32], room: &mut Room) {
        let tags = self.tags;
        self.sweep(emissions, room, |step, alphas, beta, norm, _| {
            let points = alphas[step * tags..].iter().zip(beta);
            for (out, (alpha, beta)) in out[step * tags..][..tags].iter_mut().zip(points) {
                *out = (alpha + beta - norm).exp() as f32;
            }
        });
    }

    /// Writes the gradient of `weight · loss` with respect to the emissions, and adds that of transitions, start and end
    /// to `sums`, where they follow each other.
    pub(super) fn gradient(
        &self,
        emissions: &[f32],
        path: &[u32],
        weight: f64,
        d_emissions: &mut [f32],
        sums: &mut [f64],
        room: &mut Room,
    ) {
        let (tags, last) = (self.tags, path.len().wrapping_sub(1));
        let (d_transitions, ends) = sums.split_at_mut(tags * tags);
        let (d_start, d_end) = ends.split_at_mut(tags);
        self.sweep(emissions, room, |step, alphas, beta, norm, powers| {
            let (alpha, target) = (&alphas[step * tags..][..tags], path[step] as usize);
            let (expected, powers) = powers.split_at_mut(tags);
            for ((expected, alpha), beta) in expected.iter_mut().zip(alpha).zip(beta) {
                *expected = weight * (alpha + beta - norm).exp();
            }
            expected[target] -= weight;
            let d = d_emissions[step * tags..].iter_mut();
            d.zip(&*expected).for_each(|(d, e)| *d = *e as f32);
            let add = |sums: &mut [f64]| {
                sums.iter_mut()
                    .zip(&*expected)
                    .for_each(|(sum, e)| *sum += e);
            };
            if step == last {
                add(d_end);
            }
            if step == 0 {
                return add(d_start);
            }
            let x = &emissions[step * tags..][..tags];
            let ahead = beta.iter().zip(x).map(|(beta, x)| beta + f64::from(*x));
            let before = &alphas[(step - 1) * tags..step * tags];
            self.add_pairs(before, ahead, norm, weight, d_transitions, powers);
            d_transitions[path[step - 1] as usize * tags + target] -= weight;
        });
    }

    /// Adds `weight` times the probability of each pair of tags at two steps that follow each other.
    fn add_pairs(
        &self,
        before: &[f64],
        ahead: impl Iterator<Item = f64> + Clone,
        norm: f64,
        weight: f64,
        sums: &mut [f64],
        powers: &mut [f64],
    ) {
        let (from, to) = powers.split_at_mut(self.tags);
        let (shift_from, shift_to) = (
            largest(before),
            ahead.clone().fold(f64::NEG_INFINITY, f64::max),
        );
        let scale = shift_from + shift_to + self.onwards.shift - norm;
        let rows = sums.chunks_exact_mut(self.tags);
        if scale < SCALE {
            let scale = weight * scale.exp();
            for (power, alpha) in from.iter_mut().zip(before) {
                *power = (alpha - shift_from).exp() * scale;
            }
            for (power, ahead) in to.iter_mut().zip(ahead) {
                *power = (ahead - shift_to).exp();
            }
            let weights = self.onwards.weights.chunks_exact(self.tags);
            for ((row, weights), from) in rows.zip(weights).zip(&*from) {
                for ((sum, weight), to) in row.iter_mut().zip(weights).zip(&*to) {
                    *sum += from * weight * to;
                }
            }
        } else {
            let scores = self.onwards.scores.chunks_exact(self.tags);
            for ((row, scores), alpha) in rows.zip(scores).zip(before) {
                for ((sum, score), ahead) in row.iter_mut().zip(scores).zip(ahead.clone()) {
                    *sum += weight * (alpha + score + ahead - norm).exp();
                }
            }
        }
    }

    /// Writes the path of the highest score and returns that score.
    pub(super) fn best(&self, emissions: &[f32], path: &mut [u32]) -> f64 {
        let tags = self.tags;
        if emissions.is_empty() {
            return 0.0;
        }
        let steps = emissions.len() / tags;
        let mut came_from = vec![0u32; emissions.len()];
        let mut scores = self.start.clone();
        let mut next = vec![0.0; tags];
        for (step, x) in emissions.chunks_exact(tags).enumerate() {
            if step > 0 {
                let origins = &mut came_from[step * tags..][..tags];
                next.fill(f64::NEG_INFINITY);
                let rows = self.onwards.scores.chunks_exact(tags);
                for ((i, score), row) in scores.iter().enumerate().zip(rows) {
                    for ((next, origin), passage) in next.iter_mut().zip(&mut *origins).zip(row) {
                        if score + passage > *next {
                            (*next, *origin) = (score + passage, i as u32);
                        }
                    }
                }
                std::mem::swap(&mut scores, &mut next);
            }
            scores
                .iter_mut()
                .zip(x)
                .for_each(|(score, x)| *score += f64::from(*x));
        }
        scores
            .iter_mut()
            .zip(&self.end)
            .for_each(|(score, end)| *score += end);
        let (mut tag, mut best) = (0, scores[0]);
        for (other, score) in scores.iter().enumerate() {
            if *score > best {
                (tag, best) = (other, *score);
            }
        }
        for step in (0..steps).rev() {
            path[step] = tag as u32;
            tag = came_from[step * tags + tag] as usize;
        }
        best
    }
}
