use spusk_kernels::{Band, Instruction};

use crate::array::{indices, offset};
use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// A band matrix times every line along an axis: each element of the result is a weighted sum of
/// neighbors.
///
/// Averages over windows, enlarging and reducing are such sums, one axis after the other. The
/// gradient is the same with the transposed matrix.
#[derive(Debug, Clone)]
pub struct Resample {
    /// The axis.
    pub axis: usize,
    /// Its size in the input: the matrix's columns.
    pub size: usize,
    /// The matrix's rows, one for each element of the result.
    pub bands: Vec<Band>,
}

impl Resample {
    /// The transposed matrix.
    fn transposed(&self) -> Resample {
        let column = |c: usize| {
            let has = |band: &Band| (band.start..band.start + band.weights.len()).contains(&c);
            let start = self.bands.iter().position(has).unwrap_or(0);
            let end = self.bands.iter().rposition(has).map_or(start, |last| last + 1);
            let weight = |band: &Band| match has(band) {
                true => band.weights[c - band.start],
                false => 0.0,
            };
            Band { start, weights: self.bands[start..end].iter().map(weight).collect() }
        };
        let bands = (0..self.size).map(column).collect();
        Resample { axis: self.axis, size: self.bands.len(), bands }
    }
}

impl Rules for Resample {
    const NAME: &'static str = "resample";
    fn attributes(&self) -> Attributes {
        let starts: Vec<usize> = self.bands.iter().map(|band| band.start).collect();
        let lengths: Vec<usize> = self.bands.iter().map(|band| band.weights.len()).collect();
        let weights: Vec<f64> = self.bands.iter().flat_map(|band| band.weights.clone()).collect();
        Attributes::none()
            .sizes("axis", &[self.axis])
            .sizes("size", &[self.size])
            .sizes("starts", &starts)
            .sizes("lengths", &lengths)
            .numbers("weights", &weights)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let one = |name: &str| match attributes.get_sizes(name)?[..] {
            [one] => Ok(one),
            ref other => Err(format!("attribute `{name}` is {other:?}, expected one number")),
        };
        let (axis, size) = (one("axis")?, one("size")?);
        let (starts, lengths) = (attributes.get_sizes("starts")?, attributes.get_sizes("lengths")?);
        let weights = attributes.get_numbers("weights")?;
        let total = lengths.iter().try_fold(0_usize, |sum, &len| sum.checked_add(len));
        if starts.len() != lengths.len() || total != Some(weights.len()) {
            return Err(format!(
                "{} starts, {} lengths and {} weights do not fit together",
                starts.len(),
                lengths.len(),
                weights.len()
            ));
        }
        let mut rest = &weights[..];
        let bands = (starts.into_iter().zip(lengths))
            .map(|(start, len)| {
                let (own, others) = rest.split_at(len);
                rest = others;
                Band { start, weights: own.to_vec() }
            })
            .collect();
        Ok(Resample { axis, size, bands })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x] = expect::<1>(inputs)?;
        if x.get(self.axis) != Some(&self.size) {
            return Err(format!("{x} has not {} elements along axis {}", self.size, self.axis));
        }
        let outside = |band: &&Band| {
            band.start.checked_add(band.weights.len()).is_none_or(|end| end > self.size)
        };
        if let Some(band) = self.bands.iter().find(outside) {
            let (start, len) = (band.start, band.weights.len());
            return Err(format!("takes {len} elements from {start} on, of {}", self.size));
        }
        let mut sizes = x.to_vec();
        sizes[self.axis] = self.bands.len();
        Ok(sizes.into())
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let strides = inputs[0].shape.strides();
        let element = |index: &Vec<usize>| {
            let band = &self.bands[index[self.axis]];
            let mut from = index.clone();
            from[self.axis] = band.start;
            let first = offset(&from, &strides);
            let terms = band.weights.iter().enumerate();
            terms.map(|(k, w)| w * inputs[0].data[first + k * strides[self.axis]]).sum()
        };
        Array::new(shape.clone(), indices(shape).iter().map(element).collect())
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        Vjp::all([call.cotangent.trace().apply(self.transposed(), &[call.cotangent])])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| {
            let x = at.shapes[0];
            vec![Instruction::Resample(spusk_kernels::Resample {
                outer: x[..self.axis].iter().product(),
                size: self.size,
                inner: x[self.axis + 1..].iter().product(),
                bands: self.bands.clone(),
                input: at.inputs[0],
                output: at.output,
            })]
        }))
    }
    fn samples() -> Vec<Sample<Self>> {
        let band = |start: usize, weights: &[f64]| Band { start, weights: weights.to_vec() };
        let sample = |axis: usize, shape: &[usize], bands: &[Band]| {
            let op = Resample { axis, size: shape[axis], bands: bands.to_vec() };
            Sample::new(op, &[(shape, -2.0, 2.0)])
        };
        let halves = [band(0, &[0.5, 0.5]), band(2, &[0.5, 0.5])];
        let mixed = [band(1, &[0.25, -1.5, 2.0]), band(0, &[1.0, 0.5]), band(2, &[])];
        vec![
            sample(0, &[5], &halves),
            sample(1, &[2, 4, 3], &mixed),
            sample(2, &[2, 3, 4, 6], &halves),
            sample(1, &[3, 4], &mixed),
        ]
    }
}
