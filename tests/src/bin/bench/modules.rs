//! A listing of several modules beside one of the slowest alone.

use std::fs;

use tempfile::TempDir;
use tests::{Home, Token};

use crate::{
    listing::{alone, timed},
    measure::{Measure, median, ms},
    supply,
};

/// Certificates behind each module; the slowest first.
const SIZES: &[usize] = &[1000, 100, 10];

const ROUNDS: usize = 15;

pub(crate) fn measure() -> Vec<Measure> {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let together = Home::empty();
    let mut alones = Vec::new();
    let mut tokens = Vec::new();
    for (number, &size) in SIZES.iter().enumerate() {
        let token = supply::stocked(size, 0);
        // Modules are told apart by their files.
        let module = folder.path().join(format!("module-{number}.so"));
        fs::copy(Token::module(), &module).expect("the folder can be written");
        let settings = format!(
            "[[modules]]\nname = \"token-{number}\"\npath = \"{}\"\n\
             environment = {{ SOFTHSM2_CONF = \"{}\" }}\n",
            module.display(),
            token.settings().display()
        );
        together.add_settings(&settings);
        let one = Home::empty();
        one.add_settings(&settings);
        alones.push(one);
        tokens.push(token);
    }
    let list = |home: &Home| ms(timed(&mut home.koshin(&["list", "--json"])));
    let mut all = Vec::new();
    let mut each = vec![Vec::new(); alones.len()];
    for round in 0..=ROUNDS {
        let took = list(&together);
        alone(&together);
        // The first round warms up.
        if round > 0 {
            all.push(took);
        }
        for (one, times) in alones.iter().zip(&mut each) {
            let took = list(one);
            alone(one);
            if round > 0 {
                times.push(took);
            }
        }
    }
    let slowest = each.iter().map(|times| median(times)).fold(0.0, f64::max);
    let all = median(&all);
    vec![Measure::at_most(
        15.0,
        "list of 3 modules - of the slowest alone, ms",
        all - slowest,
        format!("{all:.1} ms - {slowest:.1} ms"),
    )]
}
