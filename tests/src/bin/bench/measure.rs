//! A figure with what it should be, and the table of all.

use std::{fmt::Write as _, time::Duration};

use serde::{Deserialize, Serialize};

/// A figure; less is better for all of them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measure {
    /// What was measured, with its unit.
    measure: String,
    /// What came out.
    value: f64,
    /// The most that it should be; none where it only informs.
    reach: Option<f64>,
    /// Whether it is no more than that.
    ok: bool,
    /// What the value was made of, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    from: String,
}

impl Measure {
    /// A figure that should be `reach` at most.
    pub(crate) fn at_most(reach: f64, measure: &str, value: f64, from: String) -> Self {
        Self {
            measure: measure.to_owned(),
            value: rounded(value),
            reach: Some(reach),
            ok: value <= reach,
            from,
        }
    }

    /// A figure that only informs.
    pub(crate) fn figure(measure: &str, value: f64, from: String) -> Self {
        Self {
            measure: measure.to_owned(),
            value: rounded(value),
            reach: None,
            ok: true,
            from,
        }
    }
}

/// The measures as programs read them.
pub(crate) fn summary(measures: Vec<Measure>) -> String {
    let plain = |measure| Measure {
        from: String::new(),
        ..measure
    };
    let plain: Vec<_> = measures.into_iter().map(plain).collect();
    serde_json::to_string_pretty(&plain).expect("measures are plain") + "\n"
}

/// The measures as people read them.
pub(crate) fn table(measures: &[Measure]) -> String {
    let width = measures.iter().map(|one| one.measure.chars().count()).max();
    let width = width.unwrap_or_default();
    let mut text = format!(
        "{:width$}  {:>9}  {:>7}  {:4}  from\n",
        "measure", "value", "reach", "ok"
    );
    for one in measures {
        let reach = one
            .reach
            .map_or_else(|| "-".to_owned(), |reach| reach.to_string());
        let ok = match (one.reach, one.ok) {
            (None, _) => "-",
            (_, true) => "yes",
            (_, false) => "NO",
        };
        let _ = writeln!(
            text,
            "{:width$}  {:>9}  {reach:>7}  {ok:4}  {}",
            one.measure, one.value, one.from
        );
    }
    text
}

/// The middle one, or the lower of the two in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) / 2]
}

/// Milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Three decimals: more would be noise.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
