//! The ops: one file each, listed once, at the end of this file.
//!
//! Every op states its shape rule, its gradient in terms of ops, its slow f64 reference and how it
//! lowers; so the set is closed under differentiation, and no other part of the compiler names one.

use std::fmt::Debug;

use spusk_kernels::{Instruction, Place, ReduceKind, TileBinary, TileUnary, Triangle};

use crate::{Array, Convolution, Shape, Var};

/// What an op must know. No method has a default: what is impossible is said, with its reason.
pub trait Rules: Sized + Clone + Debug {
    /// Its name in the text form.
    const NAME: &'static str;

    /// Its parameters in the text form.
    fn attributes(&self) -> Attributes;

    /// Back from the text form.
    fn from_attributes(attributes: &Attributes) -> Result<Self, String>;

    /// The result's shape, or why the operands do not fit.
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String>;

    /// The definition: slow, in f64.
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array;

    /// The vector-Jacobian product: the gradients of the inputs from the gradient of the output.
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t>;

    /// How it runs fast.
    fn lower(&self) -> Lowering<'_>;

    /// Shapes and ranges for the tests, off kinks.
    fn samples() -> Vec<Sample<Self>>;
}

/// One use of an op, seen by its gradient rule.
pub struct Call<'t> {
    /// Its inputs.
    pub inputs: Vec<Var<'t>>,
    /// Its output.
    pub output: Var<'t>,
    /// The gradient of the output.
    pub cotangent: Var<'t>,
}

/// Gradients of an op's inputs.
pub enum Vjp<'t> {
    /// Zero everywhere.
    Flat {
        /// The reason.
        why: &'static str,
    },
    /// One for each input; `None` where it is zero everywhere.
    Inputs(Vec<Option<Var<'t>>>),
}

impl<'t> Vjp<'t> {
    pub(crate) fn all(gradients: impl IntoIterator<Item = Var<'t>>) -> Vjp<'t> {
        Vjp::Inputs(gradients.into_iter().map(Some).collect())
    }
}

/// How an op runs fast.
pub enum Lowering<'a> {
    /// It is given from outside: an input, a state, a constant.
    Leaf,
    /// The same elements under another shape.
    View,
    /// A function of one element, part of a fused kernel.
    Unary(TileUnary),
    /// The larger of the element and 0, part of a fused kernel.
    Relu,
    /// A function of two elements, part of a fused kernel.
    Binary(TileBinary),
    /// A choice between two elements, part of a fused kernel.
    Select,
    /// Repeats along the axes where the input has size 1; inside a fused kernel where it can be.
    Broadcast,
    /// A reduction over axes; inside a fused kernel where it can be.
    Reduce(ReduceKind, &'a [usize]),
    /// A matrix product of the last two axes.
    MatMul,
    /// A part of one.
    Triangle(Triangle),
    /// A convolution or one of its gradients; a row that is added to it becomes its start.
    Conv(Convolution<'a>),
    /// Axes in another order; free in front of a matrix product.
    Transpose(&'a [usize]),
    /// A body that runs again and again.
    Loop,
    /// A kernel of its own.
    Kernel(Box<Emit<'a>>),
}

/// Writes the instructions of an op that has a kernel of its own.
pub type Emit<'a> = dyn Fn(&Placed<'_>) -> Vec<Instruction> + 'a;

/// Where the operands of a kernel of its own lie.
pub struct Placed<'a> {
    /// Shapes of the inputs.
    pub shapes: Vec<&'a Shape>,
    /// The inputs, contiguous.
    pub inputs: Vec<Place>,
    /// Shape of the output.
    pub shape: &'a Shape,
    /// The output, contiguous.
    pub output: Place,
}

/// An op with input shapes and ranges for the tests.
pub struct Sample<O> {
    /// The op.
    pub op: O,
    /// Shape, least and largest value of each input.
    pub inputs: Vec<(Shape, f64, f64)>,
}

impl<O> Sample<O> {
    pub(crate) fn new(op: O, inputs: &[(&[usize], f64, f64)]) -> Sample<O> {
        let inputs = inputs.iter().map(|&(shape, lo, hi)| (shape.into(), lo, hi)).collect();
        Sample { op, inputs }
    }
}

/// Parameters of an op in the text form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attributes(pub Vec<(&'static str, Attribute)>);

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Attribute {
    Sizes(Vec<usize>),
    Numbers(Vec<f64>),
    Number(f64),
    Text(String),
}

impl Attributes {
    pub(crate) fn none() -> Attributes {
        Attributes::default()
    }

    pub(crate) fn sizes(mut self, name: &'static str, sizes: &[usize]) -> Attributes {
        self.0.push((name, Attribute::Sizes(sizes.to_vec())));
        self
    }

    pub(crate) fn numbers(mut self, name: &'static str, numbers: &[f64]) -> Attributes {
        self.0.push((name, Attribute::Numbers(numbers.to_vec())));
        self
    }

    pub(crate) fn number(mut self, name: &'static str, number: f64) -> Attributes {
        self.0.push((name, Attribute::Number(number)));
        self
    }

    pub(crate) fn text(mut self, name: &'static str, text: &str) -> Attributes {
        self.0.push((name, Attribute::Text(text.into())));
        self
    }

    fn get(&self, name: &str) -> Result<&Attribute, String> {
        let found = self.0.iter().find(|(n, _)| *n == name);
        found.map(|(_, a)| a).ok_or_else(|| format!("attribute `{name}` is missing"))
    }

    pub(crate) fn get_sizes(&self, name: &str) -> Result<Vec<usize>, String> {
        match self.get(name)? {
            Attribute::Sizes(sizes) => Ok(sizes.clone()),
            other => Err(format!("attribute `{name}` is {other:?}, expected a list of sizes")),
        }
    }

    pub(crate) fn get_numbers(&self, name: &str) -> Result<Vec<f64>, String> {
        match self.get(name)? {
            Attribute::Numbers(numbers) => Ok(numbers.clone()),
            Attribute::Sizes(sizes) => Ok(sizes.iter().map(|&s| s as f64).collect()),
            other => Err(format!("attribute `{name}` is {other:?}, expected a list of numbers")),
        }
    }

    pub(crate) fn get_number(&self, name: &str) -> Result<f64, String> {
        match self.get(name)? {
            Attribute::Number(number) => Ok(*number),
            other => Err(format!("attribute `{name}` is {other:?}, expected a number")),
        }
    }

    pub(crate) fn get_text(&self, name: &str) -> Result<String, String> {
        match self.get(name)? {
            Attribute::Text(text) => Ok(text.clone()),
            other => Err(format!("attribute `{name}` is {other:?}, expected a text in quotes")),
        }
    }
}

/// Refuses any number of inputs but `N`.
pub(crate) fn expect<const N: usize>(inputs: &[&Shape]) -> Result<[Shape; N], String> {
    let owned: Vec<Shape> = inputs.iter().map(|&s| s.clone()).collect();
    owned.try_into().map_err(|got: Vec<_>| format!("takes {N} inputs, got {}", got.len()))
}

/// Refuses axes that are not strictly ascending or outside of the rank.
pub(crate) fn check_axes(axes: &[usize], shape: &Shape) -> Result<(), String> {
    if axes.iter().any(|&axis| axis >= shape.rank()) {
        return Err(format!("axes {axes:?} of a shape {shape} of rank {}", shape.rank()));
    }
    if axes.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(format!("axes {axes:?} must ascend"));
    }
    Ok(())
}

/// `Rules` of a function of one element: its slow form, its gradient, its tile function, a range
/// for the tests.
macro_rules! unary {
    ($(#[$doc:meta])* $op:ident, $name:literal, $f:expr, $lowering:expr, $lo:literal..$hi:literal,
     |$x:ident, $y:ident, $g:ident| $vjp:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $op;

        impl $crate::ops::Rules for $op {
            const NAME: &'static str = $name;
            fn attributes(&self) -> $crate::ops::Attributes {
                $crate::ops::Attributes::none()
            }
            fn from_attributes(_: &$crate::ops::Attributes) -> Result<Self, String> {
                Ok($op)
            }
            fn infer(&self, inputs: &[&$crate::Shape]) -> Result<$crate::Shape, String> {
                $crate::ops::expect::<1>(inputs).map(|[x]| x)
            }
            fn reference(&self, inputs: &[&$crate::Array], _: &$crate::Shape) -> $crate::Array {
                inputs[0].map($f)
            }
            #[allow(unused_variables)]
            fn vjp<'t>(&self, call: &$crate::ops::Call<'t>) -> $crate::ops::Vjp<'t> {
                let ($x, $y, $g) = (call.inputs[0], call.output, call.cotangent);
                $vjp
            }
            fn lower(&self) -> $crate::ops::Lowering<'_> {
                $lowering
            }
            fn samples() -> Vec<$crate::ops::Sample<Self>> {
                [&[][..], &[1], &[3, 5], &[17]]
                    .iter()
                    .map(|&shape| $crate::ops::Sample::new($op, &[(shape, $lo, $hi)]))
                    .collect()
            }
        }
    };
}

/// `Rules` of a function of two elements.
macro_rules! binary {
    ($(#[$doc:meta])* $op:ident, $name:literal, $f:expr, $tile:expr,
     $alo:literal..$ahi:literal, $blo:literal..$bhi:literal,
     |$a:ident, $b:ident, $y:ident, $g:ident| $vjp:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $op;

        impl $crate::ops::Rules for $op {
            const NAME: &'static str = $name;
            fn attributes(&self) -> $crate::ops::Attributes {
                $crate::ops::Attributes::none()
            }
            fn from_attributes(_: &$crate::ops::Attributes) -> Result<Self, String> {
                Ok($op)
            }
            fn infer(&self, inputs: &[&$crate::Shape]) -> Result<$crate::Shape, String> {
                let [a, b] = $crate::ops::expect::<2>(inputs)?;
                if a == b { Ok(a) } else { Err(format!("operands have shapes {a} and {b}; broadcast one")) }
            }
            fn reference(&self, inputs: &[&$crate::Array], _: &$crate::Shape) -> $crate::Array {
                inputs[0].zip(inputs[1], $f)
            }
            #[allow(unused_variables)]
            fn vjp<'t>(&self, call: &$crate::ops::Call<'t>) -> $crate::ops::Vjp<'t> {
                let ($a, $b, $y, $g) =
                    (call.inputs[0], call.inputs[1], call.output, call.cotangent);
                $vjp
            }
            fn lower(&self) -> $crate::ops::Lowering<'_> {
                $crate::ops::Lowering::Binary($tile)
            }
            fn samples() -> Vec<$crate::ops::Sample<Self>> {
                [&[][..], &[1], &[3, 5], &[17]]
                    .iter()
                    .map(|&s| $crate::ops::Sample::new($op, &[(s, $alo, $ahi), (s, $blo, $bhi)]))
                    .collect()
            }
        }
    };
}

macro_rules! ops {
    ($($op:ident,)*) => {
        /// Every op there is.
        #[derive(Debug, Clone)]
        #[allow(missing_docs)]
        pub enum Op {
            $($op($op),)*
        }

        $(impl From<$op> for Op {
            fn from(op: $op) -> Op {
                Op::$op(op)
            }
        })*

        impl Op {
            /// The names of all ops.
            pub const NAMES: &'static [&'static str] = &[$($op::NAME,)*];

            /// Its name in the text form.
            pub fn name(&self) -> &'static str {
                match self { $(Op::$op(_) => $op::NAME,)* }
            }

            /// Its parameters in the text form.
            pub fn attributes(&self) -> Attributes {
                match self { $(Op::$op(op) => op.attributes(),)* }
            }

            /// Back from the text form.
            pub fn from_text(name: &str, attributes: &Attributes) -> Result<Op, String> {
                $(if name == $op::NAME {
                    return $op::from_attributes(attributes).map(Op::from);
                })*
                Err(format!("no op is named `{name}`; there are {}", Op::NAMES.join(", ")))
            }

            /// The result's shape, or why the operands do not fit.
            pub fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
                match self { $(Op::$op(op) => op.infer(inputs),)* }
            }

            /// The definition: slow, in f64.
            pub fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
                match self { $(Op::$op(op) => op.reference(inputs, shape),)* }
            }

            /// The gradients of the inputs from the gradient of the output.
            pub fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
                match self { $(Op::$op(op) => op.vjp(call),)* }
            }

            /// How it runs fast.
            pub fn lower(&self) -> Lowering<'_> {
                match self { $(Op::$op(op) => op.lower(),)* }
            }

            /// Samples of every op for the tests.
            pub fn samples() -> Vec<Sample<Op>> {
                let mut all = Vec::new();
                $(all.extend($op::samples().into_iter().map(|sample| Sample {
                    op: Op::from(sample.op),
                    inputs: sample.inputs,
                }));)*
                all
            }
        }
    };
}

mod abs;
mod add;
mod argmax;
mod broadcast;
mod concat;
mod constant;
mod conv;
mod conv_input;
mod conv_weight;
mod cos;
mod div;
mod equal;
mod erf;
mod exp;
mod expm1;
mod floor;
mod gather;
mod greater;
mod input;
mod literal;
mod log;
mod log1p;
mod matmul;
mod matmul_triangle;
mod max;
mod max_pool;
mod min;
mod mul;
mod neg;
mod pad;
mod pick;
mod pool_pick;
mod pool_spread;
mod pooling;
mod pow;
mod random;
mod reciprocal;
mod reduce_max;
mod relu;
mod resample;
mod reshape;
mod scan;
mod scatter_add;
mod select;
mod sigmoid;
mod sign;
mod sin;
mod slice;
mod sqrt;
mod state;
mod step;
mod stop_gradient;
mod sub;
mod sum;
mod tanh;
mod transpose;

pub use abs::Abs;
pub use add::Add;
pub use argmax::ArgMax;
pub use broadcast::Broadcast;
pub(crate) use broadcast::repeating_strides;
pub use concat::Concat;
pub use constant::Constant;
pub use conv::Conv;
pub use conv_input::ConvInput;
pub use conv_weight::ConvWeight;
pub use cos::Cos;
pub use div::Div;
pub use equal::Equal;
pub use erf::Erf;
pub use exp::Exp;
pub use expm1::Expm1;
pub use floor::Floor;
pub use gather::Gather;
pub use greater::Greater;
pub use input::Input;
pub use literal::Literal;
pub use log::Log;
pub use log1p::Log1p;
pub use matmul::MatMul;
pub use matmul_triangle::MatMulTriangle;
pub use max::Max;
pub use max_pool::MaxPool;
pub use min::Min;
pub use mul::Mul;
pub use neg::Neg;
pub use pad::Pad;
pub use pick::Pick;
pub use pool_pick::PoolPick;
pub use pool_spread::PoolSpread;
pub use pooling::Pooling;
pub use pow::Pow;
pub use random::Random;
pub use reciprocal::Reciprocal;
pub use reduce_max::ReduceMax;
pub use relu::Relu;
pub use resample::Resample;
pub use reshape::Reshape;
pub use scan::Scan;
pub use scatter_add::ScatterAdd;
pub use select::Select;
pub use sigmoid::Sigmoid;
pub use sign::Sign;
pub use sin::Sin;
pub use slice::Slice;
pub use sqrt::Sqrt;
pub use state::State;
pub use step::Step;
pub use stop_gradient::StopGradient;
pub use sub::Sub;
pub use sum::Sum;
pub use tanh::Tanh;
pub use transpose::Transpose;

ops![
    Abs,
    Add,
    ArgMax,
    Broadcast,
    Concat,
    Constant,
    Conv,
    ConvInput,
    ConvWeight,
    Cos,
    Div,
    Equal,
    Erf,
    Exp,
    Expm1,
    Floor,
    Gather,
    Greater,
    Input,
    Literal,
    Log,
    Log1p,
    MatMul,
    MatMulTriangle,
    Max,
    MaxPool,
    Min,
    Mul,
    Neg,
    Pad,
    Pick,
    PoolPick,
    PoolSpread,
    Pow,
    Random,
    Reciprocal,
    ReduceMax,
    Relu,
    Resample,
    Reshape,
    Scan,
    ScatterAdd,
    Select,
    Sigmoid,
    Sign,
    Sin,
    Slice,
    Sqrt,
    State,
    Step,
    StopGradient,
    Sub,
    Sum,
    Tanh,
    Transpose,
];
