//! NSMC: film reviews of a clear opinion, split by film, as many of each class.

use std::collections::HashSet;

use serde::Deserialize;

use super::{Parts, md5, spaced_once};

/// Reviews of each class in the training, validation and test set.
pub(super) const EACH: [usize; 3] = [10_000, 1_250, 2_500];

/// A review as it is published, in an array for each film.
#[derive(Deserialize)]
struct Published {
    review: String,
    rating: String,
    review_id: String,
    movie_id: String,
}

struct Review {
    id: String,
    text: String,
    positive: bool,
    part: Option<usize>,
}

/// The reviews of clear opinion.
#[derive(Default)]
pub(super) struct Reviews {
    reviews: Vec<Review>,
}

impl Reviews {
    /// Adds the reviews of one film.
    pub fn add(&mut self, json: &[u8]) -> Result<(), String> {
        let film: Vec<Published> =
            serde_json::from_slice(json).map_err(|error| error.to_string())?;
        for review in film {
            // The publisher's rule: 1 to 4 points are negative, 9 and 10 positive, the others are left out.
            let positive = match review.rating.parse() {
                Ok(1..=4) => false,
                Ok(5..=8) => continue,
                Ok(9..=10) => true,
                _ => {
                    return Err(format!(
                        "review {} has the rating {:?}",
                        review.review_id, review.rating
                    ));
                }
            };
            self.reviews.push(Review {
                id: review.review_id,
                text: spaced_once(&review.review),
                positive,
                part: part(&review.movie_id),
            });
        }
        Ok(())
    }

    /// The first reviews of each class in the order of the MD5 of their numbers, without those whose text came before.
    pub fn split(mut self, each: [usize; 3]) -> Parts {
        self.reviews.sort_by_cached_key(|review| md5(&review.id));
        let mut parts = [(); 3].map(|()| String::from("id\tdocument\tlabel\n"));
        let (mut counts, mut seen) = ([[0; 2]; 3], HashSet::new());
        for review in &self.reviews {
            if review.text.is_empty() || !seen.insert(&review.text) {
                continue;
            }
            let Some(part) = review.part else {
                continue;
            };
            let label = usize::from(review.positive);
            let count = &mut counts[part][label];
            if *count < each[part] {
                *count += 1;
                parts[part] += &format!("{}\t{}\t{label}\n", review.id, review.text);
            }
        }
        parts
    }
}

/// 0 for training, 1 for validation, 2 for testing, by a hash of the film; a tenth of the films is in none.
fn part(film: &str) -> Option<usize> {
    match md5(&format!("m{film}")) % 20 {
        0..=13 => Some(0),
        14 | 15 => Some(1),
        16 | 17 => Some(2),
        _ => None,
    }
}
