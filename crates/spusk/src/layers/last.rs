use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;
use crate::layers::attention::sequence;
use crate::messages::{self as say, Said};
use crate::spec::Kind;

options! {
    /// The last element of a sequence, `[B, T, C]` becomes `[B, C]`; or the last few, `[B, steps, C]`.
    ///
    /// Of a text that is the last token in front of the padding; an empty one gives 0.
    "last", aliases ["last_step"], example "last";
    pub struct Last options {
        /// How many elements; 1 leaves no axis of time.
        steps: usize = 1 where Kind::Integer(1), positional;
    }
}

impl Layer for Last {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some([batch, turns, channels]) = sequence(net, x) else { return x };
        if self.steps > turns {
            let steps = self.steps;
            return net.trace().fail(Said::new(|l| say::layer_few_turns(l, turns, steps)));
        }
        let Some(lengths) = net.lengths(x) else {
            let end = x.narrow(1, turns - self.steps, turns);
            return if self.steps == 1 { end.reshape(&[batch, channels]) } else { end };
        };
        if self.steps > 1 {
            return net.trace().fail(Said::new(say::layer_last_of_texts));
        }
        let places = net.trace().iota(turns).reshape(&[turns, 1]);
        let is_last = (lengths - 1.0).reshape(&[batch, 1, 1]).equal(places);
        is_last.select(x, 0.0).sum_keeping(&[1]).reshape(&[batch, channels])
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;

    #[test]
    fn the_last_element_is_taken() {
        let x: Vec<f64> = (0..12).map(f64::from).collect();
        assert_eq!(outputs(&[Last::default().into()], &[2, 3, 2], &x), [4.0, 5.0, 10.0, 11.0]);
        let two = Last { steps: 2 };
        let want = [2.0, 3.0, 4.0, 5.0, 8.0, 9.0, 10.0, 11.0];
        assert_eq!(outputs(&[two.into()], &[2, 3, 2], &x), want);
    }
}
