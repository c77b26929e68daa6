//! The page of a picture, filled from the top: title, legend, panels, notes.

use super::panel::Area;
use super::svg::{Anchor, Svg, circle, line, text};
use super::text::{fit, width, wrap};
use super::theme;
use crate::messages::{self as say, Language};

/// The usual width of a picture, in pixels.
pub(crate) const WIDTH: f64 = 720.0;

const MARGIN: f64 = 16.0;

/// Most entries of a legend; further ones are counted.
const MOST_ENTRIES: usize = 24;

/// How a series looks in the legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Line,
    Dot,
    /// An empty circle, the same for every series.
    Ring,
}

/// A page under construction.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    pub(crate) svg: Svg,
    /// Down to where the page is filled.
    pub(crate) y: f64,
}

impl Sheet {
    /// A page with its title on it. The description is for those who cannot see the picture.
    pub(crate) fn new(width: f64, title: &str, description: &str, l: Language) -> Sheet {
        let mut svg = Svg::new(width, 0.0, title, description, l);
        let shown = fit(title, 16.0, width - 2.0 * MARGIN);
        svg.add(text(MARGIN, 26.0, Anchor::Start, &shown).class("title").tip(title));
        Sheet { svg, y: 38.0 }
    }

    /// Left edge and width of what may be used.
    pub(crate) fn inner(&self) -> (f64, f64) {
        (MARGIN, self.svg.width - 2.0 * MARGIN)
    }

    /// Takes a strip of the page.
    pub(crate) fn strip(&mut self, height: f64) -> Area {
        let (x, width) = self.inner();
        let area = Area { x, y: self.y, width, height };
        self.y += height;
        area
    }

    /// Names the series, in as many rows as needed.
    pub(crate) fn legend<'a>(&mut self, entries: impl IntoIterator<Item = (&'a str, usize, Key)>) {
        let (left, room) = self.inner();
        let (mut x, mut y) = (left, self.y + 10.0);
        let mut listed = 0;
        for (name, series, key) in entries {
            listed += 1;
            if listed > MOST_ENTRIES {
                continue;
            }
            let shown = fit(name, 12.0, (room - 30.0).min(320.0));
            let wide = 26.0 + width(&shown, 12.0) + 18.0;
            if x > left && x + wide - 18.0 > left + room {
                (x, y) = (left, y + 19.0);
            }
            match key {
                Key::Line => {
                    let class = format!("line {} {}", theme::stroke(series), dash(series));
                    self.svg.add(line(x, y - 4.0, x + 20.0, y - 4.0).class(class.trim_end()));
                }
                Key::Dot => {
                    let dot = circle(x + 10.0, y - 4.0, 4.5);
                    self.svg.add(dot.class(&theme::fill(series)));
                }
                Key::Ring => {
                    self.svg.add(circle(x + 10.0, y - 4.0, 5.0).class("thin inkline"));
                }
            }
            self.svg.add(text(x + 26.0, y, Anchor::Start, &shown).tip(name));
            x += wide;
        }
        if listed > MOST_ENTRIES {
            y += 19.0;
            let words = say::picture_more_entries(self.svg.language, listed - MOST_ENTRIES);
            self.svg.add(text(left, y, Anchor::Start, &words).class("soft"));
        }
        if listed > 0 {
            self.y = y + 10.0;
        }
    }

    /// A remark in small type.
    pub(crate) fn note(&mut self, note: &str) {
        let (left, room) = self.inner();
        for line in wrap(note, 11.0, room) {
            self.y += 15.0;
            self.svg.add(text(left, self.y, Anchor::Start, &line).class("soft small"));
        }
    }

    /// The finished page.
    pub(crate) fn finish(mut self) -> Svg {
        self.svg.height = self.y + 14.0;
        self.svg
    }
}

/// The class that tells later series apart by more than color. The first two are plain.
pub(crate) fn dash(series: usize) -> &'static str {
    match series {
        0 | 1 => "",
        _ => ["d1", "d2", "d3", ""][(series - 2) % 4],
    }
}

/// How many values are not finite, if any are.
pub(crate) fn missing_note(missing: usize, log: bool, l: Language) -> Option<String> {
    let note = if log { say::picture_missing_log } else { say::picture_missing_linear };
    (missing > 0).then(|| note(l, missing))
}
