//! What a convolutional network that others trained sees in a picture: features for captions.
//!
//! ```no_run
//! use elman::vision::Pretrained;
//! # fn main() -> Result<(), elman::weights::Error> {
//! let network = Pretrained::open("resnet18.pth".as_ref(), &Default::default())?;
//! let picture: Vec<u8> = vec![127; 224 * 224 * 3]; // RGB, row by row
//! let grid = network.features(network.input(&picture, [224, 224])); // [1, 512, 7, 7]
//! # Ok(()) }
//! ```
//!
//! A network is a list of blocks ([`Block`]), and says what pictures must look like ([`Preparation`]); a further one is a file in
//! `network/` that makes blocks of the tensors that it knows by name. Batch normalisations are folded into the convolutions before them
//! when the weights are read, so that a block is convolutions with a bias, and these are what is trained on where the last blocks are.

mod block;
mod convolution;
mod eye;
mod network;
mod stored;

pub use block::{Block, Fire, Part, Residual};
pub use convolution::{Convolution, Rectifier};
pub use eye::Eye;
pub(crate) use eye::{COORDINATES, places};
pub use network::{Preparation, Pretrained};
