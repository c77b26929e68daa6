//! What a program can do. Plain data: a plan writes it, `Program` checks and runs it, `describe`
//! prints it, and a second backend can read it.

use std::ops::Range;

use crate::{LANES, Place};

/// One step of a program.
#[derive(Debug, Clone, PartialEq)]
pub enum Instruction {
    /// A matrix product.
    Gemm(Gemm),
    /// A convolution, or one of its two gradients.
    Conv(Conv),
    /// A chain of element-wise operations and row reductions in one pass over memory.
    Fused(Fused),
    /// A sum or maximum over one of three axes.
    Reduce(Reduce),
    /// A strided copy: transpose, broadcast, slice, part of a concatenation or of a padding.
    Copy(Copy),
    /// One value everywhere.
    Fill(Fill),
    /// Counter-based random numbers.
    Random(Random),
    /// Index of the largest element of each row.
    ArgMax(ArgMax),
    /// Instructions that run again and again, over places that move.
    Loop(Loop),
    /// Maxima over windows of images, and their gradients.
    Pool(Pool),
    /// Rows of a table by number, and its gradient.
    Gather(Gather),
    /// Weighted sums of neighbors along an axis.
    Resample(Resample),
}

impl Instruction {
    /// Whether what it writes may be the same place as what it reads.
    pub(crate) fn works_in_place(&self) -> bool {
        match self {
            Instruction::Fused(_) => true,
            Instruction::Gemm(gemm) => gemm.step.is_some(),
            _ => false,
        }
    }

    /// Its name in messages and listings.
    pub fn name(&self) -> &'static str {
        match self {
            Instruction::Gemm(_) => "gemm",
            Instruction::Conv(_) => "conv",
            Instruction::Fused(_) => "fused",
            Instruction::Reduce(_) => "reduce",
            Instruction::Copy(_) => "copy",
            Instruction::Fill(_) => "fill",
            Instruction::Random(_) => "random",
            Instruction::ArgMax(_) => "argmax",
            Instruction::Gather(_) => "gather",
            Instruction::Loop(_) => "loop",
            Instruction::Pool(_) => "pool",
            Instruction::Resample(_) => "resample",
        }
    }
}

/// A matrix operand: element (i, j) of batch entry b stands at `b * batch_stride + i * row_stride +
/// j * column_stride` behind the place's start. One of the two inner strides is 1. With a group, b
/// counts inside of it, and every group starts by its own stride behind the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matrix {
    /// Where it lives.
    pub place: Place,
    /// Elements between batch entries; 0 if all entries share one matrix.
    pub batch_stride: usize,
    /// How batch entries form groups; `None` if all are in one.
    pub group: Option<Group>,
    /// Elements between rows.
    pub row_stride: usize,
    /// Elements between columns.
    pub column_stride: usize,
}

impl Matrix {
    /// Elements in front of a batch entry.
    pub fn entry(&self, batch: usize) -> usize {
        match self.group {
            Some(Group { size, stride }) => {
                batch / size * stride + batch % size * self.batch_stride
            }
            None => batch * self.batch_stride,
        }
    }
}

/// Batch entries that lie evenly apart: the heads of one sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// Entries in a group, at least 1.
    pub size: usize,
    /// Elements between groups.
    pub stride: usize,
}

/// Which part of a product counts: what lies outside is neither read nor computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Triangle {
    /// All of it.
    #[default]
    None,
    /// Of the left operand a[i, k] with k ≤ i.
    LeftLower,
    /// Of the left operand a[i, k] with k ≥ i.
    LeftUpper,
    /// Of the result c[i, j] with j ≤ i; the others are 0.
    Lower,
}

impl Triangle {
    /// Over which of `depth` k the sum of element (i, j) goes.
    pub fn range(self, i: usize, j: usize, depth: usize) -> Range<usize> {
        match self {
            Triangle::None => 0..depth,
            Triangle::LeftLower => 0..depth.min(i + 1),
            Triangle::LeftUpper => depth.min(i)..depth,
            Triangle::Lower if j <= i => 0..depth,
            Triangle::Lower => 0..0,
        }
    }
}

/// `c[batch, m, n] = a[batch, m, k] · b[batch, k, n] (+ bias[n] | + c)`, c contiguous, or a triangle of it.
///
/// Per element: start with the bias, the old c or 0, then for k ascending `acc = fma(a, b, acc)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gemm {
    /// Independent products.
    pub batch: usize,
    /// Rows of a and c.
    pub m: usize,
    /// Columns of b and c.
    pub n: usize,
    /// Columns of a, rows of b; 0 gives the start value.
    pub k: usize,
    /// Left operand.
    pub a: Matrix,
    /// Right operand.
    pub b: Matrix,
    /// Result, `batch * m * n` elements; overlaps no operand.
    pub c: Place,
    /// A row of n start values.
    pub bias: Option<Place>,
    /// Start with the old c. Excludes `bias`.
    pub accumulate: bool,
    /// Which part counts. Of [`Triangle::Lower`] every element starts with 0.
    pub triangle: Triangle,
    /// What becomes of the product, if it is not the result.
    pub step: Option<GradientStep>,
}

/// A step of gradient descent from some weights, whose gradient is a product: `c = from - rate · (a · b)`.
///
/// Per element the product as in [`Gemm`] from 0 on, then times the rate, then from the weight, each
/// rounded. The gradient itself never stands in memory. For sums of up to [`GradientStep::MOST_SUMMANDS`]
/// products in more than one row and column, with a left operand whose columns are runs of neighbors, no
/// bias and no triangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GradientStep {
    /// As many elements as c; overlaps c only if it is the same place.
    pub from: Place,
    /// One number.
    pub rate: Place,
}

impl GradientStep {
    /// So many products are added up at a time, without a look at memory.
    pub const MOST_SUMMANDS: usize = 256;
}

/// Which of the three arrays of a convolution is computed from the two others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConvDirection {
    /// y from x and w: the convolution.
    Output,
    /// x from y and w: its gradient by the input; also the transposed convolution.
    Input,
    /// w from x and y: its gradient by the weights.
    Weight,
}

/// A convolution of images, channels last: `x[B, H, W, C]`, `w[Kh, Kw, C / groups, D]`,
/// `y[B, Ho, Wo, D]`. Output channels of a group see the input channels of the same group.
///
/// Output pixel o and tap k of the kernel meet input pixel `o · stride + k · dilation - padding`, on
/// each of the two axes; outside of the image x is 0. Each direction adds `x · w`, `y · w` or
/// `x · y` over all such meetings, one fused multiply-add at a time per element:
///
/// - `Output` starts with the bias or 0 and goes over (kh, kw, c) ascending;
/// - `Input` starts with the bias or 0 and goes over (kh, kw) descending, d ascending; where x has so
///   few channels that they would leave vectors empty, it takes the output pixels of a row wo modulo
///   some number by themselves, each from 0, and adds up these sums;
/// - `Weight` cuts the batch into `shards` nearly equal parts, the first ones the larger ones, and
///   goes in each over (image, ho, wo) ascending; their sums are the result, `w[shards, …]`. Where y
///   has few channels, it takes wo modulo some number by themselves too.
///
/// Taps of an axis that meet no pixel of the image count nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conv {
    /// What is computed.
    pub direction: ConvDirection,
    /// Images B.
    pub batch: usize,
    /// Height, width, channels of x.
    pub input: [usize; 3],
    /// Height, width, channels of y.
    pub output: [usize; 3],
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Input pixels between output pixels.
    pub stride: [usize; 2],
    /// Rows and columns of zeros in front of x.
    pub padding: [usize; 2],
    /// Input pixels between taps.
    pub dilation: [usize; 2],
    /// Groups of channels.
    pub groups: usize,
    /// Parts of the batch whose sums are kept apart; 1 but for `Weight`.
    pub shards: usize,
    /// The input or its gradient.
    pub x: Place,
    /// The weights or their gradients.
    pub w: Place,
    /// The output or its gradient.
    pub y: Place,
    /// Start values, one a channel of what is computed; not for `Weight`.
    pub bias: Option<Place>,
}

/// How a fused kernel's operand lies over its rows × columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// rows × columns elements.
    Full,
    /// One row of `columns` elements for all rows.
    Row,
    /// One element a row: `rows` elements.
    Column,
    /// One element for all.
    Scalar,
}

/// Element-wise functions of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum TileUnary {
    Neg,
    Abs,
    /// -1, 0 or 1; 0 for 0, NaN for NaN.
    Sign,
    Exp,
    /// Natural logarithm; NaN below 0, -inf at 0.
    Log,
    /// log(1 + x), accurate near 0.
    Log1p,
    /// eˣ - 1, accurate near 0.
    Expm1,
    Sqrt,
    Tanh,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// The error function.
    Erf,
    Sin,
    Cos,
    /// Largest integer not above x.
    Floor,
    /// 1 / x, correctly rounded.
    Reciprocal,
    /// 1 where x > 0, else 0 (NaN gives 0).
    Step,
}

/// Element-wise functions of two arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum TileBinary {
    Add,
    Sub,
    Mul,
    Div,
    /// The larger; NaN if either is NaN.
    Max,
    /// The smaller; NaN if either is NaN.
    Min,
    /// a to the power b as the C library's `pow`; slow, per element.
    Pow,
    /// 1 where a > b, else 0.
    Greater,
    /// 1 where a == b, else 0.
    Equal,
}

/// One operation of a fused kernel. Its result is named by its position in [`Fused::ops`]; arguments
/// are earlier positions. A result is *full* (rows × columns) or *per row* (one element a row).
/// `Load` is per row for [`Access::Column`] and [`Access::Scalar`], full otherwise; constants are per
/// row. An element-wise operation is per row if all its arguments are, otherwise full, and per-row
/// arguments are spread along their row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FusedOp {
    /// Reads operand number n of [`Fused::inputs`].
    Load(usize),
    /// A constant.
    Constant(f64),
    /// f(x).
    Unary(TileUnary, usize),
    /// f(x, y).
    Binary(TileBinary, usize, usize),
    /// fma(x, y, z) = x·y + z, rounded once.
    MulAdd(usize, usize, usize),
    /// Where x is not 0 then y, else z.
    Select(usize, usize, usize),
    /// x / (√y + ε), ε a constant: what adaptive optimizers end with. At most 4 ulp off (f32).
    DivSqrt(usize, usize, f64),
    /// x, one element a row, along its row: per row to full.
    Spread(usize),
    /// Sum of each row: full to per row. In the lane order of the numerical contract.
    RowSum(usize),
    /// Maximum of each row (NaN if one is NaN): full to per row.
    RowMax(usize),
    /// `ColumnSum(x, n)` adds up the rows of x, which is full, within each shard of
    /// [`Fused::shard_rows`]; a shard's sums are a row of output number n of [`Fused::sums`].
    /// In the order of the numerical contract: see [`Fused::rows_apart`].
    ColumnSum(usize, usize),
    /// `Store(x, n)` writes x to output number n of [`Fused::outputs`]; that output is full or per row
    /// as x is.
    Store(usize, usize),
}

/// A straight line of operations over `rows` × `columns`, run tile by tile while a tile is in the
/// first-level cache.
///
/// An output may be the same place as an input of the same size (update in place); every operation
/// still sees the old value. Otherwise outputs overlap nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Fused {
    /// Rows of the iteration.
    pub rows: usize,
    /// Columns of the iteration. Row reductions are allowed up to [`Fused::MAX_REDUCED_COLUMNS`].
    pub columns: usize,
    /// What `Load` reads.
    pub inputs: Vec<(Place, Access)>,
    /// What `Store` writes, in order; `true` if full, `false` if per row.
    pub outputs: Vec<(Place, bool)>,
    /// What `ColumnSum` writes: `[Fused::shards(rows, columns), columns]` each, overlapping nothing.
    /// Only with more than one row and 2 to [`Fused::MAX_SUMMED_COLUMNS`] columns.
    pub sums: Vec<Place>,
    /// The operations.
    pub ops: Vec<FusedOp>,
}

impl Fused {
    /// The longest row that a row reduction inside a fused kernel takes; longer rows go through
    /// [`Reduce`].
    pub const MAX_REDUCED_COLUMNS: usize = 4096;

    /// The longest row whose columns are summed inside a fused kernel.
    pub const MAX_SUMMED_COLUMNS: usize = 1024;

    /// Rows whose columns are added up apart from the others, so that threads share the work.
    pub fn shard_rows(columns: usize) -> usize {
        16_384_usize.div_ceil(columns.max(1)).next_multiple_of(2 * LANES)
    }

    /// How many shards `rows` rows make.
    pub fn shards(rows: usize, columns: usize) -> usize {
        rows.div_ceil(Self::shard_rows(columns))
    }

    /// Within a shard, row r of a tile is added to partial sum r modulo this, and a tile's partial sums
    /// to the shard's; these are added up in order at the end. So many rows are whole vectors on every
    /// instruction set, and enough of them that additions do not wait for each other.
    pub fn rows_apart(columns: usize) -> usize {
        let columns = columns.max(1);
        let even = LANES >> columns.trailing_zeros().min(LANES.trailing_zeros());
        even * (4 * LANES).div_ceil(even * columns)
    }
}

/// Sum or maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ReduceKind {
    Sum,
    Max,
}

/// `output[outer, inner] = Σ or max over r of input[outer, r, inner]`.
///
/// With `inner == 1` in the lane order of the numerical contract; otherwise over r ascending within
/// fixed blocks of r, the blocks' results combined in order. `reduced == 0` gives 0 or -inf.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Reduce {
    pub kind: ReduceKind,
    pub outer: usize,
    pub reduced: usize,
    pub inner: usize,
    pub input: Place,
    pub output: Place,
}

/// For every index i of `shape`:
/// `output[out_offset + Σ i·out_strides] = input[in_offset + Σ i·in_strides]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Sizes of the index space.
    pub shape: Vec<usize>,
    /// Source.
    pub input: Place,
    /// Elements behind the source's start.
    pub in_offset: usize,
    /// 0 repeats.
    pub in_strides: Vec<usize>,
    /// Destination; overlaps the source nowhere.
    pub output: Place,
    /// Elements behind the destination's start.
    pub out_offset: usize,
    /// Never 0 where the size is above 1; no element is written twice.
    pub out_strides: Vec<usize>,
}

/// `output[..] = value`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Fill {
    pub value: f64,
    pub output: Place,
}

/// Which distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RandomKind {
    /// In [0, 1).
    Uniform,
    /// Mean 0, standard deviation 1.
    Normal,
}

/// Element i is a function of (key, stream, i) alone: Philox 4x32-10 with counter (i / 4, stream)
/// and key (Salmon et al. 2011).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Random {
    /// Distribution.
    pub kind: RandomKind,
    /// Tells this node of the graph from the others.
    pub stream: u64,
    /// Four integers in 0..65536, least significant first: the 64-bit key.
    pub key: Place,
    /// Result.
    pub output: Place,
}

/// `output[row] = smallest index of the largest of input[row, ..]`; a NaN counts as the largest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ArgMax {
    pub rows: usize,
    pub columns: usize,
    pub input: Place,
    pub output: Place,
}

/// A place that moves through equal slots: in turn t it is slot `start + t`, or `start - t` if it goes
/// `backward`, around the ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// All slots, one behind the other.
    pub place: Place,
    /// Elements of a slot: a multiple of [`LANES`](crate::LANES) that divides the place's length.
    pub stride: usize,
    /// The slot of turn 0.
    pub start: usize,
    /// The direction.
    pub backward: bool,
}

/// `turns` times the body, in order. The places of the body are in the buffers, in [`Window`]s
/// ([`Space::Window`](crate::Space::Window)) or in memory that lasts one turn
/// ([`Space::Local`](crate::Space::Local)).
///
/// Threads share a loop whose turns are `apart` by turns. Others they share by rows: where every
/// instruction treats `rows` rows alike and each by itself, groups of [`Loop::SHARD`] rows (fewer with
/// convolutions) run all turns without waiting for each other. Otherwise one thread runs it. Right
/// operands of products that the loop does not write are packed once.
#[derive(Debug, Clone, PartialEq)]
pub struct Loop {
    /// How often the body runs.
    pub turns: usize,
    /// Places that move.
    pub windows: Vec<Window>,
    /// Elements of local memory.
    pub local: usize,
    /// Rows by which the loop may be shared: the leading axis of what it computes.
    pub rows: usize,
    /// Whether no turn reads or writes what another one writes.
    pub apart: bool,
    /// No loops.
    pub body: Vec<Instruction>,
}

impl Loop {
    /// Rows that one thread takes at least: so many use each weight that comes through the caches.
    pub const SHARD: usize = 16;
}

/// Windows along one axis: window i has the elements `i·stride - padding .. + kernel`, as far as
/// they lie inside the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Windows {
    /// Elements of the axis.
    pub size: usize,
    /// Elements of a window.
    pub kernel: usize,
    /// Elements between the starts of windows.
    pub stride: usize,
    /// Missing elements before the first and behind the last one, at most half a window: so that
    /// every window has elements.
    pub padding: usize,
}

impl Windows {
    /// Whether there are windows and every one has elements; the error says why not.
    pub fn check(&self) -> Result<(), String> {
        let Windows { size, kernel, stride, padding } = *self;
        for (name, number) in [("kernel size", kernel), ("stride", stride)] {
            if number == 0 {
                return Err(format!("the {name} is 0; it must be 1 or more"));
            }
        }
        if padding > kernel / 2 {
            return Err(format!(
                "the padding is {padding}, more than half of the kernel size {kernel}"
            ));
        }
        match size.checked_add(2 * padding) {
            Some(padded) if size > 0 && padded >= kernel => Ok(()),
            _ => Err(format!(
                "windows of {kernel} do not fit into {size} elements with padding {padding}"
            )),
        }
    }

    /// How many there are, if [`Windows::check`] finds nothing.
    pub fn count(&self) -> usize {
        (self.size + 2 * self.padding - self.kernel) / self.stride + 1
    }

    /// The elements of window i.
    pub fn window(&self, i: usize) -> std::ops::Range<usize> {
        let start = i * self.stride;
        let end = (start + self.kernel - self.padding).min(self.size);
        start.saturating_sub(self.padding)..end
    }
}

/// What a [`Pool`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PoolKind {
    /// `output[B, Ho, Wo, C]`: the largest of each window of `input[B, H, W, C]`; NaN if one is.
    Max,
    /// `output[B, H, W, C]`: 0, and every window's number in `other[B, Ho, Wo, C]` added where the
    /// largest element of its window of `input[B, H, W, C]` stands; windows in order.
    Spread,
    /// `output[B, Ho, Wo, C]`: of each window the element of `other[B, H, W, C]` that stands where
    /// the largest element of `input[B, H, W, C]` does.
    Pick,
}

/// Maxima over windows of images, channel by channel. Of equal elements the first one wins, row by
/// row; of several NaN the last.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Pool {
    pub kind: PoolKind,
    pub batch: usize,
    pub height: Windows,
    pub width: Windows,
    pub channels: usize,
    pub input: Place,
    pub other: Option<Place>,
    pub output: Place,
}

/// A row of a band matrix: what stands around the diagonal, everything else 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Column of the first weight.
    pub start: usize,
    /// Neighboring elements of the row.
    pub weights: Vec<f64>,
}

/// `output[outer, i, inner] = Σ over k of bands[i].weights[k] · input[outer, bands[i].start + k,
/// inner]`: k ascending from 0, one fused multiply-add at a time.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Resample {
    pub outer: usize,
    /// Elements of the input's axis; the output's has one for every band.
    pub size: usize,
    pub inner: usize,
    pub bands: Vec<Band>,
    pub input: Place,
    pub output: Place,
}

/// What a [`Gather`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GatherKind {
    /// `output[i, ..] = input[ids[i], ..]`, NaN where there is no such row.
    Gather,
    /// `output[r, ..] = Σ over i with ids[i] = r of input[i, ..]`, i ascending from 0; ids without a
    /// row are left out.
    ScatterAdd,
}

/// Rows of a table `[rows, columns]` by their numbers, which are rounded to the nearest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Gather {
    pub kind: GatherKind,
    pub rows: usize,
    pub columns: usize,
    pub input: Place,
    pub ids: Place,
    pub output: Place,
}
