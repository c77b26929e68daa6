use spusk_graph::Var;

use crate::layers::recurrent::{Cell, recurrent};

recurrent! {
    /// A gated recurrent layer: gates choose between the last output and a new one.
    ///
    /// With gates r and z = sigmoid(x[t] · W + b + h[t−1] · U + b′), each with its own weights, and
    /// n = tanh(x[t] · W + b + r · (h[t−1] · U + b′)): h[t] = (1 − z) · n + z · h[t−1], from 0 on, for
    /// `x[B, T, C]`. Files have `weight_ih_l0` as `[3 · H, C]` and `weight_hh_l0` as `[3 · H, H]`, gates
    /// in the order r, z, n, and the reset gate behind the product, as PyTorch's `GRU`.
    ///
    /// Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder".
    "gru", example "gru 128 last=true";
    pub struct Gru;
}

impl Cell for Gru {
    const GATES: usize = 3;
    const CARRIES: usize = 1;

    fn keeps_bias(gate: usize) -> bool {
        gate == 2
    }

    fn turn<'b>(carries: &[Var<'b>], given: &[Var<'b>], recurrent: &[Var<'b>]) -> Vec<Var<'b>> {
        let gate = |gate: usize| (given[gate] + recurrent[gate]).sigmoid();
        let (r, z) = (gate(0), gate(1));
        let n = (given[2] + r * recurrent[2]).tanh();
        vec![n + z * (carries[0] - n)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::recurrent::tests::{Torch, check_torch};

    #[test]
    fn outputs_and_gradients_are_those_of_pytorch() {
        check_torch(
            Gru::new(2),
            &Torch {
                outputs: &[
                    -0.241464999458474,
                    -0.051668745785820,
                    -0.261773884045663,
                    -0.245206541583879,
                    -0.326163157899525,
                    -0.337146993794010,
                    -0.237714449350609,
                    -0.122510392938386,
                    -0.246907752467012,
                    -0.348328821896899,
                    -0.447481678184351,
                    -0.359115853712155,
                ],
                input_gradient: &[
                    0.020018244517848,
                    0.022237131263416,
                    0.047652664942816,
                    -0.026345591017814,
                    0.040834804397836,
                    -0.010910988683049,
                    -0.151316033758046,
                    0.077725731066144,
                    -0.013501367159033,
                    0.003070698931288,
                    -0.198693953050633,
                    0.107522270921693,
                ],
                parameters: &[
                    ("weight_ih_l0", &[6, 2], -0.178936675528044),
                    ("weight_hh_l0", &[6, 2], -0.007585669682684),
                    ("bias_ih_l0", &[6], 0.071145567257187),
                    ("bias_hh_l0", &[6], -0.018646443068972),
                ],
            },
        );
    }

    #[test]
    fn two_layers_in_two_directions_are_those_of_pytorch() {
        let layer = Gru { num_layers: 2, bidirectional: true, ..Gru::new(2) };
        check_torch(
            layer,
            &Torch {
                outputs: &[
                    0.063451396555375,
                    0.538519250847804,
                    -0.595018311837635,
                    -0.544905327426853,
                    0.058673930401583,
                    0.746153215663488,
                    -0.333612685567058,
                    -0.348674480783264,
                    0.080997450529385,
                    0.839898534168015,
                    -0.318179613149365,
                    -0.226124438210711,
                    0.028914602771732,
                    0.528453786157220,
                    -0.432678839511901,
                    -0.453444205033897,
                    0.062424969202488,
                    0.740210021521172,
                    -0.357735025336469,
                    -0.323899666566620,
                    0.068415088456469,
                    0.819971983221964,
                    -0.156490260855002,
                    -0.150265865102958,
                ],
                input_gradient: &[
                    -0.361293366155188,
                    0.360416889283107,
                    -0.337065370795304,
                    0.556437578754183,
                    -0.130302184774586,
                    0.461826029236052,
                    -0.065503349628941,
                    0.153138967819063,
                    0.090048219534320,
                    -0.040060317213457,
                    0.050223739380316,
                    -0.227411803376175,
                ],
                parameters: &[
                    ("weight_ih_l0", &[6, 2], -0.336424120681817),
                    ("weight_hh_l0", &[6, 2], -0.035809927450772),
                    ("bias_ih_l0", &[6], 0.437049025901671),
                    ("bias_hh_l0", &[6], 0.171872365969377),
                    ("weight_ih_l0_reverse", &[6, 2], 0.071076856767622),
                    ("weight_hh_l0_reverse", &[6, 2], 0.307505907897229),
                    ("bias_ih_l0_reverse", &[6], -0.079023477793315),
                    ("bias_hh_l0_reverse", &[6], 0.020464645340498),
                    ("weight_ih_l1", &[6, 4], -0.059814356353049),
                    ("weight_hh_l1", &[6, 2], 0.112166124034778),
                    ("bias_ih_l1", &[6], -0.764768074296804),
                    ("bias_hh_l1", &[6], -0.205291576345143),
                    ("weight_ih_l1_reverse", &[6, 4], 0.133511316886334),
                    ("weight_hh_l1_reverse", &[6, 2], -0.117496736998839),
                    ("bias_ih_l1_reverse", &[6], 1.615421756094073),
                    ("bias_hh_l1_reverse", &[6], 0.668067718103066),
                ],
            },
        );
    }
}
