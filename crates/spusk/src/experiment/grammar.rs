//! The short forms of the command line.
//!
//! ```text
//! layers    = layer { "," layer } [ "," ]
//! layer     = "mlp:" number { "," number } { name "=" value }
//!           | network [ ":" ] { value | name "=" value }
//!           | item [ "(" layers ")" ]
//! item      = name { value | name "=" value }
//! value     = word | number | "[" number { "," number } "]"
//! ```
//!
//! Optimizers, losses and schedules are one `item` each. Line breaks are spaces.

use std::ops::Range;

use super::help::{Help, a, list};
use super::problem::Fault;
use super::spec::{Raw, Spec, finish, give, is_word_letter, parse_number};
use super::suggest::nearest;
use crate::messages::{self as say, Language};
use crate::text::shown;
use crate::zoo::AnyNetwork;

/// How deep layers may stand inside each other.
const MAX_DEPTH: usize = 64;

/// Reads layers, such as `dense 256, relu, dropout 0.1` or `mlp:256,128`.
pub(crate) fn parse_layers(text: &str, known: &[Help]) -> Result<Vec<Spec>, Fault> {
    Parser { text, at: 0, noun: "layer", known, in_list: false }.all_layers()
}

/// Reads an item of a list of layers, where a name that a network shares with a layer means the layer.
pub(crate) fn parse_listed_layers(text: &str, known: &[Help]) -> Result<Vec<Spec>, Fault> {
    Parser { text, at: 0, noun: "layer", known, in_list: true }.all_layers()
}

/// Reads one item, such as `adamw beta1=0.9`. `noun` says what it is, for errors.
pub(crate) fn parse_item(text: &str, noun: &'static str, known: &[Help]) -> Result<Spec, Fault> {
    let mut parser = Parser { text, at: 0, noun, known, in_list: false };
    let item = parser.item(0)?;
    parser.expect_end()?;
    Ok(item)
}

/// The help of an item, or the error that names the nearest one.
pub(super) fn find<'a>(
    name: &str,
    span: Range<usize>,
    noun: &str,
    known: &'a [Help],
) -> Result<&'a Help, Fault> {
    if let Some(help) = known.iter().find(|help| help.name == name) {
        return Ok(help);
    }
    let fault = Fault::new(span, |l| say::item_unknown(l, say::noun(l, noun), shown(name)));
    let lower = name.to_lowercase();
    let networks = if noun == "layer" { AnyNetwork::HELP } else { &[] };
    let all = || known.iter().chain(networks);
    let alias = all().find(|help| help.aliases.contains(&lower.as_str()));
    let meant = alias.map(|help| help.name);
    match meant.or_else(|| nearest(name, all().map(|help| help.name))) {
        Some(meant) => Err(fault.label(|l| say::meant(l, meant))),
        None if networks.is_empty() => Err(fault.help(|l| known_names(known, l))),
        None => Err(fault.help(|l| {
            let networks = list(networks.iter().map(|help| help.name), l);
            say::settings_known_networks(l, networks, list(known.iter().map(|help| help.name), l))
        })),
    }
}

fn known_names(known: &[Help], l: Language) -> String {
    say::settings_known(l, list(known.iter().map(|help| help.name), l))
}

struct Parser<'a> {
    text: &'a str,
    /// The byte that is read next.
    at: usize,
    noun: &'static str,
    known: &'a [Help],
    /// Other layers stand before or behind, outside of the text.
    in_list: bool,
}

impl<'a> Parser<'a> {
    fn all_layers(mut self) -> Result<Vec<Spec>, Fault> {
        let layers = self.layers(0)?;
        self.expect_end()?;
        Ok(layers)
    }

    fn layers(&mut self, depth: usize) -> Result<Vec<Spec>, Fault> {
        let mut layers = Vec::new();
        while !matches!(self.peek(), None | Some(')')) {
            let several = match self.mlp()? {
                None => self.network()?,
                several => several,
            };
            match several {
                Some(several) => layers.extend(several),
                None => layers.push(self.item(depth)?),
            }
            if !self.take(',') {
                break;
            }
        }
        Ok(layers)
    }

    fn item(&mut self, depth: usize) -> Result<Spec, Fault> {
        let (name, start) = self.name()?;
        let help = find(name, start.clone(), self.noun, self.known)?;
        let mut spec = Spec::new(name);
        self.arguments(&mut spec, help)?;
        if self.peek() == Some('(') {
            self.inner_layers(&mut spec, help, depth)?;
        }
        spec.span = start.start..self.text[..self.at].trim_end().len();
        finish(&mut spec, help)?;
        Ok(spec)
    }

    fn name(&mut self) -> Result<(&'a str, Range<usize>), Fault> {
        let noun = self.noun;
        let (name, span) = match self.word() {
            Some(found) => found,
            None => {
                return Err(self.unexpected(|l| say::want_name(l, a(noun, l))));
            }
        };
        if parse_number(name).is_some() {
            let fault = Fault::new(span, |l| say::item_wants_name(l, a(noun, l), name));
            let has_dense = self.known.iter().any(|help| help.name == "dense");
            return Err(fault.help(|l| match has_dense {
                true => say::item_dense(l, name),
                false => known_names(self.known, l),
            }));
        }
        Ok((name, span))
    }

    fn arguments(&mut self, spec: &mut Spec, help: &Help) -> Result<(), Fault> {
        loop {
            match self.peek() {
                None | Some(',' | '(' | ')') => return Ok(()),
                Some('[') => {
                    let numbers = self.numbers()?;
                    self.bare(spec, help, numbers)?;
                }
                Some(_) => self.argument(spec, help)?,
            }
        }
    }

    /// `value`, `name=value`, or the name of a switch.
    fn argument(&mut self, spec: &mut Spec, help: &Help) -> Result<(), Fault> {
        let Some((word, span)) = self.word() else {
            let is_layer = self.noun == "layer";
            return Err(self.unexpected(say::want_argument).help(|l| {
                let form = say::item_written(l, help.example);
                if is_layer { format!("{form}; {}", say::item_separated(l)) } else { form }
            }));
        };
        if !self.take('=') {
            return self.bare(spec, help, (Raw::Token(word), span));
        }
        let value = match self.peek() {
            Some('[') => self.numbers()?,
            _ => match self.word() {
                Some((value, span)) => (Raw::Token(value), span),
                None => return Err(self.unexpected(|l| say::want_value(l, shown(word)))),
            },
        };
        give(spec, help, (word, span), value)
    }

    /// A value without a name belongs to the first argument that may go without one.
    fn bare(
        &self,
        spec: &mut Spec,
        help: &Help,
        (raw, span): (Raw, Range<usize>),
    ) -> Result<(), Fault> {
        if let Raw::Token(word) = raw
            && help.arguments.iter().any(|known| known.name == word && known.kind.is_switch())
        {
            return give(spec, help, (word, span.clone()), (Raw::Switch(true), span));
        }
        let free =
            help.arguments.iter().find(|known| known.positional && spec.get(known.name).is_none());
        match free {
            Some(known) => give(spec, help, (known.name, span.clone()), (raw, span)),
            None => Err(self.too_many(help, span)),
        }
    }

    fn too_many(&self, help: &Help, span: Range<usize>) -> Fault {
        let word = &self.text[span.clone()];
        if self.noun == "layer" && self.known.iter().any(|help| help.name == word) {
            return Fault::new(span.clone(), |l| say::item_comma(l, word))
                .help(say::item_separated);
        }
        let fault = Fault::new(span, |l| say::item_too_many(l, shown(word), help.name));
        let names = help.arguments.iter().map(|known| known.name);
        if let Some(meant) = nearest(word, names) {
            return fault.label(|l| say::meant(l, format!("{meant}=…")));
        }
        let named: Vec<_> = help.arguments.iter().filter(|known| !known.positional).collect();
        let form = |l| say::item_written(l, help.example);
        match named.as_slice() {
            [] => fault.help(form),
            named => {
                let names: Vec<_> = named.iter().map(|known| known.name).collect();
                fault.help(|l| say::item_named_form(l, form(l), names.join(", ")))
            }
        }
    }

    fn inner_layers(&mut self, spec: &mut Spec, help: &Help, depth: usize) -> Result<(), Fault> {
        let open = self.at;
        if !help.contains_layers {
            return Err(Fault::new(open..open + 1, |l| say::item_nothing_inside(l, help.name))
                .help(|l| say::item_written(l, help.example)));
        }
        if depth == MAX_DEPTH {
            return Err(Fault::new(open..open + 1, |l| say::item_deep(l, MAX_DEPTH)));
        }
        self.take('(');
        spec.layers = self.layers(depth + 1)?;
        if self.take(')') {
            return Ok(());
        }
        match self.peek() {
            None => Err(Fault::new(open..open + 1, say::item_open_parenthesis)),
            Some(_) => Err(self.unexpected(|l| format!("`,`{}`)`", say::kind_or(l)))),
        }
    }

    /// `[1, 2, 3]`
    fn numbers(&mut self) -> Result<(Raw<'a>, Range<usize>), Fault> {
        let start = self.at;
        self.take('[');
        let mut numbers = Vec::new();
        while !self.take(']') {
            if self.peek().is_none() {
                return Err(Fault::new(start..start + 1, say::item_open_bracket));
            }
            match self.word().map(|(word, span)| (parse_number(word), span)) {
                Some((Some(number), _)) => numbers.push(number),
                Some((None, span)) => {
                    let word = shown(&self.text[span.clone()]);
                    return Err(Fault::new(span, |l| say::item_not_number(l, &word)));
                }
                None => return Err(self.unexpected(|l| say::kind_number(l, ""))),
            }
            if !self.take(',') && self.peek() != Some(']') {
                return Err(self.unexpected(|l| format!("`,`{}`]`", say::kind_or(l))));
            }
        }
        Ok((Raw::Numbers(numbers), start..self.at))
    }

    /// `mlp:256,128 activation=relu dropout=0.1`: for each number a dense layer, its activation,
    /// and dropout if it is asked for.
    fn mlp(&mut self) -> Result<Option<Vec<Spec>>, Fault> {
        let start = self.skip_spaces();
        let Some(rest) = self.text[start..].strip_prefix("mlp:") else {
            return Ok(None);
        };
        self.at = self.text.len() - rest.len();
        let widths = self.mlp_widths()?;
        let (activation, dropout) = self.mlp_options()?;
        let span = start..self.text[..self.at].trim_end().len();
        let part = |text: String| {
            let spec = parse_item(&text, "layer", self.known);
            let at_span = |fault: Fault| Fault { span: span.clone(), ..fault };
            spec.map(|spec| Spec { span: span.clone(), ..spec }).map_err(at_span)
        };
        let mut layers = Vec::new();
        for width in widths {
            layers.push(part(format!("dense {width}"))?);
            layers.push(part(activation.into())?);
            if let Some(rate) = dropout {
                layers.push(part(format!("dropout {rate}"))?);
            }
        }
        Ok(Some(layers))
    }

    /// A network of the zoo, `resnet:20` or `resnet depth=20 width=16`, as the layers that it stands
    /// for.
    fn network(&mut self) -> Result<Option<Vec<Spec>>, Fault> {
        let start = self.skip_spaces();
        let name = self.text[start..].split(|letter| !is_word_letter(letter)).next();
        let is_named = |help: &&Help| {
            Some(help.name) == name || help.aliases.iter().any(|&alias| Some(alias) == name)
        };
        let help = AnyNetwork::HELP.iter().find(is_named);
        let is_layer = self.known.iter().any(|known| Some(known.name) == name);
        // `lstm` is a layer too: alone, or before a colon, the name means the network.
        let means_network = |help: &Help| {
            let alone = !self.in_list && self.text.trim() == help.name;
            !is_layer || alone || self.text[start + help.name.len()..].trim_start().starts_with(':')
        };
        let Some(help) = help.filter(|help| self.noun == "layer" && means_network(help)) else {
            return Ok(None);
        };
        self.at = start + name.map_or(0, str::len);
        let mut spec = Spec::new(help.name);
        self.take(':');
        self.arguments(&mut spec, help)?;
        let span = start..self.text[..self.at].trim_end().len();
        spec.span = span.clone();
        finish(&mut spec, help)?;
        let layers = AnyNetwork::from_spec(&spec).and_then(|network| network.layers());
        let layers = layers.map_err(|what| {
            Fault::new(span.clone(), what).help(|l| say::item_written(l, help.example))
        })?;
        let written = layers.iter().map(|layer| Spec { span: span.clone(), ..layer.to_spec() });
        Ok(Some(written.collect()))
    }

    fn mlp_widths(&mut self) -> Result<Vec<u64>, Fault> {
        let mut widths = vec![self.mlp_width()?];
        loop {
            let before = self.at;
            let more =
                self.take(',') && self.word().is_some_and(|(word, _)| parse_number(word).is_some());
            self.at = before;
            if !more {
                return Ok(widths);
            }
            self.take(',');
            widths.push(self.mlp_width()?);
        }
    }

    fn mlp_width(&mut self) -> Result<u64, Fault> {
        let Some((word, span)) = self.word() else {
            let fault = self.unexpected(say::want_width);
            return Err(fault.help(|l| say::settings_example(l, "mlp:256,128")));
        };
        match word.replace('_', "").parse() {
            Ok(width) if width > 0 => Ok(width),
            _ => Err(Fault::new(span, |l| say::item_mlp_width(l, shown(word)))
                .help(|l| say::settings_example(l, "mlp:256,128"))),
        }
    }

    fn mlp_options(&mut self) -> Result<(&'a str, Option<&'a str>), Fault> {
        let (mut activation, mut dropout) = ("relu", None);
        while !matches!(self.peek(), None | Some(',' | ')')) {
            let Some((name, span)) = self.word() else {
                return Err(self.unexpected(say::want_option));
            };
            if !matches!(name, "activation" | "dropout") || !self.take('=') {
                return Err(Fault::new(span, |l| say::item_mlp_option(l, shown(name)))
                    .help(say::item_mlp_options));
            }
            match (name, self.word()) {
                (_, None) => return Err(self.unexpected(|l| say::want_value(l, name))),
                ("activation", Some((word, span))) => {
                    find(word, span, "activation", self.known)?;
                    activation = word;
                }
                (_, Some((word, _))) => dropout = Some(word),
            }
        }
        Ok((activation, dropout))
    }

    fn expect_end(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(')') => Err(Fault::new(self.at..self.at + 1, say::item_stray_parenthesis)),
            Some(',') if self.noun != "layer" => {
                let fault = Fault::new(self.at..self.at + 1, |l| {
                    say::item_only_one(l, say::noun(l, self.noun))
                });
                Err(fault.help(say::item_spaces))
            }
            Some(_) => Err(self.unexpected(say::want_comma_or_end)),
        }
    }

    /// Steps over spaces and returns the place.
    fn skip_spaces(&mut self) -> usize {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.at
    }

    fn peek(&mut self) -> Option<char> {
        self.skip_spaces();
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn word(&mut self) -> Option<(&'a str, Range<usize>)> {
        let start = self.skip_spaces();
        let rest = &self.text[start..];
        let length = rest.find(|letter| !is_word_letter(letter)).unwrap_or(rest.len());
        self.at += length;
        (length > 0).then(|| (&rest[..length], start..start + length))
    }

    fn unexpected(&mut self, wanted: impl Fn(Language) -> String) -> Fault {
        match self.peek() {
            Some(letter) => {
                let span = self.at..self.at + letter.len_utf8();
                let got = shown(letter.encode_utf8(&mut [0; 4]));
                Fault::new(span, |l| say::item_unexpected(l, wanted(l), &got))
            }
            None => {
                let end = self.text.len();
                Fault::new(end..end, |l| say::item_cut_off(l, wanted(l)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::print_layers;
    use super::super::tests::VOCABULARY;
    use super::*;

    fn layers(text: &str) -> Result<Vec<Spec>, Fault> {
        parse_layers(text, VOCABULARY.layers)
    }

    #[test]
    fn canonical_forms() {
        let check = |text: &str, want: &str| {
            let parsed = layers(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
            assert_eq!(print_layers(&parsed), want);
            assert_eq!(layers(want).unwrap(), parsed, "{want} reads back");
        };
        check("", "");
        check("dense 256", "dense 256");
        check(" dense  256 ,relu, ", "dense 256, relu");
        check("dense features=256", "dense 256");
        check("dense bias=false features=1_000", "dense 1000 bias=false");
        check("dense 10 bias", "dense 10 bias");
        check("dropout 1e-1", "dropout 0.1");
        check("leaky_relu", "leaky_relu");
        check("leaky_relu 0.01", "leaky_relu 0.01");
        check("mlp:256,128", "dense 256, relu, dense 128, relu");
        check("mlp: 8", "dense 8, relu");
        check("mlp:8, dropout 0.5, mlp:4", "dense 8, relu, dropout 0.5, dense 4, relu");
        check(
            "mlp:8,4 activation=tanh dropout=0.1",
            "dense 8, tanh, dropout 0.1, dense 4, tanh, dropout 0.1",
        );
        check("residual(dense 64, relu), relu", "residual(dense 64, relu), relu");
        check("residual ( residual ( relu ) , )", "residual(residual(relu))");
        check("conv 32 3x3", "conv 32 3x3");
        check("conv 32 kernel_size=same padding=same", "conv 32 same padding=same");
        check("bins [1, 2.5,-3]", "bins [1, 2.5, -3]");
        check("bins at=[]", "bins []");
        check("dense 256,\n  relu", "dense 256, relu");
    }

    #[test]
    fn an_autoencoder_is_an_encoder_and_its_mirror_image() {
        let read = |text: &str| parse_layers(text, crate::layers::AnyLayer::HELP);
        let layers = read("autoencoder:16").expect("it is known");
        let want =
            "dense 512, relu, dense 256, relu, dense 16, code, dense 256, relu, dense 512, relu";
        assert_eq!(print_layers(&layers), want);
        assert!(layers.iter().all(|spec| spec.span == (0..14)));
        assert!(read("autoencoder:0").is_err());
    }

    #[test]
    fn a_name_alone_means_the_network() {
        let count = |text: &str| {
            parse_layers(text, crate::layers::AnyLayer::HELP).expect("it is known").len()
        };
        assert_eq!(
            (count("transformer"), count("transformer: blocks=3"), count("lstm:8")),
            (8, 9, 2)
        );
        assert_eq!(
            (count("transformer heads=2"), count("lstm 8"), count("transformer, relu")),
            (1, 1, 2)
        );
        let listed = parse_listed_layers("transformer", crate::layers::AnyLayer::HELP);
        assert_eq!(listed.expect("it is known").len(), 1);
    }

    #[test]
    fn spans_cover_the_layer() {
        let text = "dense 256 , residual(relu ,tanh) ";
        let parsed = layers(text).unwrap();
        let parts: Vec<_> = parsed.iter().map(|spec| &text[spec.span.clone()]).collect();
        assert_eq!(parts, ["dense 256", "residual(relu ,tanh)"]);
        assert_eq!(&text[parsed[1].layers[1].span.clone()], "tanh");
    }

    #[test]
    fn items() {
        let check = |text: &str, want: &str| {
            let item = parse_item(text, "optimizer", VOCABULARY.optimizers).unwrap();
            assert_eq!(item.to_string(), want);
        };
        check("adamw", "adamw");
        check("adamw beta2=0.99 beta1=0.8", "adamw beta1=0.8 beta2=0.99");
        check("sgd momentum=0.9 nesterov", "sgd momentum=0.9 nesterov");
        check("sgd nesterov = true momentum = 0.9", "sgd momentum=0.9 nesterov");
    }

    #[test]
    fn defaults_are_filled_in_by_name() {
        let help = VOCABULARY.optimizers.iter().find(|help| help.name == "sgd").unwrap();
        let item = parse_item("sgd nesterov", "optimizer", VOCABULARY.optimizers).unwrap();
        let item = item.with_defaults(help);
        assert_eq!(item.to_string(), "sgd momentum=0 nesterov");
        assert_eq!((item.number("momentum"), item.switch("nesterov")), (Some(0.0), Some(true)));
    }

    #[test]
    fn depth_is_limited() {
        let nested =
            |depth: usize| format!("{}relu{}", "residual(".repeat(depth), ")".repeat(depth));
        assert!(layers(&nested(MAX_DEPTH)).is_ok());
        assert!(layers(&nested(MAX_DEPTH + 1)).unwrap_err().message.english().contains("64 deep"));
        assert!(layers(&nested(100_000)).is_err());
    }
}
