//! What every run of git is told, whatever the repository says: a list to be read by people who look for the hole.
//!
//! git lets a repository's configuration name programs. Most of them have a fixed key, which is overridden here. Content filters
//! do not (`filter.ANY.clean`); [`super::room`] says how these are kept away.

/// Variables of every run, besides `PATH`.
pub(super) const ENVIRONMENT: [(&str, &str); 17] = [
    ("LC_ALL", "C"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_EDITOR", "false"),
    ("GIT_SEQUENCE_EDITOR", "false"),
    ("GIT_PAGER", "cat"),
    ("GIT_SSH_COMMAND", "false"),
    ("GIT_ASKPASS", "false"),
    // The names in the logs of references; commits say who they are from.
    ("GIT_AUTHOR_NAME", "aios"),
    ("GIT_AUTHOR_EMAIL", "aios@aios.invalid"),
    ("GIT_COMMITTER_NAME", "aios"),
    ("GIT_COMMITTER_EMAIL", "aios@aios.invalid"),
];

/// Settings of every run. They win over every file of configuration.
pub(super) const CONFIG: [(&str, &str); 39] = [
    // Programs that git would start.
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.pager", "cat"),
    ("core.editor", "false"),
    ("core.askPass", "false"),
    ("core.sshCommand", "false"),
    ("core.gitProxy", "none"),
    ("core.alternateRefsCommand", "true"),
    ("credential.helper", ""),
    ("gpg.program", "false"),
    ("gpg.ssh.program", "false"),
    ("gpg.x509.program", "false"),
    ("commit.gpgSign", "false"),
    ("tag.gpgSign", "false"),
    ("log.showSignature", "false"),
    ("merge.verifySignatures", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("protocol.allow", "never"),
    ("submodule.recurse", "false"),
    ("safe.bareRepository", "explicit"),
    // Files that bring settings in by another way.
    ("core.attributesFile", "/dev/null"),
    // What would make the same tree come out differently elsewhere.
    ("core.quotePath", "true"),
    ("core.symlinks", "true"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    ("core.untrackedCache", "keep"),
    ("worktree.useRelativePaths", "false"),
    ("i18n.commitEncoding", "UTF-8"),
    ("i18n.logOutputEncoding", "UTF-8"),
    ("diff.noprefix", "false"),
    ("diff.mnemonicPrefix", "false"),
    ("diff.algorithm", "default"),
    ("diff.ignoreSubmodules", "dirty"),
    ("merge.renames", "true"),
    ("merge.conflictStyle", "diff3"),
    ("advice.detachedHead", "false"),
    ("color.ui", "false"),
    ("column.ui", "never"),
];

/// Settings of the repository that describe the file system or the people, and are data: they are kept.
pub(super) const KEPT: [&str; 4] = [
    "core.filemode",
    "core.ignorecase",
    "core.precomposeunicode",
    "core.sharedrepository",
];

/// A setting that keeps a content filter from running, if `key` (as git lists it) belongs to one.
pub(super) fn filter_override(key: &[u8]) -> Option<&'static str> {
    let name = key.strip_prefix(b"filter.")?;
    [
        (&b".clean"[..], ""),
        (b".smudge", ""),
        (b".process", ""),
        (b".required", "false"),
    ]
    .iter()
    .find(|(last, _)| name.ends_with(last))
    .map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_found_under_any_name() {
        for (key, value) in [
            (&b"filter.ev.clean"[..], Some("")),
            (b"filter.a=b\n.smudge", Some("")),
            (b"filter.lfs.process", Some("")),
            (b"filter.lfs.required", Some("false")),
            (b"filter.lfs.other", None),
            (b"diff.x.clean", None),
        ] {
            assert_eq!(filter_override(key), value);
        }
    }
}
