//! The subcommands, a file each.

pub mod animate;
pub mod caption;
pub mod compare;
pub mod data;
pub mod dataset;
pub mod describe;
pub mod draw;
pub mod eval;
pub mod find_lr;
pub mod forecast;
pub mod generate;
pub mod init;
pub mod inspect;
pub mod lesson;
pub mod nearest;
pub mod predict;
pub mod recipe;
pub mod summary;
pub mod sweep;
pub mod tag;
pub mod train;
pub mod transcribe;
pub mod translate;
