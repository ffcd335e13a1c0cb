//! The schemas in assets/tools promise exactly what the program reads: the same fields, the same ones required, at every depth.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where something is missing"
)]

use std::fs;
use std::path::Path;

use aios::domain::tool::{ToolName, parse};
use serde_json::{Map, Value, json};

fn schema(tool: ToolName) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/tools/{tool}.toml"));
    let file: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let keys: Vec<&str> = file.keys().map(String::as_str).collect();
    assert_eq!(keys, ["description", "schema"], "{tool}");
    assert!(file["description"].as_str().unwrap().len() > 200, "{tool}");
    serde_json::from_str(file["schema"].as_str().unwrap()).unwrap()
}

/// A value that fits a schema, with all of its fields.
fn whole(schema: &Value) -> Value {
    match schema["type"].as_str().unwrap() {
        "object" => Value::Object(
            properties(schema)
                .map(|(name, part)| (name, whole(&part)))
                .collect(),
        ),
        "array" => json!([whole(&schema["items"])]),
        "string" => json!("c1"),
        "integer" => json!(1),
        "boolean" => json!(true),
        other => panic!("{other}"),
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (String, Value)> {
    let fields: Map<String, Value> = schema["properties"].as_object().unwrap().clone();
    fields.into_iter()
}

/// Every object of a value with its schema, as the pointer that leads to it.
fn objects(schema: &Value, pointer: &str, found: &mut Vec<(String, Value)>) {
    match schema["type"].as_str().unwrap() {
        "object" => {
            found.push((pointer.to_owned(), schema.clone()));
            for (name, part) in properties(schema) {
                objects(&part, &format!("{pointer}/{name}"), found);
            }
        }
        "array" => objects(&schema["items"], &format!("{pointer}/0"), found),
        _ => {}
    }
}

fn reads(tool: ToolName, args: &Value) -> Result<(), String> {
    let read = parse(tool.as_str(), &args.to_string());
    read.map(|_| ()).map_err(|bad| bad.to_string())
}

/// The fields that the program names when it meets an unknown one.
fn fields_of(error: &str) -> Vec<&str> {
    let (_, expected) = error.split_once("expected ").unwrap();
    let names = expected.split('`').skip(1).step_by(2);
    names.collect()
}

#[test]
fn schemas_and_arguments_agree() {
    for tool in ToolName::ALL {
        let schema = schema(tool);
        let args = whole(&schema);
        reads(tool, &args).unwrap();
        let mut found = Vec::new();
        objects(&schema, "", &mut found);
        for (pointer, part) in found {
            assert_eq!(
                part["additionalProperties"],
                json!(false),
                "{tool}{pointer}"
            );
            let required = part.get("required").and_then(Value::as_array);
            let required = required.cloned().unwrap_or_default();
            for (name, described) in properties(&part) {
                let mut without = args.clone();
                let object = without
                    .pointer_mut(&pointer)
                    .unwrap()
                    .as_object_mut()
                    .unwrap();
                object.remove(&name);
                let is_required = required.contains(&json!(name));
                assert_eq!(
                    reads(tool, &without).is_err(),
                    is_required,
                    "{tool}{pointer}/{name}"
                );
                assert!(
                    described["description"].is_string(),
                    "{tool}{pointer}/{name}"
                );
            }
            let mut with = args.clone();
            let object = with.pointer_mut(&pointer).unwrap().as_object_mut().unwrap();
            object.insert("zzz".to_owned(), json!(1));
            let error = reads(tool, &with).unwrap_err();
            let mut known = fields_of(&error);
            known.sort_unstable();
            let mut promised: Vec<String> = properties(&part).map(|(name, _)| name).collect();
            promised.sort();
            assert_eq!(known, promised, "{tool}{pointer}");
        }
    }
}
