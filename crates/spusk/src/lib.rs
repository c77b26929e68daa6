//! Train neural networks by gradient descent.
