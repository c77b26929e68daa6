//! Sizes of an array along its axes.

use std::fmt;
use std::ops::Deref;

/// The sizes of an array, outermost axis first; `[]` is a scalar. Elements lie row-major.
#[derive(Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Shape(Vec<usize>);

impl Shape {
    /// Number of elements; 1 for a scalar, `usize::MAX` where there are more than a computer can count.
    pub fn size(&self) -> usize {
        self.0.iter().fold(1, |size, &axis| size.saturating_mul(axis))
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// Elements between neighbors along each axis.
    pub fn strides(&self) -> Vec<usize> {
        let mut strides = vec![1_usize; self.rank()];
        for axis in (1..self.rank()).rev() {
            strides[axis - 1] = strides[axis].saturating_mul(self.0[axis]);
        }
        strides
    }

    /// The shape that two operands broadcast to by NumPy's rule: aligned at the last axis, sizes
    /// equal or 1.
    pub fn broadcast(a: &Shape, b: &Shape) -> Option<Shape> {
        let rank = a.rank().max(b.rank());
        let size =
            |s: &Shape, axis: usize| (axis + s.rank()).checked_sub(rank).map_or(1, |axis| s[axis]);
        (0..rank)
            .map(|axis| match (size(a, axis), size(b, axis)) {
                (x, y) if x == y => Some(x),
                (1, y) => Some(y),
                (x, 1) => Some(x),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .map(Shape)
    }

    /// This shape with 1 in place of the sizes of `axes`.
    pub fn collapsed(&self, axes: &[usize]) -> Shape {
        let mut sizes = self.0.clone();
        for &axis in axes {
            sizes[axis] = 1;
        }
        Shape(sizes)
    }
}

impl Deref for Shape {
    type Target = [usize];
    fn deref(&self) -> &[usize] {
        &self.0
    }
}

impl From<&[usize]> for Shape {
    fn from(sizes: &[usize]) -> Self {
        Shape(sizes.to_vec())
    }
}

impl From<Vec<usize>> for Shape {
    fn from(sizes: Vec<usize>) -> Self {
        Shape(sizes)
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(sizes: [usize; N]) -> Self {
        Shape(sizes.to_vec())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcasting_follows_numpy() {
        let check = |a: &[usize], b: &[usize], want: Option<&[usize]>| {
            assert_eq!(Shape::broadcast(&a.into(), &b.into()), want.map(Shape::from));
        };
        check(&[], &[3], Some(&[3]));
        check(&[2, 1], &[3], Some(&[2, 3]));
        check(&[4, 1, 5], &[2, 1], Some(&[4, 2, 5]));
        check(&[2], &[3], None);
    }
}
