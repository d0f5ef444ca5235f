//! What can be wrong with a weights file.

use std::path::PathBuf;

/// Why parameters could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// `read`, or `create the folder`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] elman_data::Error),
    /// The file is cut off, corrupt, or of another kind.
    #[error(
        "`{}` is not a whole safetensors file: {reason}. It was cut off, altered, or is of another kind; \
         copy it again, or write it anew", path.display()
    )]
    NotSafetensors {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is none that `torch.save` wrote, broken, or says more than can be read.
    #[error(
        "`{}` cannot be read as a file of PyTorch: {reason}. Copy it again, or save it anew with torch.save(model.state_dict(), \
         \"weights.pth\")", path.display()
    )]
    NotPyTorch {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file's tensors are those of no network that is known.
    #[error(
        "`{}` holds none of the networks that are known, {known}: its tensors are {found}. Names and shapes must be those of \
         torchvision", path.display()
    )]
    UnknownNetwork {
        /// The file.
        path: PathBuf,
        /// The networks that would have been.
        known: String,
        /// The names in the file, shortened.
        found: String,
    },
    /// The file's tensors are nearly those of a network.
    #[error("`{}` looks like a {network}, but {problem}", path.display())]
    OtherNetwork {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        network: &'static str,
        /// What is not so.
        problem: String,
    },
    /// The model has a parameter that the file does not.
    #[error(
        "`{}` lacks the parameter `{name}` (it has {found}); was it written by another model?", path.display()
    )]
    ParameterMissing {
        /// The file.
        path: PathBuf,
        /// The parameter's module path.
        name: String,
        /// The names in the file, shortened.
        found: String,
    },
    /// The file has parameters that the model does not.
    #[error(
        "`{}` has a parameter `{name}` that the model does not (the model has {expected}); was it written by \
         another model?", path.display()
    )]
    ParameterUnexpected {
        /// The file.
        path: PathBuf,
        /// The parameter's name in the file.
        name: String,
        /// The names in the model, shortened.
        expected: String,
    },
    /// A stored parameter does not fit the model it is loaded into.
    #[error(
        "parameter `{name}` in `{}` has shape {found:?}, but the model needs {expected:?}; the model must be \
         configured as it was when the file was written", path.display()
    )]
    ParameterShape {
        /// The file.
        path: PathBuf,
        /// The parameter's module path.
        name: String,
        /// The model's shape.
        expected: Vec<usize>,
        /// The file's shape.
        found: Vec<usize>,
    },
    /// A stored parameter has another number type than the model's.
    #[error(
        "parameter `{name}` in `{}` holds {found} numbers, but the model needs {expected}; convert the file first",
        path.display()
    )]
    ParameterType {
        /// The file.
        path: PathBuf,
        /// The parameter's module path.
        name: String,
        /// The model's number type.
        expected: String,
        /// The file's number type.
        found: String,
    },
    /// A stored parameter holds NaN or infinity, with which nothing can be answered.
    #[error(
        "parameter `{name}` in `{}` holds values that are no numbers (NaN), or infinite; copy the file again, or train again",
        path.display()
    )]
    ParameterValue {
        /// The file.
        path: PathBuf,
        /// The parameter's module path.
        name: String,
    },
    /// A tensor's number type is one that this crate does not store.
    #[error("tensor `{name}` holds {found} numbers; only F32, F64, I64 and I32 are stored")]
    UnsupportedType {
        /// The tensor's name.
        name: String,
        /// Its number type.
        found: String,
    },
}

/// At most five names, for a message.
pub(crate) fn shortened<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let count = names.len();
    let shown: Vec<String> = names.take(5).map(|name| format!("`{name}`")).collect();
    match (count, count.saturating_sub(5)) {
        (0, _) => "none".to_owned(),
        (_, 0) => shown.join(", "),
        (_, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

impl Error {
    /// Whether the file is to blame, rather than the disk it should go to.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Io { action, .. } => *action == "read",
            Self::Write(_) => false,
            _ => true,
        }
    }
}
