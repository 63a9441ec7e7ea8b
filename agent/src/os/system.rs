//! Which system this is.

use std::{fs, sync::LazyLock};

/// The family of this Linux distribution, by which remedies name packages: `debian`, `fedora`,
/// `suse`, `arch`, or `other` (os-release(5)).
#[must_use]
pub fn distribution() -> &'static str {
    static FAMILY: LazyLock<&str> = LazyLock::new(|| {
        ["/etc/os-release", "/usr/lib/os-release"]
            .iter()
            .find_map(|path| fs::read_to_string(path).ok())
            .map_or("other", |text| family(&text))
    });
    &FAMILY
}

/// The name that this PC keeps for life (machine-id(5)); empty where it has none.
#[must_use]
pub fn machine() -> String {
    let name = fs::read_to_string("/etc/machine-id").unwrap_or_default();
    name.trim().to_owned()
}

fn family(release: &str) -> &'static str {
    let value = |key: &str| {
        release
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .map(|value| value.trim_matches('"').to_ascii_lowercase())
            .unwrap_or_default()
    };
    let (own, like) = (value("ID"), value("ID_LIKE"));
    let names: Vec<&str> = own.split(' ').chain(like.split(' ')).collect();
    let families = [
        ("debian", &["debian", "ubuntu"][..]),
        ("fedora", &["fedora", "rhel", "centos"]),
        ("suse", &["suse", "opensuse"]),
        ("arch", &["arch"]),
    ];
    families
        .into_iter()
        .find(|(_, members)| members.iter().any(|member| names.contains(member)))
        .map_or("other", |(family, _)| family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_belongs_to_the_family_that_it_is_like() {
        for (release, expected) in [
            ("NAME=\"Debian\"\nID=debian\n", "debian"),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "debian"),
            (
                "ID=\"almalinux\"\nID_LIKE=\"rhel centos fedora\"\n",
                "fedora",
            ),
            ("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", "suse"),
            ("ID=manjaro\nID_LIKE=arch\n", "arch"),
            ("ID=nixos\n", "other"),
            ("", "other"),
        ] {
            assert_eq!(family(release), expected, "{release}");
        }
    }
}
