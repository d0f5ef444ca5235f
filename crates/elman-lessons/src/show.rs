//! What is told, for the terminal, as a page and for machines.

use crate::claim::Claim;
use crate::lesson::Lesson;
use crate::told::{Part, Told};
use crate::words::{Lang, Words, say};
use elman::report::{Block, Report, Section, Table, Tone, duration};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

/// Columns of a paragraph in the terminal.
const WIDTH: usize = 96;

static EXPECTED: Words = Words::new("Expected and measured", "기대한 값과 측정한 값");

/// A lesson as text for a terminal.
pub fn text(lesson: &Lesson, told: &Told, lang: Lang) -> String {
    let title = lesson.title.say(lang);
    let mut text = format!("{title}\n{}\n", "═".repeat(title.width()));
    for part in &told.parts {
        match part {
            Part::Heading(words) => {
                let words = words.say(lang);
                text += &format!("\n{words}\n{}\n", "─".repeat(words.width()));
            }
            Part::Text(words) => text += &format!("\n{}", wrapped(words.say(lang), WIDTH)),
            Part::Code(words) => {
                text += "\n";
                for line in words.say(lang).lines() {
                    text += &format!("    {line}\n");
                }
            }
            Part::Table(grid) => text += &format!("\n{}", grid.table(lang)),
            Part::Figure { .. } | Part::Claim(_) => {}
        }
    }
    let heading = EXPECTED.say(lang);
    text += &format!("\n{heading}\n{}\n", "─".repeat(heading.width()));
    for claim in told.claims() {
        text += &claimed(claim, lang);
    }
    text
}

/// A claim on two lines or more.
fn claimed(claim: &Claim, lang: Lang) -> String {
    let [expected, measured] = match lang {
        Lang::En => ["expected", "measured"],
        Lang::Ko => ["기대", "측정"],
    };
    let mark = mark(claim);
    let what = wrapped(claim.what.say(lang), WIDTH - 2);
    let what = what.trim_end().replace('\n', "\n  ");
    let first = format!("{expected} {}", claim.expected(lang));
    let gap = " ".repeat(28usize.saturating_sub(first.width()).max(2));
    format!(
        "{mark} {what}\n    {first}{gap}{measured} {}\n",
        claim.measured()
    )
}

fn mark(claim: &Claim) -> &'static str {
    match claim.met() {
        true => "✓",
        false => "✗",
    }
}

/// Words broken into lines of at most `width` columns, where they have spaces.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let size = word.width();
        if column > 0 && column + 1 + size > width {
            lines.push('\n');
            column = 0;
        }
        if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += size;
    }
    lines.push('\n');
    lines
}

/// A lesson as a page.
pub fn page(lesson: &Lesson, told: &Told, lang: Lang) -> Report {
    let mut sections = vec![Section::new(
        EXPECTED.say(lang),
        vec![Block::Table(claims(told.claims(), lang))],
    )];
    let mut section = Section::new(
        Words::new("What was done", "무엇을 했는가").say(lang),
        Vec::new(),
    );
    for part in &told.parts {
        let block = match part {
            Part::Heading(words) => {
                let next = Section::new(words.say(lang), Vec::new());
                let done = std::mem::replace(&mut section, next);
                sections.extend(Some(done).filter(|section| !section.blocks.is_empty()));
                continue;
            }
            Part::Claim(_) => continue,
            Part::Text(words) => Block::Text(words.say(lang).into()),
            Part::Code(words) => Block::Code(words.say(lang).into()),
            Part::Table(grid) => Block::Table(grid.table(lang)),
            Part::Figure { draw, caption, .. } => Block::Figure {
                svg: draw(lang),
                caption: caption.say(lang).into(),
            },
        };
        section.blocks.push(block);
    }
    sections.push(section);
    Report {
        title: lesson.title.say(lang).into(),
        subtitle: format!("elman lesson {}", lesson.name),
        verdict: Some(verdict(told.claims(), lang)),
        sections,
    }
}

/// Whether everything came out as expected, in a sentence.
fn verdict<'a>(claims: impl Iterator<Item = &'a Claim>, lang: Lang) -> (Tone, String) {
    let met: Vec<bool> = claims.map(Claim::met).collect();
    let (right, all) = (met.iter().filter(|met| **met).count(), met.len());
    match right == all {
        true => {
            let words = say!(
                "All {all} figures are as expected.",
                "수치 {all}개가 모두 기대한 대로입니다."
            );
            (Tone::Good, words.say(lang).into())
        }
        false => {
            let words = say!(
                "{right} of {all} figures are as expected; the others are marked ✗.",
                "수치 {all}개 중 {right}개가 기대한 대로이고, 나머지는 ✗로 표시했습니다."
            );
            (Tone::Bad, words.say(lang).into())
        }
    }
}

fn claims<'a>(claims: impl Iterator<Item = &'a Claim>, lang: Lang) -> Table {
    let mut table = Table::new(match lang {
        Lang::En => ["what is measured", "expected", "measured", "met"],
        Lang::Ko => ["무엇을 재는가", "기대", "측정", "일치"],
    });
    for claim in claims {
        table.row([
            claim.what.say(lang).into(),
            claim.expected(lang).into(),
            claim.measured().into(),
            mark(claim).into(),
        ]);
    }
    table
}

/// Several lessons in one page: what each expected and measured, and how long it took, in seconds.
pub fn overview(done: &[(&Lesson, Told, f64)], lang: Lang) -> Report {
    let sections = done.iter().map(|(lesson, told, seconds)| {
        let took = duration(*seconds);
        let name = lesson.name;
        let words = say!("elman lesson {name}, {took}", "elman lesson {name}, {took}");
        Section::new(
            lesson.title.say(lang),
            vec![
                Block::Table(claims(told.claims(), lang)),
                Block::Text(words.say(lang).into()),
            ],
        )
    });
    let all = done.iter().flat_map(|(_, told, _)| told.claims());
    Report {
        title: Words::new("Lessons on recurrent networks", "순환 신경망 수업")
            .say(lang)
            .into(),
        subtitle: "elman lesson all".into(),
        verdict: Some(verdict(all, lang)),
        sections: sections.collect(),
    }
}

/// A lesson for machines: its claims, paragraphs and the names of its pictures.
pub fn json(lesson: &Lesson, told: &Told, lang: Lang) -> Value {
    let claims = told.claims().map(|claim| {
        json!({
            "what": claim.what.say(lang),
            "expected": claim.expected(lang),
            "measured": claim.value(),
            "met": claim.met(),
        })
    });
    let texts = told.parts.iter().filter_map(|part| match part {
        Part::Text(words) => Some(words.say(lang)),
        _ => None,
    });
    let pictures = told.parts.iter().filter_map(|part| match part {
        Part::Figure { file, .. } => Some(*file),
        _ => None,
    });
    json!({
        "name": lesson.name,
        "title": lesson.title.say(lang),
        "met": told.met(),
        "claims": claims.collect::<Vec<_>>(),
        "text": texts.collect::<Vec<_>>(),
        "pictures": pictures.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_by_their_width_on_the_terminal() {
        let korean = "가나다 라마바 사아자";
        assert_eq!(wrapped(korean, 13), "가나다 라마바\n사아자\n");
        assert_eq!(wrapped("one  two\nthree", 9), "one two\nthree\n");
        assert_eq!(wrapped("", 9), "\n");
    }
}
