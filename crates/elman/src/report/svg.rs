//! A small SVG writer: shapes, words and one style sheet that reads on light and on dark pages.
//!
//! Shapes carry a class instead of a colour, so that one picture follows the reader's colour scheme, in its own file as
//! well as inside a page. Colours are the set of Okabe & Ito (2008), told apart by readers with any colour vision; every
//! line has its own dashes too.

use std::fmt::{self, Write};

use base64::Engine;
use unicode_width::UnicodeWidthChar;

use super::table::printable;

/// A finished picture, safe to place into a page: everything in it is escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Svg(String);

impl Svg {
    /// The picture as an SVG document.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Fonts of every system, with Korean ones for those that do not fall back by themselves.
pub(super) const FONTS: &str = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Apple SD Gothic Neo',\
'Malgun Gothic','Noto Sans KR','Noto Sans CJK KR',sans-serif";

/// A photograph, with shades over it.
#[derive(Debug)]
pub struct SvgPicture {
    width: usize,
    height: usize,
    body: String,
}

impl SvgPicture {
    /// A PNG file of so many pixels.
    pub fn new(width: usize, height: usize, png: &[u8]) -> Self {
        let data = base64::engine::general_purpose::STANDARD.encode(png);
        let body = format!(
            "<image width=\"{width}\" height=\"{height}\" href=\"data:image/png;base64,{data}\"/>"
        );
        Self {
            width,
            height,
            body,
        }
    }

    /// Darkens a box (left, top, width, height) by a share.
    pub fn shade(&mut self, [left, top, width, height]: [f64; 4], share: f64) {
        let _ = write!(
            self.body,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"#000\" fill-opacity=\"{share:.2}\"/>"
        );
    }

    /// The picture, called `title` where it is read aloud.
    pub fn finish(self, title: &str) -> Svg {
        let Self {
            width,
            height,
            body,
        } = self;
        let title = escape(title);
        Svg(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"img\" aria-label=\"{title}\">{body}</svg>"
        ))
    }
}

const STYLE: &str = "\
.elman-plot{color:#1b1f24}\
.elman-plot .bg{fill:#fff}\
.elman-plot text{fill:currentColor;font-family:FONTS;font-size:13px}\
.elman-plot .title{font-size:15px;font-weight:600}\
.elman-plot .tick{font-size:12px;font-variant-numeric:tabular-nums}\
.elman-plot .soft{fill-opacity:.75}\
.elman-plot .grid{stroke:currentColor;stroke-opacity:.13}\
.elman-plot .axis{stroke:currentColor;stroke-opacity:.55}\
.elman-plot .rule{stroke:currentColor;stroke-opacity:.6;stroke-dasharray:2 3}\
.elman-plot .line{fill:none;stroke:currentColor;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}\
.elman-plot .dot{fill:currentColor;stroke:none}\
.elman-plot .ring{fill:none;stroke:currentColor}\
.elman-plot .model{color:#d55e00;stroke-width:2.2}\
.elman-plot .second{color:#0072b2;stroke-dasharray:7 4;stroke-width:2}\
.elman-plot .base0{color:#0072b2;stroke-dasharray:8 4}\
.elman-plot .base1{color:#009e73;stroke-dasharray:2 4}\
.elman-plot .base2{color:#b0568c;stroke-dasharray:9 4 2 4}\
.elman-plot .base3{color:#a87400;stroke-dasharray:16 5}\
.elman-plot .behind{stroke-opacity:.3;stroke-width:1.2}\
.elman-plot .joints{stroke-width:5}\
.elman-plot .heat{fill:#004c8c;stroke:currentColor;stroke-opacity:.13}\
.elman-plot .minus{fill:#9a3d00}\
.elman-plot .value{font-size:10px;font-variant-numeric:tabular-nums}\
.elman-plot .over{fill:#fff}\
.elman-plot .small{font-size:11px;font-variant-numeric:tabular-nums}\
.elman-plot .box{fill:currentColor;fill-opacity:.06;stroke:currentColor;stroke-opacity:.55}\
.elman-plot .cell{color:#d55e00;fill-opacity:.14;stroke-opacity:1}\
@media screen and (prefers-color-scheme:dark){\
.elman-plot{color:#e4e7eb}\
.elman-plot .bg{fill:#15181c}\
.elman-plot .model{color:#f07b2b}\
.elman-plot .second,.elman-plot .base0{color:#56b4e9}\
.elman-plot .base1{color:#1fc79a}\
.elman-plot .base2{color:#cc79a7}\
.elman-plot .base3{color:#e69f00}\
.elman-plot .heat{fill:#4aa8e0}\
.elman-plot .minus{fill:#e98a45}\
.elman-plot .cell{color:#f07b2b}\
.elman-plot .over{fill:#15181c}}";

/// Which end of a text its position is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a single point is marked: told apart without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Disc,
    Square,
    Diamond,
    Cross,
    Triangle,
}

/// A picture being drawn, in pixels from the upper left corner.
pub(super) struct Canvas {
    width: f64,
    height: f64,
    label: String,
    body: String,
}

impl Canvas {
    /// An empty picture; `label` is read out to those who do not see it.
    pub(super) fn new(width: f64, height: f64, label: &str) -> Self {
        Self {
            width,
            height,
            label: escape(label),
            body: String::new(),
        }
    }

    pub(super) fn text(&mut self, at: [f64; 2], anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let [x, y] = at;
        let text = escape(text);
        self.push(format_args!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>\n"));
    }

    /// Text that starts here and leans by so many degrees, clockwise.
    pub(super) fn leaning_text(&mut self, at: [f64; 2], degrees: i32, class: &str, text: &str) {
        let ([x, y], text) = (at, escape(text));
        self.push(format_args!(
            "<text class=\"{class}\" transform=\"translate({x:.1} {y:.1}) rotate({degrees})\">{text}</text>\n"
        ));
    }

    /// A rectangle in a shade from 0 to 1 of the class's colour; `hint` appears where the pointer rests.
    pub(super) fn cell(
        &mut self,
        corner: [f64; 2],
        size: [f64; 2],
        shade: f64,
        class: &str,
        hint: &str,
    ) {
        let ([x, y], [width, height], hint) = (corner, size, escape(hint));
        self.push(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             fill-opacity=\"{shade:.3}\"><title>{hint}</title></rect>\n"
        ));
    }

    /// A rectangle with round corners.
    pub(super) fn rounded(&mut self, corner: [f64; 2], size: [f64; 2], class: &str) {
        let ([x, y], [width, height]) = (corner, size);
        self.push(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"5\"/>\n"
        ));
    }

    /// A filled polygon.
    pub(super) fn filled(&mut self, points: &[[f64; 2]], class: &str) {
        self.push(format_args!("<polygon class=\"{class}\" points=\""));
        for (index, [x, y]) in points.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            self.push(format_args!("{gap}{x:.1},{y:.1}"));
        }
        self.push(format_args!("\"/>\n"));
    }

    /// Begins a group of this class, with further attributes after it: `series" data-name="…"`.
    pub(super) fn open(&mut self, class: fmt::Arguments<'_>) {
        self.push(format_args!("<g class=\"{class}>\n"));
    }

    /// Ends the group that began last.
    pub(super) fn close(&mut self) {
        self.push(format_args!("</g>\n"));
    }

    pub(super) fn segment(&mut self, from: [f64; 2], to: [f64; 2], class: &str) {
        let ([x1, y1], [x2, y2]) = (from, to);
        self.push(format_args!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>\n"
        ));
    }

    pub(super) fn polyline(&mut self, points: &[[f64; 2]], class: &str) {
        self.push(format_args!("<polyline class=\"line {class}\" points=\""));
        for (index, [x, y]) in points.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            self.push(format_args!("{gap}{x:.1},{y:.1}"));
        }
        self.push(format_args!("\"/>\n"));
    }

    /// A single point.
    pub(super) fn mark(&mut self, center: [f64; 2], shape: Shape, class: &str) {
        let [x, y] = center;
        let outline = match shape {
            Shape::Disc => {
                self.push(format_args!(
                    "<circle class=\"dot {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>\n"
                ));
                return;
            }
            Shape::Square => "m-3-3h6v6h-6z",
            Shape::Diamond => "m0-4.4l4.4 4.4l-4.4 4.4l-4.4-4.4z",
            Shape::Triangle => "m0-4l4.2 7.4h-8.4z",
            Shape::Cross => "m-4-2l2-2l2 2l2-2l2 2l-2 2l2 2l-2 2l-2-2l-2 2l-2-2l2-2z",
        };
        self.push(format_args!(
            "<path class=\"dot {class}\" d=\"M{x:.1} {y:.1}{outline}\"/>\n"
        ));
    }

    /// Paths that follow each other in time, for ever; where nothing can move, `still` is seen. A frame that is empty shows nothing.
    pub(super) fn moving_path(
        &mut self,
        still: &str,
        frames: &[String],
        seconds: f64,
        class: &str,
    ) {
        self.push(format_args!(
            "<path class=\"line {class}\" d=\"{still}\"><animate attributeName=\"d\" calcMode=\"discrete\" \
             dur=\"{seconds:.2}s\" repeatCount=\"indefinite\" values=\""
        ));
        for (index, frame) in frames.iter().enumerate() {
            let gap = if index == 0 { "" } else { ";" };
            let frame = if frame.is_empty() { "M0 0" } else { frame };
            self.push(format_args!("{gap}{frame}"));
        }
        self.push(format_args!("\"/></path>\n"));
    }

    /// A ring around a point that matters.
    pub(super) fn ring(&mut self, center: [f64; 2], class: &str) {
        let [x, y] = center;
        self.push(format_args!(
            "<circle class=\"ring {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>\n"
        ));
    }

    pub(super) fn finish(self) -> Svg {
        let Self {
            width,
            height,
            label,
            body,
        } = self;
        let style = STYLE.replace("FONTS", FONTS);
        Svg(format!(
            "<svg class=\"elman-plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{label}\">\n\
             <style>{style}</style>\n<rect class=\"bg\" width=\"{width}\" height=\"{height}\"/>\n{body}</svg>\n"
        ))
    }

    fn push(&mut self, shape: fmt::Arguments<'_>) {
        self.body
            .write_fmt(shape)
            .expect("a String takes every write");
    }
}

/// Text for SVG and HTML, in elements and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in printable(text).chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Not characters of XML.
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            _ => safe.push(letter),
        }
    }
    safe
}

/// About how wide `text` is at `size` pixels; no font is at hand to ask, so a little more than usual ones take.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let ems = text.chars().map(|letter| match letter.width() {
        Some(2) => 1.0,
        Some(0) | None => 0.0,
        _ => 0.57,
    });
    size * ems.sum::<f64>()
}

/// `text` cut with `…` to at most `width` pixels at `size`.
pub(super) fn fit(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        short.push(letter);
        if text_width(&short, size) + size > width {
            short.pop();
            break;
        }
    }
    short + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let mut canvas = Canvas::new(10.0, 10.0, "\"/><script>");
        canvas.text(
            [0.0, 0.0],
            Anchor::Start,
            "tick",
            "<script>alert('x')</script> & 기온\u{0}\u{1b}",
        );
        let svg = canvas.finish();
        assert!(!svg.as_str().contains("<script"));
        assert!(
            svg.as_str()
                .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; 기온  </text>")
        );
    }

    #[test]
    fn text_is_cut_to_its_room() {
        assert_eq!(fit("short", 13.0, 100.0), "short");
        let cut = fit(&"기온".repeat(50), 13.0, 100.0);
        assert!(cut.ends_with('…') && text_width(&cut, 13.0) <= 100.0);
    }
}
