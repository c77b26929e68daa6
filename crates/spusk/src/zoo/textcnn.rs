use super::Network;
use crate::layers::{
    AnyLayer, Concat, Conv1d, Dropout, Embedding, GlobalMaxPool, Padding, Relu, Sequential,
};
use crate::spec::{Kind, Range};

options! {
    /// Windows of 3, 4 and 5 tokens, each filter's largest answer over the text.
    ///
    /// embedding, then side by side for widths 3, 4 and 5: convolution, ReLU, maximum over time; dropout.
    /// The vocabulary is that of the data.
    ///
    /// Kim 2014, "Convolutional neural networks for sentence classification", with embeddings that are
    /// trained from the start and dropout on them too.
    "textcnn", aliases ["text_cnn"], example "textcnn:100";
    pub struct Textcnn options {
        /// Filters of each width.
        filters: usize = 100 where Kind::Integer(1), positional;
        /// Numbers for each token.
        embedding_size: usize = 128 where Kind::Integer(1);
        /// Share of the features that is dropped, in training.
        dropout: f64 = 0.5 where Kind::Number(Range::FRACTION);
    }
}

impl Network for Textcnn {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        let branch = |width: usize| {
            let conv = Conv1d { padding: Padding::Same, ..Conv1d::new(self.filters, width) };
            let layers = vec![conv.into(), Relu.into(), GlobalMaxPool.into()];
            AnyLayer::from(Sequential { layers })
        };
        let dropout = || AnyLayer::from(Dropout { dropout_rate: self.dropout });
        Ok(vec![
            Embedding::new(self.embedding_size).into(),
            dropout(),
            Concat { layers: [3, 4, 5].map(branch).to_vec() }.into(),
            dropout(),
        ])
    }
}
