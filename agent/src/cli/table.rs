//! Aligned tables without borders, for people.

/// Rows under a heading, each column as wide as its widest cell.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with a heading.
    pub(super) fn new<const N: usize>(heading: [String; N]) -> Self {
        Self {
            rows: vec![heading.to_vec()],
        }
    }

    /// A table without a heading, such as names with their values.
    pub(super) fn plain() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }

    /// The lines; two spaces between columns, none at the end of a line.
    pub(super) fn lines(&self) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| width(cell)).max().unwrap_or(0)
            })
            .collect();
        self.rows
            .iter()
            .map(|row| {
                let mut line = String::new();
                for (cell, column) in row.iter().zip(&widths) {
                    line.push_str(&visible(cell));
                    line.extend(std::iter::repeat_n(' ', column - width(cell) + 2));
                }
                line.truncate(line.trim_end().len());
                line
            })
            .collect()
    }
}

/// A text from a card or a file without anything that could move the cursor or change colours.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// How many columns of a terminal the text takes: two for a wide character (Unicode's East
/// Asian Width W and F, and emoji), none for a combining one.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

fn columns(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036f | 0x200b..=0x200f | 0x20d0..=0x20ff | 0x3099..=0x309a | 0xfe00..=0xfe0f => {
            0
        }
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0x33ff
        | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff
        | 0xa000..=0xa4cf
        | 0xa960..=0xa97c
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe10..=0xfe19
        | 0xfe30..=0xfe6f
        | 0xff01..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_across_wide_characters() {
        let mut table = Table::new(["NAME".to_owned(), "DAYS".to_owned()]);
        table.row(["経理一郎".to_owned(), "20".to_owned()]);
        table.row(["keiri-01".to_owned(), "5".to_owned()]);
        table.row(["ｶﾅ".to_owned(), "3".to_owned()]);
        assert_eq!(
            table.lines(),
            [
                "NAME      DAYS",
                "経理一郎  20",
                "keiri-01  5",
                "ｶﾅ        3"
            ]
        );
    }

    #[test]
    fn an_escape_sequence_in_a_label_does_nothing() {
        let mut table = Table::plain();
        table.row(["red\u{1b}[31m".to_owned(), "x".to_owned()]);
        assert_eq!(table.lines(), ["red\u{fffd}[31m  x"]);
    }

    #[test]
    fn a_combining_mark_takes_no_column() {
        assert_eq!(width("か\u{3099}"), 2);
        assert_eq!(width("が"), 2);
    }
}
