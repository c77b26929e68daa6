use super::Network;
use crate::layers::{AnyLayer, Combine, Dense, Modular as Parts, PartsOf, Relu};
use crate::spec::{Kind, Range};

options! {
    /// Independent networks of one hidden layer side by side, their outputs combined.
    ///
    /// As a layer it takes any network: `modular 4 vote(dense 64, relu)`.
    ///
    /// Jacobs, Jordan, Nowlan & Hinton 1991, "Adaptive mixtures of local experts", for the gate.
    "modular", aliases ["ensemble", "experts"], example "modular:4";
    pub struct Modular options {
        /// Number of networks.
        parts: usize = 4 where Kind::Integer(1), positional;
        /// Neurons of each one's hidden layer.
        width: usize = 128 where Kind::Integer(1);
        /// How their outputs become one: their mean, a vote, a learned gate (mixture of experts), or a dense layer
        /// behind all.
        combine: Combine = average where Kind::Choice(Combine::NAMES);
        /// Whether the parts are trained as one network, or each by itself on its own rows or columns.
        train: PartsOf = joint where Kind::Choice(PartsOf::NAMES);
        /// How much an uneven use of the parts by the gate counts in the loss.
        balance: f64 = 0.01 where Kind::Number(Range::NON_NEGATIVE);
    }
}

impl Network for Modular {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        let parts = Parts {
            parts: self.parts,
            combine: self.combine,
            train: self.train,
            balance: self.balance,
            layers: vec![Dense::new(self.width).into(), Relu.into()],
        };
        // Read again, as it refuses what does not go together.
        Ok(vec![AnyLayer::from_spec(&AnyLayer::from(parts).to_spec())?])
    }
}
