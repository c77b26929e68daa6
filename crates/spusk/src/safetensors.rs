//! Named arrays in a file: the safetensors format.
//!
//! Eight bytes hold the length of a JSON header, the header says each tensor's element type, shape
//! and place, and the numbers follow, little-endian and without gaps. Nothing in such a file is ever
//! executed. The format is described at <https://huggingface.co/docs/safetensors>.
//!
//! Two properties are this module's own:
//!
//! - **The same tensors give the same bytes**, so that files can be compared by their hash: the order
//!   of tensors is the caller's (wider elements first, which keeps every tensor aligned) and metadata
//!   is sorted.
//! - **A file is checked before it is believed.** Every length is compared with the length of the
//!   file before memory is asked for, the tensors must cover the data exactly, names are unique, and
//!   all arithmetic is checked. Reading needs at most a small multiple of the file's own length.
//!
//! ```
//! use spusk::safetensors::{self, Tensor};
//!
//! let weight = Tensor::f32("layers.0.weight", [2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
//! let mut bytes = Vec::new();
//! safetensors::Layout::new(&[weight.clone()], &Default::default())?.write(&mut bytes)?;
//! assert_eq!(safetensors::from_bytes(&bytes)?.tensors, [weight]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod half;
mod read;
mod write;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::messages::{self as say, Language};
use crate::text::shown;

pub use read::{from_bytes, read};
pub use write::Layout;

/// Free text about a file, sorted by key.
pub type Metadata = BTreeMap<String, String>;

/// The longest header that is read: 16 MB.
pub const MAX_HEADER: u64 = 16 << 20;

/// The most tensors one file may hold.
pub const MAX_TENSORS: usize = 1_000_000;

/// The most axes one tensor may have.
pub const MAX_RANK: usize = 32;

/// What one file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// The tensors, in the order of their data.
    pub tensors: Vec<Tensor>,
    /// Free text about them.
    pub metadata: Metadata,
}

impl Contents {
    /// The tensor with this name.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }
}

/// An array with a name. `data` holds the product of `shape` elements, the last axis innermost.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// For example `layers.0.weight`.
    pub name: String,
    /// The size of each axis; empty for a single number.
    pub shape: Vec<usize>,
    /// The elements.
    pub data: Data,
}

impl Tensor {
    /// A tensor of 32-bit floats.
    pub fn f32(name: impl Into<String>, shape: impl Into<Vec<usize>>, data: Vec<f32>) -> Tensor {
        Tensor { name: name.into(), shape: shape.into(), data: Data::F32(data) }
    }

    /// A tensor of 64-bit floats.
    pub fn f64(name: impl Into<String>, shape: impl Into<Vec<usize>>, data: Vec<f64>) -> Tensor {
        Tensor { name: name.into(), shape: shape.into(), data: Data::F64(data) }
    }

    /// The elements as 32-bit floats: exact from F16 and BF16, rounded to nearest from F64.
    pub fn to_f32(&self) -> Result<Cow<'_, [f32]>, SafetensorsError> {
        Ok(match &self.data {
            Data::F32(values) => Cow::Borrowed(values),
            Data::F64(values) => values.iter().map(|&x| x as f32).collect(),
            Data::F16(bits) => bits.iter().map(|&x| half::f16_to_f32(x)).collect(),
            Data::BF16(bits) => bits.iter().map(|&x| half::bf16_to_f32(x)).collect(),
            Data::I64(_) | Data::U64(_) | Data::Other(..) => return Err(self.not_floats()),
        })
    }

    /// The elements as 64-bit floats: exact from every narrower float.
    pub fn to_f64(&self) -> Result<Cow<'_, [f64]>, SafetensorsError> {
        match &self.data {
            Data::F64(values) => Ok(Cow::Borrowed(values)),
            _ => Ok(self.to_f32()?.iter().map(|&x| f64::from(x)).collect()),
        }
    }

    fn not_floats(&self) -> SafetensorsError {
        let fault = Fault::NotFloats { name: self.name.clone(), dtype: self.data.dtype().name() };
        fault.into()
    }
}

/// The elements of a [`Tensor`].
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// 64-bit floats.
    F64(Vec<f64>),
    /// 32-bit floats.
    F32(Vec<f32>),
    /// The bits of 16-bit floats (5 bits of exponent).
    F16(Vec<u16>),
    /// The bits of brain floats (the upper half of a 32-bit float).
    BF16(Vec<u16>),
    /// Whole numbers.
    I64(Vec<i64>),
    /// Whole numbers without sign.
    U64(Vec<u64>),
    /// Elements that nothing here computes with, kept as they are.
    Other(Dtype, Vec<u8>),
}

impl Data {
    /// The type of the elements.
    pub fn dtype(&self) -> Dtype {
        match self {
            Data::F64(_) => Dtype::F64,
            Data::F32(_) => Dtype::F32,
            Data::F16(_) => Dtype::F16,
            Data::BF16(_) => Dtype::BF16,
            Data::I64(_) => Dtype::I64,
            Data::U64(_) => Dtype::U64,
            Data::Other(dtype, _) => *dtype,
        }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        match self {
            Data::F64(values) => values.len(),
            Data::F32(values) => values.len(),
            Data::F16(bits) | Data::BF16(bits) => bits.len(),
            Data::I64(values) => values.len(),
            Data::U64(values) => values.len(),
            Data::Other(dtype, bytes) => bytes.len() / dtype.size(),
        }
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Names and sizes of element types, in one table: the enum, its parser and its printer.
macro_rules! dtypes {
    ($($(#[$doc:meta])* $name:ident $size:literal,)*) => {
        /// The element types that a file may hold.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(non_camel_case_types)] // The names are the format's own.
        pub enum Dtype {
            $($(#[$doc])* $name,)*
        }

        impl Dtype {
            /// The name in the header, such as `F32`.
            pub fn name(self) -> &'static str {
                match self { $(Dtype::$name => stringify!($name),)* }
            }

            /// Bytes of one element.
            pub fn size(self) -> usize {
                match self { $(Dtype::$name => $size,)* }
            }

            fn from_name(name: &str) -> Option<Dtype> {
                match name { $(stringify!($name) => Some(Dtype::$name),)* _ => None }
            }
        }
    };
}

dtypes! {
    /// One byte, 0 or 1.
    BOOL 1,
    /// One byte without sign.
    U8 1,
    /// One byte with sign.
    I8 1,
    /// 8-bit float, 5 bits of exponent.
    F8_E5M2 1,
    /// 8-bit float, 4 bits of exponent.
    F8_E4M3 1,
    /// 16-bit whole number.
    I16 2,
    /// 16-bit whole number without sign.
    U16 2,
    /// 16-bit float.
    F16 2,
    /// Brain float.
    BF16 2,
    /// 32-bit whole number.
    I32 4,
    /// 32-bit whole number without sign.
    U32 4,
    /// 32-bit float.
    F32 4,
    /// 64-bit float.
    F64 8,
    /// 64-bit whole number.
    I64 8,
    /// 64-bit whole number without sign.
    U64 8,
}

/// Why a safetensors file could not be read or written.
#[derive(Debug)]
pub struct SafetensorsError {
    /// The file, where there is one.
    pub path: Option<PathBuf>,
    /// What is wrong with it.
    pub fault: Fault,
}

impl SafetensorsError {
    /// What is wrong, in a language.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        let fault = self.fault.in_language(l);
        match &self.path {
            Some(path) => format!("{}: {fault}", path.display()),
            None => fault,
        }
    }
}

impl std::fmt::Display for SafetensorsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

impl std::error::Error for SafetensorsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            Fault::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Fault> for SafetensorsError {
    fn from(fault: Fault) -> Self {
        SafetensorsError { path: None, fault }
    }
}

/// What is wrong with a safetensors file. It is told in every language; `Display` is English.
#[derive(Debug)]
#[allow(missing_docs)] // Each message explains its fields.
pub enum Fault {
    Io(std::io::Error),
    TooShort {
        length: usize,
    },
    HeaderBeyondFile {
        claimed: u64,
        available: u64,
    },
    HeaderTooLong {
        claimed: u64,
    },
    Header(String),
    UnknownDtype {
        name: String,
        dtype: String,
    },
    Duplicate {
        name: String,
    },
    TooLarge {
        name: String,
        shape: Vec<usize>,
    },
    WrongLength {
        name: String,
        shape: Vec<usize>,
        dtype: &'static str,
        needed: usize,
        begin: usize,
        end: usize,
        held: usize,
    },
    BeyondFile {
        name: String,
        end: usize,
        available: usize,
    },
    HoleOrOverlap {
        name: String,
        begin: usize,
        expected: usize,
    },
    Trailing {
        extra: usize,
    },
    NotFloats {
        name: String,
        dtype: &'static str,
    },
    ShapeMismatch {
        name: String,
        shape: Vec<usize>,
        expected: usize,
        got: usize,
    },
    ReservedName {
        name: String,
    },
}

impl Fault {
    /// What is wrong, in a language.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        let sizes = |shape: &[usize]| format!("{shape:?}");
        match self {
            Fault::Io(error) => say::io_problem(l, error),
            Fault::TooShort { length } => say::tensors_short(l, length),
            Fault::HeaderBeyondFile { claimed, available } => {
                say::tensors_header_beyond(l, claimed, available)
            }
            Fault::HeaderTooLong { claimed } => say::tensors_header_long(l, claimed, MAX_HEADER),
            Fault::Header(why) => say::tensors_header(l, why),
            Fault::UnknownDtype { name, dtype } => say::tensors_dtype(l, shown(name), shown(dtype)),
            Fault::Duplicate { name } => say::tensors_twice(l, shown(name)),
            Fault::TooLarge { name, shape } => say::tensors_too_large(l, shown(name), sizes(shape)),
            Fault::WrongLength { name, shape, dtype, needed, begin, end, held } => {
                say::tensors_length(l, shown(name), sizes(shape), dtype, needed, begin, end, held)
            }
            Fault::BeyondFile { name, end, available } => {
                say::tensors_beyond(l, shown(name), end, available)
            }
            Fault::HoleOrOverlap { name, begin, expected } => {
                say::tensors_hole(l, shown(name), begin, expected)
            }
            Fault::Trailing { extra } => say::tensors_trailing(l, extra),
            Fault::NotFloats { name, dtype } => say::tensors_no_floats(l, shown(name), dtype),
            Fault::ShapeMismatch { name, shape, expected, got } => {
                say::tensors_mismatch(l, shown(name), sizes(shape), expected, got)
            }
            Fault::ReservedName { name } => say::tensors_reserved(l, shown(name)),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Fault::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Fault {
        Fault::Io(error)
    }
}

/// The product of the sizes, if it can be a length.
fn element_count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |count, &size| count.checked_mul(size))
}
