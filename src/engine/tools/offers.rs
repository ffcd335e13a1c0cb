//! The tools as models see them: descriptions and schemas from assets/tools, embedded into the program.

use serde::Deserialize;

use crate::domain::llm::ToolOffer;
use crate::domain::tool::ToolName;

/// A description that cannot be used; a fault of the program's own files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not read assets/tools/{tool}.toml: {why}")]
pub struct BadOffer {
    /// Whose.
    pub tool: ToolName,
    /// What is wrong.
    pub why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    description: String,
    schema: String,
}

/// The offer of one tool.
///
/// # Errors
/// Its file is not of the expected form.
pub fn offer(tool: ToolName) -> Result<ToolOffer, BadOffer> {
    let bad = |why: String| BadOffer { tool, why };
    let file: File = toml::from_str(source(tool)).map_err(|error| bad(error.to_string()))?;
    let schema: serde_json::Value =
        serde_json::from_str(&file.schema).map_err(|error| bad(error.to_string()))?;
    Ok(ToolOffer {
        name: tool.to_string(),
        description: file.description.trim().to_owned(),
        schema: schema.to_string(),
    })
}

/// The offers of several tools, in the order of [`ToolName::ALL`], so that a prompt that is made twice is the same.
///
/// # Errors
/// One of the files is not of the expected form.
pub fn offers(tools: &[ToolName]) -> Result<Vec<ToolOffer>, BadOffer> {
    let wanted = ToolName::ALL
        .into_iter()
        .filter(|tool| tools.contains(tool));
    wanted.map(offer).collect()
}

const fn source(tool: ToolName) -> &'static str {
    match tool {
        ToolName::ReadFile => include_str!("../../../assets/tools/read_file.toml"),
        ToolName::ListFiles => include_str!("../../../assets/tools/list_files.toml"),
        ToolName::Search => include_str!("../../../assets/tools/search.toml"),
        ToolName::EditFile => include_str!("../../../assets/tools/edit_file.toml"),
        ToolName::WriteFile => include_str!("../../../assets/tools/write_file.toml"),
        ToolName::MoveFile => include_str!("../../../assets/tools/move_file.toml"),
        ToolName::DeleteFile => include_str!("../../../assets/tools/delete_file.toml"),
        ToolName::RunCommand => include_str!("../../../assets/tools/run_command.toml"),
        ToolName::ReadOutput => include_str!("../../../assets/tools/read_output.toml"),
        ToolName::ShowDiff => include_str!("../../../assets/tools/show_diff.toml"),
        ToolName::AskHuman => include_str!("../../../assets/tools/ask_human.toml"),
        ToolName::Message => include_str!("../../../assets/tools/message.toml"),
        ToolName::Note => include_str!("../../../assets/tools/note.toml"),
        ToolName::Finish => include_str!("../../../assets/tools/finish.toml"),
        ToolName::ProposePlan => include_str!("../../../assets/tools/propose_plan.toml"),
        ToolName::Verdict => include_str!("../../../assets/tools/verdict.toml"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::domain::tool::parse;

    /// A value of the schema's type, with every property.
    fn sample(schema: &Value) -> Value {
        match schema["type"].as_str() {
            Some("string") => json!("c1"),
            Some("integer") => json!(1),
            Some("boolean") => json!(true),
            Some("array") => json!([sample(&schema["items"])]),
            Some("object") => {
                let properties = schema["properties"].as_object().unwrap();
                let values = properties.iter();
                Value::Object(
                    values
                        .map(|(name, inner)| (name.clone(), sample(inner)))
                        .collect(),
                )
            }
            other => panic!("the schema has the type {other:?}"),
        }
    }

    fn without(value: &Value, name: &str) -> Value {
        let mut fields: Map<String, Value> = value.as_object().unwrap().clone();
        fields.remove(name);
        Value::Object(fields)
    }

    #[test]
    fn schemas_and_arguments_agree() {
        for tool in ToolName::ALL {
            let offer = offer(tool).unwrap();
            let schema: Value = serde_json::from_str(&offer.schema).unwrap();
            assert_eq!(schema["additionalProperties"], json!(false), "{tool}");
            let full = sample(&schema);
            let takes = |value: &Value| parse(tool.as_str(), &value.to_string());
            takes(&full).unwrap_or_else(|bad| panic!("{bad}"));
            let required: Vec<&str> = schema["required"].as_array().map_or(Vec::new(), |names| {
                names.iter().filter_map(Value::as_str).collect()
            });
            for name in schema["properties"].as_object().unwrap().keys() {
                // A schema may ask for more than serde insists on, never for less.
                let is_taken = takes(&without(&full, name)).is_ok();
                let is_required = required.contains(&name.as_str());
                assert!(is_taken || is_required, "{tool}: {name} is not optional");
            }
            let mut more = full.clone();
            more["no_such_field"] = json!(1);
            let refused = takes(&more).unwrap_err().to_string();
            for name in fields_named(&refused) {
                assert!(full.get(&name).is_some(), "{tool}: the schema lacks {name}");
            }
        }
    }

    /// The field names that serde lists in its message about an unknown one.
    fn fields_named(message: &str) -> Vec<String> {
        let (_, listed) = message.split_once("expected").unwrap_or_default();
        let names = listed.split('`').skip(1).step_by(2);
        names.map(str::to_owned).collect()
    }

    #[test]
    fn offers_keep_one_order() {
        let names: Vec<String> = offers(&[ToolName::Finish, ToolName::ReadFile])
            .unwrap()
            .into_iter()
            .map(|offer| offer.name)
            .collect();
        assert_eq!(names, ["read_file", "finish"]);
    }
}
