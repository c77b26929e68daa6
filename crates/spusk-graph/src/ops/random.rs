use spusk_kernels::{Instruction, RandomKind};

use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// Random numbers that are a pure function of a key and the element's index: the key (four integers
/// below 65536) changes from step to step, the stream tells this node from others.
#[derive(Debug, Clone)]
pub struct Random {
    /// Distribution.
    pub kind: RandomKind,
    /// Unique in the graph.
    pub stream: u64,
    /// Sizes.
    pub shape: Shape,
}

impl Rules for Random {
    const NAME: &'static str = "random";
    fn attributes(&self) -> Attributes {
        let kind = match self.kind {
            RandomKind::Uniform => "uniform",
            RandomKind::Normal => "normal",
        };
        let stream = [self.stream as usize];
        Attributes::none().text("kind", kind).sizes("stream", &stream).sizes("shape", &self.shape)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let kind = match attributes.get_text("kind")?.as_str() {
            "uniform" => RandomKind::Uniform,
            "normal" => RandomKind::Normal,
            other => return Err(format!("kind \"{other}\", expected \"uniform\" or \"normal\"")),
        };
        let [stream] = attributes.get_sizes("stream")?[..] else {
            return Err("attribute `stream` must be one number".into());
        };
        let shape = attributes.get_sizes("shape")?.into();
        Ok(Random { kind, stream: stream as u64, shape })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [key] = expect::<1>(inputs)?;
        if key[..] == [4] {
            Ok(self.shape.clone())
        } else {
            Err(format!("the key has shape {key}, expected [4]"))
        }
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let words = inputs[0].data.iter().rev();
        let key = words.fold(0, |key, &word| key << 16 | (word as u64 & 0xffff));
        let draw = |i| spusk_kernels::random_reference(self.kind, key, self.stream, i as u64);
        Array::new(shape.clone(), (0..shape.size()).map(draw).collect())
    }
    fn vjp<'t>(&self, _: &Call<'t>) -> Vjp<'t> {
        Vjp::Flat { why: "the key is no quantity" }
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| {
            vec![Instruction::Random(spusk_kernels::Random {
                kind: self.kind,
                stream: self.stream,
                key: at.inputs[0],
                output: at.output,
            })]
        }))
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |kind, shape: &[usize]| {
            let op = Random { kind, stream: 3, shape: shape.into() };
            Sample::new(op, &[(&[4], 7.0, 7.0)])
        };
        vec![sample(RandomKind::Uniform, &[3, 5]), sample(RandomKind::Normal, &[18])]
    }
}
