//! Protocol buffers as they stand in a file: numbered fields, each a whole number (a varint) or a run of bytes.
//!
//! The encoding is described at <https://protobuf.dev/programming-guides/encoding/>.

/// A message being written.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

/// Kinds of a field's content.
const VARINT: u64 = 0;
const BYTES: u64 = 2;

impl Message {
    /// A whole number.
    pub(super) fn int(mut self, field: u64, value: i64) -> Message {
        self.varint(field << 3 | VARINT);
        // Two's complement, as the format wants it of negative numbers.
        self.varint(value as u64);
        self
    }

    /// A text.
    pub(super) fn text(self, field: u64, text: &str) -> Message {
        self.run(field, text.as_bytes())
    }

    /// A run of bytes.
    pub(super) fn run(mut self, field: u64, bytes: &[u8]) -> Message {
        self.varint(field << 3 | BYTES);
        self.varint(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// A message inside.
    pub(super) fn message(self, field: u64, inner: &Message) -> Message {
        self.run(field, &inner.bytes)
    }

    /// The same field once for each item.
    pub(super) fn each<T>(
        self,
        items: impl IntoIterator<Item = T>,
        add: impl Fn(Message, T) -> Message,
    ) -> Message {
        items.into_iter().fold(self, add)
    }

    /// What has been written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A field that was read.
    #[derive(Debug, Clone, PartialEq)]
    pub(in crate::onnx) enum Field {
        Int(i64),
        Bytes(Vec<u8>),
    }

    /// The fields of a message, in their order. Panics at what no encoder writes.
    pub(in crate::onnx) fn fields(mut bytes: &[u8]) -> Vec<(u64, Field)> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let key = varint(&mut bytes);
            let field = match key & 7 {
                VARINT => Field::Int(varint(&mut bytes) as i64),
                BYTES => {
                    let length = varint(&mut bytes) as usize;
                    let (run, rest) = bytes.split_at(length);
                    bytes = rest;
                    Field::Bytes(run.to_vec())
                }
                kind => panic!("kind {kind}"),
            };
            found.push((key >> 3, field));
        }
        found
    }

    fn varint(bytes: &mut &[u8]) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let (&byte, rest) = bytes.split_first().expect("a varint ends");
            *bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }

    #[test]
    fn numbers_are_those_of_the_specification() {
        let bytes = Message::default().int(1, 150).text(2, "testing").into_bytes();
        let want = [&[0x08, 0x96, 0x01, 0x12, 0x07][..], b"testing"].concat();
        assert_eq!(bytes, want);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let numbers = [0, 1, 127, 128, 300, i64::MAX, -1, i64::MIN];
        let message = Message::default().each(numbers, |message, number| message.int(7, number));
        let inner = Message::default().int(2, 5).run(16, &[1, 2, 3]);
        let bytes = message.message(9, &inner).into_bytes();
        let mut want: Vec<_> = numbers.iter().map(|&number| (7, Field::Int(number))).collect();
        want.push((9, Field::Bytes(inner.into_bytes())));
        assert_eq!(fields(&bytes), want);
        let Some((9, Field::Bytes(inner))) = fields(&bytes).pop() else { panic!("the last one") };
        assert_eq!(fields(&inner), [(2, Field::Int(5)), (16, Field::Bytes(vec![1, 2, 3]))]);
    }
}
