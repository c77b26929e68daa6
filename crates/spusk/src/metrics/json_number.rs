//! Numbers in JSON, with NaN and the infinities kept.
//!
//! JSON has no NaN: `serde_json` writes `null` and then refuses to read it as a number. A diverged
//! run must survive being saved, so such values are written as the strings "NaN", "inf" and "-inf".
//! Use as `#[serde(with = "crate::metrics::json_number")]` on `f64` and on options, lists and arrays
//! of it.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// A number, or a list or an option of such.
pub(crate) trait JsonNumber: Sized {
    /// What stands for it in the file.
    type Form: Serialize + for<'de> Deserialize<'de>;
    fn to_form(&self) -> Self::Form;
    fn from_form(form: Self::Form) -> Result<Self, String>;
}

/// Either a number or its name.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum Form {
    Number(f64),
    Name(String),
}

impl JsonNumber for f64 {
    type Form = Form;

    fn to_form(&self) -> Form {
        match *self {
            x if x.is_finite() => Form::Number(x),
            x if x.is_nan() => Form::Name("NaN".into()),
            x if x > 0.0 => Form::Name("inf".into()),
            _ => Form::Name("-inf".into()),
        }
    }

    fn from_form(form: Form) -> Result<f64, String> {
        match form {
            Form::Number(x) => Ok(x),
            Form::Name(name) => match name.as_str() {
                "NaN" => Ok(f64::NAN),
                "inf" => Ok(f64::INFINITY),
                "-inf" => Ok(f64::NEG_INFINITY),
                _ => Err(format!(
                    "got the text \"{name}\", expected a number, \"NaN\", \"inf\" or \"-inf\""
                )),
            },
        }
    }
}

impl<T: JsonNumber> JsonNumber for Vec<T> {
    type Form = Vec<T::Form>;

    fn to_form(&self) -> Self::Form {
        self.iter().map(T::to_form).collect()
    }

    fn from_form(form: Self::Form) -> Result<Self, String> {
        form.into_iter().map(T::from_form).collect()
    }
}

impl<T: JsonNumber, const N: usize> JsonNumber for [T; N] {
    type Form = Vec<T::Form>;

    fn to_form(&self) -> Self::Form {
        self.iter().map(T::to_form).collect()
    }

    fn from_form(form: Self::Form) -> Result<Self, String> {
        let got = form.len();
        let numbers: Result<Vec<T>, String> = form.into_iter().map(T::from_form).collect();
        numbers?.try_into().map_err(|_| format!("got {got} numbers, expected {N}"))
    }
}

impl<T: JsonNumber> JsonNumber for Option<T> {
    type Form = Option<T::Form>;

    fn to_form(&self) -> Self::Form {
        self.as_ref().map(T::to_form)
    }

    fn from_form(form: Self::Form) -> Result<Self, String> {
        form.map(T::from_form).transpose()
    }
}

/// Writes the value in its form.
pub(crate) fn serialize<T: JsonNumber, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.to_form().serialize(serializer)
}

/// Reads the value from its form.
pub(crate) fn deserialize<'de, T: JsonNumber, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::from_form(T::Form::deserialize(deserializer)?).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    #[derive(Debug, serde::Serialize, serde::Deserialize)]
    struct Held {
        #[serde(with = "super")]
        one: f64,
        #[serde(with = "super")]
        maybe: Option<f64>,
        #[serde(with = "super")]
        many: Vec<[f64; 2]>,
    }

    #[test]
    fn every_number_comes_back() {
        let held = Held {
            one: f64::NEG_INFINITY,
            maybe: Some(f64::NAN),
            many: vec![[0.1, f64::INFINITY]],
        };
        let text = serde_json::to_string(&held).expect("plain data");
        assert_eq!(text, r#"{"one":"-inf","maybe":"NaN","many":[[0.1,"inf"]]}"#);
        let back: Held = serde_json::from_str(&text).expect("its own text");
        assert_eq!(back.one, f64::NEG_INFINITY);
        assert!(back.maybe.is_some_and(f64::is_nan));
        assert_eq!(back.many, held.many);
    }

    #[test]
    fn other_text_is_refused() {
        let error = serde_json::from_str::<Held>(r#"{"one":"many","maybe":null,"many":[]}"#)
            .expect_err("not a number");
        assert!(error.to_string().contains("got the text \"many\", expected a number"), "{error}");
        let error = serde_json::from_str::<Held>(r#"{"one":1,"maybe":null,"many":[[1]]}"#)
            .expect_err("too short");
        assert!(error.to_string().contains("got 1 numbers, expected 2"), "{error}");
    }
}
