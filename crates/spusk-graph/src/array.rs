//! Arrays of the slow reference, in f64.

use crate::Shape;

/// A dense row-major array in f64.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// Its sizes.
    pub shape: Shape,
    /// Its elements, row-major.
    pub data: Vec<f64>,
}

impl Array {
    /// An array of the given elements.
    ///
    /// # Panics
    /// If their number is not the shape's size.
    pub fn new(shape: impl Into<Shape>, data: Vec<f64>) -> Array {
        let shape = shape.into();
        assert_eq!(shape.size(), data.len(), "an array of shape {shape} has that many elements");
        Array { shape, data }
    }

    /// One value everywhere.
    pub fn filled(shape: impl Into<Shape>, value: f64) -> Array {
        let shape = shape.into();
        Array { data: vec![value; shape.size()], shape }
    }

    /// The element at every index, row-major.
    pub fn from_fn(shape: impl Into<Shape>, f: impl FnMut(&[usize]) -> f64) -> Array {
        let shape = shape.into();
        let data = indices(&shape).iter().map(|i| i.as_slice()).map(f).collect();
        Array { shape, data }
    }

    /// The element at an index.
    pub fn at(&self, index: &[usize]) -> f64 {
        self.data[offset(index, &self.shape.strides())]
    }

    /// Element by element.
    pub fn map(&self, f: impl Fn(f64) -> f64) -> Array {
        Array { shape: self.shape.clone(), data: self.data.iter().map(|&x| f(x)).collect() }
    }

    /// Element by element with an array of the same shape.
    pub fn zip(&self, other: &Array, f: impl Fn(f64, f64) -> f64) -> Array {
        assert_eq!(self.shape, other.shape, "shape inference makes both operands alike");
        let data = self.data.iter().zip(&other.data).map(|(&x, &y)| f(x, y)).collect();
        Array { shape: self.shape.clone(), data }
    }
}

/// Every index of a shape in row-major order.
pub(crate) fn indices(shape: &Shape) -> Vec<Vec<usize>> {
    let strides = shape.strides();
    (0..shape.size())
        .map(|n| {
            strides.iter().zip(shape.iter()).map(|(&stride, &size)| n / stride % size).collect()
        })
        .collect()
}

/// Σ index·stride.
pub(crate) fn offset(index: &[usize], strides: &[usize]) -> usize {
    index.iter().zip(strides).map(|(i, s)| i * s).sum()
}
