//! Attacks on everything that Elman reads.
//!
//! Valid files of every kind ([`reader::Case`]) are changed at random ([`mutate`]) and read again ([`reader::Reader`]). For each
//! input four things must hold: no panic or abort, no hang, no memory beyond a bound that follows from the file's size
//! ([`meter`]), and no success on what cannot be right. Inputs follow from the reader, the seed and their number alone, so that
//! what is found can be made again; it is also written to a file ([`finding`]).
//!
//! A reader runs in a process of its own ([`worker`]), which another one watches ([`supervise`]): an abort, a stack that
//! overflows and a loop without end are findings like any other.

pub mod finding;
pub mod meter;
pub mod mutate;
pub mod reader;
pub mod readers;
pub mod supervise;
pub mod worker;
