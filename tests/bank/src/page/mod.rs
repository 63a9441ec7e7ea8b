//! The pages of both sites: what a customer sees. Pure: from values to HTML.

pub(crate) mod approval;
pub(crate) mod bank;
pub(crate) mod ca;
mod language;
pub(crate) mod problem;
pub(crate) mod text;

use crate::assets;
use text::Text;

pub(crate) use language::{cookie, requested_language};
pub use text::Language;

/// Which site a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brand {
    Bank,
    Ca,
}

/// One page.
pub(crate) struct Page<'a> {
    pub(crate) brand: Brand,
    pub(crate) language: Language,
    pub(crate) title: &'a str,
    /// The page's own script, a module among the assets.
    pub(crate) script: Option<&'static str>,
    /// The path for the language switch; none where a reload would lose something.
    pub(crate) path: Option<&'a str>,
    /// What stands in `main`, as HTML.
    pub(crate) body: &'a str,
}

impl Page<'_> {
    /// The whole document.
    pub(crate) fn html(&self) -> String {
        let language = self.language;
        let (name, service) = match self.brand {
            Brand::Bank => (text::BANK, text::BANK_SERVICE),
            Brand::Ca => (text::CA, text::CA_SERVICE),
        };
        let (name, service) = (name.say(language), service.say(language));
        let script = self.script.map_or(String::new(), |script| {
            format!(
                r#"<script type="module" src="{}"></script>"#,
                assets::path(script)
            )
        });
        let switch = self.path.map_or(String::new(), |path| {
            let other = language.other().tag();
            format!(
                r#"<a class="switch" href="{path}?lang={other}" lang="{other}" hreflang="{other}">{}</a>"#,
                text::OTHER_LANGUAGE.say(language)
            )
        });
        format!(
            r##"<!doctype html>
<html lang="{tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} | {name}</title>
<link rel="icon" href="{icon}" type="image/svg+xml">
{styles}
{script}
</head>
<body class="{brand}">
<a class="skip" href="#content">{skip}</a>
<p class="demo" role="note">{demo}</p>
<header>
<div class="bar">
<p class="brand"><span class="mark" aria-hidden="true"></span><span><strong>{name}</strong><small>{service}</small></span></p>
{switch}
</div>
</header>
<main id="content" tabindex="-1">
{body}
</main>
<footer>
<div class="bar">
<p><strong>{desk}</strong> <span class="phone">0120-000-000</span></p>
<p>{hours}</p>
</div>
</footer>
</body>
</html>
"##,
            tag = language.tag(),
            title = escape(self.title),
            icon = assets::path("mark.svg"),
            styles = STYLES
                .map(|style| format!(r#"<link rel="stylesheet" href="{}">"#, assets::path(style)))
                .join("\n"),
            brand = match self.brand {
                Brand::Bank => "bank",
                Brand::Ca => "ca",
            },
            skip = text::SKIP.say(language),
            demo = text::DEMO.say(language),
            desk = text::HELP_DESK_LINE.say(language),
            hours = text::HELP_DESK_HOURS.say(language),
            body = self.body,
        )
    }
}

/// In this order: what a narrow window changes is at the end of the last.
const STYLES: [&str; 3] = ["base.css", "parts.css", "renewal.css"];

/// Text as HTML, also inside double-quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// A serial number in groups of four, each group kept whole, so that it can be read aloud.
pub(crate) fn serial(hexadecimal: &str) -> String {
    let digits: Vec<char> = hexadecimal.to_ascii_uppercase().chars().collect();
    let groups: Vec<String> = digits
        .chunks(4)
        .map(|group| format!("<span>{}</span>", group.iter().collect::<String>()))
        .collect();
    format!(r#"<code class="serial">{}</code>"#, groups.join(" "))
}

/// A list of steps: `<ol>`.
fn steps(language: Language, items: &[Text], values: &[(&str, &str)]) -> String {
    let items: String = items
        .iter()
        .map(|text| format!("<li>{}</li>", escape(&text.fill(language, values))))
        .collect();
    format!(r#"<ol class="steps">{items}</ol>"#)
}

/// A row of a description list.
fn row(label: Text, language: Language, value: &str) -> String {
    format!(
        "<div><dt>{}</dt><dd>{value}</dd></div>",
        label.say(language)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_value_stays_text() {
        assert_eq!(
            escape(r#"<a href="x">'&'"#),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;"
        );
    }

    #[test]
    fn a_serial_number_is_read_in_groups() {
        assert_eq!(
            serial("4f00ab"),
            r#"<code class="serial"><span>4F00</span> <span>AB</span></code>"#
        );
    }
}
