//! What the fuzzer found worth keeping, and samples of what is well-formed, without a fuzzer.

use std::{fs, path::Path};

#[test]
fn every_parser_comes_back_from_every_file_of_its_corpus() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora");
    for (name, parse) in parsers::ALL {
        let folder = corpora.join(name);
        let files = fs::read_dir(&folder).unwrap_or_else(|_| panic!("no corpus of {name}"));
        let mut tried = 0;
        for file in files {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            parse(&bytes);
            // What is cut off or has one byte changed is as foreign.
            for at in (0..bytes.len()).step_by(1 + bytes.len() / 64) {
                parse(&bytes[..at]);
                let mut changed = bytes.clone();
                changed[at] ^= 0x80;
                parse(&changed);
            }
            tried += 1;
        }
        assert!(tried > 0, "an empty corpus of {name}");
    }
}
