use super::Network;
use crate::layers::{AnyLayer, Code, Dense, Relu};
use crate::spec::Kind;

options! {
    /// Dense layers down to a code of a few numbers, and up again: the most important features of
    /// an example.
    ///
    /// dense 512, ReLU, dense 256, ReLU, dense `code`, the code, dense 256, ReLU, dense 512, ReLU; the
    /// output layer has the size of the inputs.
    ///
    /// Hinton & Salakhutdinov 2006, "Reducing the dimensionality of data with neural networks", with
    /// rectifiers, and trained at once instead of layer by layer.
    "autoencoder", aliases [], example "autoencoder 32";
    pub struct Autoencoder {
        /// Numbers of the code.
        code: usize where Kind::Integer(1);
    } options {}
}

impl Network for Autoencoder {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        let (outer, inner): (AnyLayer, AnyLayer) = (Dense::new(512).into(), Dense::new(256).into());
        let relu = || AnyLayer::from(Relu);
        Ok(vec![
            outer.clone(),
            relu(),
            inner.clone(),
            relu(),
            Dense::new(self.code).into(),
            Code.into(),
            inner,
            relu(),
            outer,
            relu(),
        ])
    }
}
