//! Two answerers on the same questions.

/// How often only one of two was right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paired {
    /// The first was right and the second wrong.
    pub only_first: usize,
    /// The second was right and the first wrong.
    pub only_second: usize,
}

/// Who is ahead of whom by more than chance would explain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// The first.
    First,
    /// The second.
    Second,
    /// Neither, as far as so many questions can tell.
    Neither,
}

/// A difference of right answers is chance up to so many standard deviations: 95 %.
const CHANCE: f64 = 1.96;

impl Paired {
    /// Counts where only one is right; the two give whether they were, question by question.
    pub fn between(
        first: impl IntoIterator<Item = bool>,
        second: impl IntoIterator<Item = bool>,
    ) -> Self {
        let mut paired = Self::default();
        for pair in first.into_iter().zip(second) {
            match pair {
                (true, false) => paired.only_first += 1,
                (false, true) => paired.only_second += 1,
                _ => {}
            }
        }
        paired
    }

    /// Who is ahead: were both equally good, each disagreement would be the toss of a coin (McNemar, *Note on the sampling
    /// error of the difference between correlated proportions*, 1947).
    pub fn ahead(&self) -> Ahead {
        let (first, second) = (self.only_first as f64, self.only_second as f64);
        if (first - second).abs() <= CHANCE * (first + second).sqrt() {
            return Ahead::Neither;
        }
        match first > second {
            true => Ahead::First,
            false => Ahead::Second,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_decide_nothing_and_many_wins_do() {
        let paired = Paired::between([true, true, false, true], [false, true, true, false]);
        assert_eq!((paired.only_first, paired.only_second), (2, 1));
        assert_eq!(paired.ahead(), Ahead::Neither);
        let of = |only_first, only_second| {
            Paired {
                only_first,
                only_second,
            }
            .ahead()
        };
        assert_eq!(of(0, 0), Ahead::Neither);
        // (b − c)² / (b + c) against 3.84: 3.85 and 3.57
        assert_eq!(of(36, 21), Ahead::First);
        assert_eq!(of(21, 36), Ahead::Second);
        assert_eq!(of(35, 21), Ahead::Neither);
    }
}
