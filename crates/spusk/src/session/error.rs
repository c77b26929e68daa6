//! What goes wrong in a session, in every language.

use spusk_graph::GraphError;

use crate::data::DataError;
use crate::experiment::ExperimentError;
use crate::messages::{Language, Said, graph_error};
use crate::run::RunError;
use crate::train::TrainError;

/// What goes wrong in a session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The experiment says something impossible.
    #[error("{0}")]
    Experiment(#[from] ExperimentError),
    /// The data cannot be used.
    #[error("{0}")]
    Data(#[from] DataError),
    /// The network cannot be built.
    #[error("{0}")]
    Graph(#[from] GraphError),
    /// Training failed.
    #[error("{0}")]
    Train(#[from] TrainError),
    /// The run directory cannot be used.
    #[error("{0}")]
    Run(#[from] RunError),
    /// Something else, said in every language.
    #[error("{}", .0.english())]
    Said(Said),
}

impl SessionError {
    /// Something else; text that belongs to no language is the same in each.
    pub fn told(what: impl Into<Said>) -> SessionError {
        SessionError::Said(what.into())
    }

    /// What is wrong, in a language; what only English has stays English.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        match self {
            SessionError::Experiment(error) => error.in_language(l),
            SessionError::Data(error) => error.in_language(l),
            SessionError::Train(error) => error.in_language(l),
            SessionError::Run(error) => error.in_language(l),
            SessionError::Said(said) => said.in_language(l).to_string(),
            SessionError::Graph(error) => graph_error(error, l),
        }
    }
}
