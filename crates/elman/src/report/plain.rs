//! Text as it may be shown: nothing in it does anything to a terminal.

use std::borrow::Cow;

/// Whether a letter commands a terminal, or the order of the letters around it, rather than being one: control
/// characters other than a line's end and the tab, and those that override the direction of writing.
pub fn is_hostile(letter: char) -> bool {
    match letter {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' => true,
        letter => letter.is_control(),
    }
}

/// The text with hostile letters as they are written in source code, such as `\u{1b}`. A carriage return that ends a
/// line stays.
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let ends_line = letter == '\r' && letters.peek() == Some(&'\n');
        if is_hostile(letter) && !ends_line {
            plain.extend(letter.escape_unicode());
        } else {
            plain.push(letter);
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_commands_a_terminal() {
        assert_eq!(shown("가나 – a\tb\r\nc\n"), "가나 – a\tb\r\nc\n");
        assert_eq!(
            shown("\u{1b}[2J\u{7}over\rwritten\u{9b}31m\u{7f}\u{202e}cba\u{2069}"),
            "\\u{1b}[2J\\u{7}over\\u{d}written\\u{9b}31m\\u{7f}\\u{202e}cba\\u{2069}"
        );
    }
}
