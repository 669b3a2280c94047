//! Parameters in the form their place in the statement wants, which is the server's decision.

use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};

use sqlx::{Arguments as _, Postgres, Type, TypeInfo as _};
use uuid::Uuid;

use super::decimal;
use super::kind::{EPOCH_US, Kind, days};
use crate::{Error, Value};

/// The binary form of JSON documents begins with its version.
const JSONB_VERSION: u8 = 1;

/// Encodes parameters, which are settled, for the types that the statement's places have.
///
/// # Errors
/// [`Error::Invalid`] for a number of parameters that is not the statement's, and for one that does not fit its place.
pub(crate) fn bind(params: &[Value], types: &[PgTypeInfo]) -> Result<PgArguments, Error> {
    if params.len() != types.len() {
        let message = format!("{} parameters given, {} in the statement", params.len(), types.len());
        return Err(Error::invalid(message));
    }
    let mut arguments = PgArguments::default();
    for (index, (param, info)) in params.iter().zip(types).enumerate() {
        let bytes = encode(param, info).map_err(|refusal| {
            let wanted = info.name().to_ascii_lowercase();
            Error::invalid(match refusal {
                Refusal::Unfit => format!("parameter ${} does not fit its place, which is of type {wanted}", index + 1),
                Refusal::Unknown => {
                    format!(
                        "parameter ${} is in a place of type {wanted}: cast it, as in $1::text::{wanted}",
                        index + 1
                    )
                }
            })
        })?;
        let encoded = Encoded { bytes, info: info.clone() };
        arguments.add(encoded).map_err(|_| Error::invalid(format!("parameter ${} cannot be encoded", index + 1)))?;
    }
    Ok(arguments)
}

/// The types that the values alone suggest, for places of which the server knows nothing.
pub(crate) fn suggested(params: &[Value]) -> Vec<PgTypeInfo> {
    let oid = |param: &Value| match param {
        Value::Null | Value::Text(_) => 25,
        Value::Boolean(_) => 16,
        Value::Int64(_) => 20,
        Value::Float64(_) => 701,
        Value::Decimal(_) => 1700,
        Value::Bytes(_) => 17,
        Value::Timestamp(_) => 1184,
        Value::Uuid(_) => 2950,
        Value::Json(_) => 3802,
    };
    params.iter().map(|param| PgTypeInfo::with_oid(Oid(oid(param)))).collect()
}

enum Refusal {
    /// The value is none of that type.
    Unfit,
    /// The interface has no value of that type.
    Unknown,
}

/// The binary form of a value; `None` for null.
fn encode(value: &Value, info: &PgTypeInfo) -> Result<Option<Vec<u8>>, Refusal> {
    let kind = Kind::of(info);
    let bytes = match (value, kind) {
        (Value::Null, _) => return Ok(None),
        (_, Kind::Unknown) => return Err(Refusal::Unknown),
        (Value::Boolean(yes), Kind::Boolean) => vec![u8::from(*yes)],
        (Value::Int64(n), _) => return integer(*n, kind).map(Some).ok_or(Refusal::Unfit),
        (Value::Float64(n), Kind::Float8) => n.to_be_bytes().to_vec(),
        (Value::Float64(n), Kind::Float4) => narrow(*n).ok_or(Refusal::Unfit)?.to_be_bytes().to_vec(),
        (Value::Float64(n), Kind::Numeric) if n.is_finite() => number(&n.to_string())?,
        (Value::Decimal(text), Kind::Numeric) => number(text)?,
        (Value::Decimal(text), Kind::Float8) => text.parse::<f64>().map_err(|_| Refusal::Unfit)?.to_be_bytes().to_vec(),
        (Value::Text(text) | Value::Uuid(text) | Value::Json(text) | Value::Decimal(text), Kind::Text) => {
            text.as_bytes().to_vec()
        }
        (Value::Text(text) | Value::Uuid(text), Kind::Uuid) => {
            Uuid::try_parse(text).map_err(|_| Refusal::Unfit)?.into_bytes().to_vec()
        }
        (Value::Text(text), Kind::Date) => days(text).ok_or(Refusal::Unfit)?.to_be_bytes().to_vec(),
        (Value::Json(text), Kind::Json) => text.as_bytes().to_vec(),
        (Value::Json(text), Kind::Jsonb) => [&[JSONB_VERSION], text.as_bytes()].concat(),
        (Value::Bytes(bytes), Kind::Bytes) => bytes.clone(),
        (Value::Timestamp(us), Kind::Timestamp) => {
            us.checked_sub(EPOCH_US).ok_or(Refusal::Unfit)?.to_be_bytes().to_vec()
        }
        _ => return Err(Refusal::Unfit),
    };
    Ok(Some(bytes))
}

fn integer(n: i64, kind: Kind) -> Option<Vec<u8>> {
    Some(match kind {
        Kind::Int2 => i16::try_from(n).ok()?.to_be_bytes().to_vec(),
        Kind::Int4 => i32::try_from(n).ok()?.to_be_bytes().to_vec(),
        Kind::Int8 => n.to_be_bytes().to_vec(),
        Kind::Numeric => number(&n.to_string()).ok()?,
        Kind::Float8 => f64::from(i32::try_from(n).ok()?).to_be_bytes().to_vec(),
        _ => return None,
    })
}

fn number(text: &str) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::with_capacity(8 + text.len());
    decimal::encode(text, &mut bytes).map_err(|_| Refusal::Unfit)?;
    Ok(bytes)
}

/// The nearest smaller float; `None` for one beyond its range.
fn narrow(n: f64) -> Option<f32> {
    // The standard library converts with rounding only from text.
    n.to_string().parse::<f32>().ok().filter(|narrow| narrow.is_finite() || !n.is_finite())
}

/// Bytes that are in the server's form already.
struct Encoded {
    bytes: Option<Vec<u8>>,
    info: PgTypeInfo,
}

impl Type<Postgres> for Encoded {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(25))
    }
}

impl Encode<'_, Postgres> for Encoded {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match &self.bytes {
            Some(bytes) => {
                buffer.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.info.clone())
    }
}
