use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::{GlobalAvgPool, GlobalMaxPool, Last, Layer};

options! {
    /// A sequence `[B, T, C]` as one row: of series the last element, of texts what stands anywhere in them.
    ///
    /// Where all sequences have one length, the newest element says most about what comes: `[B, C]`, as `last`.
    /// Texts, whose lengths differ, give every channel's largest and mean element, padding left out: `[B, 2 · C]`,
    /// as `concat(global_max_pool, global_avg_pool)`. An empty text gives 0.
    ///
    /// Howard & Ruder 2018, "Universal language model fine-tuning for text classification", section 3.3: a few words
    /// anywhere in a text may tell its class (without the last state, which they add).
    "summary", aliases [], example "summary";
    pub struct Summary;
}

impl Layer for Summary {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        if net.lengths(x).is_none() {
            return Last::default().build(net, x);
        }
        let (most, mean) = (GlobalMaxPool.build(net, x), GlobalAvgPool.build(net, x));
        most.concat(&[mean], 1)
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;
    use crate::layers::{AnyLayer, Concat, Embedding};

    #[test]
    fn series_give_their_last_element() {
        let x: Vec<f64> = (0..12).map(f64::from).collect();
        assert_eq!(outputs(&[Summary.into()], &[2, 3, 2], &x), [4.0, 5.0, 10.0, 11.0]);
    }

    #[test]
    fn texts_give_their_largest_and_mean_elements() {
        let of = |layer: AnyLayer| {
            let embedding = Embedding { vocab_size: 7, ..Embedding::new(3) };
            let tokens = [3.0, 1.0, 4.0, 0.0, 6.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
            outputs(&[Embedding { padding: true, ..embedding }.into(), layer], &[3, 4], &tokens)
        };
        let got = of(Summary.into());
        let layers = vec![GlobalMaxPool.into(), GlobalAvgPool.into()];
        assert_eq!(got, of(Concat { layers }.into()));
        assert_eq!((got.len(), &got[12..]), (18, &[0.0; 6][..]), "an empty text gives 0");
    }
}
