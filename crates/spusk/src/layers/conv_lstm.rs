use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::recurrent::Recurrent;
use crate::layers::{Layer, Lstm, Pair};
use crate::spec::{Kind, Range};

options! {
    /// Long short-term memory over sequences of pictures, with convolutions in place of its products.
    ///
    /// With z = x[t] ∗ W + b + h[t−1] ∗ U + b′ (∗ keeps height and width), cut into four by channels: i, f, o =
    /// sigmoid of its first, second and fourth part, g = tanh of the third; c[t] = f · c[t−1] + i · g and h[t] =
    /// o · tanh c[t], from 0 on, for `x[B, T, H, W, C]`. Files have `weight_ih_l0` as `[4 · D, C, Kh, Kw]` and
    /// `weight_hh_l0` as `[4 · D, D, Kh, Kw]`, gates in the order i, f, g, o.
    ///
    /// Shi et al. 2015, "Convolutional LSTM network: a machine learning approach for precipitation
    /// nowcasting", without the weights from the cell to the gates, as is usual today.
    "conv_lstm", aliases ["convlstm"], example "conv_lstm 16 3 last=true";
    pub struct ConvLstm {
        /// Channels D of h.
        out_channels: usize where Kind::Integer(1);
        /// Size of the windows of both convolutions, one number or [height, width].
        kernel_size: Pair where Kind::Sizes { least: 1, pairs: true, words: &[] };
    } options {
        /// Layers, each over the outputs of the one before.
        num_layers: usize = 1 where Kind::Integer(1);
        /// Whether a second one goes through time backwards; its channels stand behind the first one's.
        bidirectional: bool = false where Kind::Switch;
        /// Share of the features that is dropped between layers, in training.
        dropout: f64 = 0.0 where Kind::Number(Range::FRACTION);
        /// Whether only the last state is given on, pictures `[B, H, W, D]` (of each direction), not the
        /// sequence of all.
        last: bool = false where Kind::Switch;
    }
}

impl ConvLstm {
    /// One layer, forwards, with outputs at every step.
    pub fn new(out_channels: usize, kernel_size: usize) -> ConvLstm {
        ConvLstm {
            out_channels,
            kernel_size: Pair::both(kernel_size),
            num_layers: 1,
            bidirectional: false,
            dropout: 0.0,
            last: false,
        }
    }
}

impl Layer for ConvLstm {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let recurrent = Recurrent {
            hidden_size: self.out_channels,
            window: Some(self.kernel_size.0),
            num_layers: self.num_layers,
            bidirectional: self.bidirectional,
            dropout: self.dropout,
            last: self.last,
        };
        recurrent.build::<Lstm>(net, x)
    }

    fn follower(&self) -> Follower {
        Follower::Saturating
    }
}

#[cfg(test)]
mod tests {
    use spusk_graph::Trace;

    use super::*;
    use crate::layers::tests::outputs;
    use crate::net::Mode;

    fn shape_of(layer: ConvLstm, input: &[usize]) -> Result<Vec<usize>, String> {
        let trace = Trace::new();
        let y = Net::new(&trace, Mode::Train).layers(&[layer.into()], trace.input("x", input));
        trace.check().map(|()| y.shape().to_vec()).map_err(|error| error.what)
    }

    #[test]
    fn pictures_keep_their_size_whatever_the_window() {
        for kernel_size in [Pair::both(1), Pair::both(3), Pair([2, 5])] {
            let layer = ConvLstm { kernel_size, num_layers: 2, ..ConvLstm::new(6, 1) };
            assert_eq!(shape_of(layer.clone(), &[4, 5, 3, 7, 2]), Ok(vec![4, 5, 3, 7, 6]));
            let both = ConvLstm { bidirectional: true, last: true, ..layer };
            assert_eq!(shape_of(both, &[4, 5, 3, 7, 2]), Ok(vec![4, 3, 7, 12]));
        }
    }

    #[test]
    fn what_is_no_sequence_of_pictures_is_refused() {
        for input in [&[4, 5, 3][..], &[4, 5, 5, 3]] {
            let error = shape_of(ConvLstm::new(2, 3), input).expect_err("no pictures");
            let want = "expected sequences of pictures [batch, time, height, width, channels]; give such \
                        data; for single pictures use conv2d, for sequences of numbers lstm";
            assert!(error.ends_with(want), "{error}");
        }
    }

    /// With windows of one pixel every pixel is a sequence by itself.
    #[test]
    fn pixels_by_themselves_are_those_of_an_lstm() {
        let (turns, pixels, channels) = (3, 2, 2);
        let value = |t: usize, p: usize, c: usize| ((t * 5 + p * 3 + c) as f64 * 1.7).sin();
        let mut pictures = Vec::new();
        for t in 0..turns {
            for p in 0..pixels {
                pictures.extend((0..channels).map(|c| value(t, p, c)));
            }
        }
        let mut sequences = Vec::new();
        for p in 0..pixels {
            for t in 0..turns {
                sequences.extend((0..channels).map(|c| value(t, p, c)));
            }
        }
        for bidirectional in [false, true] {
            let layer = ConvLstm { bidirectional, last: true, ..ConvLstm::new(4, 1) };
            let lstm = Lstm { bidirectional, last: true, ..Lstm::new(4) };
            let got = outputs(&[layer.into()], &[1, turns, 1, pixels, channels], &pictures);
            let want = outputs(&[lstm.into()], &[pixels, turns, channels], &sequences);
            let far = got.iter().zip(&want).find(|(got, want)| (*got - *want).abs() > 1e-14);
            assert_eq!((got.len(), far), (want.len(), None));
        }
    }
}
