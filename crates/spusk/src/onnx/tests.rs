//! What stands in the files; `benches/agreement_onnx.py` runs them.

use std::collections::{BTreeMap, BTreeSet};

use spusk_graph::Triangle;
use spusk_graph::ops::ScatterAdd;
use spusk_graph::{GraphError, Trace, Var};

use super::wire::tests::{Field, fields};
use super::{Network, Options, export};
use crate::Net;
use crate::layers::{AnyLayer, Dense, Embedding};
use crate::net::Mode;
use crate::zoo::AnyNetwork;

/// The messages or texts of a field.
fn runs(message: &[u8], field: u64) -> Vec<Vec<u8>> {
    let found = fields(message).into_iter().filter(|(number, _)| *number == field);
    let bytes = found.map(|(_, content)| match content {
        Field::Bytes(bytes) => bytes,
        Field::Int(number) => panic!("field {field} is the number {number}"),
    });
    bytes.collect()
}

fn texts(message: &[u8], field: u64) -> Vec<String> {
    runs(message, field).into_iter().map(|run| String::from_utf8(run).expect("a text")).collect()
}

fn text(message: &[u8], field: u64) -> String {
    texts(message, field).concat()
}

fn ints(message: &[u8], field: u64) -> Vec<i64> {
    let found = fields(message).into_iter().filter(|(number, _)| *number == field);
    let numbers = found.map(|(_, content)| match content {
        Field::Int(number) => number,
        Field::Bytes(_) => panic!("field {field} is a run of bytes"),
    });
    numbers.collect()
}

/// The graph of a file.
fn main_graph(file: &[u8]) -> Vec<u8> {
    runs(file, 7).pop().expect("a graph")
}

/// Operators of a graph, in their order.
fn operators(graph: &[u8]) -> Vec<String> {
    runs(graph, 1).iter().map(|node| text(node, 4)).collect()
}

/// Sizes of an input or output: a number, or the name of an axis.
fn sizes(port: &[u8]) -> Vec<String> {
    let tensor = runs(&runs(port, 2)[0], 1).concat();
    assert_eq!(ints(&tensor, 1), [1], "32-bit floats");
    let dimension = |dimension: &Vec<u8>| match ints(dimension, 1)[..] {
        [size] => size.to_string(),
        _ => text(dimension, 2),
    };
    runs(&runs(&tensor, 2)[0], 1).iter().map(dimension).collect()
}

/// Every value is made once, before its use; bodies see what stands around them.
fn check_names(graph: &[u8], known: &mut BTreeSet<String>) {
    let define = |known: &mut BTreeSet<String>, name: String| {
        assert!(known.insert(name.clone()), "`{name}` is there twice");
    };
    runs(graph, 11).iter().for_each(|input| define(known, text(input, 1)));
    runs(graph, 5).iter().for_each(|tensor| define(known, text(tensor, 8)));
    for node in runs(graph, 1) {
        let name = text(&node, 3);
        for input in texts(&node, 1) {
            assert!(known.contains(&input), "`{name}` reads `{input}`, which is not there yet");
        }
        for attribute in runs(&node, 5) {
            runs(&attribute, 6).iter().for_each(|body| check_names(body, &mut known.clone()));
        }
        texts(&node, 2).into_iter().for_each(|output| define(known, output));
    }
    let outputs = runs(graph, 12);
    assert!(!outputs.is_empty());
    outputs.iter().for_each(|output| assert!(known.contains(&text(output, 1))));
}

/// A file of a formula over `x[B, …]`, with weights 1, 2, 3, …
fn file(
    shape: &[usize],
    options: &Options,
    formula: impl for<'t> Fn(Var<'t>) -> Var<'t>,
) -> Result<Vec<u8>, GraphError> {
    let network = |batch: usize| {
        let trace = Trace::new();
        let y = formula(trace.input("x", &[&[batch], shape].concat()));
        let outputs = vec![("y".to_string(), trace.value(y)?)];
        Ok(Network { graph: trace.graph().clone(), outputs })
    };
    let weights: Vec<f32> = (1..=6).map(|i| i as f32).collect();
    export(&network, &|name| (name == "w").then_some(&weights[..]), options)
}

#[test]
fn a_file_says_what_it_is() {
    let options = Options {
        name: "two".into(),
        description: "A formula.".into(),
        metadata: vec![("key".into(), "значение".into())],
        ..Options::default()
    };
    let file = file(&[3], &options, |x| x.matmul(x.trace().state("w", &[3, 2])).tanh());
    let file = file.expect("it can be said");
    assert_eq!(ints(&file, 1), [8], "version of the format");
    assert_eq!(text(&file, 2), "spusk");
    assert_eq!(text(&file, 6), "A formula.");
    assert_eq!(ints(&runs(&file, 8)[0], 2), [17], "opset");
    let facts = runs(&file, 14);
    assert_eq!((text(&facts[0], 1), text(&facts[0], 2)), ("key".into(), "значение".into()));
    let graph = main_graph(&file);
    assert_eq!(text(&graph, 2), "two");
    assert_eq!(operators(&graph), ["MatMul", "Tanh", "Identity"]);
    assert_eq!(sizes(&runs(&graph, 11)[0]), ["batch", "3"]);
    assert_eq!(sizes(&runs(&graph, 12)[0]), ["batch", "2"]);
    let [weight] = &runs(&graph, 5)[..] else { panic!("one weight") };
    assert_eq!(
        (text(weight, 8), ints(weight, 1), ints(weight, 2)),
        ("w".into(), vec![3, 2], vec![1])
    );
    let numbers: Vec<u8> = (1..=6).flat_map(|i| (i as f32).to_le_bytes()).collect();
    assert_eq!(runs(weight, 9), [numbers]);
    check_names(&graph, &mut BTreeSet::new());
}

#[test]
fn triangles_of_products_are_cut_by_an_operator() {
    let file = file(&[4, 4], &Options::default(), |x| {
        let scores = x.matmul_triangle(x.tanh(), Triangle::Lower);
        scores.matmul_triangle(x, Triangle::LeftLower)
    });
    let graph = main_graph(&file.expect("it can be said"));
    assert_eq!(operators(&graph), ["Tanh", "MatMul", "Trilu", "Trilu", "MatMul", "Identity"]);
}

#[test]
fn what_weights_alone_decide_is_computed() {
    let file = file(&[2], &Options::default(), |x| {
        let w = x.trace().state("w", &[3, 2]).transpose(&[1, 0]) * 2.0;
        x.matmul(w.slice(&[0, 1], &[2, 2])).relu()
    });
    let graph = main_graph(&file.expect("it can be said"));
    assert_eq!(operators(&graph), ["MatMul", "Relu", "Identity"]);
    // Column 1 of wᵀ · 2.
    let numbers: Vec<u8> = [6.0f32, 8.0].into_iter().flat_map(f32::to_le_bytes).collect();
    assert_eq!(runs(&runs(&graph, 5)[0], 9), [numbers]);
}

#[test]
fn sizes_that_grow_with_the_batch_are_found_when_the_file_is_run() {
    let file = file(&[4], &Options::default(), |x| {
        let batch = x.shape()[0];
        let spread = x.reshape(&[batch, 1, 4]).broadcast(&[batch, 3, 4]).reshape(&[batch * 3, 4]);
        spread.sum_keeping(&[1])
    });
    let graph = main_graph(&file.expect("it can be said"));
    assert_eq!(operators(&graph), ["Reshape", "Expand", "Reshape", "ReduceSum", "Identity"]);
    assert_eq!(sizes(&runs(&graph, 12)[0]), ["", "1"], "three times the batch has no name");
    check_names(&graph, &mut BTreeSet::new());
}

#[test]
fn one_batch_size_is_said_as_a_number() {
    let options = Options { batch: Some(5), ..Options::default() };
    let file = file(&[4], &options, |x| x * 2.0).expect("it can be said");
    assert_eq!(sizes(&runs(&main_graph(&file), 11)[0]), ["5", "4"]);
}

#[test]
fn a_recurrence_is_a_scan() {
    let file = file(&[7, 2], &Options::default(), |x| {
        let batch = x.shape()[0];
        let start = x.trace().full(0.0, &[batch, 2]);
        let sequence = x.transpose(&[1, 0, 2]);
        let found =
            x.trace().scan(true, &[start], &[sequence], &[], |c, x, _| vec![c[0] * 0.5 + x[0]]);
        found[0].transpose(&[1, 0, 2])
    });
    let graph = main_graph(&file.expect("it can be said"));
    let nodes = runs(&graph, 1);
    let scan = nodes.iter().find(|node| text(node, 4) == "Scan").expect("a scan");
    let attributes: BTreeMap<String, Vec<u8>> =
        runs(scan, 5).into_iter().map(|attribute| (text(&attribute, 1), attribute)).collect();
    assert_eq!(ints(&attributes["num_scan_inputs"], 3), [1]);
    assert_eq!(ints(&attributes["scan_input_directions"], 8), [1]);
    assert_eq!(ints(&attributes["scan_output_directions"], 8), [1]);
    let body = runs(&attributes["body"], 6).concat();
    assert_eq!((runs(&body, 11).len(), runs(&body, 12).len()), (2, 2));
    assert_eq!(operators(&body), ["Mul", "Add", "Identity", "Identity"]);
    check_names(&graph, &mut BTreeSet::new());
}

#[test]
fn what_onnx_does_not_have_is_refused_by_name() {
    let check = |made: Result<Vec<u8>, GraphError>, want: &str| {
        let error = made.expect_err(want).to_string();
        assert!(error.contains(want), "{error}");
    };
    check(
        file(&[2], &Options::default(), |x| {
            let ids = x.reshape(&[x.shape().size()]);
            x.trace().scoped("layers.0 odd", || {
                let rows = ids.reshape(&[ids.shape().size(), 1]);
                x.trace().apply(ScatterAdd { rows: 3 }, &[ids, rows])
            })
        }),
        "layers.0 odd: the op `scatter_add` has no counterpart in ONNX opset 17",
    );
    check(
        file(&[2], &Options::default(), |x| x * x.shape()[0] as f64),
        "constant: a number depends on the batch size, and not in proportion to it",
    );
    check(
        file(&[2], &Options::default(), |x| x.pad(&[0, 1], &[x.shape()[0] + 1, 0])),
        "depends on the batch size, and not in proportion to it; export for one batch size",
    );
    check(
        file(&[2], &Options::default(), |x| x + x.trace().state("v", &[1, 2])),
        "the weight `v` has no value",
    );
    check(
        file(&[2], &Options::default(), |x| x + x.trace().state("w", &[1, 2])),
        "the weight `w` has 6 numbers, expected 2",
    );
}

/// The layers of a network of the zoo behind what it reads, and a last one.
fn whole(network: &AnyNetwork) -> (Vec<AnyLayer>, Vec<usize>) {
    let mut layers = network.layers().expect("the defaults fit");
    let shape = match network {
        AnyNetwork::Autoencoder(_)
        | AnyNetwork::Mlp(_)
        | AnyNetwork::Modular(_)
        | AnyNetwork::Custom(_) => vec![12],
        AnyNetwork::Cnn(_) | AnyNetwork::Lenet(_) | AnyNetwork::ConvAutoencoder(_) => {
            vec![28, 28, 1]
        }
        AnyNetwork::Resnet(_) | AnyNetwork::Denoiser(_) | AnyNetwork::Upscaler(_) => {
            vec![12, 12, 3]
        }
        AnyNetwork::Gru(_)
        | AnyNetwork::Lstm(_)
        | AnyNetwork::Tcn(_)
        | AnyNetwork::Textcnn(_)
        | AnyNetwork::Transformer(_) => {
            if layers[0].name() != "embedding" {
                layers.insert(0, Embedding::new(8).into());
            }
            let AnyLayer::Embedding(embedding) = &mut layers[0] else {
                unreachable!("just put there")
            };
            (embedding.vocab_size, embedding.padding) = (9, true);
            vec![10]
        }
    };
    layers.push(Dense::new(2).into());
    (layers, shape)
}

#[test]
fn every_network_of_the_zoo_is_a_sound_file() {
    for help in AnyNetwork::HELP {
        let spec = crate::options::tests::least(help);
        let (layers, shape) = whole(&AnyNetwork::from_spec(&spec).expect("the defaults"));
        let network = |batch: usize| {
            let trace = Trace::new();
            let x = trace.input("x", &[&[batch], &shape[..]].concat());
            let y = Net::new(&trace, Mode::Eval).layers(&layers, x);
            let outputs = vec![("y".to_string(), trace.value(y)?)];
            Ok(Network { graph: trace.graph().clone(), outputs })
        };
        let zeros = vec![0.0; 1 << 22];
        let sizes = weights(&network(1).expect("it fits"));
        let values = |name: &str| sizes.get(name).map(|&size| &zeros[..size]);
        let file = export(&network, &values, &Options::default());
        let file = file.unwrap_or_else(|error| panic!("{}: {error}", help.name));
        check_names(&main_graph(&file), &mut BTreeSet::new());
    }
}

/// Sizes of the weights of a network.
fn weights(network: &Network) -> BTreeMap<String, usize> {
    let states = network.graph.nodes().iter().filter_map(|node| match &node.op {
        spusk_graph::Op::State(state) => Some((state.name.clone(), state.shape.size())),
        _ => None,
    });
    states.collect()
}
