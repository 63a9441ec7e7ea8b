//! Every problem code with its texts, as Markdown.

use agent::{
    failure::Failure,
    language::{Language, Texts},
};
use protocol::bridge::ProblemCode;

/// The whole of docs/ERRORS.md.
pub(crate) fn errors() -> String {
    let mut text = HEAD.to_owned();
    for &code in ProblemCode::ALL {
        text.push_str(&section(code));
    }
    text
}

const HEAD: &str = "\
# エラーの一覧 · Errors

コードごとに、画面に出る見出し、原因、お客さまにしていただくこと、ヘルプデスクの対応。画面とログには8文字の受付番号も出ます。状況によって画面の文には日付、製品名、残り回数などが入ります。

Each code with the title on the screen, the cause, what the person does, and what the help desk says. Screens and logs also show a reference number of eight characters. Where they are known, the screen's texts name days, products and the tries that are left.

The codes stand in problem documents of the loopback API (RFC 9457, member `code`), in `KoshinError.code` of the SDK and in `--json` output; they never change their meaning. The number is the HTTP status.

This file is made from the catalogue (`agent/i18n`): `cargo run -p agent --example errors > docs/ERRORS.md`.
";

fn section(code: ProblemCode) -> String {
    let rows = [
        ("画面 · screen", Part::Title),
        ("原因 · cause", Part::Cause),
        ("お客さま · person", Part::Remedy),
        ("ヘルプデスク · help desk", Part::Desk),
    ];
    let mut text = format!(
        "\n## `{}` ({})\n\n{}\n\n| | 日本語 | English |\n| --- | --- | --- |\n",
        code.as_str(),
        code.status(),
        code.meaning()
    );
    for (head, part) in rows {
        let [japanese, english] =
            [Language::Japanese, Language::English].map(|language| cell(code, language, &part));
        text.push_str(&format!("| {head} | {japanese} | {english} |\n"));
    }
    text
}

enum Part {
    Title,
    Cause,
    Remedy,
    Desk,
}

/// A text without what only a failure knows, in one line of a table.
fn cell(code: ProblemCode, language: Language, part: &Part) -> String {
    let texts = Texts::of(language);
    let problem = texts.problem(&Failure::new(code));
    let text = match part {
        Part::Title => problem.title,
        Part::Cause => problem.detail.unwrap_or_default(),
        Part::Remedy => problem.remedy,
        Part::Desk => texts.say(&format!("problem-{}.desk", code.as_str()), &[]),
    };
    let words: Vec<&str> = text.split('\n').map(str::trim).collect();
    words.join(" ").replace('|', "\\|")
}
