//! Tests that want a program which may be missing. They say by name that they are left out, and fail where `AIOS_TEST_REQUIRE` (names
//! with commas between) demands the program.

use std::io::Write as _;

/// Whether `program` is there for `test`. If not, says so on the terminal, past the capture of the test's own output.
pub(crate) fn has(program: &str, is_there: bool, test: &str) -> bool {
    if is_there {
        return true;
    }
    let required = std::env::var("AIOS_TEST_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|name| name.trim() == program),
        "{test} needs {program}, which is missing here and required by AIOS_TEST_REQUIRE"
    );
    let line = format!("left out: {test} (it needs {program}, which is not here)\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    false
}

/// Whether a program of this name lies in `PATH`.
pub(crate) fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
