use spusk_graph::Var;

use crate::layers::recurrent::{Cell, recurrent};

recurrent! {
    /// A recurrent layer with long short-term memory: gates write, keep and show a cell.
    ///
    /// With z = x[t] · W + b + h[t−1] · U + b′, cut into four: i, f, o = sigmoid of its first, second and
    /// fourth part, g = tanh of the third; c[t] = f · c[t−1] + i · g and h[t] = o · tanh c[t], from 0 on,
    /// for `x[B, T, C]`. Files have `weight_ih_l0` as `[4 · H, C]` and `weight_hh_l0` as `[4 · H, H]`,
    /// gates in the order i, f, g, o, as PyTorch's `LSTM`.
    ///
    /// Hochreiter & Schmidhuber 1997, "Long short-term memory"; Gers, Schmidhuber & Cummins 2000,
    /// "Learning to forget".
    "lstm", example "lstm 128 last=true";
    pub struct Lstm;
}

impl Cell for Lstm {
    const GATES: usize = 4;
    const CARRIES: usize = 2;

    fn turn<'b>(carries: &[Var<'b>], given: &[Var<'b>], recurrent: &[Var<'b>]) -> Vec<Var<'b>> {
        let sum = |gate: usize| given[gate] + recurrent[gate];
        let (i, f, g, o) = (sum(0).sigmoid(), sum(1).sigmoid(), sum(2).tanh(), sum(3).sigmoid());
        let c = f * carries[1] + i * g;
        vec![o * c.tanh(), c]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::recurrent::tests::{Torch, check_torch};

    #[test]
    fn outputs_and_gradients_are_those_of_pytorch() {
        check_torch(
            Lstm::new(2),
            &Torch {
                outputs: &[
                    -0.252428078334604,
                    -0.040843229755256,
                    -0.356050242214065,
                    -0.121697671759848,
                    -0.445731926577290,
                    -0.197796746018120,
                    -0.174664010429105,
                    -0.106631472233731,
                    -0.352918380184065,
                    -0.138658144185061,
                    -0.325490101602555,
                    -0.205867114752941,
                ],
                input_gradient: &[
                    -0.059028933720725,
                    0.056252513704818,
                    0.011369442783280,
                    0.015962987146993,
                    -0.038055683495669,
                    -0.003992766130092,
                    0.031475172463958,
                    0.007489589303168,
                    0.008509542225161,
                    -0.011556720924333,
                    0.106773884833305,
                    -0.003347739456253,
                ],
                parameters: &[
                    ("weight_ih_l0", &[8, 2], -0.312731171699995),
                    ("weight_hh_l0", &[8, 2], 0.041578279518634),
                    ("bias_ih_l0", &[8], -0.111802506867420),
                    ("bias_hh_l0", &[8], -0.111802506867420),
                ],
            },
        );
    }

    #[test]
    fn two_layers_in_two_directions_are_those_of_pytorch() {
        let layer = Lstm { num_layers: 2, bidirectional: true, ..Lstm::new(2) };
        check_torch(
            layer,
            &Torch {
                outputs: &[
                    -0.031357492180072,
                    0.119606785110603,
                    -0.320252529124235,
                    -0.247786247536015,
                    -0.062627874134070,
                    0.125242282740441,
                    -0.282733519441780,
                    -0.182425921171254,
                    -0.065585537570259,
                    0.128461694890063,
                    -0.221919410673302,
                    -0.093687400869682,
                    -0.053831938487322,
                    0.115696392954811,
                    -0.307360195714138,
                    -0.253526481319112,
                    -0.066830990503893,
                    0.128489742919246,
                    -0.283405292877525,
                    -0.180092150021090,
                    -0.090068441476802,
                    0.118714720144923,
                    -0.182865136217618,
                    -0.098692940740910,
                ],
                input_gradient: &[
                    0.001964416197974,
                    0.041249964895888,
                    0.031504672009951,
                    0.120427683281214,
                    0.044229763668633,
                    0.036579943575186,
                    0.014670281147499,
                    0.042445337171622,
                    -0.010323045566986,
                    0.039122789505919,
                    0.005640391166661,
                    -0.016729044501391,
                ],
                parameters: &[
                    ("weight_ih_l0", &[8, 2], -0.057144520188137),
                    ("weight_hh_l0", &[8, 2], -0.010599760991687),
                    ("bias_ih_l0", &[8], 0.168400916990515),
                    ("bias_hh_l0", &[8], 0.168400916990515),
                    ("weight_ih_l0_reverse", &[8, 2], -0.080119764485533),
                    ("weight_hh_l0_reverse", &[8, 2], 0.007509536372719),
                    ("bias_ih_l0_reverse", &[8], 0.081727139248568),
                    ("bias_hh_l0_reverse", &[8], 0.081727139248568),
                    ("weight_ih_l1", &[8, 4], 0.118126185873366),
                    ("weight_hh_l1", &[8, 2], -0.024340258236155),
                    ("bias_ih_l1", &[8], -0.633524159066904),
                    ("bias_hh_l1", &[8], -0.633524159066903),
                    ("weight_ih_l1_reverse", &[8, 4], -0.211289772819366),
                    ("weight_hh_l1_reverse", &[8, 2], -0.060345661831431),
                    ("bias_ih_l1_reverse", &[8], 0.819120877587023),
                    ("bias_hh_l1_reverse", &[8], 0.819120877587024),
                ],
            },
        );
    }
}
