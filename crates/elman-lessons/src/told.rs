//! What a lesson tells.

use crate::claim::{Claim, Expected, Measured};
use crate::words::{Lang, Words};
use elman::report::plot::{self, HeatMap, LineKind, Paths, PlotPath};
use elman::report::{Cell, Svg, Table};

/// What a lesson has to tell, in reading order.
#[derive(Default)]
pub struct Told {
    /// The parts.
    pub parts: Vec<Part>,
}

/// A part of what is told.
pub enum Part {
    /// The heading of what follows.
    Heading(Words),
    /// A paragraph.
    Text(Words),
    /// Lines in fixed letters: numbers worked out step by step.
    Code(Words),
    /// A table.
    Table(Grid),
    /// A picture.
    Figure {
        /// Its file's name without folder and extension.
        file: &'static str,
        /// Draws it with words of this language.
        draw: Box<dyn Fn(Lang) -> Svg>,
        /// What to see in it.
        caption: Words,
    },
    /// What is expected and what was measured.
    Claim(Claim),
}

/// A table with words in both languages.
#[derive(Clone, Debug)]
pub struct Grid {
    columns: Vec<Words>,
    rows: Vec<Vec<Entry>>,
}

/// One cell of a [`Grid`].
#[derive(Clone, Debug)]
pub enum Entry {
    /// Words.
    Words(Words),
    /// What needs no translation.
    Cell(Cell),
}

impl From<Words> for Entry {
    fn from(words: Words) -> Self {
        Self::Words(words)
    }
}

impl From<&str> for Entry {
    fn from(text: &str) -> Self {
        Self::Cell(text.into())
    }
}

impl From<String> for Entry {
    fn from(text: String) -> Self {
        Self::Cell(text.into())
    }
}

impl From<f64> for Entry {
    fn from(value: f64) -> Self {
        Self::Cell(value.into())
    }
}

impl From<usize> for Entry {
    fn from(count: usize) -> Self {
        Self::Cell(count.into())
    }
}

impl Grid {
    /// An empty table with these columns.
    pub fn new(columns: impl IntoIterator<Item = Words>) -> Self {
        Self {
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If the row has not one entry for each column.
    pub fn row(&mut self, entries: impl IntoIterator<Item = Entry>) -> &mut Self {
        let entries: Vec<Entry> = entries.into_iter().collect();
        assert_eq!(
            entries.len(),
            self.columns.len(),
            "one entry for each column"
        );
        self.rows.push(entries);
        self
    }

    /// The table in one language.
    pub fn table(&self, lang: Lang) -> Table {
        let mut table = Table::new(self.columns.iter().map(|words| words.say(lang)));
        for row in &self.rows {
            table.row(row.iter().map(|entry| match entry {
                Entry::Words(words) => words.say(lang).into(),
                Entry::Cell(cell) => cell.clone(),
            }));
        }
        table
    }

    /// All words in it.
    pub(crate) fn words(&self) -> impl Iterator<Item = &Words> {
        let entries = self.rows.iter().flatten().filter_map(|entry| match entry {
            Entry::Words(words) => Some(words),
            Entry::Cell(_) => None,
        });
        self.columns.iter().chain(entries)
    }
}

/// Points of a line, `[x, y]`.
pub(crate) type Points = Vec<[f64; 2]>;

/// A chart to be drawn in either language.
pub(crate) struct LinePlot {
    pub(crate) title: Words,
    pub(crate) x: Words,
    pub(crate) y: Words,
    pub(crate) logarithmic: bool,
    pub(crate) lines: Vec<(Words, Points, LineKind)>,
    pub(crate) marks: Vec<(f64, Words)>,
}

/// A matrix to be drawn in either language.
pub(crate) struct HeatPlot {
    pub(crate) title: Words,
    pub(crate) rows: Vec<Words>,
    pub(crate) columns: Vec<Words>,
    pub(crate) values: Vec<f64>,
    pub(crate) row_title: Words,
    pub(crate) column_title: Words,
    pub(crate) show_values: bool,
}

impl Told {
    pub(crate) fn heading(&mut self, words: Words) {
        self.parts.push(Part::Heading(words));
    }

    pub(crate) fn text(&mut self, words: Words) {
        self.parts.push(Part::Text(words));
    }

    pub(crate) fn code(&mut self, words: Words) {
        self.parts.push(Part::Code(words));
    }

    pub(crate) fn table(&mut self, grid: Grid) {
        self.parts.push(Part::Table(grid));
    }

    pub(crate) fn claim(&mut self, what: Words, expected: Expected, measured: impl Into<Measured>) {
        self.parts.push(Part::Claim(Claim {
            what,
            expected,
            measured: measured.into(),
        }));
    }

    /// A claim about a share from 0 to 1, shown as per cent.
    pub(crate) fn claim_share(&mut self, what: Words, expected: Expected, share: f64) {
        self.claim(what, expected, Measured::Share(share));
    }

    pub(crate) fn lines(&mut self, file: &'static str, plot: LinePlot, caption: Words) {
        let draw = move |lang| {
            let lines: Vec<PlotPath> = plot
                .lines
                .iter()
                .map(|(name, points, kind)| PlotPath {
                    name: name.say(lang),
                    points,
                    kind: *kind,
                })
                .collect();
            let marks: Vec<(f64, &str)> = plot
                .marks
                .iter()
                .map(|(at, words)| (*at, words.say(lang)))
                .collect();
            plot::paths(&Paths {
                title: plot.title.say(lang),
                x: plot.x.say(lang),
                whole: true,
                y: plot.y.say(lang),
                logarithmic: plot.logarithmic,
                lines: &lines,
                marks: &marks,
            })
        };
        self.figure(file, draw, caption);
    }

    pub(crate) fn heat(&mut self, file: &'static str, plot: HeatPlot, caption: Words) {
        let draw = move |lang| {
            let labels = |words: &[Words]| -> Vec<String> {
                words
                    .iter()
                    .map(|words| words.say(lang).to_owned())
                    .collect()
            };
            plot::heat_map(&HeatMap {
                title: plot.title.say(lang),
                rows: &labels(&plot.rows),
                columns: &labels(&plot.columns),
                values: &plot.values,
                row_title: plot.row_title.say(lang),
                column_title: plot.column_title.say(lang),
                show_values: plot.show_values,
            })
        };
        self.figure(file, draw, caption);
    }

    pub(crate) fn figure(
        &mut self,
        file: &'static str,
        draw: impl Fn(Lang) -> Svg + 'static,
        caption: Words,
    ) {
        self.parts.push(Part::Figure {
            file,
            draw: Box::new(draw),
            caption,
        });
    }

    /// All claims, in order.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.parts.iter().filter_map(|part| match part {
            Part::Claim(claim) => Some(claim),
            _ => None,
        })
    }

    /// Whether there are claims and every one is met.
    pub fn met(&self) -> bool {
        self.claims().next().is_some() && self.claims().all(Claim::met)
    }

    /// The pictures in one language: the file's name, the picture, what to see in it.
    pub fn figures(&self, lang: Lang) -> Vec<(&'static str, Svg, String)> {
        let of = |part: &Part| match part {
            Part::Figure {
                file,
                draw,
                caption,
            } => Some((*file, draw(lang), caption.say(lang).to_owned())),
            _ => None,
        };
        self.parts.iter().filter_map(of).collect()
    }

    /// All words that are told apart from those in pictures.
    pub fn words(&self) -> Vec<&Words> {
        self.parts
            .iter()
            .flat_map(|part| -> Box<dyn Iterator<Item = &Words> + '_> {
                match part {
                    Part::Heading(words) | Part::Text(words) | Part::Code(words) => {
                        Box::new(std::iter::once(words))
                    }
                    Part::Table(grid) => Box::new(grid.words()),
                    Part::Figure { caption, .. } => Box::new(std::iter::once(caption)),
                    Part::Claim(claim) => Box::new(std::iter::once(&claim.what)),
                }
            })
            .collect()
    }
}
