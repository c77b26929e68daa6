//! The confusion matrix as a heat map.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::sheet::{Sheet, WIDTH};
use super::draw::svg::{Anchor, Svg, group, rect, text, turned_text};
use super::draw::text::{fit_middle, width};
use super::draw::theme;
use crate::messages::{self as say, Language, Said};
use crate::metrics::Confusion;

/// Most classes drawn at once; of more, those with the most mistakes.
const MOST: usize = 30;

/// Labels by row, predictions by column. A cell holds the count and, where there is room, its share
/// of the row; the color is that share. Recall stands at the end of each row, precision below each
/// column.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::metrics::Confusion;
/// use spusk::plot::{ConfusionMatrix, Plot};
///
/// let matrix = Confusion::from_rows(&[vec![9, 1], vec![0, 10]]).unwrap();
/// let classes = vec!["cat".into(), "dog".into()];
/// let picture = ConfusionMatrix { classes, matrix, ..ConfusionMatrix::default() };
/// assert!(picture.draw(Language::English).description().contains("cat was taken for dog 1 times"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfusionMatrix {
    /// Heading.
    pub title: Said,
    /// Names of the classes; a missing one is named by its index.
    pub classes: Vec<String>,
    /// The counts.
    pub matrix: Confusion,
}

impl Default for ConfusionMatrix {
    fn default() -> Self {
        let title = Said::new(say::picture_confusion);
        ConfusionMatrix { title, classes: Vec::new(), matrix: Confusion::default() }
    }
}

/// Where things stand, in pixels.
struct Layout {
    left: f64,
    top: f64,
    cell: f64,
    /// Indices of the classes shown.
    shown: Vec<usize>,
}

impl Plot for ConfusionMatrix {
    const NAME: &'static str = "confusion_matrix";

    fn draw(&self, l: Language) -> Svg {
        let shown = self.shown();
        let names: Vec<String> = shown.iter().map(|&class| self.name(class)).collect();
        let label =
            |most: f64| names.iter().map(|name| width(name, 12.0).min(most)).fold(30.0, f64::max);
        // Few classes get cells wide enough for their names.
        let most = (label(90.0) + 10.0).max(54.0);
        let cell = (640.0 / shown.len().max(1) as f64).clamp(24.0, most);
        let left = 16.0 + 20.0 + label(150.0).max(48.0) + 8.0;
        let page = WIDTH.max(left + cell * shown.len() as f64 + 96.0);
        let mut sheet = Sheet::new(page, self.title.in_language(l), &self.describe(l), l);
        if shown.is_empty() {
            sheet.note(&say::picture_nothing(l));
            return sheet.finish();
        }
        let turned = names.iter().any(|name| width(name, 12.0) > cell - 6.0);
        let head = if turned { 34.0 + 0.71 * label(110.0) } else { 40.0 };
        let strip = sheet.strip(head + cell * shown.len() as f64 + 30.0);
        let layout = Layout { left, top: strip.y + head, cell, shown };
        draw_axis_names(&mut sheet.svg, &layout);
        draw_names(&mut sheet.svg, &layout, &names, turned);
        self.draw_cells(&mut sheet.svg, &layout);
        self.draw_margins(&mut sheet.svg, &layout);
        self.notes(&mut sheet, layout.shown.len());
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, ConfusionMatrix)> {
        tests::samples()
    }
}

impl ConfusionMatrix {
    fn name(&self, class: usize) -> String {
        let name = self.classes.get(class).filter(|name| !name.is_empty());
        name.cloned().unwrap_or_else(|| class.to_string())
    }

    /// The classes to draw: all, or those that take part in the most mistakes, in their order.
    fn shown(&self) -> Vec<usize> {
        let mut classes: Vec<usize> = (0..self.matrix.classes()).collect();
        if classes.len() <= MOST {
            return classes;
        }
        let mistakes = |&class: &usize| {
            let right = self.matrix.count(class, class);
            let (label, named) = (self.matrix.support(class), self.matrix.predicted(class));
            (label - right).saturating_add(named - right)
        };
        classes.sort_by_cached_key(|class| std::cmp::Reverse(mistakes(class)));
        classes.truncate(MOST);
        classes.sort_unstable();
        classes
    }

    fn describe(&self, l: Language) -> String {
        let right = (0..self.matrix.classes()).map(|class| self.matrix.count(class, class));
        let right = right.fold(0, u64::saturating_add);
        let total = self.matrix.total();
        let mut words = say::picture_confusion_about(l, l.count(right), l.count(total));
        for (label, predicted, times) in self.matrix.worst_pairs(3) {
            let (label, predicted) = (self.name(label), self.name(predicted));
            words += " ";
            words += &say::picture_confusion_pair(l, label, predicted, l.count(times));
        }
        words
    }

    fn draw_cells(&self, svg: &mut Svg, layout: &Layout) {
        let l = svg.language;
        let Layout { left, top, cell, ref shown } = *layout;
        for (i, &label) in shown.iter().enumerate() {
            let support = self.matrix.support(label);
            for (j, &predicted) in shown.iter().enumerate() {
                let times = self.matrix.count(label, predicted);
                let share = if support == 0 { 0.0 } else { times as f64 / support as f64 };
                let (x, y) = (left + j as f64 * cell, top + i as f64 * cell);
                // By the root, so that rare mistakes show.
                let heat = share.sqrt();
                let class = format!("{} grid", theme::heat(heat));
                let tip = say::picture_confusion_cell(
                    l,
                    self.name(label),
                    self.name(predicted),
                    l.count(times),
                    l.count(support),
                    l.percent(share, 1),
                );
                let tile = rect(x, y, cell, cell).class(&class);
                let mut element = group().tip(&tip).child(tile);
                for (row, (words, style)) in
                    cell_text(times, share, cell, l).into_iter().enumerate()
                {
                    let at = y + cell / 2.0 + 4.0 + row as f64 * 13.0;
                    let at = if cell >= 40.0 { at - 6.0 } else { at };
                    let class = format!("{} {style}", theme::on_heat(heat));
                    let words = text(x + cell / 2.0, at, Anchor::Middle, &words).class(&class);
                    element = element.child(words);
                }
                svg.add(element);
            }
        }
    }

    fn draw_margins(&self, svg: &mut Svg, layout: &Layout) {
        let l = svg.language;
        let Layout { left, top, cell, ref shown } = *layout;
        let side = cell * shown.len() as f64;
        let share = |part: u64, whole: u64| {
            if whole == 0 { "–".into() } else { l.percent(part as f64 / whole as f64, 0) }
        };
        svg.add(
            text(left + side + 8.0, top - 8.0, Anchor::Start, &say::recall_word(l))
                .class("soft small"),
        );
        for (i, &class) in shown.iter().enumerate() {
            let right = self.matrix.count(class, class);
            let middle = (i as f64 + 0.5) * cell + 4.0;
            let recall = share(right, self.matrix.support(class));
            let at = (left + side + 8.0, top + middle);
            svg.add(text(at.0, at.1, Anchor::Start, &recall).class("soft small"));
            let precision = share(right, self.matrix.predicted(class));
            // Narrow cells have no room for the sign, which is said once at the left.
            let narrow = cell < 34.0;
            let precision =
                if narrow { precision.replace(['%', '\u{202f}'], "") } else { precision };
            let style = if narrow { "soft tiny" } else { "soft small" };
            let at = (left + middle - 4.0, top + side + 16.0);
            svg.add(text(at.0, at.1, Anchor::Middle, &precision).class(style));
        }
        let at = (left - 8.0, top + side + 16.0);
        let words = if cell < 34.0 { say::precision_percent(l) } else { say::precision_word(l) };
        svg.add(text(at.0, at.1, Anchor::End, &words).class("soft small"));
    }

    fn notes(&self, sheet: &mut Sheet, shown: usize) {
        let l = sheet.svg.language;
        let all = self.matrix.classes();
        if shown < all {
            sheet.note(&say::picture_confusion_part(l, all, shown));
        }
        sheet.note(&say::picture_confusion_note(l));
    }
}

/// The count and, in a large cell, its share; nothing for nothing.
fn cell_text(times: u64, share: f64, cell: f64, l: Language) -> Vec<(String, &'static str)> {
    if times == 0 {
        return Vec::new();
    }
    let exact = l.count(times);
    let (room, style, size) =
        if cell < 34.0 { (cell - 2.0, "tiny", 9.5) } else { (cell - 4.0, "", 12.0) };
    let mut lines = Vec::new();
    if width(&exact, size) <= room {
        lines.push((exact, style));
    } else {
        let short = l.short_count(times).replace([' ', '\u{a0}'], "");
        if width(&short, 9.5) <= room {
            lines.push((short, "tiny"));
        }
    }
    if cell >= 40.0 {
        lines.push((l.percent(share, 0), "tiny"));
    }
    lines
}

fn draw_axis_names(svg: &mut Svg, layout: &Layout) {
    let l = svg.language;
    let side = layout.cell * layout.shown.len() as f64;
    let top = 54.0;
    svg.add(text(layout.left, top, Anchor::Start, &say::picture_called(l)).class("soft"));
    let (x, y) = (26.0, layout.top + side.min(200.0) / 2.0);
    svg.add(turned_text(x, y, -90.0, Anchor::Middle, &say::picture_label(l)).class("soft"));
}

fn draw_names(svg: &mut Svg, layout: &Layout, names: &[String], turned: bool) {
    let Layout { left, top, cell, .. } = *layout;
    for (i, name) in names.iter().enumerate() {
        let middle = (i as f64 + 0.5) * cell;
        let shown = fit_middle(name, 12.0, 150.0);
        svg.add(text(left - 8.0, top + middle + 4.0, Anchor::End, &shown).tip(name));
        let element = if turned {
            let shown = fit_middle(name, 12.0, 110.0);
            turned_text(left + middle + 4.0, top - 6.0, -45.0, Anchor::Start, &shown)
        } else {
            text(left + middle, top - 8.0, Anchor::Middle, name)
        };
        svg.add(element.tip(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A matrix where class i has about `support` examples, mostly right.
    fn matrix(classes: usize, support: u64) -> Confusion {
        let count = |i: usize, j: usize| match (i * 7 + j * 13) % 11 {
            _ if i == j => support - (i as u64 % 40 * support / 97),
            0 => support / 29 + 1,
            1 => support / 90,
            _ => 0,
        };
        let rows: Vec<Vec<u64>> =
            (0..classes).map(|i| (0..classes).map(|j| count(i, j)).collect()).collect();
        Confusion::from_rows(&rows).expect("a square")
    }

    pub(super) fn samples() -> Vec<(&'static str, ConfusionMatrix)> {
        let with = |classes: usize, support: u64, names: &[&str]| ConfusionMatrix {
            classes: names.iter().map(|&name| name.to_owned()).collect(),
            matrix: matrix(classes, support),
            ..ConfusionMatrix::default()
        };
        let long: Vec<String> =
            (0..30).map(|i| format!("a class with quite a long name, number {i}")).collect();
        let long: Vec<&str> = long.iter().map(String::as_str).collect();
        vec![
            ("digits", with(10, 36, &[])),
            ("iris", with(3, 10, &["setosa", "versicolor", "virginica"])),
            ("two", with(2, 4_200_000, &["no", "yes, of course"])),
            ("thirty", with(30, 812, &long)),
            ("thirty-short", with(30, 50, &[])),
            ("hundred", with(100, 100, &[])),
            ("huge", with(12, 70_000_000_000, &["汉字", "<b>&", ""])),
            ("one", with(1, 5, &["only"])),
            ("none", with(0, 0, &[])),
            ("untouched", ConfusionMatrix { matrix: Confusion::new(4), ..with(0, 0, &["a"]) }),
        ]
    }

    #[test]
    fn the_most_confused_of_many_are_shown() {
        let mut picture = ConfusionMatrix { matrix: Confusion::new(50), ..Default::default() };
        picture.matrix.push(49, 7);
        let shown = picture.shown();
        assert_eq!(shown.len(), 30);
        assert!(shown.contains(&49) && shown.contains(&7) && shown.is_sorted());
    }
}
