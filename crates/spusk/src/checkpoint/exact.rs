//! Floats in JSON to the same bits, also those that JSON has no number for.
//!
//! Use it as `#[serde(with = "spusk::checkpoint::exact")]`: finite numbers stay numbers, which
//! read back to the same bits; the others become `"inf"`, `"-inf"` and `"nan"`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Exact {
    Number(f64),
    Word(String),
}

/// Writes the number.
pub fn serialize<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
    let exact = match *number {
        number if number.is_nan() => Exact::Word("nan".into()),
        f64::INFINITY => Exact::Word("inf".into()),
        f64::NEG_INFINITY => Exact::Word("-inf".into()),
        number => Exact::Number(number),
    };
    exact.serialize(to)
}

/// Reads the number.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    match Exact::deserialize(from)? {
        Exact::Number(number) => Ok(number),
        Exact::Word(word) => match word.as_str() {
            "nan" => Ok(f64::NAN),
            "inf" => Ok(f64::INFINITY),
            "-inf" => Ok(f64::NEG_INFINITY),
            _ => Err(D::Error::custom("expected a number, \"inf\", \"-inf\" or \"nan\"")),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Holder(#[serde(with = "super")] f64);

    fn round_trip(number: f64) -> f64 {
        let text = serde_json::to_string(&Holder(number)).unwrap();
        let Holder(read) = serde_json::from_str(&text).unwrap();
        read
    }

    #[test]
    fn what_json_cannot_say_is_a_word() {
        for number in [f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MAX, 5e-324] {
            assert_eq!(round_trip(number).to_bits(), number.to_bits());
        }
        assert!(round_trip(f64::NAN).is_nan());
        assert!(serde_json::from_str::<Holder>("\"two\"").is_err());
    }

    proptest! {
        #[test]
        fn every_number_keeps_its_bits(bits: u64) {
            let number = f64::from_bits(bits);
            let read = round_trip(number);
            prop_assert!(read.to_bits() == bits || number.is_nan() && read.is_nan());
        }
    }
}
