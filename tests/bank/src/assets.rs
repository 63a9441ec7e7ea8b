//! Styles and scripts, under a path that names their content: a changed file is a new address,
//! so no browser goes on with yesterday's.

use std::sync::LazyLock;

use crate::ca;

/// A file as it is served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asset {
    name: &'static str,
    pub(crate) media_type: &'static str,
    pub(crate) content: &'static str,
}

/// The path of an asset.
pub(crate) fn path(name: &str) -> String {
    debug_assert!(find(name).is_some(), "no asset is named {name}");
    format!("/assets/{}/{name}", *VERSION)
}

/// The asset of that name.
pub(crate) fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// Whether a path's version is the one that is served.
pub(crate) fn is_current(version: &str) -> bool {
    version == *VERSION
}

macro_rules! assets {
    ($($name:literal: $media_type:literal = $path:literal;)*) => {
        const ASSETS: &[Asset] = &[$(Asset {
            name: $name,
            media_type: $media_type,
            content: include_str!($path),
        }),*];
    };
}

assets! {
    "base.css": "text/css; charset=utf-8" = "../assets/base.css";
    "parts.css": "text/css; charset=utf-8" = "../assets/parts.css";
    "renewal.css": "text/css; charset=utf-8" = "../assets/renewal.css";
    "mark.svg": "image/svg+xml" = "../assets/mark.svg";
    "renewal.js": "text/javascript; charset=utf-8" = "../assets/renewal.js";
    "first-login.js": "text/javascript; charset=utf-8" = "../assets/first-login.js";
    "handover.js": "text/javascript; charset=utf-8" = "../assets/handover.js";
    "done.js": "text/javascript; charset=utf-8" = "../assets/done.js";
    "koshin/koshin.js": "text/javascript; charset=utf-8" = "../../../protocol/js/src/koshin.js";
    "koshin/discovery.js": "text/javascript; charset=utf-8" = "../../../protocol/js/src/discovery.js";
    "koshin/error.js": "text/javascript; charset=utf-8" = "../../../protocol/js/src/error.js";
    "koshin/http.js": "text/javascript; charset=utf-8" = "../../../protocol/js/src/http.js";
    "koshin/link.js": "text/javascript; charset=utf-8" = "../../../protocol/js/src/link.js";
    "koshin/permission.js": "text/javascript; charset=utf-8" = "../../../protocol/js/src/permission.js";
    "koshin/renewal.js": "text/javascript; charset=utf-8" = "../../../protocol/js/src/renewal.js";
}

/// One version for all, so that modules import each other by relative paths.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let all: Vec<u8> = ASSETS
        .iter()
        .flat_map(|asset| [asset.name.as_bytes(), asset.content.as_bytes()])
        .flatten()
        .copied()
        .collect();
    ca::hex(&ca::digest(&all)[..8])
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_that_a_script_imports_is_served() {
        for asset in ASSETS.iter().filter(|asset| asset.name.ends_with(".js")) {
            let code = asset.content.lines().filter(|line| {
                !line.trim_start().starts_with('*') && !line.trim_start().starts_with("//")
            });
            for line in code {
                let Some((_, rest)) = line.split_once("from './") else {
                    continue;
                };
                let module = rest.split('\'').next().unwrap();
                let folder = asset.name.rfind('/').map_or("", |at| &asset.name[..=at]);
                let path = format!("{folder}{module}");
                assert!(find(&path).is_some(), "{} imports {path}", asset.name);
            }
        }
    }
}
