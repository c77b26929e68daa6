//! Runs layers on given numbers, forward and backward, to compare them with those of other programs.
//!
//! ```text
//! evaluate_layer FOLDER
//! ```
//!
//! Each line of `FOLDER/cases.txt` is `name mode precision layers`: `mode` is `train` or `eval`, `precision` is `f32`
//! or `f64`. `FOLDER/name.in.safetensors` holds the input `x`, the gradient `dy` of the output, and the
//! parameters and buffers as saved networks have them (`layers.0.weight`). `FOLDER/name.out.safetensors`
//! gets the output `y`, and the gradients of y · dy by the input, `dx`, and by every parameter,
//! `d layers.0.weight`: from the kernels, not from the slow reference.

use std::error::Error;
use std::path::Path;

use spusk::experiment::{Experiment, Layers, Override};
use spusk::layers::AnyLayer;
use spusk::model::Batch;
use spusk::safetensors::{self, Contents, Tensor};
use spusk::session::vocabulary;
use spusk::{Layout, Mode, Model, Net, Parameter};
use spusk_graph::{Element, Op, Plan, PlanSpec, State, StateLayout, Team, Trace, Value, grad};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).ok_or("usage: evaluate_layer FOLDER")?;
    let folder = Path::new(&folder);
    for line in std::fs::read_to_string(folder.join("cases.txt"))?.lines() {
        let mut words = line.splitn(4, ' ');
        let mut word = || words.next().ok_or_else(|| format!("{line}: name mode precision layers"));
        let (name, mode, precision, layers) = (word()?, word()?, word()?, word()?);
        let mode = if mode == "train" { Mode::Train } else { Mode::Eval };
        let given = safetensors::read(&folder.join(format!("{name}.in.safetensors")))?;
        let found = match precision {
            "f32" => evaluate(layers, mode, &given, |tensor| Ok(tensor.to_f32()?.into_owned())),
            _ => evaluate(layers, mode, &given, |tensor| Ok(tensor.to_f64()?.into_owned())),
        };
        let found = found.map_err(|error| format!("{name}: {layers}: {error}"))?;
        let file = std::fs::File::create(folder.join(format!("{name}.out.safetensors")))?;
        let mut file = std::io::BufWriter::new(file);
        safetensors::Layout::new(&found, &Default::default())?.write(&mut file)?;
    }
    Ok(())
}

fn layers_of(text: &str) -> Result<Vec<AnyLayer>> {
    let setting = Override::flag("--model", "model.layers", text);
    let experiment = Experiment::parse("", "", &[setting], vocabulary())?;
    let Layers::These(specs) = experiment.model.layers else { return Err("no layers".into()) };
    Ok(specs.iter().map(AnyLayer::from_spec).collect::<std::result::Result<_, _>>()?)
}

/// The output and all gradients, in the order of elements that files have.
fn evaluate<T: Element + Into<f64>>(
    text: &str,
    mode: Mode,
    given: &Contents,
    numbers: impl Fn(&Tensor) -> Result<Vec<T>>,
) -> Result<Vec<Tensor>> {
    let layers = layers_of(text)?;
    let tensor = |name: &str| given.get(name).ok_or_else(|| format!("there is no `{name}`"));
    let input = tensor("x")?;
    let (&size, features) = input.shape.split_first().ok_or("the input has no batch")?;
    let batch = Batch { size, features: features.into(), target: [].into() };
    let parameters = Model { layers: layers.clone() }.parameters(&batch)?;

    let trace = Trace::new();
    let x = trace.input("x", &input.shape);
    let y = Net::new(&trace, mode).layers(&layers, x);
    let dy = trace.input("dy", &y.shape());
    let states: Vec<(String, Value)> = states(&trace);
    let layout_of = |name: &str| {
        let parameter = parameters.iter().find(|parameter: &&Parameter| parameter.name == name);
        parameter.map_or(Layout::Same, |parameter| parameter.layout)
    };
    let mut variables = vec![x];
    variables.extend(states.iter().map(|&(_, value)| trace.var(value)));
    let gradients = grad((y * dy).sum(), &variables);

    let mut spec = PlanSpec::default();
    spec.output("y", trace.value(y)?);
    let names = std::iter::once("x").chain(states.iter().map(|(name, _)| &**name));
    let outputs: Vec<(String, _)> = names.map(String::from).zip(gradients).collect();
    for (name, gradient) in &outputs {
        spec.output(&format!("d{name}"), trace.value(*gradient)?);
    }
    let graph = trace.graph().clone();
    let shapes = states.iter().map(|(name, value)| (&**name, &graph.shape(*value)[..]));
    let layout = StateLayout::new(shapes);
    let plan = Plan::<T>::compile(&graph, &spec, &layout)?;
    let (mut state, mut work) = (State::new(&layout), plan.workspace());
    for (name, value) in &states {
        let values = numbers(tensor(name)?)?;
        let values = layout_of(name).load(&values, graph.shape(*value));
        state.get_mut(name).ok_or("a state")?.copy_from_slice(&values);
    }
    for name in ["x", "dy"] {
        work.input_mut(name)?.copy_from_slice(&numbers(tensor(name)?)?);
    }
    plan.run(&mut Team::new(2), &mut state, &mut work);

    let wide = |values: &[T]| values.iter().map(|&x| x.into()).collect::<Vec<f64>>();
    let out = |name: &str| plan.output(name, &state, &work);
    let mut found = vec![Tensor::f64("y", y.shape().to_vec(), wide(out("y")?))];
    for (name, gradient) in &outputs {
        let (values, shape) = (wide(out(&format!("d{name}"))?), gradient.shape());
        let layout = layout_of(name);
        let stored = layout.stored_shape(&shape).to_vec();
        let name = if name == "x" { "dx".into() } else { format!("d {name}") };
        found.push(Tensor::f64(name, stored, layout.store(&values, &shape)));
    }
    Ok(found)
}

/// Parameters and buffers, by name.
fn states(trace: &Trace) -> Vec<(String, Value)> {
    let graph = trace.graph();
    let named = |value: Value| match &graph.node(value).op {
        Op::State(state) => Some((state.name.clone(), value)),
        _ => None,
    };
    graph.values().filter_map(named).collect()
}
