use spusk_graph::{Band, Var};

use crate::Net;
use crate::init::Follower;
use crate::layers::{Layer, spatial};
use crate::spec::Kind;

options! {
    /// Means over as many windows as are wanted, whatever the size of the input.
    ///
    /// `[B, H, W, C]` becomes `[B, size, size, C]`, a sequence `[B, T, C]` becomes `[B, size, C]`.
    /// Window i has the elements ⌊i·H/size⌋ to ⌈(i + 1)·H/size⌉, as PyTorch's `AdaptiveAvgPool2d`.
    "adaptive_avg_pool", aliases [], example "adaptive_avg_pool 7";
    pub struct AdaptiveAvgPool {
        /// Rows and columns of the output.
        size: usize where Kind::Integer(1);
    } options {
    }
}

impl Layer for AdaptiveAvgPool {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(axes) = spatial(net, x) else { return x };
        let mut y = x;
        for axis in axes {
            let from = x.shape()[axis];
            let band = |i: usize| {
                let (start, end) = (i * from / self.size, ((i + 1) * from).div_ceil(self.size));
                Band { start, weights: vec![1.0 / (end - start) as f64; end - start] }
            };
            y = y.resample(axis, (0..self.size).map(band).collect());
        }
        y
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;

    #[test]
    fn windows_are_those_of_pytorch() {
        // torch.nn.AdaptiveAvgPool1d(3) of 0 … 4: windows 0–1, 1–3, 3–4.
        let x = [0.0, 1.0, 2.0, 3.0, 4.0];
        let pool = || AdaptiveAvgPool { size: 3 }.into();
        let y = outputs(&[pool()], &[1, 5, 1], &x);
        let near = |want: &[f64]| y.iter().zip(want).all(|(y, want)| (y - want).abs() < 1e-15);
        assert!(near(&[0.5, 2.0, 3.5]), "{y:?}");
        // More windows than elements repeat them.
        assert_eq!(outputs(&[pool()], &[1, 1, 1], &[7.0]), [7.0; 3]);
    }
}
