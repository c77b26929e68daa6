//! Reading: nothing in the file is believed before it is checked against the file itself.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::write::METADATA_KEY;
use super::{
    Contents, Data, Dtype, Fault, MAX_HEADER, MAX_RANK, MAX_TENSORS, Metadata, SafetensorsError,
    Tensor, element_count,
};
use crate::text::json_error;

/// Reads a file.
pub fn read(path: &Path) -> Result<Contents, SafetensorsError> {
    let at = |fault| SafetensorsError { path: Some(path.into()), fault };
    let bytes = std::fs::read(path).map_err(|error| at(error.into()))?;
    from_bytes(&bytes).map_err(|error| at(error.fault))
}

/// Reads a file that is already in memory.
pub fn from_bytes(bytes: &[u8]) -> Result<Contents, SafetensorsError> {
    let (header, data) = split(bytes)?;
    let header: Header =
        serde_json::from_slice(header).map_err(|error| Fault::Header(json_error(&error)))?;
    let mut entries = header.entries;
    entries.sort_by_key(|entry| entry.place.data_offsets);
    check_names(&entries)?;
    let mut expected = 0;
    let mut tensors = Vec::with_capacity(entries.len());
    for entry in entries {
        let (begin, end) = entry.place.data_offsets;
        if begin != expected {
            return Err(Fault::HoleOrOverlap { name: entry.name, begin, expected }.into());
        }
        tensors.push(tensor(entry, data)?);
        expected = end;
    }
    match data.len() - expected {
        0 => Ok(Contents { tensors, metadata: header.metadata }),
        extra => Err(Fault::Trailing { extra }.into()),
    }
}

/// The header and the data.
fn split(bytes: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let (length, rest) =
        bytes.split_first_chunk::<8>().ok_or(Fault::TooShort { length: bytes.len() })?;
    let claimed = u64::from_le_bytes(*length);
    let available = rest.len() as u64;
    if claimed > available {
        return Err(Fault::HeaderBeyondFile { claimed, available });
    }
    if claimed > MAX_HEADER {
        return Err(Fault::HeaderTooLong { claimed });
    }
    Ok(rest.split_at(claimed as usize))
}

fn check_names(entries: &[Entry]) -> Result<(), Fault> {
    let mut names = HashSet::with_capacity(entries.len());
    match entries.iter().find(|entry| !names.insert(&entry.name)) {
        Some(entry) => Err(Fault::Duplicate { name: entry.name.clone() }),
        None => Ok(()),
    }
}

/// Checks one entry against the data and copies its elements out.
fn tensor(entry: Entry, data: &[u8]) -> Result<Tensor, Fault> {
    let Entry { name, place: Place { dtype, shape: Shape(shape), data_offsets: (begin, end) } } =
        entry;
    let Some(dtype) = Dtype::from_name(&dtype) else {
        return Err(Fault::UnknownDtype { name, dtype });
    };
    let needed = element_count(&shape).and_then(|count| count.checked_mul(dtype.size()));
    let Some(needed) = needed else {
        return Err(Fault::TooLarge { name, shape });
    };
    let Some(bytes) = data.get(begin..end) else {
        return Err(Fault::BeyondFile { name, end, available: data.len() });
    };
    let held = bytes.len();
    if held != needed {
        let dtype = dtype.name();
        return Err(Fault::WrongLength { name, shape, dtype, needed, begin, end, held });
    }
    Ok(Tensor { name, shape, data: decode(dtype, bytes) })
}

fn decode(dtype: Dtype, bytes: &[u8]) -> Data {
    match dtype {
        Dtype::F64 => Data::F64(numbers(bytes, f64::from_le_bytes)),
        Dtype::F32 => Data::F32(numbers(bytes, f32::from_le_bytes)),
        Dtype::F16 => Data::F16(numbers(bytes, u16::from_le_bytes)),
        Dtype::BF16 => Data::BF16(numbers(bytes, u16::from_le_bytes)),
        Dtype::I64 => Data::I64(numbers(bytes, i64::from_le_bytes)),
        Dtype::U64 => Data::U64(numbers(bytes, u64::from_le_bytes)),
        other => Data::Other(other, bytes.to_vec()),
    }
}

fn numbers<T, const N: usize>(bytes: &[u8], from_bytes: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|&chunk| from_bytes(chunk)).collect()
}

/// The JSON header. Read by hand where a derived reader would quietly keep the last of two equal
/// keys.
struct Header {
    metadata: Metadata,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    place: Place,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    dtype: String,
    shape: Shape,
    data_offsets: (usize, usize),
}

/// The sizes of at most [`MAX_RANK`] axes.
struct Shape(Vec<usize>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object with one entry for each tensor")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut metadata = None;
        let mut entries = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == METADATA_KEY {
                let text = map.next_value::<UniqueText>()?.0;
                if metadata.replace(text).is_some() {
                    return Err(A::Error::custom(format!("`{METADATA_KEY}` occurs twice")));
                }
            } else if entries.len() == MAX_TENSORS {
                return Err(A::Error::custom(format!("more than {MAX_TENSORS} tensors")));
            } else {
                entries.push(Entry { name, place: map.next_value()? });
            }
        }
        Ok(Header { metadata: metadata.unwrap_or_default(), entries })
    }
}

/// A map from text to text in which no key occurs twice.
struct UniqueText(Metadata);

impl<'de> Deserialize<'de> for UniqueText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(UniqueTextVisitor)
    }
}

struct UniqueTextVisitor;

impl<'de> Visitor<'de> for UniqueTextVisitor {
    type Value = UniqueText;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UniqueText, A::Error> {
        let mut text = Metadata::new();
        while let Some((key, value)) = map.next_entry::<String, String>()? {
            if text.contains_key(&key) {
                return Err(A::Error::custom(format!("metadata `{key}` occurs twice")));
            }
            text.insert(key, value);
        }
        Ok(UniqueText(text))
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of sizes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
        let mut shape = Vec::new();
        while let Some(size) = seq.next_element()? {
            // A cap here keeps a long list of one-byte numbers from growing eightfold in memory.
            if shape.len() == MAX_RANK {
                return Err(A::Error::custom(format!("more than {MAX_RANK} axes")));
            }
            shape.push(size);
        }
        Ok(Shape(shape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let length = (header.len() as u64).to_le_bytes();
        [&length, header.as_bytes(), data].concat()
    }

    fn error(bytes: &[u8]) -> String {
        from_bytes(bytes).expect_err("the file is broken").to_string()
    }

    /// One F32 tensor with these fields, over eight bytes of data.
    fn one(shape: &str, offsets: &str) -> String {
        let header =
            format!(r#"{{"w":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#);
        error(&file(&header, &[0; 8]))
    }

    #[test]
    fn every_broken_file_has_its_message() {
        let big = |length: u64| [&length.to_le_bytes()[..], &[b'{'; 100]].concat();
        let good = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
        let twice = r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#;
        let axes = vec!["1"; 40].join(",");
        let long = file(&" ".repeat(MAX_HEADER as usize + 1), &[]);
        let cases = [
            ("empty", error(&[])),
            ("seven bytes", error(&[0; 7])),
            ("header longer than the file", error(&big(101))),
            ("header of 2^64-1 bytes", error(&big(u64::MAX))),
            ("header beyond the limit", error(&long)),
            ("no header", error(&[0; 8])),
            ("not JSON", error(&file("hello", &[]))),
            ("not UTF-8", error(&[&2u64.to_le_bytes()[..], &[0xff, 0xfe]].concat())),
            ("a list", error(&file("[]", &[]))),
            ("text after the object", error(&file("{} {}", &[]))),
            ("a number for a tensor", error(&file(r#"{"w":1}"#, &[]))),
            ("unknown field", error(&file(r#"{"w":{"color":1}}"#, &[]))),
            ("missing field", error(&file(r#"{"w":{"dtype":"F32","shape":[2]}}"#, &[0; 8]))),
            ("same name twice", error(&file(twice, &[0; 8]))),
            ("metadata of numbers", error(&file(r#"{"__metadata__":{"a":1}}"#, &[]))),
            ("metadata key twice", error(&file(r#"{"__metadata__":{"a":"1","a":"2"}}"#, &[]))),
            ("metadata twice", error(&file(r#"{"__metadata__":{},"__metadata__":{}}"#, &[]))),
            ("unknown dtype", error(&file(&good.replace("F32", "F31"), &[0; 8]))),
            ("negative size", one("[-2]", "[0,8]")),
            ("fractional size", one("[2.5]", "[0,8]")),
            ("shape overflows", one("[4294967296,4294967296]", "[0,8]")),
            ("shape overflows in bytes", one("[4611686018427387904]", "[0,8]")),
            ("40 axes", one(&format!("[{axes}]"), "[0,8]")),
            ("shape longer than data", one("[3]", "[0,8]")),
            ("shape shorter than data", one("[1]", "[0,8]")),
            ("hole at the start", one("[1]", "[4,8]")),
            ("offsets swapped", one("[2]", "[8,0]")),
            ("offsets reversed at zero", one("[0]", "[0,-1]")),
            ("end beyond the file", one("[4]", "[0,16]")),
            ("end of 2^64-1", one("[2]", "[0,18446744073709551615]")),
            ("three offsets", one("[2]", "[0,4,8]")),
            ("bytes left over", one("[1]", "[0,4]")),
            ("deep nesting", error(&file(&"[".repeat(5000), &[]))),
        ];
        let text: String =
            cases.iter().map(|(name, error)| format!("{name}\n    {error}\n")).collect();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(Path::new("no/such.safetensors")).unwrap_err().to_string();
        assert!(error.starts_with("no/such.safetensors: "), "{error}");
    }

    #[test]
    fn floats_of_every_width_become_f32() {
        let header = r#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},
            "b":{"dtype":"F16","shape":[1],"data_offsets":[8,10]},
            "c":{"dtype":"BF16","shape":[1],"data_offsets":[10,12]},
            "d":{"dtype":"U8","shape":[2],"data_offsets":[12,14]}}"#;
        let mut data = 1.5f64.to_le_bytes().to_vec();
        data.extend([0x00, 0x3e, 0xc0, 0x3f, 1, 2]);
        let contents = from_bytes(&file(header, &data)).unwrap();
        for name in ["a", "b", "c"] {
            assert_eq!(contents.get(name).unwrap().to_f32().unwrap().as_ref(), [1.5], "{name}");
            assert_eq!(contents.get(name).unwrap().to_f64().unwrap().as_ref(), [1.5], "{name}");
        }
        let error = contents.get("d").unwrap().to_f32().unwrap_err().to_string();
        assert_eq!(
            error,
            "tensor `d` holds U8, floating-point numbers are needed (F32, F64, F16 or BF16)"
        );
    }
}
