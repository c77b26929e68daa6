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
mod conv_autoencoder;
mod denoiser;
mod lenet;
mod resnet;
mod upscaler;

pub use autoencoder::Autoencoder;
pub use conv_autoencoder::ConvAutoencoder;
pub use denoiser::Denoiser;
pub use lenet::Lenet;
pub use resnet::Resnet;
pub use upscaler::Upscaler;

list! {
    /// Every network there is.
    pub enum AnyNetwork: Network, "network" [
        Autoencoder,
        ConvAutoencoder,
        Denoiser,
        Lenet,
        Resnet,
        Upscaler,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Experiment, Layers};
    use crate::layers::Dense;
    use crate::model::{Batch, Model};
    use crate::options::tests::{check_example, check_list};

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
