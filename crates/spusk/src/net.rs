//! The network while its layers are traced: parameters, buffers, names.

use std::fmt;

use spusk_graph::{Element, Shape, Trace, Var};

use crate::init::{Draw, Fan, Follower, Initializer};
use crate::layers::AnyLayer;
use crate::messages::{self as say, Said};

/// What a network is traced for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Training: dropout drops, batch norm measures its batch.
    Train,
    /// Evaluation and prediction.
    Eval,
    /// The loss as a function of the weights: as evaluation, but batch norm measures its batch, since
    /// its running averages belong to other weights.
    Measure,
}

/// A trained quantity: a state of the graph, with its initial value and its form in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// `layers.<i>.weight`; inside another layer `layers.3.layers.0.weight`. Also the state's name.
    pub name: String,
    /// Its sizes in the graph.
    pub shape: Shape,
    /// Its initial values.
    pub draw: Draw,
    /// How a safetensors file has it.
    pub layout: Layout,
    /// Whether training changes it.
    pub trainable: bool,
}

impl Parameter {
    /// Fills `values`, which have the parameter's size, with its initial values.
    pub fn fill<T: Element>(&self, seed: u64, values: &mut [T]) {
        self.draw.fill(seed, &self.name, &self.shape, values);
    }
}

/// How a parameter stands in a safetensors file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// As in the graph.
    Same,
    /// A matrix `[in, out]` of the graph as `[out, in]`, which is how PyTorch has it.
    Transposed,
    /// Weights `[spatial…, in, out]` of the graph as `[out, in, spatial…]`, which is how PyTorch has
    /// those of convolutions; with more than one group, `in` is that of a group. Of a transposed
    /// convolution the graph has `[spatial…, out, in]`, the file `[in, out, spatial…]`.
    Convolution,
    /// Weights `[gates, in, out]` of the graph as `[gates · out, in]`, which is how PyTorch has those of
    /// recurrent layers; `[gates, spatial…, in, out]` as `[gates · out, in, spatial…]`.
    Gates,
}

impl Layout {
    /// The sizes in the file of a parameter with these sizes in the graph.
    pub fn stored_shape(self, shape: &Shape) -> Shape {
        match (self, &shape[..]) {
            (Layout::Transposed, &[rows, columns]) => [columns, rows].into(),
            (Layout::Convolution, [spatial @ .., inputs, outputs]) => {
                [&[*outputs, *inputs], spatial].concat().into()
            }
            (Layout::Gates, [gates, spatial @ .., inputs, outputs]) => {
                [&[gates * outputs, *inputs], spatial].concat().into()
            }
            _ => shape.clone(),
        }
    }

    /// From the graph's order of elements to the file's; `shape` is the graph's.
    pub fn store<T: Copy>(self, values: &[T], shape: &Shape) -> Vec<T> {
        match (self, &shape[..]) {
            (Layout::Transposed, &[rows, columns]) => transposed(values, rows, columns),
            (Layout::Convolution, [spatial @ .., inputs, outputs]) => {
                // [spatial, in, out] as [in, out, spatial], then [out, in, spatial].
                let spatial = spatial.iter().product();
                let moved = transposed(values, spatial, inputs * outputs);
                transposed_blocks(&moved, *inputs, *outputs, spatial)
            }
            (Layout::Gates, [_, gate @ ..]) => of_each_gate(values, gate, Layout::store),
            _ => values.to_vec(),
        }
    }

    /// From the file's order of elements to the graph's; `shape` is the graph's.
    pub fn load<T: Copy>(self, values: &[T], shape: &Shape) -> Vec<T> {
        match (self, &shape[..]) {
            (Layout::Transposed, &[rows, columns]) => transposed(values, columns, rows),
            (Layout::Convolution, [spatial @ .., inputs, outputs]) => {
                let spatial = spatial.iter().product();
                let moved = transposed_blocks(values, *outputs, *inputs, spatial);
                transposed(&moved, inputs * outputs, spatial)
            }
            (Layout::Gates, [_, gate @ ..]) => of_each_gate(values, gate, Layout::load),
            _ => values.to_vec(),
        }
    }
}

/// Moves the weights of one gate after the other as those of a convolution; a matrix is one without axes of
/// space.
fn of_each_gate<T: Copy>(
    values: &[T],
    gate: &[usize],
    moved: impl Fn(Layout, &[T], &Shape) -> Vec<T>,
) -> Vec<T> {
    let shape = Shape::from(gate);
    let gates = values.chunks(shape.size().max(1));
    gates.flat_map(|gate| moved(Layout::Convolution, gate, &shape)).collect()
}

/// The transpose of a row-major `rows` × `columns` matrix.
fn transposed<T: Copy>(values: &[T], rows: usize, columns: usize) -> Vec<T> {
    let element = |i: usize| values[i % rows * columns + i / rows];
    (0..rows * columns).map(element).collect()
}

/// The transpose of a row-major `rows` × `columns` matrix of blocks of `size` elements.
fn transposed_blocks<T: Copy>(values: &[T], rows: usize, columns: usize, size: usize) -> Vec<T> {
    let block = |i: usize| {
        let from = (i % rows * columns + i / rows) * size;
        &values[from..from + size]
    };
    (0..rows * columns).flat_map(block).copied().collect()
}

/// A quantity that is kept but not trained, such as a running mean: a state of the graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Buffer {
    /// `layers.<i>.running_mean`; also the state's name.
    pub name: String,
    /// Its sizes.
    pub shape: Shape,
    /// Its initial value, everywhere.
    pub initial: f64,
}

/// One layer of a network, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// `layers.<i>`.
    pub path: String,
    /// How the layer is written.
    pub layer: String,
    /// Sizes of its output, axis 0 the batch.
    pub output: Shape,
    /// Number of trained numbers, those of the layers inside included.
    pub parameters: usize,
    /// How many layers stand around it.
    pub depth: usize,
}

/// The value that stands for a parameter in the formulas, from its name and state.
pub(crate) type Substitute<'t> = Box<dyn Fn(&Parameter, Var<'t>) -> Var<'t> + 't>;

/// The network while its layers are traced. Every layer adds its parameters and buffers.
pub struct Net<'t> {
    trace: &'t Trace,
    mode: Mode,
    key: Option<Var<'t>>,
    path: String,
    depth: usize,
    follower: Follower,
    substitute: Option<Substitute<'t>>,
    first_product: Option<Var<'t>>,
    /// How many networks of the same layers stand behind each other along the batch axis.
    networks: Option<usize>,
    pub(crate) parameters: Vec<(Parameter, Var<'t>)>,
    pub(crate) buffers: Vec<(Buffer, Var<'t>)>,
    pub(crate) updates: Vec<(Var<'t>, Var<'t>)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) code: Option<Var<'t>>,
    pub(crate) penalties: Vec<Var<'t>>,
    lengths: Option<Var<'t>>,
    /// What the layers put out, where it is asked for: path, name of the layer, value.
    pub(crate) taps: Option<Vec<(String, &'static str, Var<'t>)>>,
}

impl fmt::Debug for Net<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net").field("mode", &self.mode).field("path", &self.path).finish()
    }
}

impl<'t> Net<'t> {
    /// An empty network.
    pub fn new(trace: &'t Trace, mode: Mode) -> Net<'t> {
        Net {
            trace,
            mode,
            key: None,
            path: String::new(),
            depth: 0,
            follower: Follower::Linear,
            substitute: None,
            first_product: None,
            networks: None,
            parameters: Vec::new(),
            buffers: Vec::new(),
            updates: Vec::new(),
            rows: Vec::new(),
            code: None,
            penalties: Vec::new(),
            lengths: None,
            taps: None,
        }
    }

    /// Remembers what every layer puts out.
    pub(crate) fn with_taps(mut self) -> Net<'t> {
        self.taps = Some(Vec::new());
        self
    }

    /// Lets other values stand for the parameters: averages in place of the last step's.
    pub(crate) fn with_substitute(mut self, substitute: Substitute<'t>) -> Net<'t> {
        self.substitute = Some(substitute);
        self
    }

    /// Lets a value that is known already stand for the product of the first dense layer.
    pub(crate) fn with_first_product(mut self, product: Var<'t>) -> Net<'t> {
        self.first_product = Some(product);
        self
    }

    /// Makes the network many of the same layers, computed together: axis 0 of every value holds the
    /// examples of the first network, then those of the second, …; weights `[in, out]` become
    /// `[networks, in, out]`, each network's multiplied with its own examples. Layers with other weights
    /// than those of dense layers refuse.
    pub(crate) fn with_networks(mut self, networks: usize) -> Net<'t> {
        self.networks = Some(networks);
        self
    }

    /// The graph being written.
    pub fn trace(&self) -> &'t Trace {
        self.trace
    }

    /// Whether the network is traced for training.
    pub fn training(&self) -> bool {
        self.mode == Mode::Train
    }

    /// Whether normalization measures the batch, rather than take its running averages.
    pub fn measures_batch(&self) -> bool {
        self.mode != Mode::Eval
    }

    /// What follows the layer that is being built.
    pub fn follower(&self) -> Follower {
        self.follower
    }

    /// Says that something else follows the weights of the present layer: a layer with its own
    /// activation or sum.
    pub fn set_follower(&mut self, follower: Follower) {
        self.follower = follower;
    }

    /// Builds layers one after the other; they are named `layers.0`, `layers.1`, …
    pub fn layers(&mut self, layers: &[AnyLayer], x: Var<'t>) -> Var<'t> {
        let after = self.follower;
        let mut x = x;
        for (i, layer) in layers.iter().enumerate() {
            let mut following = layers[i + 1..].iter().map(|layer| layer.follower());
            let follower = following.find(|&follower| follower != Follower::Next).unwrap_or(after);
            x = self.layer(&format!("layers.{i}"), layer, follower, x);
        }
        self.follower = after;
        x
    }

    /// Builds one layer inside the present one under a name of its own.
    pub fn layer(
        &mut self,
        name: &str,
        layer: &AnyLayer,
        follower: Follower,
        x: Var<'t>,
    ) -> Var<'t> {
        let outer_path = self.path.clone();
        let outer_follower = std::mem::replace(&mut self.follower, follower);
        self.path = join(&outer_path, name);
        let row = self.rows.len();
        self.rows.push(Row {
            path: self.path.clone(),
            layer: layer.to_spec().to_string(),
            output: Shape::default(),
            parameters: 0,
            depth: self.depth,
        });
        self.depth += 1;
        let first = self.parameters.len();
        let trace = self.trace;
        let y = trace.scoped(&format!("{name} {}", layer.name()), || {
            match self.lengths(x).is_some() && layer.mixes_padding() {
                true => trace.fail(Said::new(|l| say::layer_mixes_padding(l, layer.name()))),
                false => layer.build_each(self, x),
            }
        });
        if let Some(taps) = &mut self.taps {
            taps.push((self.path.clone(), layer.name(), y));
        }
        self.depth -= 1;
        self.rows[row].output = y.shape();
        self.rows[row].parameters = self.parameters[first..]
            .iter()
            .map(|(parameter, _)| parameter.shape.size())
            .fold(0, usize::saturating_add);
        (self.path, self.follower) = (outer_path, outer_follower);
        y
    }

    /// Says that the sequences `[B, T, C]` from here on are of different lengths `[B, 1]`: what stands
    /// behind is padding, and no layer lets it change a result.
    pub fn set_lengths(&mut self, lengths: Option<Var<'t>>) {
        self.lengths = lengths;
    }

    /// The lengths `[B, 1]` of the sequences `x[B, T, C]`, where padding may stand behind them. A layer that
    /// mixes the elements of sequences must leave padding out.
    pub fn lengths(&self, x: Var<'t>) -> Option<Var<'t>> {
        self.lengths.filter(|_| x.shape().rank() == 3)
    }

    /// `[B, T, 1]`: 1 where an element of the sequences `x[B, T, C]` stands, 0 at padding.
    pub fn mask(&self, x: Var<'t>) -> Option<Var<'t>> {
        let lengths = self.lengths(x)?;
        let &[batch, turns, _] = &x.shape()[..] else { return None };
        let places = self.trace.iota(turns).reshape(&[turns, 1]);
        Some(lengths.reshape(&[batch, 1, 1]).greater(places))
    }

    /// `x[B, T, C]` with zeros at padding.
    pub fn without_padding(&self, x: Var<'t>) -> Var<'t> {
        self.mask(x).map_or(x, |mask| x * mask)
    }

    /// A new parameter of the present layer.
    pub fn parameter(
        &mut self,
        name: &str,
        shape: &[usize],
        draw: Draw,
        layout: Layout,
    ) -> Var<'t> {
        if self.networks.is_some() {
            return self
                .trace
                .fail("this layer's weights cannot be those of many networks at once");
        }
        let name = join(&self.path, name);
        let parameter = Parameter { shape: shape.into(), draw, layout, trainable: true, name };
        let state = self.trace.state(&parameter.name, shape);
        let value = match &self.substitute {
            Some(substitute) => substitute(&parameter, state),
            None => state,
        };
        self.parameters.push((parameter, state));
        value
    }

    /// The usual pair: `y[…, out] = x[…, in] · weight[in, out] + bias[out]`.
    pub fn dense(
        &mut self,
        x: Var<'t>,
        in_features: usize,
        out_features: usize,
        bias: bool,
        initializer: Initializer,
    ) -> Var<'t> {
        let fan = Fan { inputs: in_features, outputs: out_features };
        let draw = initializer.weights(fan, self.follower);
        if let Some(networks) = self.networks {
            let draws = [draw, initializer.biases(fan)];
            return self.dense_networks(x, networks, [in_features, out_features], bias, draws);
        }
        let shape = [in_features, out_features];
        let weight = self.parameter("weight", &shape, draw, Layout::Transposed);
        let y = self.first_product.take().unwrap_or_else(|| x.matmul(weight));
        if !bias {
            return y;
        }
        y + self.parameter("bias", &[out_features], initializer.biases(fan), Layout::Same)
    }

    /// The same of many networks: `y[networks · B, out]` from `x[networks · B, in]`.
    fn dense_networks(
        &mut self,
        x: Var<'t>,
        networks: usize,
        [inputs, outputs]: [usize; 2],
        bias: bool,
        [weights, biases]: [Draw; 2],
    ) -> Var<'t> {
        let rows = x.shape().size() / (networks * inputs).max(1);
        let shape = [networks, inputs, outputs];
        let weight = self.network_parameter("weight", &shape, weights, Layout::Transposed);
        let mut y = x.reshape(&[networks, rows, inputs]).matmul(weight);
        if bias {
            let shape = [networks, 1, outputs];
            y = y + self.network_parameter("bias", &shape, biases, Layout::Same);
        }
        let mut shape = x.shape().to_vec();
        shape.pop();
        shape.push(outputs);
        y.reshape(&shape)
    }

    /// A parameter of many networks; axis 0 tells them apart.
    fn network_parameter(
        &mut self,
        name: &str,
        shape: &[usize],
        draw: Draw,
        layout: Layout,
    ) -> Var<'t> {
        let networks = self.networks.take();
        let value = self.parameter(name, shape, draw, layout);
        self.networks = networks;
        value
    }

    /// A new buffer of the present layer.
    pub fn buffer(&mut self, name: &str, shape: &[usize], initial: f64) -> Var<'t> {
        let buffer = Buffer { name: join(&self.path, name), shape: shape.into(), initial };
        let state = self.trace.state(&buffer.name, shape);
        self.buffers.push((buffer, state));
        state
    }

    /// What a buffer becomes after this step. In evaluation nothing is updated.
    pub fn update_buffer(&mut self, buffer: Var<'t>, new: Var<'t>) {
        if self.training() {
            self.updates.push((buffer, new));
        }
    }

    /// Says that this is the network's code of each example; the last that is said counts.
    pub fn mark_code(&mut self, x: Var<'t>) {
        self.code = Some(x);
    }

    /// Adds a scalar to what training minimizes; the loss that is told stays that of the task.
    pub fn add_penalty(&mut self, penalty: Var<'t>) {
        if self.training() {
            self.penalties.push(penalty);
        }
    }

    /// What training minimizes: the loss and all penalties.
    pub(crate) fn minimized(&self, loss: Var<'t>) -> Var<'t> {
        self.penalties.iter().fold(loss, |sum, penalty| sum + *penalty)
    }

    /// Whether a layer has drawn random numbers.
    pub(crate) fn is_random(&self) -> bool {
        self.key.is_some()
    }

    /// Random numbers, uniform in [0, 1), others at every step: made from the input `key[4]`.
    pub fn uniform(&mut self, shape: &[usize]) -> Var<'t> {
        let trace = self.trace;
        self.key.get_or_insert_with(|| trace.input("key", &[4])).uniform(shape)
    }

    /// The size of the last axis, if there is one behind the batch; else the error is recorded.
    pub fn features(&self, x: Var<'t>) -> Option<usize> {
        let shape = x.shape();
        if x.value().is_some() && shape.rank() < 2 {
            self.trace.fail(Said::new(|l| {
                say::layer_input_cure(
                    l,
                    &shape,
                    say::layer_features(l),
                    say::cure_layer_features(l),
                )
            }));
        }
        shape.last().copied().filter(|_| shape.rank() >= 2)
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposed_layout_is_undone_by_loading() {
        let shape = Shape::from([2, 3]);
        let graph = [1, 2, 3, 4, 5, 6];
        let file = Layout::Transposed.store(&graph, &shape);
        assert_eq!(file, [1, 4, 2, 5, 3, 6]);
        assert_eq!(Layout::Transposed.stored_shape(&shape), Shape::from([3, 2]));
        assert_eq!(Layout::Transposed.load(&file, &shape), graph);
        assert_eq!(Layout::Same.store(&graph, &shape), graph);
    }

    #[test]
    fn gates_stand_below_each_other_in_files() {
        let shape = Shape::from([2, 3, 2]);
        let graph: Vec<usize> = (0..12).collect();
        let file = Layout::Gates.store(&graph, &shape);
        assert_eq!(file, [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]);
        assert_eq!(Layout::Gates.stored_shape(&shape), Shape::from([4, 3]));
        assert_eq!(Layout::Gates.load(&file, &shape), graph);
    }

    #[test]
    fn weights_of_convolutions_stand_in_files_as_in_pytorch() {
        // [kw, in, out] = [2, 3, 2]; the file has [out, in, kw].
        let shape = Shape::from([2, 3, 2]);
        let graph: Vec<usize> = (0..12).collect();
        let file = Layout::Convolution.store(&graph, &shape);
        assert_eq!(Layout::Convolution.stored_shape(&shape), Shape::from([2, 3, 2]));
        for (position, &value) in file.iter().enumerate() {
            let (out, input, kw) = (position / 6, position / 2 % 3, position % 2);
            assert_eq!(value, (kw * 3 + input) * 2 + out);
        }
        assert_eq!(Layout::Convolution.load(&file, &shape), graph);
        let shape = Shape::from([3, 5, 2, 4]);
        assert_eq!(Layout::Convolution.stored_shape(&shape), Shape::from([4, 2, 3, 5]));
        let graph: Vec<usize> = (0..120).collect();
        let file = Layout::Convolution.store(&graph, &shape);
        assert_eq!(file[1], 8);
        assert_eq!(Layout::Convolution.load(&file, &shape), graph);
    }
}
