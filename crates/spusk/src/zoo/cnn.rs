use super::Network;
use crate::layers::{AnyLayer, Conv2d, Dense, Dropout, Flatten, MaxPool, Padding, Pair, Relu};
use crate::spec::{Kind, Range};

options! {
    /// Convolutions of ever more channels over ever smaller images, and a dense layer: for pictures of one object.
    ///
    /// `blocks` times: conv 3×3 that keeps the size, ReLU, max-pool 2; channels double from block to block. Then dropout,
    /// dense, ReLU, dropout. What the training finds when no network is named: as many blocks as leave a picture
    /// of 3 to 6 pixels.
    ///
    /// Simonyan & Zisserman 2015, "Very deep convolutional networks for large-scale image recognition", in small;
    /// Srivastava et al. 2014 for the dropout.
    "cnn", aliases ["convnet", "conv_net", "vgg"], example "cnn:3";
    pub struct Cnn options {
        /// Convolutions, each with a pooling behind it.
        blocks: usize = 3 where Kind::Integer(1), positional;
        /// Channels of the first convolution.
        width: usize = 16 where Kind::Integer(1);
        /// Neurons of the dense layer.
        hidden: usize = 128 where Kind::Integer(1);
        /// Share of the features in front of and behind the dense layer that is dropped, in training.
        dropout: f64 = 0.4 where Kind::Number(Range::FRACTION);
    }
}

/// Pictures below so many pixels a side are no task for it.
const LEAST_SIDE: usize = 16;

/// Channels that are enough for small pictures.
const MOST_CHANNELS: usize = 128;

impl Cnn {
    /// The one for pictures of some shape `[height, width, channels]`, if it suits them.
    pub(crate) fn usual(shape: &[usize]) -> Option<Cnn> {
        let &[height, width, _] = shape else { return None };
        let side = height.min(width);
        // 28 → 14 → 7 → 3.
        let blocks = (side / 3).checked_ilog2()? as usize;
        (side >= LEAST_SIDE).then_some(Cnn { blocks, width: 16, hidden: 128, dropout: 0.4 })
    }
}

impl Network for Cnn {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        if self.blocks > 16 {
            return Err(format!(
                "`cnn` halves a picture {} times; 16 times is the most, which leaves one of 65,536 pixels a side",
                self.blocks
            ));
        }
        let mut layers: Vec<AnyLayer> = Vec::new();
        for block in 0..self.blocks {
            let channels = self.width.saturating_mul(1 << block).min(MOST_CHANNELS.max(self.width));
            let padding = Padding::Each(Pair::both(1));
            layers.push(Conv2d { padding, ..Conv2d::new(channels, 3) }.into());
            layers.push(Relu.into());
            layers.push(MaxPool::default().into());
        }
        let dropout = || AnyLayer::from(Dropout { dropout_rate: self.dropout });
        layers.extend([Flatten.into(), dropout()]);
        layers.extend([Dense::new(self.hidden).into(), Relu.into(), dropout()]);
        Ok(layers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_end_as_a_few_pixels() {
        let blocks = |shape: &[usize]| Cnn::usual(shape).map(|cnn| cnn.blocks);
        assert_eq!(blocks(&[28, 28, 1]), Some(3));
        assert_eq!(blocks(&[16, 40, 3]), Some(2));
        assert_eq!(blocks(&[64, 64, 3]), Some(4));
        assert_eq!(blocks(&[224, 224, 3]), Some(6));
        // Too small, no pictures, and nothing at all.
        assert_eq!(blocks(&[8, 8, 1]), None);
        assert_eq!(blocks(&[784]), None);
        assert_eq!(blocks(&[0, 0, 0]), None);
    }

    #[test]
    fn a_picture_is_not_halved_for_ever() {
        let cnn = Cnn { blocks: 17, width: 16, hidden: 8, dropout: 0.0 };
        let refused = cnn.layers().expect_err("17 blocks");
        assert!(refused.contains("16 times is the most"), "{refused}");
    }
}
