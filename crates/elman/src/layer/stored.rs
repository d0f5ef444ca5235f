//! A kind of cell as JSON: the kernels, whose type it is, know no format.

use crate::cell::{Activation, CellKind, GruReset};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    SimpleRnnTanh,
    SimpleRnnRelu,
    SimpleRnnIdentity,
    Lstm,
    GruResetAfter,
    GruResetBefore,
}

pub fn serialize<S: Serializer>(kind: &CellKind, serializer: S) -> Result<S::Ok, S::Error> {
    let stored = match kind {
        CellKind::SimpleRnn(Activation::Tanh) => Stored::SimpleRnnTanh,
        CellKind::SimpleRnn(Activation::Relu) => Stored::SimpleRnnRelu,
        CellKind::SimpleRnn(Activation::Identity) => Stored::SimpleRnnIdentity,
        CellKind::Lstm => Stored::Lstm,
        CellKind::Gru(GruReset::After) => Stored::GruResetAfter,
        CellKind::Gru(GruReset::Before) => Stored::GruResetBefore,
    };
    stored.serialize(serializer)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CellKind, D::Error> {
    Ok(match Stored::deserialize(deserializer)? {
        Stored::SimpleRnnTanh => CellKind::SimpleRnn(Activation::Tanh),
        Stored::SimpleRnnRelu => CellKind::SimpleRnn(Activation::Relu),
        Stored::SimpleRnnIdentity => CellKind::SimpleRnn(Activation::Identity),
        Stored::Lstm => CellKind::Lstm,
        Stored::GruResetAfter => CellKind::Gru(GruReset::After),
        Stored::GruResetBefore => CellKind::Gru(GruReset::Before),
    })
}
