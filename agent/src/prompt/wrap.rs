//! Lines that fit a dialog: pinentry-qt breaks none, and a terminal has 80 columns.

/// Columns of a line; a full-width character takes two.
const COLUMNS: usize = 60;

/// Breaks each line that is too wide: between words, or between full-width characters but not
/// before a closing mark (行頭禁則), or, where there is no such place, anywhere.
pub(super) fn wrap(text: &str) -> String {
    text.lines().map(wrap_line).collect::<Vec<_>>().join("\n")
}

/// A value from outside in one line: control and invisible characters would let a name on a
/// card write lines of its own into a dialog. More than `limit` characters are cut.
pub(super) fn plain(value: &str, limit: usize) -> String {
    let mut text: String = value
        .chars()
        .take(limit)
        .map(|c| if is_invisible(c) { '\u{fffd}' } else { c })
        .collect();
    if value.chars().nth(limit).is_some() {
        text.pop();
        text.push('…');
    }
    text
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

fn wrap_line(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let mut wrapped = String::with_capacity(line.len() + 8);
    let mut start = 0;
    while start < characters.len() {
        let rest = &characters[start..];
        let taken = rest.len().min(fitting(rest));
        let end = if taken == rest.len() {
            taken
        } else {
            (taken / 2..=taken)
                .rev()
                .find(|&at| at > 0 && may_break(rest[at - 1], rest[at]))
                .unwrap_or(taken)
        };
        if start > 0 {
            wrapped.push('\n');
        }
        let piece: String = rest[..end].iter().collect();
        wrapped.push_str(piece.trim_end_matches(' '));
        start += end;
        while start < characters.len() && characters[start] == ' ' {
            start += 1;
        }
    }
    wrapped
}

/// How many of the characters fit into a line; at least one.
fn fitting(characters: &[char]) -> usize {
    let mut columns = 0;
    let fit = characters
        .iter()
        .take_while(|c| {
            columns += width(**c);
            columns <= COLUMNS
        })
        .count();
    fit.max(1)
}

fn width(c: char) -> usize {
    if is_wide(c) { 2 } else { 1 }
}

/// The blocks of full-width characters that Japanese text has.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}' | '※' | '…' | '“' | '”')
}

fn may_break(before: char, after: char) -> bool {
    if before == ' ' || after == ' ' {
        return true;
    }
    let closing = matches!(
        after,
        '。' | '、'
            | '」'
            | '』'
            | '）'
            | '！'
            | '？'
            | '：'
            | '・'
            | 'ー'
            | 'ッ'
            | 'ャ'
            | 'ュ'
            | 'ョ'
            | 'っ'
            | 'ゃ'
            | 'ゅ'
            | 'ょ'
            | '…'
    );
    let opening = matches!(before, '「' | '『' | '（');
    (is_wide(before) || is_wide(after)) && !closing && !opening
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(line: &str) -> usize {
        line.chars().map(width).sum()
    }

    #[test]
    fn english_breaks_between_words() {
        let text = "The renewal was stopped. Check that the page's address is your bank's.";
        assert_eq!(
            wrap(text),
            "The renewal was stopped. Check that the page's address is\nyour bank's."
        );
    }

    #[test]
    fn a_closing_mark_begins_no_line() {
        let text = format!("{}。つぎ", "あ".repeat(30));
        assert_eq!(wrap(&text), format!("{}\nあ。つぎ", "あ".repeat(29)));
    }

    #[test]
    fn a_long_origin_is_shown_whole() {
        let origin = format!("https://{}.example", "a".repeat(100));
        let wrapped = wrap(&origin);
        assert_eq!(wrapped.replace('\n', ""), origin);
        assert!(wrapped.lines().all(|line| columns(line) <= COLUMNS));
    }

    #[test]
    fn short_lines_and_empty_ones_stay() {
        assert_eq!(wrap("一\n\n　二"), "一\n\n　二");
    }

    #[test]
    fn a_name_cannot_write_lines_of_its_own() {
        assert_eq!(plain("A\nB\u{202e}C", 10), "A\u{fffd}B\u{fffd}C");
        assert_eq!(plain("12345", 5), "12345");
        assert_eq!(plain("123456", 5), "1234…");
    }
}
