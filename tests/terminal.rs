//! The terminal contract, held with the interface itself in a pseudo-terminal, over a session that knows nothing.
//!
//! The program under test is this test's own binary: started anew with a variable set, it runs one test that is the interface.

#[cfg(test)]
mod support;

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::{Duration, Instant};

    use aios::base::time::Timestamp;
    use aios::tui::app::{App, Settings};
    use aios::tui::keymap::Keymap;
    use aios::tui::known::Known;
    use aios::tui::link::{self, News, Request};
    use aios::tui::runtime::Runtime;
    use aios::tui::terminal::caps::Caps;
    use aios::tui::theme::Theme;

    use crate::support::pty::{CommandBuilder, DEADLINE, Pty, command};

    const CHILD: &str = "AIOS_TEST_INTERFACE";
    const KEYS: &str = "AIOS_TEST_KEYS";

    /// The interface, if this process was started for it.
    #[test]
    fn interface() {
        let Ok(kind) = std::env::var(CHILD) else {
            return;
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let caps = Caps::from_environment(|name| std::env::var(name).ok());
            let look = (
                Keymap::built_in().unwrap(),
                Theme::built_in(caps.depth).unwrap(),
            );
            let folder = std::env::temp_dir().join(format!("aios-test-{}", std::process::id()));
            let settings = Settings {
                folder,
                // Asks for a word and adds it.
                editor: r#"sh -c 'read word; printf " %s" "$word" >> "$1"' editor"#.to_owned(),
                pager: std::env::var("PAGER").unwrap_or_default(),
                is_inline: kind == "inline",
                keymap: std::env::var_os(KEYS).map(std::path::PathBuf::from),
                ..Settings::default()
            };
            let app = App::new(Known::new("mira", "shop"), settings, caps, look);
            let (here, mut there) = link::pair();
            tokio::spawn(async move {
                there.news.send(News::World(Box::default())).await.unwrap();
                while let Some(request) = there.requests.recv().await {
                    if let Request::Submit { id, .. } = request {
                        let answer = News::Answered { id, refusal: None };
                        there.news.send(answer).await.ok();
                    }
                }
            });
            let calls = Cell::new(0);
            let clock = move || {
                calls.set(calls.get() + 1);
                assert!(kind != "panic" || calls.get() < 20, "on purpose");
                Timestamp(1_795_344_125_000)
            };
            Runtime::start(app, here, clock).unwrap().run().await;
        });
    }

    /// This test's own binary as the interface.
    fn child(kind: &str) -> CommandBuilder {
        let home = std::env::temp_dir();
        let mut child = command(std::env::current_exe().unwrap(), &home);
        child.env(CHILD, kind);
        child.env("PAGER", "echo the pager is here; read key; true");
        child.env(
            "EDITOR",
            "echo the editor is here; read key; printf ' and %s' $key >>",
        );
        child.args([
            "tests::interface",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ]);
        child
    }

    fn start(kind: &str, columns: u16, rows: u16) -> Pty {
        Pty::spawn(child(kind), columns, rows)
    }

    fn ready(pty: &Pty) {
        pty.wait_until("the first screen", |screen| {
            // The title says how long this slow reader took to answer, or that the line is live.
            let is_there = ["live", "0ms"].iter().any(|word| screen.contains(word));
            screen.is_alternate() && screen.contains("nothing waits") && is_there
        });
    }

    /// The terminal is as it was found: its own screen, a cursor, no modes.
    fn given_back(pty: &Pty) {
        pty.wait_until("the terminal given back", |screen| {
            !screen.is_alternate()
                && screen.cursor().is_some()
                && !screen.emulated().bracketed_paste()
        });
        let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
        let last = |mode: &str| {
            (
                raw.rfind(&format!("\u{1b}[?{mode}h")),
                raw.rfind(&format!("\u{1b}[?{mode}l")),
            )
        };
        for mode in ["1049", "2004", "1004", "2026"] {
            let (on, off) = last(mode);
            // Who takes the last rows only has no screen to give back.
            let is_whole = mode != "1049" || raw.contains("[?1049");
            assert!(!is_whole || on.is_some() && on < off, "mode {mode} is left");
        }
    }

    /// A shell that says something, has the interface in its last rows, and says something again.
    fn inline(columns: u16, rows: u16, before: &str) -> Pty {
        let program = child("inline");
        let words = program.get_argv().iter();
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        let mut shell = command("/bin/sh", &std::env::temp_dir());
        shell.env(CHILD, "inline");
        shell.env("PAGER", "echo the pager is here; read key; true");
        // The words of this test's own binary are not for the screen.
        let line = words.join(" ");
        shell.args(["-c", &format!("{before}; {line}; echo after; read rest")]);
        Pty::spawn(shell, columns, rows)
    }

    #[test]
    fn a_small_window_leaves_what_stands_above() {
        for before in ["echo before", "seq 1 99; echo before"] {
            let mut pty = inline(80, 30, before);
            let is_painted = |screen: &crate::support::pty::Screen<'_>| {
                let rows = screen.rows();
                let above = rows.iter().take(10).any(|row| row == "before");
                above && rows[10].contains("● 0 waiting") && rows[29].contains("? help")
            };
            pty.wait_until("the last 20 rows", is_painted);
            pty.send("2");
            pty.wait_until("the board", |screen| {
                is_painted(screen) && screen.contains("BOARD")
            });
            // The pager has the terminal for a while.
            pty.send("O");
            pty.wait_for_text("the pager is here");
            pty.send("\n");
            pty.wait_until("the last rows again", |screen| {
                screen.rows()[10].contains("● 0 waiting")
            });
            pty.send("\x03\x03");
            let text = pty.wait_for_text("after");
            let rows: Vec<&str> = text.lines().map(str::trim_end).collect();
            let place = |wanted: &str| rows.iter().position(|row| *row == wanted);
            assert!(place("before") < place("after"), "{text}");
            assert!(!text.contains("0 waiting"), "{text}");
            if before.starts_with("seq") {
                assert!(place("before").is_some() && place("99").is_some(), "{text}");
            }
            given_back(&pty);
            assert!(!raw(&pty).contains("[?1049"));
            pty.send("\n");
            assert!(pty.wait_exit().success());
        }
    }

    #[test]
    fn a_small_window_bears_storms_of_sizes() {
        let mut pty = inline(80, 30, "echo before");
        pty.wait_for_text("● 0 waiting");
        for step in 1..60_u16 {
            pty.resize(step * 4, step % 40 + 2);
        }
        pty.resize(90, 12);
        pty.wait_until("all rows of a low terminal", |screen| {
            let rows = screen.rows();
            rows.len() == 12 && rows[0].contains("● 0 waiting") && rows[11].contains("? help")
        });
        pty.resize(100, 40);
        pty.wait_until("the last rows of a high one", |screen| {
            let rows = screen.rows();
            rows.len() == 40 && rows[20].contains("● 0 waiting") && rows[39].contains("? help")
        });
        pty.send("\x03\x03");
        pty.wait_for_text("after");
        given_back(&pty);
        assert!(!raw(&pty).contains("[?1049"));
        pty.send("\n");
        assert!(pty.wait_exit().success());
    }

    fn signal(pty: &Pty, signal: rustix::process::Signal) {
        let process =
            rustix::process::Pid::from_raw(i32::try_from(pty.process()).unwrap()).unwrap();
        rustix::process::kill_process(process, signal).unwrap();
    }

    #[test]
    fn the_editor_gets_the_terminal_and_gives_it_back() {
        let mut pty = start("plain", 80, 24);
        ready(&pty);
        pty.send("i");
        pty.wait_for_text("WHAT DO YOU WANT BUILT");
        pty.send("draft");
        pty.wait_for_text("draft");
        pty.send([0x18, 0x05]);
        pty.wait_until("the editor's own screen", |screen| !screen.is_alternate());
        // What is typed now is for the editor, line by line.
        pty.send("spoken\r");
        pty.wait_until("the text that came back", |screen| {
            screen.is_alternate() && screen.contains("draft spoken")
        });
        // Keys are the interface's again.
        pty.send("!");
        pty.wait_for_text("draft spoken!");
    }

    /// Waits until the kernel says that the process is stopped.
    fn stopped(pty: &Pty) {
        let deadline = Instant::now() + DEADLINE;
        let state =
            || std::fs::read_to_string(format!("/proc/{}/stat", pty.process())).unwrap_or_default();
        while !state().contains(") T ") {
            assert!(
                Instant::now() < deadline,
                "the program does not stop: {}",
                state()
            );
            std::thread::yield_now();
        }
    }

    #[test]
    fn it_starts_goes_about_and_leaves() {
        let mut pty = start("plain", 80, 24);
        ready(&pty);
        pty.send("2");
        pty.wait_for_text("[2 Board]");
        pty.resize(120, 36);
        pty.wait_for_text("▌2 Board▐");
        pty.send("gh");
        pty.wait_for_text("▌1 Home▐");
        pty.send("?");
        pty.wait_for_text("EVERYWHERE");
        pty.send("\x1b");
        pty.wait_until("help closed", |screen| !screen.contains("EVERYWHERE"));
        pty.send("q");
        pty.wait_for_text("q again leaves");
        pty.send("q");
        assert!(pty.wait_exit().success());
        given_back(&pty);
        assert_eq!(pty.titles(), ["aios shop: 0 waiting, $0.00"]);
    }

    #[test]
    fn text_is_typed_and_pasted_and_answers_are_not() {
        let mut pty = start("plain", 80, 24);
        ready(&pty);
        pty.paste("rm -rf\nq\nq\n");
        pty.wait_for_text("pasted 11 characters");
        pty.send("i");
        pty.wait_for_text("WHAT DO YOU WANT BUILT");
        pty.send("wq \x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b[?62;22c\x1b[12;40Rüber");
        pty.wait_for_text("wq über");
        pty.paste(&"x".repeat(1 << 20));
        pty.wait_for_text("the paste is cut");
        pty.send("\x03");
        pty.wait_until("an empty field", |screen| {
            screen.contains("WHAT DO YOU") && !screen.contains("xxx")
        });
        pty.send("\x1b");
        pty.wait_until("no field", |screen| !screen.contains("WHAT DO YOU"));
        pty.send("\x03\x03");
        assert!(pty.wait_exit().success());
        given_back(&pty);
    }

    #[test]
    fn it_stops_and_goes_on_as_shells_want_it() {
        let mut pty = start("plain", 80, 24);
        ready(&pty);
        for stop in ["by key", "by signal"] {
            if stop == "by key" {
                pty.send("\x1a");
            } else {
                signal(&pty, rustix::process::Signal::TSTP);
            }
            stopped(&pty);
            given_back(&pty);
            signal(&pty, rustix::process::Signal::CONT);
            ready(&pty);
        }
        // Stopped from outside without a word, and its screen written over.
        signal(&pty, rustix::process::Signal::STOP);
        stopped(&pty);
        signal(&pty, rustix::process::Signal::CONT);
        pty.send("7");
        pty.wait_for_text("[7 Log]");
        signal(&pty, rustix::process::Signal::HUP);
        assert!(pty.wait_exit().success());
        given_back(&pty);
    }

    fn raw(pty: &Pty) -> String {
        String::from_utf8_lossy(&pty.raw()).into_owned()
    }

    #[test]
    fn the_terminal_is_asked_once_and_answers_as_it_likes() {
        let mut pty = start("plain", 80, 24);
        ready(&pty);
        let asked = "●\u{1b}[6n";
        let deadline = Instant::now() + DEADLINE;
        while !raw(&pty).contains("\u{1b}[?2026$p\u{1b}[c") {
            assert!(Instant::now() < deadline, "nothing is asked");
            std::thread::yield_now();
        }
        assert_eq!(raw(&pty).matches(asked).count(), 1);
        assert!(raw(&pty).contains("\u{1b}]11;?\u{1b}\\"));
        // The corner looks as before.
        assert!(pty.text().starts_with("[1 Home]"), "{}", pty.text());
        pty.send("i");
        pty.wait_for_text("WHAT DO YOU WANT BUILT");
        // Late, in pieces, and in the middle of a word.
        for piece in [
            "a\x1b]11;rgb:ffff/",
            "ffff/ffff\x1b\\b\x1b[1;",
            "3Rc\x1b[?",
            "1ud\x1bP>|foot(1.16)\x1b\\e",
        ] {
            pty.send(piece);
            std::thread::sleep(Duration::from_millis(20)); // A read of its own.
        }
        pty.send("\x1b[?62;22cf");
        pty.wait_until("two cells a mark", |screen| {
            screen.contains("abcdef") && screen.contains("o nothing waits")
        });
        assert!(raw(&pty).contains("\u{1b}[>5u"), "kitty's keyboard is used");
        pty.send("\x03");
        pty.wait_until("an empty field", |screen| !screen.contains("abcdef"));
        pty.send("\x1b");
        pty.wait_until("no field", |screen| !screen.contains("WHAT DO YOU"));
        pty.send(":keytest\r");
        let told = pty.wait_for_text("KEY TEST");
        for fact in ["foot(1.16)", "light", "2 cells"] {
            assert!(told.contains(fact), "{told}");
        }
        pty.send("\x03\x03");
        assert!(pty.wait_exit().success());
        given_back(&pty);
        assert!(raw(&pty).rfind("\u{1b}[<u") < raw(&pty).rfind("\u{1b}[?1049l"));
    }

    #[test]
    fn the_shell_does_not_get_the_answers() {
        let program = child("plain");
        let words = program.get_argv().iter();
        let line: Vec<String> = words
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let mut shell = command("/bin/sh", &std::env::temp_dir());
        shell.env(CHILD, "plain");
        let script = format!(
            "{}; IFS= read -r rest; echo \"rest:$rest.\"",
            line.join(" ")
        );
        shell.args(["-c", &script]);
        let mut pty = Pty::spawn(shell, 80, 24);
        ready(&pty);
        pty.send(":q\r\x1b]11;rgb:0/0/0\x1b\\\x1b[?62;22c");
        pty.wait_until("the shell", |screen| !screen.is_alternate());
        pty.send("mine\n");
        pty.wait_for_text("rest:mine.");
    }

    #[test]
    fn panes_are_copied_and_paged() {
        let mut pty = start("plain", 80, 24);
        ready(&pty);
        pty.send("Y");
        pty.wait_for_text("to the terminal; file: ");
        assert!(raw(&pty).contains("\u{1b}]52;c;"));
        pty.send("O");
        pty.wait_until("the pager", |screen| {
            !screen.is_alternate() && screen.contains("the pager is here")
        });
        pty.send("\n");
        ready(&pty);
        pty.send("\x03\x03");
        assert!(pty.wait_exit().success());
    }

    #[test]
    fn a_broken_file_of_keys_is_told_and_the_old_keys_stay() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keymap.toml");
        let mut program = child("plain");
        program.env(KEYS, &file);
        let mut pty = Pty::spawn(program, 200, 36);
        ready(&pty);
        std::fs::write(&file, "[normal]\n\"0\" = \"go.bord\"\n").unwrap();
        pty.send(":reload\r");
        let told = pty.wait_for_text("the old keys stay");
        let fault = "line 2: no action is called \"go.bord\"; did you mean \"go.board\"?";
        assert!(told.contains(fault), "{told}");
        pty.send("3");
        pty.wait_for_text("▌3 Agents▐");
        std::fs::write(&file, "[normal]\n\"0\" = \"go.board\"\n").unwrap();
        pty.send(":reload\r");
        pty.wait_for_text("the keys are read again");
        pty.send("0");
        pty.wait_for_text("▌2 Board▐");
        pty.send("\x03\x03");
        assert!(pty.wait_exit().success());
    }

    #[test]
    fn it_ends_when_its_terminal_is_gone() {
        use std::io::Read as _;
        let size = portable_pty::PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = portable_pty::native_pty_system().openpty(size).unwrap();
        let mut child = pair.slave.spawn_command(child("plain")).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (mut seen, mut buffer) = (Vec::new(), [0_u8; 4096]);
        while !String::from_utf8_lossy(&seen).contains("nothing waits") {
            let count = reader.read(&mut buffer).unwrap();
            seen.extend_from_slice(&buffer[..count]);
        }
        // The last holders of the other end: reads fail, writes fail, and the kernel hangs up.
        drop(reader);
        drop(pair.master);
        let deadline = Instant::now() + DEADLINE;
        while child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it lives on without a terminal");
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_mouse_is_the_terminals_until_it_is_asked_for() {
        let mut pty = start("plain", 120, 36);
        ready(&pty);
        assert!(!raw(&pty).contains("1000h"));
        pty.send(":mouse\r");
        pty.wait_for_text("the mouse gives focus");
        // A press on the list of agents gives it the focus, whose border is heavy.
        pty.send("\x1b[<0;5;20M\x1b[<0;5;20m");
        pty.wait_until("the focus", |screen| screen.contains("┏━ AGENTS"));
        assert!(raw(&pty).contains("\u{1b}[?1000h\u{1b}[?1006h"));
        pty.send("\x03\x03");
        assert!(pty.wait_exit().success());
        given_back(&pty);
        assert!(raw(&pty).contains("\u{1b}[?1000l"));
    }

    #[test]
    fn a_panic_can_be_read() {
        let mut pty = start("panic", 80, 24);
        ready(&pty);
        for key in "234567".chars().cycle() {
            pty.send(key.to_string());
            let tab = format!("[{key} ");
            let text = pty.wait_until("the tab or the end", |screen| {
                screen.contains(&tab) || screen.contains("on purpose")
            });
            if text.contains("on purpose") {
                break;
            }
        }
        given_back(&pty);
        let told = pty.wait_for_text("the report of it is ");
        let file = told.split("the report of it is ").nth(1).unwrap();
        let file = std::path::PathBuf::from(file.split_whitespace().next().unwrap());
        assert!(!pty.wait_exit().success());
        let report = std::fs::read_to_string(&file).unwrap();
        assert!(
            report.starts_with("aios ") && report.contains("on purpose"),
            "{report}"
        );
        std::fs::remove_file(file).unwrap();
    }

    #[test]
    fn sizes_without_sense_and_storms_of_them() {
        let mut pty = start("plain", 0, 0);
        ready(&pty);
        for step in 1..60_u16 {
            pty.resize(step * 4, step % 40 + 1);
        }
        pty.resize(30, 8);
        pty.wait_for_text("aios  0 waiting");
        pty.resize(100, 30);
        pty.wait_until("the last size", |screen| {
            let rows = screen.rows();
            rows.len() == 30 && rows.last().is_some_and(|row| row.contains("NORMAL"))
        });
        signal(&pty, rustix::process::Signal::TERM);
        assert!(pty.wait_exit().success());
        given_back(&pty);
    }

    #[test]
    fn the_smallest_and_the_largest_terminal() {
        // The test's own emulator knows no screen of one cell.
        for (columns, rows) in [(2, 2), (500, 300)] {
            let mut pty = start("plain", columns, rows);
            pty.wait_until("a picture", |screen| {
                screen.is_alternate() && !screen.rows().is_empty()
            });
            pty.send("2");
            pty.send("w");
            if columns > 2 {
                pty.wait_until("the board in all of it", |screen| {
                    let shown = screen.rows();
                    shown.len() == 300
                        && shown[0].contains("▌2 Board▐")
                        && shown[299].contains("NORMAL")
                });
            }
            pty.resize(80, 24);
            pty.wait_for_text("[2 Board]");
            pty.send("\x03\x03");
            assert!(pty.wait_exit().success());
            given_back(&pty);
        }
    }

    #[test]
    fn nothing_is_written_while_nothing_happens() {
        let mut pty = start("plain", 80, 24);
        ready(&pty);
        // A key without meaning is read and answered by nothing; a key with meaning behind it shows that it was read.
        pty.send("2");
        pty.wait_for_text("[2 Board]");
        let before = pty.bytes_written();
        pty.send("Z\x1b[O\x1b[I");
        pty.send("2");
        pty.send("3");
        pty.wait_for_text("[3 Agents]");
        let spent = pty.bytes_written() - before;
        assert!(spent < 2_500, "{spent} bytes for one change of place");
        let quiet = pty.bytes_written();
        std::thread::sleep(Duration::from_millis(300)); // The claim is about time that passes.
        assert_eq!(pty.bytes_written(), quiet);
    }
}
