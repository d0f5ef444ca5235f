//! Where rows were read.

/// File and line (or row), both needed to find a cell again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: u32,
    pub(super) line: u64,
}

/// The places of rows, as stretches of rows that stand equally far apart: most tables are one.
#[derive(Debug, Default)]
pub(super) struct Places {
    stretches: Vec<Stretch>,
    rows: usize,
}

#[derive(Debug)]
struct Stretch {
    /// Its first row, and where that was read.
    row: usize,
    place: Place,
    /// Lines from each of its rows to the next.
    apart: u64,
}

impl Stretch {
    fn place(&self, row: usize) -> Place {
        Place {
            line: self.place.line + self.apart * (row - self.row) as u64,
            ..self.place
        }
    }
}

impl Places {
    pub(super) fn push(&mut self, place: Place) {
        let row = self.rows;
        self.rows += 1;
        if let Some(last) = self.stretches.last_mut() {
            // Its second row says how far apart they are.
            if row == last.row + 1 && place.file == last.place.file && place.line > last.place.line
            {
                last.apart = place.line - last.place.line;
            }
            if last.place(row) == place {
                return;
            }
        }
        self.stretches.push(Stretch {
            row,
            place,
            apart: 0,
        });
    }

    /// # Panics
    /// If there is no such row.
    pub(super) fn get(&self, row: usize) -> Place {
        assert!(row < self.rows, "there is no row {row}");
        let behind = self.stretches.partition_point(|stretch| stretch.row <= row);
        self.stretches[behind - 1].place(row)
    }

    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Keeps the first `rows`.
    pub(super) fn truncate(&mut self, rows: usize) {
        self.rows = self.rows.min(rows);
        self.stretches.retain(|stretch| stretch.row < rows);
    }
}

impl FromIterator<Place> for Places {
    fn from_iter<I: IntoIterator<Item = Place>>(places: I) -> Self {
        let mut all = Self::default();
        places.into_iter().for_each(|place| all.push(place));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_again() {
        let at = |file, line| Place { file, line };
        let places = [
            at(0, 2),
            at(0, 3),
            at(0, 4),
            at(0, 7),
            at(0, 8),
            at(1, 9),
            at(1, 12),
            at(1, 15),
            at(1, 15),
            at(1, 3),
            at(1, 2),
            at(2, 2),
        ];
        let mut kept: Places = places.into_iter().collect();
        let all = |kept: &Places| (0..kept.len()).map(|row| kept.get(row)).collect::<Vec<_>>();
        assert_eq!(all(&kept), places);
        kept.truncate(4);
        assert_eq!(all(&kept), places[..4]);
        kept.push(at(0, 8));
        assert_eq!(kept.get(4), at(0, 8));
        let even: Places = (0..1000).map(|row| at(0, 2 + 3 * row)).collect();
        assert_eq!(even.stretches.len(), 1);
    }
}
