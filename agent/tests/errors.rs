//! docs/ERRORS.md is what the catalogue says.

#[path = "../examples/errors/document.rs"]
mod document;

#[test]
fn the_list_of_errors_is_up_to_date() {
    assert!(
        document::errors() == include_str!("../../docs/ERRORS.md"),
        "docs/ERRORS.md is out of date; renew it:\n    \
         cargo run -p agent --example errors > docs/ERRORS.md"
    );
}
