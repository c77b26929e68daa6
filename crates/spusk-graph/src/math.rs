//! What a variable can do: the ops as methods, with NumPy's broadcasting, and functions made of
//! them.

use std::ops::{Add, Div, Mul, Neg, Sub};

use spusk_kernels::{Band, RandomKind, Triangle};

use crate::Shape;
use crate::ops;
use crate::trace::Var;

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        impl<'t> Var<'t> {
            $($(#[$doc])*
            pub fn $name(self) -> Var<'t> {
                self.trace().apply(ops::$op, &[self])
            })*
        }
    };
}

unary! {
    /// |x|.
    abs => Abs;
    /// Index of the largest element along the last axis, which stays with size 1.
    argmax => ArgMax;
    /// cos x.
    cos => Cos;
    /// The error function.
    erf => Erf;
    /// eˣ.
    exp => Exp;
    /// eˣ - 1, accurate near 0.
    expm1 => Expm1;
    /// The largest integer not above x.
    floor => Floor;
    /// ln x.
    log => Log;
    /// ln(1 + x), accurate near 0.
    log1p => Log1p;
    /// 1/x.
    reciprocal => Reciprocal;
    /// max(x, 0).
    relu => Relu;
    /// 1 / (1 + e⁻ˣ).
    sigmoid => Sigmoid;
    /// -1, 0 or 1.
    sign => Sign;
    /// sin x.
    sin => Sin;
    /// √x.
    sqrt => Sqrt;
    /// 1 where x > 0, else 0.
    step => Step;
    /// The same value; no gradient flows back through it.
    stop_gradient => StopGradient;
    /// tanh x.
    tanh => Tanh;
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        impl<'t> Var<'t> {
            $($(#[$doc])*
            pub fn $name(self, other: impl IntoVar<'t>) -> Var<'t> {
                let (a, b) = together(self, other.into_var(self));
                self.trace().apply(ops::$op, &[a, b])
            })*
        }
    };
}

binary! {
    /// 1 where self > other, else 0.
    greater => Greater;
    /// 1 where self = other, else 0.
    equal => Equal;
    /// The larger, NaN if either is NaN.
    max => Max;
    /// The smaller, NaN if either is NaN.
    min => Min;
    /// self to the power other.
    pow => Pow;
}

/// A variable, or a number that becomes one.
pub trait IntoVar<'t> {
    /// In the trace of `like`.
    fn into_var(self, like: Var<'t>) -> Var<'t>;
}

impl<'t> IntoVar<'t> for Var<'t> {
    fn into_var(self, _: Var<'t>) -> Var<'t> {
        self
    }
}

impl<'t> IntoVar<'t> for f64 {
    fn into_var(self, like: Var<'t>) -> Var<'t> {
        like.trace().constant(self)
    }
}

/// Both operands broadcast to their common shape.
fn together<'t>(a: Var<'t>, b: Var<'t>) -> (Var<'t>, Var<'t>) {
    if a.value().is_none() || b.value().is_none() {
        return (a, b);
    }
    match Shape::broadcast(&a.shape(), &b.shape()) {
        Some(shape) => (a.broadcast(&shape), b.broadcast(&shape)),
        // The op itself says what does not fit.
        None => (a, b),
    }
}

macro_rules! operator {
    ($($trait:ident $method:ident;)*) => {
        $(impl<'t> $trait<Var<'t>> for Var<'t> {
            type Output = Var<'t>;
            fn $method(self, other: Var<'t>) -> Var<'t> {
                let (a, b) = together(self, other);
                self.trace().apply(ops::$trait, &[a, b])
            }
        }

        impl<'t> $trait<f64> for Var<'t> {
            type Output = Var<'t>;
            fn $method(self, other: f64) -> Var<'t> {
                $trait::$method(self, self.trace().constant(other))
            }
        }

        impl<'t> $trait<Var<'t>> for f64 {
            type Output = Var<'t>;
            fn $method(self, other: Var<'t>) -> Var<'t> {
                $trait::$method(other.trace().constant(self), other)
            }
        })*
    };
}

operator! {
    Add add;
    Sub sub;
    Mul mul;
    Div div;
}

impl<'t> Neg for Var<'t> {
    type Output = Var<'t>;
    fn neg(self) -> Var<'t> {
        self.trace().apply(ops::Neg, &[self])
    }
}

/// Shapes.
impl<'t> Var<'t> {
    /// The same elements under another shape.
    pub fn reshape(self, shape: &[usize]) -> Var<'t> {
        if self.value().is_none() || self.shape()[..] == *shape {
            return self;
        }
        self.trace().apply(ops::Reshape { shape: shape.into() }, &[self])
    }

    /// Repeated to `shape` by NumPy's rule: aligned at the last axis, along axes of size 1.
    pub fn broadcast(self, shape: &[usize]) -> Var<'t> {
        let from = self.shape();
        if self.value().is_none() || from[..] == *shape {
            return self;
        }
        let Some(missing) = shape.len().checked_sub(from.rank()) else {
            return self.trace().fail(format!("broadcast: {from} has more axes than {shape:?}"));
        };
        let aligned = [&vec![1; missing][..], &from[..]].concat();
        let aligned = self.reshape(&aligned);
        if aligned.shape()[..] == *shape {
            return aligned;
        }
        self.trace().apply(ops::Broadcast { shape: shape.into() }, &[aligned])
    }

    /// Axes in another order.
    pub fn transpose(self, order: &[usize]) -> Var<'t> {
        self.trace().apply(ops::Transpose { order: order.to_vec() }, &[self])
    }

    /// The last two axes exchanged.
    pub fn transpose_last(self) -> Var<'t> {
        let rank = self.shape().rank();
        if rank < 2 {
            return self.trace().fail(format!("transpose: {} is no matrix", self.shape()));
        }
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(rank - 2, rank - 1);
        self.transpose(&order)
    }

    /// Elements `starts..ends` along every axis.
    pub fn slice(self, starts: &[usize], ends: &[usize]) -> Var<'t> {
        self.trace().apply(ops::Slice { starts: starts.to_vec(), ends: ends.to_vec() }, &[self])
    }

    /// Elements `start..end` along one axis.
    pub fn narrow(self, axis: usize, start: usize, end: usize) -> Var<'t> {
        let shape = self.shape();
        if axis >= shape.rank() {
            return self.trace().fail(format!("narrow: {shape} has no axis {axis}"));
        }
        let (mut starts, mut ends) = (vec![0; shape.rank()], shape.to_vec());
        (starts[axis], ends[axis]) = (start, end);
        self.slice(&starts, &ends)
    }

    /// Zeros before and after, along every axis.
    pub fn pad(self, before: &[usize], after: &[usize]) -> Var<'t> {
        self.trace().apply(ops::Pad { before: before.to_vec(), after: after.to_vec() }, &[self])
    }

    /// This and others, one after the other along an axis.
    pub fn concat(self, others: &[Var<'t>], axis: usize) -> Var<'t> {
        let all = [&[self][..], others].concat();
        self.trace().apply(ops::Concat { axis }, &all)
    }

    /// 0 everywhere, in this shape.
    pub fn zeros_like(self) -> Var<'t> {
        self.trace().full(0.0, &self.shape())
    }

    /// Number of elements.
    pub fn size(self) -> usize {
        self.shape().size()
    }
}

/// Products, choices, reductions.
impl<'t> Var<'t> {
    /// `y[…, M, N] = self[…, M, K] · other[…, K, N]`. Leading axes of `self` that `other` lacks are
    /// taken as more rows.
    pub fn matmul(self, other: Var<'t>) -> Var<'t> {
        let (a, b) = (self.shape(), other.shape());
        if a.rank() > 2 && b.rank() == 2 {
            let depth = a[a.rank() - 1];
            let rows = a.size().checked_div(depth).unwrap_or(0);
            let flat = self.reshape(&[rows, depth]).matmul(other);
            return flat.reshape(&[&a[..a.rank() - 1], &b[1..]].concat());
        }
        self.trace().apply(ops::MatMul, &[self, other])
    }

    /// A part of the product of matrices with equal leading axes, see [`ops::MatMulTriangle`]; or all of it.
    pub fn matmul_triangle(self, other: Var<'t>, triangle: Triangle) -> Var<'t> {
        if triangle == Triangle::None {
            return self.matmul(other);
        }
        self.trace().apply(ops::MatMulTriangle { triangle }, &[self, other])
    }

    /// `a` where this is not 0, else `b`.
    pub fn select(self, a: impl IntoVar<'t>, b: impl IntoVar<'t>) -> Var<'t> {
        let (a, b) = together(a.into_var(self), b.into_var(self));
        let (condition, a) = together(self, a);
        let (condition, b) = together(condition, b);
        let (a, b) = together(a, b);
        self.trace().apply(ops::Select, &[condition, a, b])
    }

    /// The sum over some axes, which stay with size 1.
    pub fn sum_keeping(self, axes: &[usize]) -> Var<'t> {
        if axes.is_empty() {
            return self;
        }
        self.trace().apply(ops::Sum { axes: axes.to_vec() }, &[self])
    }

    /// The largest of each window of `self[B, H, W, C]`.
    pub fn max_pool(self, pooling: ops::Pooling) -> Var<'t> {
        self.trace().apply(ops::MaxPool { pooling }, &[self])
    }

    /// A band matrix times every line along an axis; its columns are the axis' elements.
    pub fn resample(self, axis: usize, bands: Vec<Band>) -> Var<'t> {
        let Some(&size) = self.shape().get(axis) else {
            return match self.value() {
                Some(_) => {
                    self.trace().fail(format!("resample: {} has no axis {axis}", self.shape()))
                }
                None => self,
            };
        };
        self.trace().apply(ops::Resample { axis, size, bands }, &[self])
    }

    /// `y[…, D]`: rows of the table `self[V, D]` by the numbers `ids[…]`; NaN where there is no such row.
    pub fn gather(self, ids: Var<'t>) -> Var<'t> {
        self.trace().apply(ops::Gather, &[self, ids])
    }

    /// The maximum over some axes, which stay with size 1.
    pub fn max_keeping(self, axes: &[usize]) -> Var<'t> {
        self.trace().apply(ops::ReduceMax { axes: axes.to_vec() }, &[self])
    }

    /// The mean over some axes, which stay with size 1.
    pub fn mean_keeping(self, axes: &[usize]) -> Var<'t> {
        let shape = self.shape();
        let count: usize = axes.iter().filter_map(|&axis| shape.get(axis)).product();
        self.sum_keeping(axes) * (1.0 / count as f64)
    }

    /// The sum of all elements, a scalar.
    pub fn sum(self) -> Var<'t> {
        let axes: Vec<usize> = (0..self.shape().rank()).collect();
        self.sum_keeping(&axes).reshape(&[])
    }

    /// The mean of all elements, a scalar.
    pub fn mean(self) -> Var<'t> {
        self.sum() * (1.0 / self.size() as f64)
    }

    /// Numbers of the given shape, uniform in [0, 1); `self` is the key, four integers below 65536.
    pub fn uniform(self, shape: &[usize]) -> Var<'t> {
        self.random(RandomKind::Uniform, shape)
    }

    /// Numbers of the given shape, normal with mean 0 and variance 1; `self` is the key.
    pub fn normal(self, shape: &[usize]) -> Var<'t> {
        self.random(RandomKind::Normal, shape)
    }

    fn random(self, kind: RandomKind, shape: &[usize]) -> Var<'t> {
        let stream = self.trace().next_stream();
        self.trace().apply(ops::Random { kind, stream, shape: shape.into() }, &[self])
    }
}

/// Functions made of ops.
impl<'t> Var<'t> {
    /// x².
    pub fn square(self) -> Var<'t> {
        self * self
    }

    /// ln(1 + eˣ), without overflow: max(x, 0) + ln(1 + e^-|x|). Its derivative is 1/2 at 0.
    pub fn softplus(self) -> Var<'t> {
        // Not `abs`, whose derivative is 0 at 0, where ReLU's is too.
        let minus_abs = self.step().select(-self, self);
        self.relu() + minus_abs.exp().log1p()
    }

    /// x - ln Σ eˣ along the last axis, without overflow: the largest element is subtracted first.
    pub fn log_softmax(self) -> Var<'t> {
        let Some(last) = self.shape().rank().checked_sub(1) else {
            return self.trace().fail("log_softmax: a scalar has no last axis");
        };
        // The maximum is constant for the gradient: it cancels.
        let shifted = self - self.max_keeping(&[last]).stop_gradient();
        shifted - shifted.exp().sum_keeping(&[last]).log()
    }

    /// eˣ / Σ eˣ along the last axis, without overflow.
    pub fn softmax(self) -> Var<'t> {
        let Some(last) = self.shape().rank().checked_sub(1) else {
            return self.trace().fail("softmax: a scalar has no last axis");
        };
        let powers = (self - self.max_keeping(&[last]).stop_gradient()).exp();
        powers / powers.sum_keeping(&[last])
    }

    /// `y[B, C]`: 1 at each row's class index, else 0, from `self[B]`.
    pub fn one_hot(self, classes: usize) -> Var<'t> {
        let column = self.reshape(&[self.size(), 1]);
        column.equal(self.trace().iota(classes).reshape(&[1, classes]))
    }
}
