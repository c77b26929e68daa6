//! A saved network as an ONNX file, and examples to hold its reader to.

use std::ops::Range;

use spusk_graph::{Array, Trace, Var};

use super::{SessionError, Trained};
use crate::Net;
use crate::data::{Column, Encoded, Encoding, Inputs, Target};
use crate::messages as say;
use crate::net::Mode;
use crate::onnx::{self, Network};
use crate::safetensors::Tensor;
use crate::train::{Examples, Shuffled};

/// No encoded number is larger, see [`crate::data::Preprocessing`].
const FARTHEST: f64 = 1e6;

/// What the input of the file means: what stands in front of the network in it.
enum Front {
    /// The inputs as the network sees them.
    Encoded,
    /// Numbers on one scale: (x − mean) / std.
    Scale { mean: f64, std: f64 },
    /// Columns of numbers, a scale each.
    Columns(Vec<NumberColumn>),
}

/// A column of plain numbers.
#[derive(Clone, Copy)]
struct NumberColumn {
    log: bool,
    center: f64,
    spread: f64,
    fill: f64,
}

impl Trained {
    /// The network as an ONNX file, for any batch size or for one.
    ///
    /// Where nothing but a scale stands between the data and the network (images, tables of numbers), the
    /// file includes it and takes raw numbers; else it takes encoded ones. Its metadata say which, and hold
    /// the whole preprocessing.
    ///
    /// # Errors
    /// If a layer has no counterpart in ONNX; the error names it.
    pub fn onnx(&self, batch: Option<usize>) -> Result<Vec<u8>, SessionError> {
        let front = self.front();
        let network = |batch: usize| {
            let trace = Trace::new();
            let shape = [&[batch][..], &self.preprocessing.shape()].concat();
            let input = trace.input(front.name(), &shape);
            let mut net = Net::new(&trace, Mode::Eval);
            let outputs = net.layers(&self.model.layers, front.encode(input));
            let predictions = self.in_own_unit(self.loss().prediction().apply(outputs));
            let mut named = vec![("outputs", outputs), ("predictions", predictions)];
            named.extend(net.code.map(|code| ("code", code)));
            let outputs = named.into_iter().map(|(name, var)| Ok((name.into(), trace.value(var)?)));
            let outputs = outputs.collect::<Result<Vec<_>, spusk_graph::GraphError>>()?;
            Ok(Network { graph: trace.graph().clone(), outputs })
        };
        let options = onnx::Options {
            batch,
            name: self.experiment.name.clone().unwrap_or_else(|| "network".into()),
            description: self.told(&front),
            metadata: self.facts(&front)?,
        };
        Ok(onnx::export(&network, &|name| self.values(name), &options)?)
    }

    /// Some of the held-out examples of the training data, as the file takes them, and what this network
    /// makes of them: `outputs` and `predictions`, a row for each.
    ///
    /// # Errors
    /// If the data cannot be read any more.
    pub fn onnx_examples(&mut self, rows: usize) -> Result<Vec<Tensor>, SessionError> {
        let data = self.prepared(say::so_no_examples)?;
        let part = match data.test.is_empty() {
            true => &data.train,
            false => &data.test,
        };
        let rows = rows.min(part.len());
        let features = encoded(part, 0..rows)?;
        let front = self.front();
        let decoded: Vec<f32> =
            features.iter().enumerate().map(|(i, &x)| front.decode(i, x)).collect();
        let shape = [&[rows][..], &self.preprocessing.shape()].concat();
        let mut tensors = vec![Tensor::f32(front.name(), shape, decoded)];
        let mut found = (Vec::new(), Vec::new());
        self.forward(rows, &features, None, |outputs, predictions| {
            found = (outputs.to_vec(), predictions.to_vec());
        })?;
        let (outputs, mut predictions) = found;
        let width = predictions.len() / rows.max(1);
        for (i, x) in predictions.iter_mut().enumerate() {
            let (factor, offset) = self.unit(i % width.max(1));
            *x = (f64::from(*x) * factor + offset) as f32;
        }
        for (name, values) in [("outputs", outputs), ("predictions", predictions)] {
            let shape = vec![rows, values.len() / rows.max(1)];
            tensors.push(Tensor::f32(name, shape, values));
        }
        Ok(tensors)
    }

    fn front(&self) -> Front {
        match &self.preprocessing.inputs {
            Inputs::Pixels(scale) => Front::Scale { mean: scale.mean, std: scale.std },
            Inputs::Patches(patches) => {
                Front::Scale { mean: patches.scale.mean, std: patches.scale.std }
            }
            Inputs::Table { columns, .. } => {
                numbers(columns).map_or(Front::Encoded, Front::Columns)
            }
            Inputs::Series(_) => Front::Encoded,
        }
    }

    /// Factor and offset that bring a prediction into the unit of the data.
    fn unit(&self, index: usize) -> (f64, f64) {
        let preprocessing = &self.preprocessing;
        match (&preprocessing.target, &preprocessing.inputs) {
            _ if preprocessing.is_autoencoder() => match self.front() {
                Front::Scale { mean, std } => (std, mean),
                Front::Columns(_) | Front::Encoded => (1.0, 0.0),
            },
            (Target::Numbers { columns }, _) => {
                let column = &columns[index % columns.len()];
                (column.std, column.mean)
            }
            (Target::Patches, Inputs::Patches(patches)) => (patches.scale.std, patches.scale.mean),
            _ => (1.0, 0.0),
        }
    }

    fn in_own_unit<'t>(&self, predictions: Var<'t>) -> Var<'t> {
        let shape = predictions.shape();
        let Some((_, inner)) = shape.split_first() else { return predictions };
        let width: usize = inner.iter().product();
        let units: Vec<(f64, f64)> = (0..width).map(|i| self.unit(i)).collect();
        if units.iter().all(|&unit| unit == (1.0, 0.0)) {
            return predictions;
        }
        let table = |values: Vec<f64>| predictions.trace().literal(Array::new(inner, values));
        let (factors, offsets) = units.into_iter().unzip();
        predictions * table(factors) + table(offsets)
    }

    /// What the file is, in a sentence or two.
    fn told(&self, front: &Front) -> String {
        let layers = crate::experiment::print_layers(&super::resolve::written(&self.model.layers));
        let input = match front {
            Front::Encoded => "the inputs as the preprocessing in the metadata encodes them",
            Front::Scale { .. } => "raw numbers of the data; the scale is part of the file",
            Front::Columns(_) => {
                "the columns of numbers as they stand in the data; their scales are part of the file"
            }
        };
        format!("A network trained by Spusk: {layers}. `{}`: {input}.", front.name())
    }

    fn facts(&self, front: &Front) -> Result<Vec<(String, String)>, SessionError> {
        let json = |value: serde_json::Result<String>| {
            value.map_err(|error| SessionError::told(error.to_string()))
        };
        let layers = crate::experiment::print_layers(&super::resolve::written(&self.model.layers));
        let given = match front {
            Front::Encoded => "encoded",
            Front::Scale { .. } | Front::Columns(_) => "raw",
        };
        let mut facts = vec![
            ("spusk.inputs".to_string(), given.to_string()),
            ("spusk.layers".into(), layers),
            ("spusk.preprocessing".into(), json(serde_json::to_string(&self.preprocessing))?),
        ];
        let names = self.preprocessing.class_names();
        if !names.is_empty() {
            facts.push(("spusk.classes".into(), json(serde_json::to_string(names))?));
        }
        if let Front::Columns(_) = front {
            let names = json(serde_json::to_string(&self.preprocessing.input_names()))?;
            facts.push(("spusk.columns".into(), names));
        }
        Ok(facts)
    }
}

/// So many spreads away from 0 a number still has three digits of its place within the spread.
const FAR: f64 = 1e4;

/// The columns of a table that has nothing but plain numbers.
fn numbers(columns: &[Column]) -> Option<Vec<NumberColumn>> {
    let mut found = Vec::new();
    for column in columns {
        match column.encoding {
            // In single precision too little would be left of numbers far from 0 and close together.
            Encoding::Number { center, spread, .. } if center.abs() > FAR * spread.abs() => {
                return None;
            }
            Encoding::Number { log, center, spread, fill, indicator: false } => {
                found.push(NumberColumn { log, center, spread, fill });
            }
            Encoding::Dropped { .. } => {}
            _ => return None,
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Features of some rows.
fn encoded(part: &Encoded, rows: Range<usize>) -> Result<Vec<f32>, SessionError> {
    let mut features = vec![0.0; rows.len() * part.width()];
    let mut targets = vec![0.0; rows.len() * part.targets()];
    Shuffled::new(part, 0, false).fill_in_order(rows, &mut features, &mut targets)?;
    Ok(features)
}

impl Front {
    /// The name of the file's input.
    fn name(&self) -> &'static str {
        match self {
            Front::Encoded => "features",
            Front::Scale { .. } => "raw",
            Front::Columns(_) => "numbers",
        }
    }

    /// From the file's input to the network's.
    fn encode<'t>(&self, x: Var<'t>) -> Var<'t> {
        let scaled = match self {
            Front::Encoded => return x,
            Front::Scale { mean, std } => (x - *mean) / *std,
            Front::Columns(columns) => {
                let table = |of: &dyn Fn(&NumberColumn) -> f64| {
                    x.trace().literal(Array::new([columns.len()], columns.iter().map(of).collect()))
                };
                let mut x = x;
                if columns.iter().any(|column| column.log) {
                    let logarithm = x.sign() * (x.abs()).log1p();
                    x = table(&|column| f64::from(column.log)).select(logarithm, x);
                }
                // A missing value is none, and nothing equals it.
                let filled = x.equal(x).select(x, table(&|column| column.fill));
                (filled - table(&|column| column.center)) / table(&|column| column.spread)
            }
        };
        scaled.max(-FARTHEST).min(FARTHEST)
    }

    /// Back, for element `i` of some rows.
    fn decode(&self, i: usize, x: f32) -> f32 {
        let x = f64::from(x);
        let value = match self {
            Front::Encoded => x,
            Front::Scale { mean, std } => x * std + mean,
            Front::Columns(columns) => {
                let column = columns[i % columns.len()];
                let value = x * column.spread + column.center;
                if column.log { value.abs().exp_m1().copysign(value) } else { value }
            }
        };
        value as f32
    }
}
