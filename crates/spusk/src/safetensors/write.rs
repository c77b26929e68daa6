//! Writing: the header is computed first, so that the file is written in one pass.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::{Data, Fault, Metadata, SafetensorsError, Tensor, element_count};

/// The key under which the header keeps free text.
pub(super) const METADATA_KEY: &str = "__metadata__";

/// A file about to be written: checked tensors, their order, the finished header.
#[derive(Debug)]
pub struct Layout<'a> {
    header: Vec<u8>,
    tensors: Vec<&'a Tensor>,
}

impl<'a> Layout<'a> {
    /// Checks the tensors and lays them out: wider elements first, else in the order given.
    pub fn new(tensors: &'a [Tensor], metadata: &Metadata) -> Result<Self, SafetensorsError> {
        let mut ordered: Vec<&Tensor> = tensors.iter().collect();
        // Wider elements first puts every tensor at a multiple of its element size.
        ordered.sort_by_key(|tensor| std::cmp::Reverse(tensor.data.dtype().size()));
        check(&ordered)?;
        let header = header(&ordered, metadata);
        Ok(Layout { header, tensors: ordered })
    }

    /// Writes the whole file.
    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(&(self.header.len() as u64).to_le_bytes())?;
        to.write_all(&self.header)?;
        self.tensors.iter().try_for_each(|tensor| write_data(&tensor.data, to))
    }
}

fn check(tensors: &[&Tensor]) -> Result<(), Fault> {
    let mut names = BTreeSet::new();
    for tensor in tensors {
        let name = || tensor.name.clone();
        if tensor.name == METADATA_KEY {
            return Err(Fault::ReservedName { name: name() });
        }
        if !names.insert(&tensor.name) {
            return Err(Fault::Duplicate { name: name() });
        }
        let shape = tensor.shape.clone();
        let Some(expected) = element_count(&shape) else {
            return Err(Fault::TooLarge { name: name(), shape });
        };
        let got = tensor.data.len();
        if got != expected {
            return Err(Fault::ShapeMismatch { name: name(), shape, expected, got });
        }
    }
    Ok(())
}

/// One JSON object without spaces, padded with spaces to a multiple of eight bytes.
fn header(tensors: &[&Tensor], metadata: &Metadata) -> Vec<u8> {
    let mut fields = Vec::with_capacity(tensors.len() + 1);
    if !metadata.is_empty() {
        let text = serde_json::json!(metadata);
        fields.push(format!("\"{METADATA_KEY}\":{text}"));
    }
    let mut begin = 0;
    for tensor in tensors {
        let dtype = tensor.data.dtype();
        let end = begin + tensor.data.len() * dtype.size();
        let name = serde_json::json!(tensor.name);
        let shape = serde_json::json!(tensor.shape);
        let dtype = dtype.name();
        fields.push(format!(
            r#"{name}:{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}"#
        ));
        begin = end;
    }
    let mut header = format!("{{{}}}", fields.join(",")).into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    header
}

fn write_data(data: &Data, to: &mut dyn Write) -> io::Result<()> {
    match data {
        Data::F64(values) => write_numbers(values, |x| x.to_le_bytes(), to),
        Data::F32(values) => write_numbers(values, |x| x.to_le_bytes(), to),
        Data::F16(bits) | Data::BF16(bits) => write_numbers(bits, |x| x.to_le_bytes(), to),
        Data::I64(values) => write_numbers(values, |x| x.to_le_bytes(), to),
        Data::U64(values) => write_numbers(values, |x| x.to_le_bytes(), to),
        Data::Other(_, bytes) => to.write_all(bytes),
    }
}

/// Through a small buffer, so that a large tensor is never held twice.
fn write_numbers<T: Copy, const N: usize>(
    values: &[T],
    to_bytes: impl Fn(T) -> [u8; N],
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(N * values.len().min(8192));
    for chunk in values.chunks(8192) {
        buffer.clear();
        chunk.iter().for_each(|&value| buffer.extend_from_slice(&to_bytes(value)));
        to.write_all(&buffer)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Dtype, from_bytes};
    use super::*;

    fn bytes(tensors: &[Tensor], metadata: &Metadata) -> Vec<u8> {
        let mut bytes = Vec::new();
        Layout::new(tensors, metadata).unwrap().write(&mut bytes).unwrap();
        bytes
    }

    fn mixed() -> (Vec<Tensor>, Metadata) {
        let tensor = |name: &str, shape: &[usize], data| Tensor {
            name: name.into(),
            shape: shape.into(),
            data,
        };
        let tensors = vec![
            tensor("a flag", &[3], Data::Other(Dtype::BOOL, vec![1, 0, 1])),
            tensor("half", &[2], Data::F16(vec![0x3c00, 0xffff])),
            tensor("layers.0.weight", &[2, 3], Data::F32((0..6).map(|i| i as f32).collect())),
            tensor("brain", &[1, 1], Data::BF16(vec![0x3f80])),
            tensor("mean \"é\"", &[2], Data::F64(vec![f64::MIN_POSITIVE, -0.0])),
            tensor("count", &[], Data::I64(vec![i64::MIN])),
            tensor("random", &[1], Data::U64(vec![u64::MAX])),
            tensor("nothing", &[0, 5], Data::F32(vec![])),
        ];
        let metadata = [("z", "last"), ("a", "first")].map(|(k, v)| (k.into(), v.into())).into();
        (tensors, metadata)
    }

    #[test]
    fn what_is_written_is_read_back_and_aligned() {
        let (tensors, metadata) = mixed();
        let bytes = bytes(&tensors, &metadata);
        let read = from_bytes(&bytes).unwrap();
        assert_eq!(read.metadata, metadata);
        assert_eq!(read.tensors.len(), tensors.len());
        for tensor in &tensors {
            assert_eq!(read.get(&tensor.name), Some(tensor));
        }
        let sizes: Vec<_> = read.tensors.iter().map(|t| t.data.dtype().size()).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    }

    #[test]
    fn the_reference_reader_agrees() {
        let (tensors, metadata) = mixed();
        let bytes = bytes(&tensors, &metadata);
        let theirs = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        for tensor in &tensors {
            let view = theirs.tensor(&tensor.name).unwrap();
            assert_eq!(view.shape(), tensor.shape);
            assert_eq!(format!("{:?}", view.dtype()), tensor.data.dtype().name());
            let mut data = Vec::new();
            write_data(&tensor.data, &mut data).unwrap();
            assert_eq!(view.data(), data);
        }
        let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
        let theirs: Metadata = header.metadata().clone().unwrap().into_iter().collect();
        assert_eq!(theirs, metadata);
    }

    #[test]
    fn a_file_of_the_reference_writer_is_read() {
        let data: Vec<u8> = [1.5f32, -2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![2], &data);
        let bytes = safetensors::serialize([("w", view.unwrap())], None).unwrap();
        let read = from_bytes(&bytes).unwrap();
        assert_eq!(read.tensors, [Tensor::f32("w", [2], vec![1.5, -2.0])]);
    }

    #[test]
    fn the_header_is_stable_text() {
        let (tensors, metadata) = mixed();
        let bytes = bytes(&tensors, &metadata);
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        assert_eq!(length % 8, 0);
        insta::assert_snapshot!(String::from_utf8_lossy(&bytes[8..8 + length]).trim_end());
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let check = |tensors: &[Tensor], want: &str| {
            let error = Layout::new(tensors, &Metadata::new()).unwrap_err();
            assert_eq!(error.to_string(), want);
        };
        let ok = Tensor::f32("w", [1], vec![0.0]);
        check(&[ok.clone(), ok], "tensor `w` occurs twice");
        check(
            &[Tensor::f32("w", [2, 2], vec![0.0; 3])],
            "tensor `w`: shape [2, 2] means 4 elements, got 3",
        );
        check(
            &[Tensor::f32("w", [usize::MAX, 2], vec![])],
            "tensor `w`: shape [18446744073709551615, 2] has more elements than memory has addresses",
        );
        check(
            &[Tensor::f32("__metadata__", [0], vec![])],
            "a tensor may not be named `__metadata__`: the format uses that name for itself",
        );
    }
}
