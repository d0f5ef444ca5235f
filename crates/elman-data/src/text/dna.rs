//! The letters of nucleic acids (IUPAC, Cornish-Bowden, 1985).

/// Each letter, and what stands opposite it on the other strand.
const LETTERS: [(&str, &str); 15] = [
    ("A", "T"),
    ("C", "G"),
    ("G", "C"),
    ("T", "A"),
    ("R", "Y"),
    ("Y", "R"),
    ("S", "S"),
    ("W", "W"),
    ("K", "M"),
    ("M", "K"),
    ("B", "V"),
    ("D", "H"),
    ("H", "D"),
    ("V", "B"),
    ("N", "N"),
];

/// All letters.
pub(super) fn letters() -> Vec<String> {
    LETTERS.map(|(letter, _)| letter.to_owned()).into()
}

/// The letter opposite; nothing for what is no letter.
pub(super) fn complement(letter: &str) -> Option<&'static str> {
    let found = LETTERS.iter().find(|(own, _)| *own == letter);
    found.map(|(_, opposite)| *opposite)
}

/// The letters of a text, each with the byte at which it stands; what is none stands as it is.
pub(super) fn read(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let meant = |(at, own): (usize, char)| {
        let upper = match own.to_ascii_uppercase() {
            'U' => 'T',
            upper => upper,
        };
        let letter = LETTERS.iter().find(|(letter, _)| letter.starts_with(upper));
        (
            at,
            letter.map_or(&text[at..at + own.len_utf8()], |(letter, _)| letter),
        )
    };
    let letters = text.char_indices();
    letters
        .filter(|(_, own)| !own.is_whitespace() && !matches!(own, '-' | '.'))
        .map(meant)
}

#[cfg(test)]
mod tests {
    use crate::text::{Special, Tokens, Vocabulary, VocabularyConfig};

    fn vocabulary(specials: &[Special]) -> Vocabulary {
        let config = VocabularyConfig {
            tokens: Tokens::Dna,
            ..VocabularyConfig::default()
        };
        Vocabulary::build(&config, specials, "".as_ref(), ["ACGT"].into_iter()).unwrap()
    }

    #[test]
    fn case_spaces_and_gaps_mean_nothing_and_u_is_t() {
        let dna = vocabulary(&[]);
        assert_eq!(dna.len(), 15);
        let read = |text: &str| dna.decode(&dna.encode(text).unwrap());
        assert_eq!(read(" acgu-NN.r "), "ACGTNNR");
        let message = dna.encode("ACXG").unwrap_err().to_string();
        assert!(
            message.contains("X") && message.contains("column 3"),
            "{message}"
        );
        let lenient = vocabulary(&[Special::Padding, Special::Unknown]);
        let unknown = lenient.special(Special::Unknown).unwrap();
        assert_eq!(lenient.encode("X").unwrap(), [unknown]);
        let again = Vocabulary::from_json(&lenient.to_json()).unwrap();
        assert_eq!(again, lenient);
    }

    #[test]
    fn the_other_strand_of_the_other_strand_is_the_first() {
        let dna = vocabulary(&[Special::Unknown]);
        let strand = dna.encode("AACGTRYSWKMBDHVN?").unwrap();
        let other = dna.reverse_complement(&strand);
        assert_eq!(dna.decode(&other[1..]), "NBDHVKMWSRYACGTT");
        assert_eq!(dna.reverse_complement(&other), strand);
    }
}
