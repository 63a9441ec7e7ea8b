//! Every text of the two sites, Japanese and English side by side.

pub(crate) mod bank;
pub(crate) mod ca;
pub(crate) mod certificate;
pub(crate) mod mail;

use std::borrow::Cow;

/// The language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// The customers' own.
    #[default]
    Japanese,
    /// For everyone else.
    English,
}

impl Language {
    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::English => "en",
        }
    }

    /// The language of a tag that this bank's own pages wrote.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag {
            "ja" => Some(Self::Japanese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The one to switch to.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Japanese => Self::English,
            Self::English => Self::Japanese,
        }
    }
}

/// A text in both languages; `{name}` stands for a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    pub(crate) ja: &'static str,
    pub(crate) en: &'static str,
}

impl Text {
    /// The text in a language.
    pub(crate) fn say(self, language: Language) -> &'static str {
        match language {
            Language::Japanese => self.ja,
            Language::English => self.en,
        }
    }

    /// The text in a language, with its values.
    pub(crate) fn fill(self, language: Language, values: &[(&str, &str)]) -> String {
        let mut text = Cow::Borrowed(self.say(language));
        for (name, value) in values {
            text = Cow::Owned(text.replace(&format!("{{{name}}}"), value));
        }
        text.into_owned()
    }
}

/// Texts as constants, so that a missing one does not compile.
macro_rules! texts {
    ($($name:ident: $ja:literal, $en:literal;)*) => {
        $(pub(crate) const $name: $crate::page::text::Text =
            $crate::page::text::Text { ja: $ja, en: $en };)*

        #[cfg(test)]
        pub(crate) const ALL: &[(&str, $crate::page::text::Text)] =
            &[$((stringify!($name), $name)),*];
    };
}
pub(crate) use texts;

texts! {
    BANK: "みほん信用金庫", "Mihon Shinkin Bank";
    BANK_SERVICE: "法人インターネットバンキング", "Corporate Internet Banking";
    CA: "みほん電子証明書認証局", "Mihon Certification Authority";
    CA_SERVICE: "法人インターネットバンキング用 電子証明書", "Certificates for Corporate Internet Banking";
    DEMO: "動作確認用の見本サイトです。実在の金融機関とは関係がありません。", "A sample site for trying things out. It has nothing to do with any real bank.";
    SKIP: "本文へ進む", "Skip to the content";
    OTHER_LANGUAGE: "English", "日本語";
    HELP_DESK_LINE: "電子証明書ヘルプデスク", "Certificate help desk";
    HELP_DESK_HOURS: "平日 9:00～18:00（祝日・年末年始を除く）", "Weekdays 9:00–18:00 (Japan), except public holidays";
    LOGIN_AGAIN: "ログイン画面へ", "Go to the login page";
    LOGOUT: "ログアウト", "Log out";
    WHAT_TO_DO: "次にすること", "What to do next";

    TIMED_OUT_TITLE: "時間切れになりました", "Your session has ended";
    TIMED_OUT: "しばらく操作がなかったため、安全のために接続を終了しました。入力の途中だった内容は保存されていません。もう一度ログインしてください。", "There was no activity for a while, so you were logged out for safety. Nothing that you had not sent was kept. Please log in again.";
    NOT_FOUND_TITLE: "ページが見つかりません", "Page not found";
    NOT_FOUND: "アドレスが変わったか、まちがっています。", "The address has changed or is wrong.";
    REFUSED_TITLE: "この操作は受け付けられません", "This request was not accepted";
    REFUSED: "画面が古くなっているか、別のサイトから送られた操作です。ログインからやり直してください。", "The page was out of date, or the request came from another site. Please start again from the login page.";
    FAULT_TITLE: "ただいまご利用いただけません", "Not available right now";
    FAULT: "こちらの不具合により、処理を完了できませんでした。お手数ですが、しばらくしてからもう一度お試しください。", "A fault on our side kept us from finishing. Please try again in a while.";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<&str> {
        let mut names: Vec<_> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn both_languages_say_something_with_the_same_values() {
        for (name, text) in [ALL, bank::ALL, ca::ALL, certificate::ALL, mail::ALL].concat() {
            assert!(
                !text.ja.trim().is_empty() && !text.en.trim().is_empty(),
                "{name}"
            );
            assert_eq!(values(text.ja), values(text.en), "{name}");
        }
    }

    #[test]
    fn values_take_the_place_of_their_names() {
        let text = Text {
            ja: "あと{days}日",
            en: "{days} days left",
        };
        assert_eq!(text.fill(Language::Japanese, &[("days", "20")]), "あと20日");
        assert_eq!(
            text.fill(Language::English, &[("days", "20")]),
            "20 days left"
        );
    }
}
