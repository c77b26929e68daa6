use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;
use crate::layers::recurrent::{Cell, Recurrent};
use crate::spec::{Kind, Range};

options! {
    /// A recurrent layer: each step sees the input and its own last output.
    ///
    /// h[t] = tanh(x[t] · W + b + h[t−1] · U + b′) with h[−1] = 0, for `x[B, T, C]`, W `[C, H]` and U
    /// `[H, H]`. Files have `weight_ih_l0` as `[H, C]` and `weight_hh_l0` as `[H, H]`, as PyTorch's `RNN`.
    ///
    /// Elman 1990, "Finding structure in time".
    "rnn", aliases [], example "rnn 128 last=true";
    pub struct Rnn {
        /// Size of h.
        hidden_size: usize where Kind::Integer(1);
    } options {
        /// Layers, each over the outputs of the one before.
        num_layers: usize = 1 where Kind::Integer(1);
        /// Whether a second one goes through time backwards; its outputs stand behind the first one's.
        bidirectional: bool = false where Kind::Switch;
        /// Share of the features that is dropped between layers, in training.
        dropout: f64 = 0.0 where Kind::Number(Range::FRACTION);
        /// Whether only the last state is given on, `[B, H]` (of each direction), not `[B, T, H]`.
        last: bool = false where Kind::Switch;
    }
}

impl Rnn {
    /// One layer, forwards, with outputs at every step.
    pub fn new(hidden_size: usize) -> Rnn {
        Rnn { hidden_size, num_layers: 1, bidirectional: false, dropout: 0.0, last: false }
    }
}

impl Cell for Rnn {
    const GATES: usize = 1;
    const CARRIES: usize = 1;

    fn turn<'b>(_carries: &[Var<'b>], given: &[Var<'b>], recurrent: &[Var<'b>]) -> Vec<Var<'b>> {
        vec![(given[0] + recurrent[0]).tanh()]
    }
}

impl Layer for Rnn {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Rnn { hidden_size, num_layers, bidirectional, dropout, last } = *self;
        let recurrent = Recurrent { hidden_size, num_layers, bidirectional, dropout, last };
        recurrent.build::<Rnn>(net, x)
    }

    fn follower(&self) -> Follower {
        Follower::Saturating
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::recurrent::tests::{Torch, check_torch};

    #[test]
    fn outputs_and_gradients_are_those_of_pytorch() {
        check_torch(
            Rnn::new(2),
            &Torch {
                outputs: &[
                    -0.217759371947507,
                    -0.875485257480567,
                    -0.585448453778869,
                    -0.874726840311269,
                    -0.063064886390999,
                    -0.944984099405550,
                    -0.777307823718195,
                    -0.630460900072987,
                    -0.216083837682906,
                    -0.935048124158805,
                    -0.670638599827567,
                    -0.781538768552272,
                ],
                input_gradient: &[
                    0.193433281450534,
                    0.129927049714935,
                    0.102978284028240,
                    0.008640139840069,
                    0.429316562443836,
                    0.226547722696527,
                    0.003380689105666,
                    -0.040387970115037,
                    0.253798359621070,
                    0.134076583628947,
                    -0.370482650229610,
                    -0.162413654738010,
                ],
                parameters: &[
                    ("weight_ih_l0", &[2, 2], 0.964260303791858),
                    ("weight_hh_l0", &[2, 2], -0.725585484258508),
                    ("bias_ih_l0", &[2], 0.781341584342618),
                    ("bias_hh_l0", &[2], 0.781341584342618),
                ],
            },
        );
    }

    #[test]
    fn two_layers_in_two_directions_are_those_of_pytorch() {
        let layer = Rnn { num_layers: 2, bidirectional: true, ..Rnn::new(2) };
        check_torch(
            layer,
            &Torch {
                outputs: &[
                    -0.767668857621329,
                    0.914557204561045,
                    -0.889744729567646,
                    -0.960995177859525,
                    -0.672951673774930,
                    0.963690763077689,
                    -0.936213176120536,
                    -0.984313799925378,
                    -0.620953157076122,
                    0.966019296525797,
                    -0.735193688262641,
                    -0.985885834642513,
                    -0.881223409620554,
                    0.890113334441709,
                    -0.896371287159518,
                    -0.978767106997715,
                    -0.288366380296077,
                    0.967896762581395,
                    -0.919615986405280,
                    -0.966235261833714,
                    -0.916169209074059,
                    0.957593136722918,
                    -0.700430310720745,
                    -0.992869780336515,
                ],
                input_gradient: &[
                    0.222889112727246,
                    -0.059708385822227,
                    0.173040290289461,
                    -0.012877261930819,
                    0.381426846760310,
                    -0.211324510149291,
                    0.120867896753897,
                    0.005962407693047,
                    0.242351719921511,
                    -0.039735800482538,
                    -0.154307318181254,
                    0.105295870175551,
                ],
                parameters: &[
                    ("weight_ih_l0", &[2, 2], 0.083843408758187),
                    ("weight_hh_l0", &[2, 2], -0.351615969101881),
                    ("bias_ih_l0", &[2], 0.246367176911279),
                    ("bias_hh_l0", &[2], 0.246367176911279),
                    ("weight_ih_l0_reverse", &[2, 2], -0.652340459068173),
                    ("weight_hh_l0_reverse", &[2, 2], -0.332048608605695),
                    ("bias_ih_l0_reverse", &[2], 0.276907414238605),
                    ("bias_hh_l0_reverse", &[2], 0.276907414238605),
                    ("weight_ih_l1", &[2, 4], -1.913365667233305),
                    ("weight_hh_l1", &[2, 2], -0.355737524119642),
                    ("bias_ih_l1", &[2], 1.216115427257269),
                    ("bias_hh_l1", &[2], 1.216115427257268),
                    ("weight_ih_l1_reverse", &[2, 4], 0.912890387501900),
                    ("weight_hh_l1_reverse", &[2, 2], 0.496426148158598),
                    ("bias_ih_l1_reverse", &[2], -0.692451650627276),
                    ("bias_hh_l1_reverse", &[2], -0.692451650627276),
                ],
            },
        );
    }
}
