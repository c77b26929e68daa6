//! Recurrences: the operator `Scan` of ONNX, with a body of its own.

use spusk_graph::ops::Scan;
use spusk_graph::{Op, Value};

use super::lower::{Lowerer, Operand, Source, Writer, changes, extents, unsupported};
use super::needed;
use super::parts::{Attribute, Block, Node, Port};

/// Writes a recurrence and all that is picked of its record.
pub(super) fn lower(
    outer: &mut Lowerer<'_>,
    writer: &mut Writer<'_, '_>,
    block: &mut Block,
    (value, scans): (Value, [&Scan; 2]),
    used: &[bool],
) -> Result<(), spusk_graph::GraphError> {
    let nodes = outer.nodes(value);
    let scope = nodes[0].scope.to_string();
    let [scan, _] = scans;
    let picks = picks(outer, value, scans, used)?;
    let (carries, sequences) = (scan.carries.len(), scan.sequences);
    let given = nodes[0].inputs.clone();

    let bodies = scans.map(|scan| &*scan.body);
    let mut inner = Lowerer::new(bodies)?;
    let mut body = Block { name: writer.fresh(&format!("{scope} turn")), ..Block::default() };
    for (i, input) in bodies[0].values().take(given.len()).enumerate() {
        let turn = inner.nodes(input);
        inner.found[i] = Some(if i < carries + sequences {
            let name = writer.fresh(if i < carries { "carry" } else { "element" });
            let sizes = extents(writer, turn[0], [&turn[0].shape, &turn[1].shape])?;
            body.inputs.push(Port { name: name.clone(), sizes });
            Operand { source: Source::Named(name), shapes: turn.map(|node| node.shape.clone()) }
        } else {
            // A body sees what stands around it.
            outer.operand(given[i])?
        });
    }
    let wanted = scan.carries.iter().chain(picks.iter().map(|(_, value)| value)).copied();
    let needed = needed(bodies[0], wanted.clone());
    for value in bodies[0].values().filter(|value| needed[value.index()]) {
        inner.lower(writer, &mut body, value, &needed)?;
    }
    for value in wanted {
        let name = writer.fresh("next");
        let sizes = inner.extents(writer, value)?;
        inner.put_out(writer, &mut body, value, &name)?;
        body.outputs.push(Port { name, sizes });
    }

    let mut inputs = Vec::new();
    for &input in &given[..carries + sequences] {
        inputs.push(outer.full(writer, block, input)?);
    }
    let mut outputs: Vec<String> = (0..carries).map(|_| writer.fresh("end")).collect();
    for &(pick, _) in &picks {
        let name = writer.fresh("stacked");
        let shapes = outer.nodes(pick).map(|node| node.shape.clone());
        outer.found[pick.index()] = Some(Operand { source: Source::Named(name.clone()), shapes });
        outputs.push(name);
    }
    let mut attributes = vec![
        ("body", Attribute::Graph(body)),
        ("num_scan_inputs", Attribute::Int(sequences as i64)),
    ];
    if scan.reverse {
        attributes.push(("scan_input_directions", Attribute::Ints(vec![1; sequences])));
        attributes.push(("scan_output_directions", Attribute::Ints(vec![1; picks.len()])));
    }
    let name = writer.fresh(&format!("{}/Scan", scope.replace(' ', ".")));
    block.nodes.push(Node { op: "Scan", name, inputs, outputs, attributes });
    Ok(())
}

/// The nodes that take something out of the record, and the values of the body that they take.
fn picks(
    outer: &Lowerer<'_>,
    value: Value,
    scans: [&Scan; 2],
    used: &[bool],
) -> Result<Vec<(Value, Value)>, spusk_graph::GraphError> {
    let mut found = Vec::new();
    let readers = outer.graphs[0].values().filter(|v| used[v.index()]);
    for reader in readers.filter(|&v| outer.nodes(v)[0].inputs.contains(&value)) {
        let nodes = outer.nodes(reader);
        let taken = |i: usize| match &nodes[i].op {
            Op::Pick(pick) => scans[i].picked(pick.start, pick.shape.size()),
            _ => None,
        };
        match (taken(0), taken(1)) {
            (Some(first), Some(second)) if first == second => found.push((reader, first)),
            (Some(_), Some(_)) => return Err(changes(nodes[0], "what is taken")),
            _ => return Err(unsupported(nodes[0])),
        }
    }
    Ok(found)
}
