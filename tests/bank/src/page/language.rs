//! Which language a request wants: a query wins over a cookie, and Japanese is the default.

use axum::http::{HeaderMap, Uri, header};

use super::Language;

/// The language that a request's query names, if any, and the one to answer in.
pub(crate) fn requested_language(uri: &Uri, headers: &HeaderMap) -> (Option<Language>, Language) {
    let asked = uri.query().and_then(|query| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix("lang="))
            .and_then(Language::of_tag)
    });
    let remembered = cookie(headers, "lang").and_then(Language::of_tag);
    (asked, asked.or(remembered).unwrap_or_default())
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_wins_over_a_cookie_and_japanese_is_the_default() {
        let mut headers = HeaderMap::new();
        let language = |uri: &str, headers: &HeaderMap| {
            requested_language(&uri.parse::<Uri>().unwrap(), headers).1
        };
        assert_eq!(language("/", &headers), Language::Japanese);
        headers.insert(header::COOKIE, "a=b; lang=en".parse().unwrap());
        assert_eq!(language("/", &headers), Language::English);
        assert_eq!(language("/?lang=ja", &headers), Language::Japanese);
        assert_eq!(language("/?lang=xx", &headers), Language::English);
    }
}
