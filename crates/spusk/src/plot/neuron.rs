//! One neuron, drawn with its numbers.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::sheet::{Sheet, WIDTH};
use super::draw::svg::{Anchor, Path, Svg, circle, line, path, rect, text};
use super::draw::text::{fit, width};
use crate::messages::{self as say, Language};
use crate::metrics::json_number;

/// Most inputs drawn; of more, the middle is summed up in one line.
const MOST: usize = 10;

/// A neuron: inputs times weights, summed, plus bias, through an activation. Every product is
/// written on its link; blue links raise the sum, orange ones lower it, wider ones by more.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{NeuronDiagram, NeuronInput, Plot};
///
/// let input = |value, weight| NeuronInput { value, weight, ..NeuronInput::default() };
/// let picture = NeuronDiagram {
///     inputs: vec![input(1.0, 5.0), input(0.0, 2.0), input(1.0, 4.0)],
///     bias: -3.0,
///     activation: "threshold".into(),
///     sum: 6.0,
///     output: 1.0,
///     ..NeuronDiagram::default()
/// };
/// let words = "1 × 5 + 0 × 2 + 1 × 4 − 3 = 6; threshold gives 1.";
/// assert_eq!(picture.draw(Language::English).description(), words);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NeuronDiagram {
    /// Heading.
    pub title: String,
    /// What comes in.
    pub inputs: Vec<NeuronInput>,
    /// What is added to the sum.
    #[serde(with = "json_number")]
    pub bias: f64,
    /// Name of the activation.
    pub activation: String,
    /// Σ value·weight + bias, as it was computed.
    #[serde(with = "json_number")]
    pub sum: f64,
    /// activation(sum).
    #[serde(with = "json_number")]
    pub output: f64,
    /// What the output means, as "go".
    pub decision: Option<String>,
}

/// One input of a neuron.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NeuronInput {
    /// What it is; may be empty.
    pub name: String,
    /// Its value.
    #[serde(with = "json_number")]
    pub value: f64,
    /// Its weight.
    #[serde(with = "json_number")]
    pub weight: f64,
}

impl Default for NeuronDiagram {
    fn default() -> Self {
        NeuronDiagram {
            title: say::picture_neuron(Language::English),
            inputs: Vec::new(),
            bias: 0.0,
            activation: "identity".into(),
            sum: 0.0,
            output: 0.0,
            decision: None,
        }
    }
}

/// A line of the diagram's left side.
enum Row<'a> {
    Input(usize, &'a NeuronInput),
    /// Inputs left out: how many, and what they add up to.
    More(usize, f64),
    Bias(f64),
}

const INPUT_X: f64 = 170.0;
const SUM_X: f64 = 430.0;
const BOX_X: f64 = 505.0;
const OUTPUT_X: f64 = 650.0;
const ROW: f64 = 56.0;

impl Plot for NeuronDiagram {
    const NAME: &'static str = "neuron_diagram";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, &self.title, &self.formula(l), l);
        let rows = self.rows();
        let strip = sheet.strip((ROW * rows.len() as f64).max(130.0) + 20.0);
        let middle = strip.y + strip.height / 2.0;
        let top = middle - ROW * rows.len() as f64 / 2.0;
        let most = self.inputs.iter().map(|input| input.product().abs()).chain([self.bias.abs()]);
        let most = most.filter(|product| product.is_finite()).fold(0.0, f64::max);
        for (i, row) in rows.iter().enumerate() {
            let y = top + (i as f64 + 0.5) * ROW;
            row.draw_link(&mut sheet.svg, y, middle, most);
        }
        for (i, row) in rows.iter().enumerate() {
            row.draw_source(&mut sheet.svg, top + (i as f64 + 0.5) * ROW);
        }
        self.draw_body(&mut sheet.svg, middle);
        sheet.note(&self.formula(l));
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, NeuronDiagram)> {
        tests::samples()
    }
}

impl NeuronDiagram {
    fn rows(&self) -> Vec<Row<'_>> {
        let input = |(i, input)| Row::Input(i, input);
        let all = self.inputs.iter().enumerate();
        let mut rows: Vec<Row> = Vec::new();
        if self.inputs.len() <= MOST {
            rows.extend(all.map(input));
        } else {
            let (first, last) = (MOST / 2, self.inputs.len() - MOST / 2 + 1);
            rows.extend(all.clone().take(first).map(input));
            let hidden = &self.inputs[first..last];
            let sum = hidden.iter().map(NeuronInput::product).sum();
            rows.push(Row::More(hidden.len(), sum));
            rows.extend(all.skip(last).map(input));
        }
        rows.push(Row::Bias(self.bias));
        rows
    }

    fn draw_body(&self, svg: &mut Svg, y: f64) {
        let l = svg.language;
        svg.add(circle(SUM_X, y, 34.0).class("block"));
        svg.add(text(SUM_X, y - 6.0, Anchor::Middle, &say::picture_sum(l)).class("soft small"));
        let sum = fit(&l.significant(self.sum, 4), 12.0, 62.0);
        svg.add(text(SUM_X, y + 13.0, Anchor::Middle, &sum).class("strong"));
        arrow(svg, SUM_X + 34.0, BOX_X, y);
        let name = fit(&self.activation, 12.0, 84.0);
        svg.add(rect(BOX_X, y - 22.0, 92.0, 44.0).at("rx", 6.0).class("block"));
        svg.add(text(BOX_X + 46.0, y + 4.0, Anchor::Middle, &name).tip(&self.activation));
        arrow(svg, BOX_X + 92.0, OUTPUT_X - 34.0, y);
        svg.add(circle(OUTPUT_X, y, 34.0).class("block"));
        svg.add(
            text(OUTPUT_X, y - 6.0, Anchor::Middle, &say::picture_output(l)).class("soft small"),
        );
        let output = fit(&l.significant(self.output, 4), 12.0, 62.0);
        svg.add(text(OUTPUT_X, y + 13.0, Anchor::Middle, &output).class("strong"));
        if let Some(decision) = &self.decision {
            let shown = fit(decision, 18.0, 126.0);
            svg.add(text(OUTPUT_X, y + 58.0, Anchor::Middle, &shown).class("large").tip(decision));
        }
    }

    /// 1 × 5 + 0 × 2 + 1 × 4 − 3 = 6, threshold gives 1: go.
    fn formula(&self, l: Language) -> String {
        let mut words = Vec::new();
        let shown = if self.inputs.len() > MOST { MOST / 2 } else { MOST };
        for input in self.inputs.iter().take(shown) {
            let factor = |value: f64| {
                let text = l.significant(value, 4);
                if value < 0.0 { format!("({text})") } else { text }
            };
            words.push(format!("{} × {}", factor(input.value), factor(input.weight)));
        }
        let mut sum = words.join(" + ");
        if self.inputs.len() > shown {
            sum += &format!(" + … {}", say::picture_inputs_in_all(l, self.inputs.len()));
        }
        let sign = if self.bias < 0.0 { "−" } else { "+" };
        let bias = l.significant(self.bias.abs(), 4);
        let sum = if sum.is_empty() { bias } else { format!("{sum} {sign} {bias}") };
        let decision = self.decision.as_ref().map_or(String::new(), |word| format!(": {word}"));
        let (total, output) = (l.significant(self.sum, 4), l.significant(self.output, 4));
        format!("{}{decision}.", say::picture_gives(l, sum, total, &self.activation, output))
    }
}

impl NeuronInput {
    fn product(&self) -> f64 {
        self.value * self.weight
    }
}

impl Row<'_> {
    /// What the row adds to the sum.
    fn adds(&self) -> f64 {
        match self {
            Row::Input(_, input) => input.product(),
            Row::More(_, sum) => *sum,
            Row::Bias(bias) => *bias,
        }
    }

    fn draw_link(&self, svg: &mut Svg, y: f64, middle: f64, most: f64) {
        let l = svg.language;
        let adds = self.adds();
        let share = if most > 0.0 && adds.is_finite() { adds.abs() / most } else { 0.0 };
        let color = match adds {
            adds if adds > 0.0 => "s0",
            adds if adds < 0.0 => "s1",
            _ => "axis",
        };
        let from = INPUT_X + 22.0;
        let mut link = Path::default();
        link.move_to(from, y);
        let bend = from + 0.62 * (SUM_X - from);
        link.line_to(from + 128.0, y);
        link.curve_to([bend + 30.0, y, SUM_X - 60.0, middle], SUM_X - 34.0, middle);
        let link = path(&link).class(&format!("line {color}"));
        let wide = format!("stroke-width:{:.1}px", 1.0 + 4.0 * share.min(1.0));
        svg.add(link.with("style", &wide));
        let words = fit(&self.words(l), 12.0, 132.0);
        svg.add(text(from + 8.0, y - 8.0, Anchor::Start, &words).tip(&self.words(l)));
    }

    fn words(&self, l: Language) -> String {
        match self {
            Row::Input(_, input) => {
                format!(
                    "× {} = {}",
                    l.significant(input.weight, 4),
                    l.significant(input.product(), 4)
                )
            }
            Row::More(_, sum) => say::picture_together(l, l.significant(*sum, 4)),
            Row::Bias(bias) => l.significant(*bias, 4),
        }
    }

    fn draw_source(&self, svg: &mut Svg, y: f64) {
        let l = svg.language;
        match self {
            Row::Input(i, input) => {
                svg.add(circle(INPUT_X, y, 22.0).class("block"));
                let value = l.significant(input.value, 3);
                let style = if width(&value, 12.0) > 40.0 { "tiny" } else { "strong" };
                let value = fit(&value, 9.5, 42.0);
                svg.add(text(INPUT_X, y + 4.0, Anchor::Middle, &value).class(style));
                let name = if input.name.is_empty() {
                    say::picture_input(l, i + 1)
                } else {
                    input.name.clone()
                };
                let shown = fit(&name, 12.0, INPUT_X - 22.0 - 8.0 - 16.0);
                svg.add(text(INPUT_X - 30.0, y + 4.0, Anchor::End, &shown).tip(&name));
            }
            Row::More(count, _) => {
                svg.add(line(INPUT_X, y - 10.0, INPUT_X, y + 10.0).class("mark"));
                let words = say::picture_more(l, count);
                svg.add(text(INPUT_X - 30.0, y + 4.0, Anchor::End, &words).class("soft"));
            }
            Row::Bias(_) => {
                svg.add(circle(INPUT_X, y, 22.0).class("block"));
                svg.add(
                    text(INPUT_X, y + 4.0, Anchor::Middle, &say::picture_bias(l)).class("small"),
                );
            }
        }
    }
}

fn arrow(svg: &mut Svg, from: f64, to: f64, y: f64) {
    let mut head = Path::default();
    head.move_to(to - 6.0, y - 4.0);
    head.line_to(to - 1.0, y);
    head.line_to(to - 6.0, y + 4.0);
    svg.add(line(from, y, to - 1.0, y).class("line axis"));
    svg.add(path(&head).class("line axis"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str, value: f64, weight: f64) -> NeuronInput {
        NeuronInput { name: name.into(), value, weight }
    }

    pub(super) fn surf() -> NeuronDiagram {
        NeuronDiagram {
            title: "Shall I surf?".into(),
            inputs: vec![
                input("good waves", 1.0, 5.0),
                input("empty line-up", 0.0, 2.0),
                input("no sharks", 1.0, 4.0),
            ],
            bias: -3.0,
            activation: "threshold".into(),
            sum: 6.0,
            output: 1.0,
            decision: Some("go".into()),
        }
    }

    pub(super) fn samples() -> Vec<(&'static str, NeuronDiagram)> {
        let many = (0..784).map(|i| input("", f64::from(i % 7) / 3.0, f64::from(i % 5) - 2.0));
        let odd = vec![
            input("a name too long for the room that it has", -1.234_567e-9, 9.876_543e12),
            input("nan", f64::NAN, f64::INFINITY),
        ];
        vec![
            ("surf", surf()),
            (
                "many",
                NeuronDiagram {
                    inputs: many.collect(),
                    activation: "leaky ReLU".into(),
                    sum: -1_234.567,
                    output: -123.456_7,
                    ..NeuronDiagram::default()
                },
            ),
            (
                "odd",
                NeuronDiagram {
                    inputs: odd,
                    activation: "a composite activation".into(),
                    sum: f64::NAN,
                    output: f64::NEG_INFINITY,
                    decision: Some("this decision takes many words".into()),
                    ..NeuronDiagram::default()
                },
            ),
            ("none", NeuronDiagram::default()),
        ]
    }

    #[test]
    fn the_formula_is_the_lectures() {
        assert_eq!(
            surf().formula(Language::English),
            "1 × 5 + 0 × 2 + 1 × 4 − 3 = 6; threshold gives 1: go."
        );
    }
}
