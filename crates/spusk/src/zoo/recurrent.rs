//! What `lstm` and `gru` share: their options, and the recurrent layer with its last state and dropout.

/// Declares a network around the recurrent layer of the same name.
macro_rules! recurrent {
    ($(#[doc = $doc:literal])+ $name:literal, example $example:literal; pub struct $Type:ident;) => {
        options! {
            $(#[doc = $doc])+
            $name, aliases [], example $example;
            pub struct $Type options {
                /// Size of the state.
                hidden_size: usize = 128 where $crate::spec::Kind::Integer(1), positional;
                /// Layers, each over the outputs of the one before.
                num_layers: usize = 1 where $crate::spec::Kind::Integer(1);
                /// Whether a second one goes through the sequence backwards.
                bidirectional: bool = false where $crate::spec::Kind::Switch;
                /// Share of the features that is dropped, in training.
                dropout: f64 = 0.3 where $crate::spec::Kind::Number($crate::spec::Range::FRACTION);
            }
        }

        impl $crate::zoo::Network for $Type {
            fn layers(&self) -> Result<Vec<$crate::layers::AnyLayer>, String> {
                use $crate::layers;

                let recurrent = layers::$Type {
                    num_layers: self.num_layers,
                    bidirectional: self.bidirectional,
                    // Between layers only.
                    dropout: if self.num_layers > 1 { self.dropout } else { 0.0 },
                    last: true,
                    ..layers::$Type::new(self.hidden_size)
                };
                let dropout = layers::Dropout { dropout_rate: self.dropout };
                Ok(vec![recurrent.into(), dropout.into()])
            }
        }
    };
}
pub(super) use recurrent;
