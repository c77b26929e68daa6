//! The model zoo: networks that are known by a name, one file each, listed once at the end of this
//! file.
//!
//! A network is a struct of its options, which is also its written form (`lenet`, `resnet:20`,
//! `resnet depth=32 width=16`), and the layers that it stands for. The output layer is the session's,
//! which knows how many outputs there are.

use std::fmt::Debug;

use crate::layers::AnyLayer;

/// What a network of the zoo must know.
pub trait Network: Debug + Send + Sync {
    /// Its layers but the last, the output layer, or why there are none.
    ///
    /// # Errors
    /// If its options do not fit together.
    fn layers(&self) -> Result<Vec<AnyLayer>, String>;
}

mod autoencoder;
mod cnn;
mod conv_autoencoder;
mod denoiser;
mod gru;
mod lenet;
mod lstm;
mod mlp;
mod modular;
mod recurrent;
mod resnet;
mod tcn;
mod textcnn;
mod transformer;
mod upscaler;

pub use autoencoder::Autoencoder;
pub use cnn::Cnn;
pub use conv_autoencoder::ConvAutoencoder;
pub use denoiser::Denoiser;
pub use gru::Gru;
pub use lenet::Lenet;
pub use lstm::Lstm;
pub use mlp::{Activation, Mlp};
pub use modular::Modular;
pub use resnet::Resnet;
pub use tcn::Tcn;
pub use textcnn::Textcnn;
pub use transformer::Transformer;
pub use upscaler::Upscaler;

list! {
    /// Every network there is.
    pub enum AnyNetwork: Network, "network" [
        Autoencoder,
        Cnn,
        ConvAutoencoder,
        Denoiser,
        Gru,
        Lenet,
        Lstm,
        Mlp,
        Modular,
        Resnet,
        Tcn,
        Textcnn,
        Transformer,
        Upscaler,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Experiment, Layers};
    use crate::layers::tests::outputs;
    use crate::layers::{Conv1d, Dense, Embedding, GlobalAvgPool, Padding, Pair, Relu};
    use crate::model::{Batch, Model};
    use crate::options::tests::{check_example, check_list};
    use crate::spec::{Spec, Value};

    #[test]
    fn the_list_is_sound() {
        check_list(AnyNetwork::HELP, |spec| AnyNetwork::from_spec(spec).map(|item| item.to_spec()));
    }

    /// The written form means the same layers as the builder.
    #[test]
    fn names_stand_for_layers() {
        for help in AnyNetwork::HELP {
            let spec = crate::options::tests::least(help);
            let layers = AnyNetwork::from_spec(&spec).and_then(|network| network.layers());
            let layers = layers.unwrap_or_else(|what| panic!("{}: {what}", help.name));
            let first = layers[0].name();
            let named = crate::spec::Help { name: first, ..*help };
            check_example(&named, "model.layers", |experiment: Experiment| {
                let Layers::These(specs) = experiment.model.layers else {
                    return Err("no layers".into());
                };
                let want: Vec<_> = layers.iter().map(AnyLayer::to_spec).collect();
                assert_eq!(specs, want, "{}", help.name);
                Ok(specs[0].clone())
            });
        }
    }

    /// Texts of 5, 2 and 0 tokens in rows of `length`, as the networks of texts read them.
    fn logits(network: &AnyNetwork, length: usize) -> Vec<f64> {
        let mut layers = network.layers().expect("the defaults fit");
        if layers[0].name() != "embedding" {
            layers.insert(0, Embedding::new(6).into());
        }
        let AnyLayer::Embedding(embedding) = &mut layers[0] else { unreachable!("just put there") };
        embedding.vocab_size = 7;
        layers.push(Dense::new(2).into());
        let mut tokens = vec![0.0; 3 * length];
        tokens[..5].copy_from_slice(&[3.0, 1.0, 4.0, 1.0, 5.0]);
        tokens[length..length + 2].copy_from_slice(&[6.0, 2.0]);
        outputs(&layers, &[3, length], &tokens)
    }

    #[test]
    fn padding_changes_no_logit() {
        let specs = [
            "textcnn:4",
            "lstm:4",
            "lstm: hidden_size=4 num_layers=2 bidirectional=true",
            "gru: hidden_size=4 bidirectional=true",
            "tcn: channels=4 blocks=3",
            "transformer: hidden_size=8 heads=2",
        ];
        for text in specs {
            let (name, options) = text.split_once(':').expect("written so");
            let mut spec = Spec::new(name);
            for (i, option) in options.split_whitespace().enumerate() {
                let help = AnyNetwork::HELP.iter().find(|help| help.name == name).expect("known");
                let (key, value) =
                    option.split_once('=').unwrap_or((help.arguments[i].name, option));
                let value = match value {
                    "true" => Value::Switch(true),
                    number => Value::Number(number.parse().expect("a number")),
                };
                spec = spec.with(key, value);
            }
            let network = AnyNetwork::from_spec(&spec).expect(text);
            let shortest = logits(&network, 5);
            assert!(shortest.iter().all(|logit| logit.is_finite()), "{text}: {shortest:?}");
            assert_ne!(shortest[..2], shortest[2..4], "{text} reads the tokens");
            for length in [6, 9, 14] {
                assert_eq!(logits(&network, length), shortest, "{text} with {length} places");
            }
        }
    }

    #[test]
    fn convolutions_leave_padding_out_whatever_their_windows() {
        let length = |stride, padding, dilation, places: usize| {
            let conv = Conv1d { stride, padding, dilation, ..Conv1d::new(3, 3) };
            let layers = [
                Embedding { vocab_size: 7, ..Embedding::new(4) }.into(),
                conv.into(),
                Relu.into(),
                GlobalAvgPool.into(),
            ];
            let mut tokens = vec![0.0; places];
            tokens[..6].copy_from_slice(&[3.0, 1.0, 4.0, 1.0, 5.0, 2.0]);
            outputs(&layers, &[1, places], &tokens)
        };
        for stride in [1, 2, 3] {
            for padding in [0, 1, 3] {
                for dilation in [1, 2] {
                    let padding = Padding::Each(Pair::both(padding));
                    let (short, long) = (
                        length(stride, padding, dilation, 6),
                        length(stride, padding, dilation, 20),
                    );
                    for (a, b) in short.iter().zip(&long) {
                        assert!((a - b).abs() < 1e-14, "{stride} {padding:?} {dilation}: {a} {b}");
                    }
                }
            }
        }
    }

    /// Shapes and numbers of parameters are those of the papers (with batch norm and projections).
    #[test]
    fn sizes_are_those_of_the_papers() {
        let count = |network: AnyNetwork, image: [usize; 3]| {
            let mut layers = network.layers().expect("the defaults fit");
            layers.push(Dense::new(10).into());
            let batch = Batch { size: 1, features: image.into(), target: [].into() };
            let parameters = Model { layers }.parameters(&batch).expect("fits");
            parameters.iter().map(|parameter| parameter.shape.size()).sum::<usize>()
        };
        assert_eq!(count(Lenet::default().into(), [28, 28, 1]), 61_706);
        // 269 722 of the paper's form without projections, 2 752 of the two projections.
        assert_eq!(count(Resnet::default().into(), [32, 32, 3]), 272_474);
    }
}
