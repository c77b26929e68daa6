//! Elements and the document they form.

use std::fmt::Write;

use super::text::width;
use super::theme;
use crate::messages::Language;

/// A finished picture.
///
/// Colors follow the reader's light or dark mode; the title and the description are read out by
/// screen readers; the values of marks appear as tooltips. Nothing is fetched and nothing runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Svg {
    pub(crate) width: f64,
    pub(crate) height: f64,
    title: String,
    description: String,
    body: String,
    /// What its words and numbers are written in.
    pub(crate) language: Language,
}

impl Svg {
    pub(crate) fn new(
        width: f64,
        height: f64,
        title: &str,
        description: &str,
        language: Language,
    ) -> Svg {
        // A picture without a name would be passed over by screen readers.
        let title = if title.trim().is_empty() { "Picture" } else { title }.to_owned();
        let description = description.to_owned();
        Svg { width, height, title, description, body: String::new(), language }
    }

    /// The picture as a file of its own, with its style.
    #[must_use]
    pub fn standalone(&self) -> String {
        let style = format!("<style>{}</style>", theme::css());
        let paper = r#"<rect class="paper" width="100%" height="100%"/>"#;
        self.document(r#" xmlns="http://www.w3.org/2000/svg""#, &format!("{style}{paper}"))
    }

    /// The picture as part of a page that holds [`Svg::style`] once.
    #[must_use]
    pub fn inline(&self) -> String {
        self.document("", "")
    }

    /// The style sheet of all pictures.
    #[must_use]
    pub fn style() -> String {
        theme::css()
    }

    /// The picture's title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the picture shows, in words.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    pub(crate) fn add(&mut self, element: Element) {
        self.body.push_str(&element.finish());
    }

    fn document(&self, namespace: &str, head: &str) -> String {
        let (width, height) = (number(self.width), number(self.height));
        let (title, description) = (escape(&self.title), escape(&self.description));
        format!(
            "<svg{namespace} class=\"plot\" role=\"img\" aria-label=\"{title}\" \
             viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\
             <title>{title}</title><desc>{description}</desc>{head}{}</svg>\n",
            self.body
        )
    }
}

/// One element under construction.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    name: &'static str,
    attributes: String,
    content: String,
    /// False when a coordinate is not finite. Such an element is left out whole: a mark at a made-up
    /// place would be a lie.
    drawable: bool,
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Element {
        Element { name, attributes: String::new(), content: String::new(), drawable: true }
    }

    /// An attribute that is text.
    pub(crate) fn with(mut self, key: &str, value: &str) -> Element {
        // Writing to a String cannot fail.
        let _ = write!(self.attributes, " {key}=\"{}\"", escape(value));
        self
    }

    /// An attribute that is a number.
    pub(crate) fn at(mut self, key: &str, value: f64) -> Element {
        self.drawable &= value.is_finite();
        let _ = write!(self.attributes, " {key}=\"{}\"", number(value));
        self
    }

    pub(crate) fn class(self, class: &str) -> Element {
        self.with("class", class)
    }

    /// Text shown while the pointer rests on the element.
    pub(crate) fn tip(mut self, tip: &str) -> Element {
        let _ = write!(self.content, "<title>{}</title>", escape(tip));
        self
    }

    pub(crate) fn child(mut self, child: Element) -> Element {
        self.content.push_str(&child.finish());
        self
    }

    pub(crate) fn content(mut self, text: &str) -> Element {
        self.content.push_str(&escape(text));
        self
    }

    fn finish(self) -> String {
        if !self.drawable {
            return String::new();
        }
        let Element { name, attributes, content, .. } = self;
        match content.as_str() {
            "" => format!("<{name}{attributes}/>"),
            _ => format!("<{name}{attributes}>{content}</{name}>"),
        }
    }
}

pub(crate) fn group() -> Element {
    Element::new("g")
}

pub(crate) fn rect(x: f64, y: f64, width: f64, height: f64) -> Element {
    let (width, height) = (width.max(0.0), height.max(0.0));
    Element::new("rect").at("x", x).at("y", y).at("width", width).at("height", height)
}

pub(crate) fn line(x1: f64, y1: f64, x2: f64, y2: f64) -> Element {
    Element::new("line").at("x1", x1).at("y1", y1).at("x2", x2).at("y2", y2)
}

pub(crate) fn circle(x: f64, y: f64, radius: f64) -> Element {
    Element::new("circle").at("cx", x).at("cy", y).at("r", radius)
}

pub(crate) fn path(path: &Path) -> Element {
    let element = Element::new("path").with("d", &path.0);
    Element { drawable: !path.0.is_empty(), ..element }
}

/// Which point of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

pub(crate) fn text(x: f64, y: f64, anchor: Anchor, content: &str) -> Element {
    let element = Element::new("text").at("x", x).at("y", y);
    let element = match anchor {
        Anchor::Start => element,
        Anchor::Middle => element.with("text-anchor", "middle"),
        Anchor::End => element.with("text-anchor", "end"),
    };
    element.content(content)
}

/// Small text that hides what lies under it.
pub(crate) fn tag(x: f64, y: f64, anchor: Anchor, content: &str, class: &str) -> Element {
    let wide = width(content, 11.0);
    let left = match anchor {
        Anchor::Start => x,
        Anchor::Middle => x - wide / 2.0,
        Anchor::End => x - wide,
    };
    let under = rect(left - 2.0, y - 11.0, wide + 2.0, 14.0).class("paper veil");
    group().child(under).child(text(x, y, anchor, content).class(&format!("small {class}")))
}

/// Text turned by an angle in degrees about its place.
pub(crate) fn turned_text(x: f64, y: f64, angle: f64, anchor: Anchor, content: &str) -> Element {
    let turn = format!("rotate({} {} {})", number(angle), number(x), number(y));
    let element = text(x, y, anchor, content);
    Element { drawable: element.drawable && angle.is_finite(), ..element }.with("transform", &turn)
}

/// The `d` of a path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Path(String);

impl Path {
    pub(crate) fn move_to(&mut self, x: f64, y: f64) {
        self.push('M', x, y);
    }

    pub(crate) fn line_to(&mut self, x: f64, y: f64) {
        self.push('L', x, y);
    }

    pub(crate) fn curve_to(&mut self, via: [f64; 4], x: f64, y: f64) {
        self.push('C', via[0], via[1]);
        self.push(' ', via[2], via[3]);
        self.push(' ', x, y);
    }

    pub(crate) fn close(&mut self) {
        if !self.0.is_empty() {
            self.0.push('Z');
        }
    }

    /// A line through the points, broken wherever one is not finite. A point that stands alone
    /// becomes a dot (a stroke without length, drawn by its round cap).
    pub(crate) fn through(points: impl IntoIterator<Item = (f64, f64)>) -> Path {
        let mut path = Path::default();
        let mut run: Vec<(f64, f64)> = Vec::new();
        for point in points {
            if point.0.is_finite() && point.1.is_finite() {
                run.push(point);
            } else {
                path.stroke(&run);
                run.clear();
            }
        }
        path.stroke(&run);
        path
    }

    /// The area between an upper and a lower line over the same x; broken where one is not finite.
    pub(crate) fn between(band: impl IntoIterator<Item = (f64, f64, f64)>) -> Path {
        let mut path = Path::default();
        let mut run: Vec<(f64, f64, f64)> = Vec::new();
        for point in band {
            if point.0.is_finite() && point.1.is_finite() && point.2.is_finite() {
                run.push(point);
            } else {
                path.fill(&run);
                run.clear();
            }
        }
        path.fill(&run);
        path
    }

    fn stroke(&mut self, run: &[(f64, f64)]) {
        for (i, &(x, y)) in run.iter().enumerate() {
            if i == 0 { self.move_to(x, y) } else { self.line_to(x, y) }
        }
        if let &[(x, y)] = run {
            self.line_to(x, y);
        }
    }

    fn fill(&mut self, run: &[(f64, f64, f64)]) {
        if run.len() < 2 {
            return;
        }
        let there = run.iter().map(|&(x, upper, _)| (x, upper));
        let back = run.iter().rev().map(|&(x, _, lower)| (x, lower));
        for (i, (x, y)) in there.chain(back).enumerate() {
            if i == 0 { self.move_to(x, y) } else { self.line_to(x, y) }
        }
        self.close();
    }

    fn push(&mut self, command: char, x: f64, y: f64) {
        if command != ' ' || !self.0.is_empty() {
            self.0.push(command);
        }
        let _ = write!(self.0, "{} {}", number(x), number(y));
    }
}

/// A coordinate with two decimals at most.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "0".into();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// Text made safe for XML and HTML, as content and inside quotes. Control characters, which XML
/// forbids, become �.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' => safe.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, want) in [
            (1.0, "1"),
            (0.126, "0.13"),
            (-0.001, "0"),
            (100.0, "100"),
            (f64::NAN, "0"),
            (1e20, "100000000000000000000"),
        ] {
            assert_eq!(number(value), want);
        }
    }

    #[test]
    fn text_is_escaped_everywhere() {
        let nasty = "</title><script>alert('a' & \"b\")</script>\u{0}\u{1b}";
        let safe = escape(nasty);
        assert_eq!(
            safe,
            "&lt;/title&gt;&lt;script&gt;alert(&#39;a&#39; &amp; &quot;b&quot;)&lt;/script&gt;\u{fffd}\u{fffd}"
        );
        let mut svg = Svg::new(10.0, 10.0, nasty, nasty, Language::English);
        svg.add(text(0.0, 0.0, Anchor::Start, nasty).class(nasty).tip(nasty));
        assert!(!svg.standalone().contains("<script"));
    }

    #[test]
    fn what_has_no_place_is_not_drawn() {
        let mut svg = Svg::new(10.0, 10.0, "t", "d", Language::English);
        svg.add(circle(f64::NAN, 1.0, 1.0));
        svg.add(path(&Path::through([])));
        svg.add(group().child(line(0.0, f64::INFINITY, 0.0, 0.0)));
        assert_eq!(svg.body, "<g/>");
    }

    #[test]
    fn lines_break_at_gaps() {
        let nan = f64::NAN;
        let points = [(0.0, 1.0), (1.0, 2.0), (2.0, nan), (3.0, 4.0), (nan, 0.0), (5.0, 5.0)];
        assert_eq!(Path::through(points).0, "M0 1L1 2M3 4L3 4M5 5L5 5");
        let band = [(0.0, 1.0, 0.0), (1.0, 2.0, 0.5), (2.0, nan, 0.0), (3.0, 1.0, 0.0)];
        assert_eq!(Path::between(band).0, "M0 1L1 2L1 0.5L0 0Z");
    }
}
