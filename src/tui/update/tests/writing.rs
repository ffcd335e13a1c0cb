//! What is typed into a message: texts from before, tasks and files by name.

use super::*;

fn written(bench: &Bench) -> String {
    match &bench.app.overlay {
        Some(Overlay::Draft { text, .. }) => text.text(),
        other => format!("no text but {other:?}"),
    }
}

#[test]
fn up_brings_back_what_was_sent_and_what_was_cleared() {
    let mut bench = Bench::new(fixture::running());
    bench.press("i");
    bench.write("use cents");
    bench.press("Enter i");
    assert_eq!(written(&bench), "");
    bench.write("no floats");
    bench.press("C-c up");
    assert_eq!(written(&bench), "no floats");
    bench.press("up");
    assert_eq!(written(&bench), "use cents");
    bench.press("up");
    assert_eq!(written(&bench), "use cents", "there is none before");
    bench.press("down down");
    assert_eq!(written(&bench), "");
    bench.write("new");
    bench.press("up");
    assert_eq!(written(&bench), "new", "what is being written is not lost");
}

#[test]
fn tab_completes_tasks_and_files() {
    let mut bench = Bench::new(fixture::running());
    bench.press("i");
    bench.write("see @t");
    bench.press("Tab");
    assert_eq!(written(&bench), "see @t1");
    bench.press("Tab");
    assert_eq!(written(&bench), "see @t2");
    bench.write(" and @src/c");
    bench.press("Tab");
    assert_eq!(written(&bench), "see @t2 and @src/cart/total.rs");
    bench.write(" @nothing");
    bench.press("Tab");
    assert_eq!(written(&bench), "see @t2 and @src/cart/total.rs @nothing");
}

#[test]
fn shift_and_enter_is_a_new_line_where_something_is_written_and_enter_elsewhere() {
    let mut bench = Bench::new(fixture::running());
    bench.press("i a S-Enter b");
    let Some(Overlay::Draft { text, .. }) = &bench.app.overlay else {
        panic!("it was sent");
    };
    assert_eq!(text.text(), "a\nb");
    let mut bench = Bench::new(fixture::running());
    bench.press("S-Enter");
    assert_eq!(bench.app.place, Place::Review, "Enter opens");
}
