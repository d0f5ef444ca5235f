//! Names of recipes as names of files.

/// Most bytes of a name, so that numbers and endings can be added.
const LONGEST: usize = 120;

/// A name as one part of a path, which leads nowhere else and can be read: without what separates folders, without control
/// characters, with no point in front, and not too long.
pub fn safe_name(name: &str) -> String {
    let safe = |letter: char| {
        let odd = matches!(letter, '/' | '\\' | ':') || letter.is_control();
        if odd || crate::report::is_hostile(letter) {
            '_'
        } else {
            letter
        }
    };
    let name = name.trim().trim_start_matches('.');
    let mut short = String::new();
    for letter in name.chars().map(safe) {
        if short.len() + letter.len_utf8() > LONGEST {
            break;
        }
        short.push(letter);
    }
    match short.trim_end().trim_end_matches('.') {
        "" => "run".into(),
        name => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder() {
        let names = [
            ("air-passengers", "air-passengers"),
            ("매출 2024", "매출 2024"),
            ("..", "run"),
            ("", "run"),
            (".hidden", "hidden"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("/etc/passwd", "_etc_passwd"),
            ("a\u{1b}[2J\nb", "a_[2J_b"),
            ("C:\\x", "C__x"),
        ];
        for (name, safe) in names {
            assert_eq!(safe_name(name), safe);
        }
        assert!(safe_name(&"가".repeat(200)).len() <= LONGEST);
    }
}
