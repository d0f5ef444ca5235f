//! What a convolutional network that others trained sees in a picture: features for captions and clips.
//!
//! ```no_run
//! use elman::vision::SqueezeNet;
//! # fn main() -> Result<(), elman::weights::Error> {
//! let network = SqueezeNet::open("squeezenet1_0.safetensors".as_ref(), &Default::default())?;
//! let picture: Vec<u8> = vec![127; 227 * 227 * 3]; // RGB, row by row
//! let grid = network.features(network.input(&picture, [227, 227])); // [1, 512, 13, 13]
//! # Ok(()) }
//! ```

mod eye;
mod squeezenet;

pub use eye::Eye;
pub(crate) use eye::{COORDINATES, places};
pub use squeezenet::{Fire, LastFires, SqueezeNet, Style};
