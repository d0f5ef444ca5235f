//! Many things of unequal length, a few at a time.

/// Which of things with these lengths are answered together, until each has come once: those of like length, at most `most` of
/// them, and with their padding at most `padded` steps, unless one alone has more.
pub(super) fn passes(lengths: &[usize], most: usize, padded: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|row| lengths[*row]);
    let mut passes = Vec::new();
    let mut rest = order.as_slice();
    while !rest.is_empty() {
        // They are in the order of their lengths: the more come, the longer is the last.
        let fits = |count: &usize| count.saturating_mul(lengths[rest[count - 1]]) <= padded;
        let fitting = (1..=rest.len().min(most)).take_while(fits);
        let (rows, others) = rest.split_at(fitting.last().unwrap_or(1));
        passes.push(rows.to_vec());
        rest = others;
    }
    passes
}

#[cfg(test)]
mod tests {
    use super::passes;

    #[test]
    fn everything_comes_once_and_no_pass_is_too_large() {
        let lengths = [5, 100, 600, 7, 101, 1, 98, 100];
        // Three of a third fit, and what is longer than all that fits comes alone.
        let found = passes(&lengths, 300, 300);
        assert_eq!(found, [vec![5, 0, 3], vec![6, 1, 7], vec![4], vec![2]]);
        let found = passes(&lengths, 2, usize::MAX);
        assert_eq!(found, [[5, 0], [3, 6], [1, 7], [4, 2]]);
        assert_eq!(passes(&[0, 0, 0], 2, 0), [vec![0, 1], vec![2]]);
        assert_eq!(passes(&[3, 2], 0, 0), [[1], [0]]);
        assert!(passes(&[], 9, 9).is_empty());
    }
}
