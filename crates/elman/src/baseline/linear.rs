//! Linear least squares from a window to its forecast.

use nalgebra::{Cholesky, DMatrix, DMatrixView, DVector, Dyn};
use rayon::prelude::*;
use std::ops::Range;

use super::BaselineError;

/// The first ridge, as a share of a standardised column's own variance. Small enough not to bend the fit of
/// well-behaved columns (relative change 1e-8 / smallest eigenvalue), large enough that collinear columns share their
/// weight instead of blowing it up.
const FIRST_RIDGE: f64 = 1e-8;
/// The ridge grows by this factor until the normal equations factor.
const RIDGE_GROWTH: f64 = 100.0;
/// At this ridge the matrix is diagonally dominant for any number of features in use; beyond, the data is at fault.
const LAST_RIDGE: f64 = 1e6;

/// Windows standardised at a time: bounds the working memory to this many rows in f64.
const ROWS_AT_A_TIME: usize = 1024;
/// Columns of the normal matrix that one task forms.
const COLUMNS_AT_A_TIME: usize = 128;

/// Linear regression of every output on every input of a window, with an intercept.
///
/// ```text
/// ŷ = x · A + b        A, b minimise  Σ‖y − x A − b‖² + ridge · n · ‖diag(std(x)) A‖²
/// ```
///
/// Inputs are standardised, the normal equations `(ZᵀZ / n + ridge · I) A = ZᵀY / n` are formed in f64 and solved by
/// Cholesky's factorisation. The ridge starts at 1e-8 of a column's variance and grows until the matrix factors, so
/// constant, repeated and collinear columns, and fewer windows than features, all have one finite answer. A constant
/// column gets weight zero. Cost: `features² · windows` multiply-adds on all cores; memory: two matrices
/// `[features, features]` in f64 (36 MB at 1,500 features). Results do not depend on the number of threads.
#[derive(Debug, Clone)]
pub struct LinearLeastSquares {
    /// `[features, outputs]`, in the units of the raw inputs.
    weights: DMatrix<f64>,
    intercept: DVector<f64>,
    ridge: f64,
}

impl LinearLeastSquares {
    /// Fits `y` `[windows, outputs]` on `x` `[windows, features]`, both row-major.
    ///
    /// # Errors
    /// [`BaselineError::NoWindows`] without rows, [`BaselineError::NotFinite`] on NaN or infinity,
    /// [`BaselineError::NoSolution`] if values are too extreme to be weighed against each other.
    ///
    /// # Panics
    /// If `x` or `y` is not a whole number of rows for `windows`.
    pub fn fit<X, Y>(x: &[X], y: &[Y], windows: usize) -> Result<Self, BaselineError>
    where
        X: Copy + Into<f64> + Sync,
        Y: Copy + Into<f64> + Sync,
    {
        if windows == 0 {
            return Err(BaselineError::NoWindows);
        }
        assert!(
            x.len().is_multiple_of(windows),
            "fit: `x` is not [{windows}, features]"
        );
        assert!(
            y.len().is_multiple_of(windows),
            "fit: `y` is not [{windows}, outputs]"
        );
        let (features, outputs) = (x.len() / windows, y.len() / windows);
        Self::fit_in_parts(windows, |part| {
            let of = |columns: usize| part.start * columns..part.end * columns;
            (x[of(features)].to_vec(), y[of(outputs)].to_vec())
        })
    }

    /// The same for windows that nobody holds at once: `part` gives `x` and `y` of a range of them, and is asked for each range
    /// three times.
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub fn fit_in_parts<X, Y>(
        windows: usize,
        part: impl Fn(Range<usize>) -> (Vec<X>, Vec<Y>),
    ) -> Result<Self, BaselineError>
    where
        X: Copy + Into<f64> + Sync,
        Y: Copy + Into<f64> + Sync,
    {
        if windows == 0 {
            return Err(BaselineError::NoWindows);
        }
        let parts = || {
            let firsts = (0..windows).step_by(ROWS_AT_A_TIME);
            firsts.map(|first| first..windows.min(first + ROWS_AT_A_TIME))
        };
        let (mut inputs, mut targets) = (Columns::default(), Columns::default());
        for range in parts() {
            let (x, y) = part(range.clone());
            inputs.add_to_mean(&x, &range, windows)?;
            targets.add_to_mean(&y, &range, windows)?;
        }
        for range in parts() {
            let (x, y) = part(range);
            inputs.add_to_spread(&x, windows);
            targets.add_to_spread(&y, windows);
        }
        let (inputs, targets) = (inputs.measured(), targets.measured());
        let mut equations = NormalEquations::new(inputs.mean.len(), targets.mean.len());
        for range in parts() {
            let (x, y) = part(range);
            equations.add(&x, &y, &inputs, &targets, 1.0 / windows as f64);
        }
        let NormalEquations {
            normal, moments, ..
        } = equations;
        let (factor, ridge) = factor(normal).ok_or(BaselineError::NoSolution)?;
        let mut weights = factor.solve(&moments);
        for (mut row, scale) in weights.row_iter_mut().zip(&inputs.inverse_std) {
            row *= *scale;
        }
        let intercept =
            DVector::from_vec(targets.mean) - weights.tr_mul(&DVector::from_vec(inputs.mean));
        Ok(Self {
            weights,
            intercept,
            ridge,
        })
    }

    /// Forecasts `[windows, outputs]` row-major for `x` `[windows, features]`.
    ///
    /// # Panics
    /// If `x` is not a whole number of rows.
    pub fn predict<X: Copy + Into<f64> + Sync>(&self, x: &[X], windows: usize) -> Vec<f64> {
        let (features, outputs) = self.weights.shape();
        assert_eq!(
            x.len(),
            windows * features,
            "predict: `x` is not [{windows}, {features}]"
        );
        let mut forecast = vec![0.0; windows * outputs];
        if outputs == 0 {
            return forecast;
        }
        forecast
            .par_chunks_mut(ROWS_AT_A_TIME * outputs)
            .enumerate()
            .for_each(|(chunk, answer)| {
                let (first, rows) = (chunk * ROWS_AT_A_TIME, answer.len() / outputs);
                let window = &x[first * features..(first + rows) * features];
                let inputs = DMatrix::from_row_iterator(
                    rows,
                    features,
                    window.iter().map(|&value| value.into()),
                );
                let product = inputs * &self.weights;
                for (row, answer) in answer.chunks_mut(outputs).enumerate() {
                    for (output, value) in answer.iter_mut().enumerate() {
                        *value = product[(row, output)] + self.intercept[output];
                    }
                }
            });
        forecast
    }

    /// The weight of input `feature` in output `output`, in the data's own units.
    ///
    /// # Panics
    /// If either index is out of range.
    pub fn weight(&self, feature: usize, output: usize) -> f64 {
        self.weights[(feature, output)]
    }

    /// One intercept per output.
    pub fn intercept(&self) -> &[f64] {
        self.intercept.as_slice()
    }

    /// The ridge that was needed, as a share of a standardised column's variance: 1e-8 unless the columns are close to
    /// singular.
    pub fn ridge(&self) -> f64 {
        self.ridge
    }
}

/// Mean and scale of every column.
#[derive(Default)]
struct Columns {
    mean: Vec<f64>,
    /// Zero for a constant column, so that it takes no part. Until all is measured it is the variance.
    inverse_std: Vec<f64>,
}

impl Columns {
    /// Adds the rows of the windows `range` of `windows` to the means.
    fn add_to_mean<T: Copy + Into<f64>>(
        &mut self,
        values: &[T],
        range: &Range<usize>,
        windows: usize,
    ) -> Result<(), BaselineError> {
        let columns = values.len() / range.len();
        self.mean.resize(columns, 0.0);
        if columns == 0 {
            return Ok(());
        }
        for (window, row) in range.clone().zip(values.chunks_exact(columns)) {
            for (mean, &value) in self.mean.iter_mut().zip(row) {
                let value: f64 = value.into();
                if value.is_nan() || value.abs() >= 1e150 {
                    return Err(BaselineError::NotFinite { window: window + 1 });
                }
                *mean += value / windows as f64;
            }
        }
        Ok(())
    }

    /// Adds rows to the variances, once all are in the means.
    fn add_to_spread<T: Copy + Into<f64>>(&mut self, values: &[T], windows: usize) {
        self.inverse_std.resize(self.mean.len(), 0.0);
        for row in values.chunks_exact(self.mean.len().max(1)) {
            let columns = self.inverse_std.iter_mut().zip(&self.mean);
            for ((variance, mean), &value) in columns.zip(row) {
                *variance += (value.into() - mean).powi(2) / windows as f64;
            }
        }
    }

    /// With the scales in the place of the variances.
    fn measured(mut self) -> Self {
        // A spread of a few rounding errors of the mean is no spread.
        for (scale, mean) in self.inverse_std.iter_mut().zip(&self.mean) {
            let std = scale.sqrt();
            *scale = if std > 1e-12 * mean.abs() && std > 1e-150 {
                1.0 / std
            } else {
                0.0
            };
        }
        self
    }
}

/// `ZᵀZ / n` (lower triangle; the rest is not filled) and `ZᵀY / n` for standardised `Z` and centred `Y`.
struct NormalEquations {
    normal: DMatrix<f64>,
    moments: DMatrix<f64>,
    standardised: Vec<f64>,
    centred: Vec<f64>,
}

impl NormalEquations {
    fn new(features: usize, outputs: usize) -> Self {
        Self {
            normal: DMatrix::zeros(features, features),
            moments: DMatrix::zeros(features, outputs),
            standardised: Vec::new(),
            centred: Vec::new(),
        }
    }

    /// Adds rows, each with this share of the sums.
    fn add<X, Y>(&mut self, x: &[X], y: &[Y], inputs: &Columns, targets: &Columns, share: f64)
    where
        X: Copy + Into<f64>,
        Y: Copy + Into<f64>,
    {
        let (features, outputs) = (inputs.mean.len(), targets.mean.len());
        if features == 0 {
            return;
        }
        let count = x.len() / features;
        self.standardised.clear();
        for row in x.chunks_exact(features) {
            let scales = inputs.mean.iter().zip(&inputs.inverse_std);
            let values = row.iter().zip(scales);
            self.standardised
                .extend(values.map(|(&value, (mean, scale))| (value.into() - mean) * scale));
        }
        // Row-major [count, features] read by columns is Zᵀ; its transpose is laid out anew for the product.
        let transposed = DMatrixView::from_slice(&self.standardised, features, count);
        let plain = transposed.transpose();
        self.normal
            .as_mut_slice()
            .par_chunks_mut(features * COLUMNS_AT_A_TIME)
            .enumerate()
            .for_each(|(block, columns)| {
                let (first, width) = (block * COLUMNS_AT_A_TIME, columns.len() / features);
                let mut below = nalgebra::DMatrixViewMut::from_slice(columns, features, width);
                below.rows_mut(first, features - first).gemm(
                    share,
                    &transposed.rows(first, features - first),
                    &plain.columns(first, width),
                    1.0,
                );
            });
        if outputs > 0 {
            self.centred.clear();
            for row in y.chunks_exact(outputs) {
                let values = row.iter().zip(&targets.mean);
                self.centred
                    .extend(values.map(|(&value, mean)| value.into() - mean));
            }
            let centred = DMatrixView::from_slice(&self.centred, outputs, count).transpose();
            self.moments.gemm(share, &transposed, &centred, 1.0);
        }
    }
}

/// Factors `normal + ridge · I` with the smallest ridge that lets it; only the lower triangle is read. `None` if no
/// ridge does, which only overflowing values can bring about.
fn factor(normal: DMatrix<f64>) -> Option<(Cholesky<f64, Dyn>, f64)> {
    let mut ridge = FIRST_RIDGE;
    while ridge <= LAST_RIDGE {
        let mut shifted = normal.clone();
        for index in 0..shifted.nrows() {
            shifted[(index, index)] += ridge;
        }
        if let Some(factor) = Cholesky::new(shifted) {
            return Some((factor, ridge));
        }
        ridge *= RIDGE_GROWTH;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in (-1, 1) that look random and are the same everywhere.
    fn noise(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed;
        move || {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        }
    }

    fn rows(count: usize, mut row: impl FnMut(usize) -> Vec<f64>) -> Vec<f64> {
        (0..count).flat_map(&mut row).collect()
    }

    fn worst(a: &[f64], b: &[f64]) -> f64 {
        assert_eq!(a.len(), b.len());
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max)
    }

    /// Three inputs of very different size and offset, two outputs.
    fn linear_case(windows: usize) -> (Vec<f64>, Vec<f64>) {
        let mut random = noise(7);
        let x = rows(windows, |_| {
            vec![random(), 5_000.0 + 100.0 * random(), 0.001 * random()]
        });
        let y = x
            .chunks(3)
            .flat_map(|x| [2.0 + 3.0 * x[0] - 0.5 * x[1], -7.0 + 400.0 * x[2]])
            .collect();
        (x, y)
    }

    #[test]
    fn a_known_linear_map_is_recovered() {
        let (x, y) = linear_case(3_000); // more than two chunks of rows
        let fit = LinearLeastSquares::fit(&x, &y, 3_000).unwrap();
        for (feature, output, weight) in [
            (0, 0, 3.0),
            (1, 0, -0.5),
            (2, 0, 0.0),
            (0, 1, 0.0),
            (2, 1, 400.0),
        ] {
            assert!(
                (fit.weight(feature, output) - weight).abs() < 1e-3,
                "{feature} {output}"
            );
        }
        assert!((fit.intercept()[1] + 7.0).abs() < 1e-3);
        assert!(worst(&fit.predict(&x, 3_000), &y) < 1e-4);
    }

    #[test]
    fn an_ar2_process_gives_its_coefficients() {
        let mut random = noise(3);
        let mut series = vec![0.0, 0.0];
        for t in 2..20_000 {
            series.push(1.2 * series[t - 1] - 0.5 * series[t - 2] + 0.1 * random());
        }
        let x: Vec<f64> = series.windows(3).flat_map(|w| [w[0], w[1]]).collect();
        let fit = LinearLeastSquares::fit(&x, &series[2..], series.len() - 2).unwrap();
        // The standard error of an AR(2) coefficient is √((1 − 0.5²) / n) = 0.006; four of them.
        assert!((fit.weight(1, 0) - 1.2).abs() < 0.025);
        assert!((fit.weight(0, 0) + 0.5).abs() < 0.025);
    }

    #[test]
    fn collinear_constant_and_repeated_columns_stay_bounded() {
        let mut random = noise(11);
        let x = rows(500, |_| {
            let (a, b) = (random(), random());
            vec![a, a, b, a + b, 4.0, 1e6 * a, a + 1e-9 * random()]
        });
        let y: Vec<f64> = x.chunks(7).map(|x| 1.0 + 2.0 * x[0] - x[2]).collect();
        let fit = LinearLeastSquares::fit(&x, &y, 500).unwrap();
        assert!(worst(&fit.predict(&x, 500), &y) < 1e-4);
        assert_eq!(fit.weight(4, 0), 0.0);
        assert!((0..7).all(|feature| fit.weight(feature, 0).abs() < 10.0));
    }

    #[test]
    fn fewer_windows_than_features_still_answers() {
        let mut random = noise(5);
        let x: Vec<f64> = (0..10 * 40).map(|_| random()).collect();
        let y: Vec<f64> = (0..10).map(|_| random()).collect();
        let fit = LinearLeastSquares::fit(&x, &y, 10).unwrap();
        assert!(worst(&fit.predict(&x, 10), &y) < 1e-4);
        assert!((0..40).all(|feature| fit.weight(feature, 0).abs() < 5.0));
        // one window: the answer is that window's
        let single = LinearLeastSquares::fit(&[1.0f32, 2.0], &[5.0f32], 1).unwrap();
        assert_eq!(single.predict(&[7.0f32, 7.0], 1), [5.0]);
    }

    #[test]
    fn many_blocks_equal_the_plain_sums() {
        let (features, windows) = (2 * COLUMNS_AT_A_TIME + 3, ROWS_AT_A_TIME + 5);
        let mut random = noise(2);
        let x: Vec<f64> = (0..features * windows).map(|_| random()).collect();
        let y: Vec<f64> = (0..windows).map(|_| random()).collect();
        let measured = |values: &[f64]| {
            let mut columns = Columns::default();
            columns.add_to_mean(values, &(0..windows), windows).unwrap();
            columns.add_to_spread(values, windows);
            columns.measured()
        };
        let (inputs, targets) = (measured(&x), measured(&y));
        let mut equations = NormalEquations::new(features, 1);
        let half = windows / 2;
        for rows in [0..half, half..windows] {
            let (x, y) = (&x[rows.start * features..rows.end * features], &y[rows]);
            equations.add(x, y, &inputs, &targets, 1.0 / windows as f64);
        }
        let (normal, moments) = (equations.normal, equations.moments);
        let z = |row: usize, column: usize| {
            (x[row * features + column] - inputs.mean[column]) * inputs.inverse_std[column]
        };
        for (i, j) in [(0, 0), (130, 4), (200, 199), (258, 0), (258, 258)] {
            let sum: f64 = (0..windows).map(|row| z(row, i) * z(row, j)).sum();
            assert!((normal[(i, j)] - sum / windows as f64).abs() < 1e-12);
            let moment: f64 = (0..windows)
                .map(|row| z(row, i) * (y[row] - targets.mean[0]))
                .sum();
            assert!((moments[(i, 0)] - moment / windows as f64).abs() < 1e-12);
        }
    }

    #[test]
    fn the_ridge_grows_until_the_matrix_factors() {
        // eigenvalues 2.5 and −0.5: no covariance, but what a column that overflows its digits can look like
        let (factor, ridge) = factor(DMatrix::from_row_slice(2, 2, &[1.0, 1.5, 1.5, 1.0])).unwrap();
        assert!((ridge - 1.0).abs() < 1e-9);
        assert!(factor.l().iter().all(|value| value.is_finite()));
        assert!(super::factor(DMatrix::from_element(2, 2, f64::NAN)).is_none());
    }

    #[test]
    fn missing_values_and_empty_data_are_errors() {
        let missing =
            LinearLeastSquares::fit(&[1.0, 2.0, f64::NAN], &[1.0, 1.0, 1.0], 3).unwrap_err();
        assert_eq!(missing, BaselineError::NotFinite { window: 3 });
        let none: [f32; 0] = [];
        assert_eq!(
            LinearLeastSquares::fit(&none, &none, 0).unwrap_err(),
            BaselineError::NoWindows
        );
        // no features: the mean
        let mean = LinearLeastSquares::fit(&none, &[1.0, 3.0], 2).unwrap();
        assert_eq!(mean.predict(&none, 3), [2.0; 3]);
    }
}
