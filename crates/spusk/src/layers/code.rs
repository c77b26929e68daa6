use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;

options! {
    /// y = x; what passes here is the network's code of the example.
    ///
    /// The layers before it are the encoder, those behind it the decoder. `spusk encode` writes the
    /// numbers that pass. Without it the narrowest layer's output is the code.
    "code", aliases ["bottleneck", "latent"], example "code";
    pub struct Code;
}

impl Layer for Code {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        net.mark_code(x);
        x
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::check_activation;
    use crate::layers::{AnyLayer, Dense};
    use crate::model::{Batch, Model};

    #[test]
    fn values_and_slopes() {
        check_activation(Code, &[(-1.5, -1.5, 1.0)]);
    }

    #[test]
    fn an_evaluation_puts_the_code_out() {
        let outputs = |layers: Vec<AnyLayer>| {
            let eval = Model { layers }.eval_graph(&Batch::of_rows(4, 6), None, false, None);
            let eval = eval.expect("the sizes fit");
            let code = eval.outputs.iter().find(|(name, _)| name == "code");
            code.map(|(_, value)| eval.graph.shape(*value).clone())
        };
        let dense = |width| AnyLayer::from(Dense::new(width));
        let inside = crate::sequential![Dense::new(2), Code];
        let shape = outputs(vec![dense(5), inside.into(), dense(6)]).expect("there is a code");
        assert_eq!(&shape[..], [4, 2]);
        assert_eq!(outputs(vec![dense(6)]), None);
    }
}
