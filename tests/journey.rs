//! The whole demo sprint, played by a person at the keyboard with nothing but `w`, `a` and `A`.

#[cfg(test)]
mod support;

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use crate::support::pty::{Pty, Screen, command};

    /// Most decisions that the demo's sprint can want.
    const MOST: usize = 40;

    /// A plan, a change or a card says that it takes a decision now.
    fn is_ready(text: &str) -> bool {
        ["start   ready", "hunks · ready", "┃ ready "]
            .iter()
            .any(|word| text.contains(word))
    }

    fn is_over(screen: &Screen<'_>) -> bool {
        screen.contains("landed as")
    }

    #[test]
    fn the_demo_is_played_with_a_few_keys() {
        let home = tempfile::tempdir().unwrap();
        let mut aios = command(env!("CARGO_BIN_EXE_aios"), home.path());
        aios.args(["demo", "--speed", "0"]);
        let mut pty = Pty::spawn(aios, 80, 24);
        let mut places = Vec::new();
        loop {
            let text = pty.wait_until("something that waits, or the end", |screen| {
                is_over(screen)
                    || (screen.contains("[1 Home]") && screen.contains("waiting on you"))
            });
            if text.contains("landed as") {
                break;
            }
            pty.send("w");
            let text = pty.wait_until("an item that may be decided", |screen| {
                is_over(screen) || is_ready(&screen.text()) || screen.contains("nothing waits")
            });
            let last = text.lines().last().unwrap_or_default().trim().to_owned();
            if is_ready(&text) {
                // Plans and changes are taken as a whole, everything else by its first answer.
                pty.send(if text.contains("DECIDE") { "a" } else { "A" });
                pty.wait_until("the decision", |screen| !is_ready(&screen.text()));
                places.push(last);
            }
            assert!(places.len() < MOST, "the sprint does not end: {places:?}");
            pty.send("gh");
        }
        for kind in ["PLAN", "review", "MERGE"] {
            assert!(
                places.iter().any(|place| place.contains(kind)),
                "{kind} in {places:?}"
            );
        }
        pty.send("qq");
        assert!(pty.wait_exit().success());
        pty.wait_until("the terminal given back", |screen| !screen.is_alternate());
    }

    /// How long the plain demo may take.
    const PATIENCE: Duration = Duration::from_secs(120);
    /// Longer than a question is shown before it takes an answer.
    const READING: Duration = Duration::from_millis(600);

    #[test]
    fn the_demo_is_played_by_lines_that_nothing_is_painted_over() {
        let home = tempfile::tempdir().unwrap();
        let mut aios = command(env!("CARGO_BIN_EXE_aios"), home.path());
        aios.args(["demo", "--plain", "--speed", "0"]);
        let mut pty = Pty::spawn(aios, 80, 24);
        let began = Instant::now();
        let (mut seen, mut kinds) = (0, Vec::new());
        loop {
            let all = String::from_utf8_lossy(&pty.raw()).into_owned();
            let new = all.get(seen..).unwrap_or_default();
            if new.contains("landed as") {
                break;
            }
            if let Some(end) = new.find("n next, ? more") {
                let asked = new.get(..end).unwrap_or_default();
                let kind = asked.rsplit("waiting 1 of ").next().unwrap_or_default();
                kinds.push(kind.split(',').next().unwrap_or_default().to_owned());
                seen = all.len();
                std::thread::sleep(READING);
                pty.send("1\r");
            }
            assert!(began.elapsed() < PATIENCE, "it does not end:\n{all}");
            std::thread::sleep(Duration::from_millis(20));
        }
        for kind in ["PLAN", "DIFF", "MERGE"] {
            assert!(
                kinds.iter().any(|asked| asked.contains(kind)),
                "{kind} in {kinds:?}"
            );
        }
        pty.send("quit\r");
        assert!(pty.wait_exit().success());
        // Lines only: nothing moves the cursor, no screen of its own, no colours to read past.
        assert!(!pty.raw().contains(&0x1b));
    }

    /// A repository with one commit, where nobody has ever worked with the program.
    fn repository(folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        for arguments in [
            &["init", "-q", "-b", "main"][..],
            &["commit", "-q", "--allow-empty", "-m", "begin"],
        ] {
            let ran = Command::new("git")
                .args(["-c", "user.name=Mia", "-c", "user.email=mia@here.invalid"])
                .args(arguments)
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .current_dir(folder)
                .status();
            assert!(ran.unwrap().success());
        }
    }

    /// Every file below a folder.
    fn files(folder: &Path) -> Vec<std::path::PathBuf> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(files(&path));
            } else {
                found.push(path);
            }
        }
        found
    }

    #[test]
    fn somebody_without_a_key_is_led_to_the_demo_and_nothing_is_written() {
        let home = tempfile::tempdir().unwrap();
        let shop = home.path().join("shop");
        repository(&shop);
        let before = files(home.path());
        let mut aios = command(env!("CARGO_BIN_EXE_aios"), home.path());
        aios.args(["-C", shop.to_str().unwrap()]);
        let mut pty = Pty::spawn(aios, 80, 24);
        for word in [
            "step 3 of 4",
            "WELCOME",
            "no API key found",
            "clean",
            "SETUP",
        ] {
            pty.wait_for_text(word);
        }
        pty.send("e");
        pty.wait_for_text("OPENAI_API_KEY");
        pty.send("\rg");
        pty.wait_for_text("its address");
        pty.send("no address\r");
        pty.wait_for_text("it begins with http");
        pty.send("\x1b");
        pty.wait_for_text("j k pick");
        assert_eq!(files(home.path()), before, "nothing is written");
        pty.send("d");
        pty.wait_until("the demo", |screen| {
            screen.contains("[1 Home]") && screen.contains(" demo")
        });
        pty.send("qq");
        assert!(pty.wait_exit().success());
    }
}
