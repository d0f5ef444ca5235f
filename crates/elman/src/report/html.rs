//! One self-contained page: no network, no font of its own; light and dark, phone, screen and paper. A small script lets charts be
//! looked into; without it the page says the same.

use std::fmt;

use super::svg::{FONTS, Svg, escape};
use super::table::Table;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page of sections, headed by what matters most.
///
/// Everything in it is escaped: a file or column named `<script>` is just a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Name of the run.
    pub title: String,
    /// What it is about, in one line; may be empty.
    pub subtitle: String,
    /// The sentence that answers "is it any good?", first of all.
    pub verdict: Option<(Tone, String)>,
    /// The rest, in reading order.
    pub sections: Vec<Section>,
}

/// How good the news is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// It made no difference.
    Neutral,
    /// It did not work.
    Bad,
}

/// A headed part of a [`Report`].
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Heading.
    pub title: String,
    /// Contents, in reading order.
    pub blocks: Vec<Block>,
}

/// A piece of a [`Section`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A table; scrolls by itself where the page is too narrow.
    Table(Table),
    /// A picture; pictures in a row stand side by side where there is room.
    Figure {
        /// The picture.
        svg: Svg,
        /// What to see in it; may be empty.
        caption: String,
    },
    /// Text in fixed letters: commands, a recipe, a model's summary.
    Code(String),
    /// Blocks behind a line to click on; on paper they are open.
    Folded {
        /// The line.
        summary: String,
        /// What it opens.
        blocks: Vec<Block>,
    },
}

impl Section {
    /// A section with this heading.
    pub fn new(title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Self {
            title: title.into(),
            blocks,
        }
    }
}

impl Report {
    /// The page as one HTML document.
    pub fn to_html(&self) -> String {
        self.to_string()
    }

    /// The page as one HTML document whose words are in this language, by its code: `ko`.
    pub fn to_html_in(&self, lang: &str) -> String {
        let mut page = String::new();
        self.write(&mut page, lang)
            .expect("a String takes every write");
        page
    }

    fn write(&self, page: &mut dyn fmt::Write, lang: &str) -> fmt::Result {
        let (title, lang) = (escape(&self.title), escape(lang));
        write!(
            page,
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
             <style>\n{}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{title}</h1>\n",
            STYLE.replace("FONTS", FONTS)
        )?;
        if !self.subtitle.is_empty() {
            writeln!(page, "<p class=\"subtitle\">{}</p>", escape(&self.subtitle))?;
        }
        if let Some((tone, sentence)) = &self.verdict {
            let (class, mark) = match tone {
                Tone::Good => ("good", "✓"),
                Tone::Neutral => ("neutral", "≈"),
                Tone::Bad => ("bad", "✗"),
            };
            let sentence = escape(sentence);
            writeln!(
                page,
                "<p class=\"verdict {class}\"><span aria-hidden=\"true\">{mark}</span> <span>{sentence}</span></p>"
            )?;
        }
        page.write_str("</header>\n")?;
        for section in &self.sections {
            write_section(page, section)?;
        }
        let version = env!("CARGO_PKG_VERSION");
        write!(
            page,
            "</main>\n<footer>{}</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
            match lang.as_str() {
                "ko" => format!("elman {version}으로 만든 문서입니다."),
                _ => format!("Written by elman {version}."),
            }
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(page, "en")
    }
}

fn write_section(page: &mut dyn fmt::Write, section: &Section) -> fmt::Result {
    writeln!(page, "<section>\n<h2>{}</h2>", escape(&section.title))?;
    write_blocks(page, &section.blocks)?;
    page.write_str("</section>\n")
}

fn write_blocks(page: &mut dyn fmt::Write, blocks: &[Block]) -> fmt::Result {
    let is_figure = |block: &Block| matches!(block, Block::Figure { .. });
    for group in blocks.chunk_by(|a, b| is_figure(a) && is_figure(b)) {
        if group.iter().all(is_figure) {
            page.write_str("<div class=\"figures\">\n")?;
            group
                .iter()
                .try_for_each(|block| write_block(page, block))?;
            page.write_str("</div>\n")?;
        } else {
            group
                .iter()
                .try_for_each(|block| write_block(page, block))?;
        }
    }
    Ok(())
}

fn write_block(page: &mut dyn fmt::Write, block: &Block) -> fmt::Result {
    match block {
        Block::Text(text) => writeln!(page, "<p>{}</p>", escape(text)),
        Block::Table(table) => write_table(page, table),
        Block::Figure { svg, caption } => {
            write!(page, "<figure>\n{svg}")?;
            if !caption.is_empty() {
                writeln!(page, "<figcaption>{}</figcaption>", escape(caption))?;
            }
            page.write_str("</figure>\n")
        }
        Block::Code(code) => write_code(page, code),
        Block::Folded { summary, blocks } => {
            writeln!(page, "<details>\n<summary>{}</summary>", escape(summary))?;
            write_blocks(page, blocks)?;
            page.write_str("</details>\n")
        }
    }
}

fn write_code(page: &mut dyn fmt::Write, code: &str) -> fmt::Result {
    let lines: Vec<String> = code
        .lines()
        .map(|line| escape(&line.replace('\t', "    ")))
        .collect();
    writeln!(
        page,
        "<pre tabindex=\"0\"><code>{}</code></pre>",
        lines.join("\n")
    )
}

fn write_table(page: &mut dyn fmt::Write, table: &Table) -> fmt::Result {
    let columns = table.shown();
    let class = |numeric: bool| if numeric { " class=\"number\"" } else { "" };
    page.write_str("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>")?;
    for column in &columns {
        write!(
            page,
            "<th scope=\"col\"{}>{}</th>",
            class(column.numeric),
            escape(column.name)
        )?;
    }
    page.write_str("</tr></thead>\n<tbody>\n")?;
    for row in 0..columns.first().map_or(0, |column| column.cells.len()) {
        page.write_str("<tr>")?;
        for (index, column) in columns.iter().enumerate() {
            let (class, cell) = (class(column.numeric), escape(&column.cells[row]));
            match (table.is_best(row, index), index == 0 && !column.numeric) {
                (_, true) => write!(page, "<th scope=\"row\">{cell}</th>")?,
                (true, _) => write!(
                    page,
                    "<td{class}><b title=\"best in its column\">{cell}</b></td>"
                )?,
                (false, _) => write!(page, "<td{class}>{cell}</td>")?,
            }
        }
        page.write_str("</tr>\n")?;
    }
    page.write_str("</tbody>\n</table></div>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plot::{Series, StepErrors, step_errors};

    const HOSTILE: &str = "</title><script>alert(\"기온\")</script>&amp;";

    fn report() -> Report {
        let mut table = Table::new([HOSTILE, "MAE"]);
        table
            .row([HOSTILE.into(), 1.0.into()])
            .row(["b".into(), 2.0.into()])
            .mark_smallest(1);
        let plot = StepErrors {
            title: HOSTILE,
            error: HOSTILE,
            model: Series {
                name: HOSTILE,
                values: &[1.0, 2.0],
            },
            baselines: &[Series {
                name: HOSTILE,
                values: &[2.0, 2.0],
            }],
        };
        let figure = || Block::Figure {
            svg: step_errors(&plot),
            caption: HOSTILE.to_owned(),
        };
        Report {
            title: HOSTILE.to_owned(),
            subtitle: HOSTILE.to_owned(),
            verdict: Some((Tone::Bad, HOSTILE.to_owned())),
            sections: vec![Section::new(
                HOSTILE,
                vec![
                    Block::Text(HOSTILE.to_owned()),
                    Block::Table(table),
                    figure(),
                    figure(),
                    Block::Code(format!("{HOSTILE}\n\tsecond line")),
                    Block::Folded {
                        summary: HOSTILE.to_owned(),
                        blocks: vec![Block::Code(HOSTILE.to_owned())],
                    },
                ],
            )],
        }
    }

    #[test]
    fn hostile_names_are_just_names() {
        let html = report().to_html();
        assert_eq!(html.matches("<script").count(), 1, "the page's own");
        assert_eq!(html.matches("</title>").count(), 1);
        assert!(html.contains(
            "&lt;/title&gt;&lt;script&gt;alert(&quot;기온&quot;)&lt;/script&gt;&amp;amp;"
        ));
    }

    #[test]
    fn the_page_says_its_language() {
        assert!(report().to_html().contains("<html lang=\"en\">"));
        let korean = report().to_html_in("ko");
        assert!(korean.contains("<html lang=\"ko\">") && korean.contains("만든 문서입니다"));
        assert!(
            !report()
                .to_html_in("\"><script>")
                .contains("lang=\"\"><script>")
        );
    }

    #[test]
    fn every_element_is_closed_in_order() {
        let html = report().to_html().replace(SCRIPT, "");
        let mut open: Vec<&str> = Vec::new();
        for tag in html
            .split('<')
            .skip(1)
            .map(|rest| &rest[..rest.find('>').unwrap()])
        {
            let name = tag
                .trim_start_matches('/')
                .split([' ', '\n'])
                .next()
                .unwrap();
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') && !["!doctype", "meta"].contains(&name) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn nothing_is_fetched() {
        let html = report().to_html().replace(SCRIPT, "");
        assert!(
            ["fetch(", "import", "XMLHttp", "src"]
                .iter()
                .all(|way| !SCRIPT.contains(way))
        );
        let namespace = "http://www.w3.org/2000/svg";
        assert_eq!(html.matches("://").count(), html.matches(namespace).count());
        assert!(!html.contains("src=") && !html.contains("@import") && !html.contains("url("));
    }

    #[test]
    fn parts_come_in_reading_order() {
        let html = report().to_html();
        let at = |part: &str| {
            html.find(part)
                .unwrap_or_else(|| panic!("{part} is missing"))
        };
        let parts = [
            "<h1>",
            "class=\"verdict bad\"",
            "<h2>",
            "<table>",
            "<div class=\"figures\">",
            "<pre",
            "<details>",
        ];
        assert!(parts.windows(2).all(|pair| at(pair[0]) < at(pair[1])));
        assert_eq!(html.matches("<div class=\"figures\">").count(), 1);
        assert_eq!(html.matches("<figure>").count(), 2);
        assert_eq!(html.matches("<b title=\"best in its column\">").count(), 1);
        assert!(html.contains("\n    second line"));
    }
}
