use super::Network;
use crate::layers::{
    AnyLayer, Code, Conv2d, ConvTranspose2d, Dense, Flatten, Padding, Pair, Relu, Unflatten,
};
use crate::spec::Kind;

options! {
    /// Convolutions down to a code of a few numbers, and transposed ones up again.
    ///
    /// conv width 4×4 stride 2, ReLU, conv 2·width 4×4 stride 2, ReLU, dense `code`, the code, dense, ReLU,
    /// as 2·width channels of a quarter of the sides, transposed conv width 4×4 stride 2, ReLU, transposed
    /// conv `channels` 4×4 stride 2: the image again.
    ///
    /// Masci, Meier, Cireşan & Schmidhuber 2011, "Stacked convolutional auto-encoders for hierarchical
    /// feature extraction", with strides in place of pooling, and trained at once.
    "conv_autoencoder", aliases ["conv-autoencoder", "cae"], example "conv_autoencoder:32";
    pub struct ConvAutoencoder options {
        /// Numbers of the code.
        code: usize = 32 where Kind::Integer(1), positional;
        /// Height and width of the images, multiples of 4.
        size: Pair = 28 where Kind::Sizes { least: 4, pairs: true, words: &[] };
        /// Channels of the images.
        channels: usize = 1 where Kind::Integer(1);
        /// Channels of the first convolution.
        width: usize = 16 where Kind::Integer(1);
    }
}

impl Network for ConvAutoencoder {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        let Pair([height, width]) = self.size;
        if !height.is_multiple_of(4) || !width.is_multiple_of(4) {
            return Err(format!(
                "`conv_autoencoder` for images of {height} × {width}; both sides must be multiples of 4"
            ));
        }
        if height.max(width) > 4096 || self.width > 4096 {
            return Err("`conv_autoencoder` takes sides and a width up to 4096".into());
        }
        let (two, one) = (Pair::both(2), Padding::Each(Pair::both(1)));
        let down = |channels| Conv2d { stride: two, padding: one, ..Conv2d::new(channels, 4) };
        let up = |channels| ConvTranspose2d {
            stride: two,
            padding: Pair::both(1),
            ..ConvTranspose2d::new(channels, 4)
        };
        let (height, width, inner) = (height / 4, width / 4, 2 * self.width);
        Ok(vec![
            down(self.width).into(),
            Relu.into(),
            down(inner).into(),
            Relu.into(),
            Flatten.into(),
            Dense::new(self.code).into(),
            Code.into(),
            Dense::new(height * width * inner).into(),
            Relu.into(),
            Unflatten { size: Pair([height, width]) }.into(),
            up(self.width).into(),
            Relu.into(),
            up(self.channels).into(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Batch, Model};

    #[test]
    fn images_come_out_as_they_go_in() {
        let network = ConvAutoencoder { size: Pair([8, 12]), channels: 3, ..Default::default() };
        let batch = Batch { size: 2, features: [8, 12, 3].into(), target: [].into() };
        let rows =
            Model { layers: network.layers().expect("fits") }.describe(&batch).expect("fits");
        assert_eq!(rows.last().expect("layers").output[..], [2, 8, 12, 3]);
        let error = ConvAutoencoder { size: Pair::both(30), ..network }.layers().map(|_| ());
        assert_eq!(
            error,
            Err("`conv_autoencoder` for images of 30 × 30; both sides must be multiples of 4"
                .into())
        );
    }
}
