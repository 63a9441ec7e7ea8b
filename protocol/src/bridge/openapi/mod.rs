//! The API's OpenAPI 3.1 document, generated from the types.

mod calls;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ComponentsBuilder, Content, HeaderBuilder, HttpMethod, InfoBuilder,
        LicenseBuilder, ObjectBuilder, OpenApiBuilder, PathItem, Paths, Ref, RefOr, Required,
        Response, ResponseBuilder, Schema, ServerBuilder, ServerVariableBuilder, Type,
        path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        schema::AllOfBuilder,
    },
};

use self::calls::{ALWAYS, CALLS, Call, WITH_BODY};
use super::{
    Agent, Capability, Certificate, CertificateAnswer, CertificateId, CertificateList, Challenge,
    CurrentKey, DeliveredCertificate, FIRST_PORT, KeyStatus, Kind, MAX_BODY, Nonce, PendingAnswer,
    Problem, ProblemCode, Progress, RenewalView, State, Status, TokenSummary, WaitReason,
    WrongCodeAnswer,
    begin::BeginBody,
    message::{OutcomeBody, OutcomeWord},
};

/// The document as indented JSON with a line end, as it is kept in `protocol/openapi.json`.
#[must_use]
pub fn openapi() -> String {
    let server = ServerBuilder::new()
        .url("http://127.0.0.1:{port}")
        .description(Some(
            "An agent on this PC. Each OS user's agent has the first port that was free.",
        ))
        .parameter(
            "port",
            ServerVariableBuilder::new().default_value(FIRST_PORT.to_string()),
        )
        .build();
    let document = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Koshin loopback API")
                .version(super::API_VERSION)
                .description(Some(calls::INTRODUCTION))
                .license(Some(
                    LicenseBuilder::new()
                        .name("MIT OR Apache-2.0")
                        .identifier(Some("MIT OR Apache-2.0"))
                        .build(),
                ))
                .build(),
        )
        .servers(Some([server]))
        .paths(paths())
        .components(Some(components()))
        .build();
    let mut text = document
        .to_pretty_json()
        .expect("a document of strings and numbers is always JSON");
    text.push('\n');
    // What links in rustdoc is only a name in the document.
    text.replace("[`", "`").replace("`]", "`")
}

fn paths() -> Paths {
    let mut paths = Paths::new();
    for call in CALLS {
        paths.add_path_operation(call.path, vec![call.method()], operation(call));
    }
    for (path, item) in &mut paths.paths {
        item.options = Some(preflight(path, item));
    }
    paths
}

fn operation(call: &Call) -> Operation {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(call.id))
        .summary(Some(call.summary))
        .description(Some(call.description))
        .parameter_ref(Ref::new("#/components/parameters/Origin"))
        .parameter_ref(Ref::new("#/components/parameters/AcceptLanguage"));
    if call.path.contains("{id}") {
        operation = operation.parameter_ref(Ref::new("#/components/parameters/RenewalId"));
    }
    if call.after {
        operation = operation.parameter_ref(Ref::new("#/components/parameters/After"));
    }
    if let Some(schema) = call.body {
        operation = operation.request_body(Some(
            RequestBodyBuilder::new()
                .description(Some(format!("At most {MAX_BODY} bytes.")))
                .required(Some(Required::True))
                .content("application/json", content(schema))
                .build(),
        ));
    }
    for answer in call.answers {
        let response = response(answer.description).content(answer.media, content(answer.schema));
        operation = operation.response(answer.status.to_string(), response.build());
    }
    for (status, codes) in by_status(call) {
        let response = match codes.as_slice() {
            [code] => Ref::from_response_name(code.as_str()).into(),
            several => RefOr::T(problem_response(several)),
        };
        operation = operation.response(status.to_string(), response);
    }
    operation.build()
}

/// The codes that a call can answer with, one list for each status, in the order of the statuses.
fn by_status(call: &Call) -> Vec<(u16, Vec<ProblemCode>)> {
    let body = if call.body.is_some() { WITH_BODY } else { &[] };
    let mut codes = [ALWAYS, body, call.problems].concat();
    codes.sort_by_key(|code| code.status());
    codes
        .chunk_by(|one, next| one.status() == next.status())
        .map(|group| (group[0].status(), group.to_vec()))
        .collect()
}

fn problem_response(codes: &[ProblemCode]) -> Response {
    let lines: Vec<String> = codes
        .iter()
        .map(|code| format!("- `{}`: {}", code.as_str(), code.meaning()))
        .collect();
    let narrowed = ObjectBuilder::new().property(
        "code",
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(codes.iter().map(|code| code.as_str()))),
    );
    let schema = AllOfBuilder::new()
        .item(Ref::from_schema_name("Problem"))
        .item(narrowed)
        .build();
    response(&lines.join("\n"))
        .content(
            "application/problem+json",
            Content::new(Some(Schema::AllOf(schema))),
        )
        .build()
}

fn response(description: &str) -> ResponseBuilder {
    let header = |name: &str| Ref::new(format!("#/components/headers/{name}"));
    ResponseBuilder::new()
        .description(description)
        .header_ref("Access-Control-Allow-Origin", header("AllowOrigin"))
        .header_ref("Vary", header("Vary"))
        .header_ref("Cache-Control", header("CacheControl"))
}

fn content(schema: &str) -> Content {
    Content::new(Some(Ref::from_schema_name(schema)))
}

fn preflight(path: &str, item: &PathItem) -> Operation {
    let methods = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("DELETE", &item.delete),
    ];
    let allowed: Vec<&str> = methods
        .iter()
        .filter(|(_, operation)| operation.is_some())
        .map(|(name, _)| *name)
        .collect();
    let header = |description: String| HeaderBuilder::new().description(Some(description)).build();
    let answer = response("The page may call.")
        .header(
            "Access-Control-Allow-Methods",
            header(format!("`{}`.", allowed.join(", "))),
        )
        .header(
            "Access-Control-Allow-Headers",
            header("`content-type`.".to_owned()),
        )
        .header(
            "Access-Control-Max-Age",
            header("`600` seconds.".to_owned()),
        )
        .build();
    let mut operation = OperationBuilder::new()
        .summary(Some("Preflight"))
        .description(Some("Asked by the browser before a call with a JSON body."))
        .parameter_ref(Ref::new("#/components/parameters/Origin"))
        .response("204", answer);
    if path.contains("{id}") {
        operation = operation.parameter_ref(Ref::new("#/components/parameters/RenewalId"));
    }
    operation.build()
}

fn components() -> Components {
    let header = |description: &str| {
        HeaderBuilder::new()
            .schema(Some(Schema::from(
                ObjectBuilder::new().schema_type(Type::String).build(),
            )))
            .description(Some(description))
            .build()
    };
    ComponentsBuilder::new()
        .schemas_from_iter([
            schema::<Agent>(),
            schema::<BeginBody>(),
            schema::<Capability>(),
            schema::<Certificate>(),
            schema::<CertificateAnswer>(),
            schema::<CertificateId>(),
            schema::<CertificateList>(),
            schema::<Challenge>(),
            schema::<CurrentKey>(),
            schema::<DeliveredCertificate>(),
            schema::<KeyStatus>(),
            schema::<Kind>(),
            schema::<Nonce>(),
            schema::<OutcomeBody>(),
            schema::<OutcomeWord>(),
            schema::<PendingAnswer>(),
            schema::<Problem>(),
            schema::<ProblemCode>(),
            schema::<Progress>(),
            schema::<RenewalView>(),
            schema::<State>(),
            schema::<Status>(),
            schema::<TokenSummary>(),
            schema::<WaitReason>(),
            schema::<WrongCodeAnswer>(),
        ])
        .responses_from_iter(CALLS.iter().flat_map(by_status).filter_map(
            |(_, codes)| match codes[..] {
                [code] => Some((code.as_str(), problem_response(&[code]))),
                _ => None,
            },
        ))
        .parameter("Origin", origin_parameter())
        .parameter("AcceptLanguage", language_parameter())
        .parameter("RenewalId", renewal_parameter())
        .parameter("After", after_parameter())
        .header("AllowOrigin", header("The page's origin, never `*`."))
        .header("Vary", header("`Origin`: the answer differs by origin."))
        .header("CacheControl", header("`no-store`."))
        .build()
}

fn schema<T: ToSchema + PartialSchema>() -> (String, RefOr<Schema>) {
    (T::name().into_owned(), T::schema())
}

fn origin_parameter() -> Parameter {
    ParameterBuilder::new()
        .name("Origin")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(
            "Set by the browser. Must be, byte for byte, an origin that a profile of the agent \
             lists; otherwise the connection is closed without an answer.",
        ))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .examples([serde_json::json!("https://bank.example")]),
        ))
        .build()
}

fn language_parameter() -> Parameter {
    ParameterBuilder::new()
        .name("Accept-Language")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The language of problem texts: `ja` or `en`."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

fn renewal_parameter() -> Parameter {
    ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The renewal's id, as in `RenewalView`."))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some("^[0-9a-f]{32}$")),
        ))
        .build()
}

fn after_parameter() -> Parameter {
    ParameterBuilder::new()
        .name("after")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(
            "The last revision seen: only what came after it is sent. 0, the default, sends all.",
        ))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(0))
                .default(Some(serde_json::json!(0))),
        ))
        .build()
}

impl Call {
    fn method(&self) -> HttpMethod {
        self.method.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn the_document_in_the_tree_is_up_to_date() {
        assert!(
            include_str!("../../../openapi.json") == openapi(),
            "protocol/openapi.json is out of date; renew it:\n    \
             cargo run -p protocol --example openapi > protocol/openapi.json"
        );
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_component_is_used() {
        let document: Value = serde_json::from_str(&openapi()).unwrap();
        let mut used = BTreeSet::new();
        references(&document, &mut used);
        let mut defined = BTreeSet::new();
        for (kind, components) in document["components"].as_object().unwrap() {
            for name in components.as_object().unwrap().keys() {
                defined.insert(format!("#/components/{kind}/{name}"));
            }
        }
        assert_eq!(used, defined);
    }

    #[test]
    fn every_path_stands_under_the_version_and_answers_a_preflight() {
        for (path, item) in &paths().paths {
            assert!(path.starts_with(&format!("/{}/", super::super::API_VERSION)));
            assert!(item.options.is_some(), "{path}");
        }
    }

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(target) if name == "$ref" => {
                            found.insert(target.clone());
                        }
                        other => references(other, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
