//! Small matters of JSON that both wire formats share.

use serde_json::Value;

use crate::adapters::model::answer::Broken;
use crate::adapters::model::sse::Event;

/// Reads an event's data as JSON.
///
/// # Errors
/// It is none, or nested deeper than any honest one.
pub fn of_event(event: &Event) -> Result<Value, Broken> {
    serde_json::from_str(&event.data)
        .map_err(|error| Broken::Rule(format!("an event that is not JSON ({error})")))
}

/// Sets a field; what is no object stays as it is.
pub fn set(object: &mut Value, field: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

/// Arguments as a model wrote them, as JSON that a provider takes back: what is no object is wrapped, so that the model sees
/// what it wrote.
#[must_use]
pub fn arguments(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Value::Object(fields),
        Ok(_) | Err(_) => serde_json::json!({ "unreadable": text }),
    }
}

/// A tool's schema; one that cannot be read allows every object.
#[must_use]
pub fn schema(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| serde_json::json!({"type": "object"}))
}

/// The ids in a list of models; both formats have them at the same place.
#[must_use]
pub fn model_names(list: &Value) -> Vec<String> {
    let data = list.get("data").and_then(Value::as_array);
    let ids = data
        .into_iter()
        .flatten()
        .filter_map(|model| model.get("id")?.as_str());
    ids.map(str::to_owned).collect()
}
