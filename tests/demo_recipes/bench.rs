//! A small stand-in for the engine: it carries out the simulated model's calls on a real folder with a real shell.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aios::adapters::model::simulated::{self, Recipes};
use aios::base::id::{AttemptId, SprintId, TaskId, Work};
use aios::boot::demo_assets;
use aios::domain::agent::Role;
use aios::domain::llm::{Block, Message, Metadata, Reply, Request, Speaker, ToolUse};
use aios::domain::tool::Call;
use aios::domain::tool::args::{
    EditFile, Finish, PlannedTask, ProposePlan, Verdict, WriteFile, parse,
};
use aios::engine::agents::{
    CriterionLine, Fragments, Template, assemble_prefix, built_in_roles, criteria_text,
};

/// The checks that the sample's own configuration names.
pub(crate) const CHECKS: [&str; 4] = [
    "sh build.sh",
    "sh tests/menu.sh",
    "sh tests/page.sh",
    "sh tests/links.sh",
];

/// Puts the sample project into a folder.
pub(crate) fn unpack(dir: &Path) {
    for file in demo_assets::demo_project() {
        let path = dir.join(file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.bytes).unwrap();
    }
}

/// All files of a project but what git ignores.
pub(crate) fn files(dir: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(dir.join(&folder)).unwrap() {
            let name = folder.join(entry.unwrap().file_name());
            let path = dir.join(&name);
            let shown = name.to_str().unwrap().to_owned();
            if path.is_dir() {
                if shown != "out" && shown != "release" {
                    folders.push(name);
                }
            } else {
                found.insert(shown, fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

/// Writes exactly these files.
pub(crate) fn write_all(dir: &Path, files: &BTreeMap<String, String>) {
    for (path, text) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Runs a command; its exit code and output.
pub(crate) fn sh(dir: &Path, command: &str) -> (i32, String) {
    let output = Command::new("/bin/sh")
        .args(["-c", command])
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text += &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), text)
}

/// The checks that are red, each with its output.
pub(crate) fn red_checks(dir: &Path) -> Vec<String> {
    let mut red = Vec::new();
    for check in CHECKS {
        let (exit, output) = sh(dir, check);
        if exit != 0 {
            red.push(format!("`{check}` exits with {exit}:\n\n{output}"));
        }
    }
    red
}

/// How an attempt ended.
#[derive(Debug)]
pub(crate) enum End {
    Finished(Finish),
    Judged(Verdict),
    Planned(ProposePlan),
    Said(String),
}

/// Which of an attempt's calls are answered as if a crash had interrupted them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    Never,
    /// The n-th edit or command, before it did anything.
    Before(usize),
    /// The n-th edit or command, after it was done.
    After(usize),
}

/// One conversation on one folder.
pub(crate) struct Conversation<'a> {
    recipes: &'a Recipes,
    dir: PathBuf,
    role: Role,
    slug: String,
    system: String,
    pub(crate) messages: Vec<Message>,
    pub(crate) answer: String,
    pub(crate) questions: Vec<String>,
    pub(crate) crash: Crash,
    /// Commands are not run; all of them exit with 0.
    pub(crate) is_dry: bool,
    /// Edits and commands so far.
    pub(crate) acted: usize,
    /// Every text that the agent said.
    pub(crate) said: Vec<String>,
}

impl<'a> Conversation<'a> {
    pub(crate) fn new(
        recipes: &'a Recipes,
        dir: &Path,
        role: &str,
        slug: &str,
        opening: &str,
    ) -> Self {
        let role = built_in_roles()
            .into_iter()
            .find(|known| known.key == role)
            .unwrap();
        let fragments = Fragments::built_in().unwrap();
        let prefix = assemble_prefix(&role, &fragments, None, opening);
        Self {
            recipes,
            dir: dir.to_owned(),
            role,
            slug: slug.to_owned(),
            system: prefix.system,
            messages: vec![Message::user(prefix.first_user)],
            answer: "Tuesday".to_owned(),
            questions: Vec::new(),
            crash: Crash::Never,
            is_dry: false,
            acted: 0,
            said: Vec::new(),
        }
    }

    pub(crate) fn request(&self) -> Request {
        let task = TaskId {
            sprint: SprintId(1),
            number: 1,
        };
        let work = Work::Task(task);
        Request {
            model: simulated::MODEL.to_owned(),
            system: self.system.clone(),
            messages: self.messages.clone(),
            tools: Vec::new(),
            max_output: 8_000,
            metadata: Metadata {
                attempt: AttemptId { work, number: 1 },
                step: self.messages.len() as u32 / 2,
                role: self.role.key.clone(),
                slug: self.slug.clone(),
                goal: demo_assets::GOAL.to_owned(),
            },
        }
    }

    /// Adds the program's words to the last message of the user.
    pub(crate) fn tell(&mut self, text: &str) {
        let block = Block::Text(text.to_owned());
        match self.messages.last_mut() {
            Some(last) if last.speaker == Speaker::User => last.blocks.push(block),
            _ => self.messages.push(Message {
                speaker: Speaker::User,
                blocks: vec![block],
            }),
        }
    }

    /// Goes on until the attempt ends.
    pub(crate) fn run(&mut self) -> End {
        for _ in 0..20 {
            if let Some(end) = self.step() {
                return end;
            }
        }
        panic!("{} does not end", self.slug);
    }

    /// One reply with its calls.
    pub(crate) fn step(&mut self) -> Option<End> {
        let reply: Reply = simulated::reply(self.recipes, &self.request())
            .unwrap_or_else(|failure| panic!("{}: {failure}", self.slug));
        self.said.push(reply.text());
        let calls: Vec<ToolUse> = reply.calls().cloned().collect();
        let text = reply.text();
        self.messages.push(Message {
            speaker: Speaker::Assistant,
            blocks: reply.blocks,
        });
        if calls.is_empty() {
            return Some(End::Said(text));
        }
        let mut end = None;
        let mut results = Vec::new();
        for made in &calls {
            let (tool, call) = parse(&made.name, &made.args)
                .unwrap_or_else(|bad| panic!("{}: {bad}: {}", self.slug, made.args));
            assert!(
                self.role.tools.contains(&tool),
                "{} has no {tool}",
                self.role.key
            );
            let (text, is_error) = self.act(call, &mut end);
            results.push(Block::ToolResult {
                id: made.id.clone(),
                text,
                is_error,
            });
        }
        self.messages.push(Message {
            speaker: Speaker::User,
            blocks: results,
        });
        end
    }

    fn act(&mut self, call: Call, end: &mut Option<End>) -> (String, bool) {
        let acts = matches!(
            call,
            Call::EditFile(_) | Call::WriteFile(_) | Call::RunCommand(_)
        );
        if acts {
            self.acted += 1;
            if self.crash == Crash::Before(self.acted) {
                return (interrupted(), true);
            }
        }
        let result = match call {
            Call::ReadFile(read) => match fs::read_to_string(self.dir.join(&read.path)) {
                Ok(text) => (numbered(&text), false),
                Err(_) => ("no such file".to_owned(), true),
            },
            Call::EditFile(edit) => self.edit(&edit),
            Call::WriteFile(write) => self.write(&write),
            Call::RunCommand(_) if self.is_dry => ("exit 0\n".to_owned(), false),
            Call::RunCommand(run) => {
                let (exit, output) = sh(&self.dir, &run.command);
                (format!("exit {exit}\n{output}"), false)
            }
            Call::AskHuman(ask) => {
                assert!(!ask.options.is_empty());
                self.questions.push(ask.question);
                (format!("The person answers: {}", self.answer), false)
            }
            Call::Finish(finish) => {
                *end = Some(End::Finished(finish));
                ("finished".to_owned(), false)
            }
            Call::Verdict(verdict) => {
                *end = Some(End::Judged(verdict));
                ("judged".to_owned(), false)
            }
            Call::ProposePlan(plan) => {
                *end = Some(End::Planned(plan));
                ("taken over".to_owned(), false)
            }
            Call::ListFiles(_)
            | Call::Search(_)
            | Call::ShowDiff(_)
            | Call::Message(_)
            | Call::Note(_) => ("done".to_owned(), false),
            Call::MoveFile(_) | Call::DeleteFile(_) | Call::ReadOutput(_) => {
                panic!("no recipe uses this")
            }
        };
        if acts && self.crash == Crash::After(self.acted) {
            return (interrupted(), true);
        }
        result
    }

    fn edit(&self, edit: &EditFile) -> (String, bool) {
        let path = self.dir.join(&edit.path);
        let Ok(text) = fs::read_to_string(&path) else {
            return ("no such file".to_owned(), true);
        };
        match text.matches(&edit.old).count() {
            1 => {
                fs::write(path, text.replacen(&edit.old, &edit.new, 1)).unwrap();
                ("+1 -1".to_owned(), false)
            }
            count => (format!("the text occurs {count} times"), true),
        }
    }

    fn write(&self, write: &WriteFile) -> (String, bool) {
        let path = self.dir.join(&write.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &write.content).unwrap();
        ("written".to_owned(), false)
    }
}

fn interrupted() -> String {
    Template::Interrupted.fill(&[("tool", "a call")]).unwrap()
}

fn numbered(text: &str) -> String {
    let lines = text
        .lines()
        .enumerate()
        .map(|(at, line)| format!("{}\t{line}\n", at + 1));
    lines.collect()
}

/// The plan of the demo.
pub(crate) fn plan(recipes: &Recipes, dir: &Path) -> ProposePlan {
    let opening = Template::Goal
        .fill(&[
            ("goal", demo_assets::GOAL),
            ("team", "all"),
            ("checks", "some"),
        ])
        .unwrap();
    match Conversation::new(recipes, dir, "cto", "plan", &opening).run() {
        End::Planned(plan) => plan,
        other => panic!("no plan: {other:?}"),
    }
}

/// A task's criteria as agents read them.
pub(crate) fn criteria(task: &PlannedTask) -> Vec<CriterionLine> {
    let numbered = task.criteria.iter().enumerate();
    let lines = numbered.map(|(at, criterion)| CriterionLine {
        id: format!("c{}", at + 1),
        text: criterion.text.clone(),
        proof: (criterion.proof != "human").then(|| criterion.proof.clone()),
    });
    lines.collect()
}

/// What a worker reads first.
pub(crate) fn task_text(task: &PlannedTask) -> String {
    Template::Task
        .fill(&[
            ("id", "s1.t1"),
            ("title", &task.title),
            ("detail", &task.detail),
            ("goal", demo_assets::GOAL),
            ("criteria", &criteria_text(&criteria(task))),
            ("touches", &task.touches.join("\n")),
            ("checks", &CHECKS.join("\n")),
            ("before", "nothing"),
            ("notes", "none"),
            ("team", "all"),
        ])
        .unwrap()
}

/// Judges the change in a folder.
pub(crate) fn judge(recipes: &Recipes, dir: &Path, task: &PlannedTask) -> Verdict {
    let opening = Template::Judge
        .fill(&[
            ("id", "s1.t1"),
            ("title", &task.title),
            ("author", &task.role),
            ("detail", &task.detail),
            ("criteria", &criteria_text(&criteria(task))),
            ("claims", "all done"),
            ("checks", "green"),
            ("notes", "none"),
        ])
        .unwrap();
    match Conversation::new(recipes, dir, "qa", &task.slug, &opening).run() {
        End::Judged(verdict) => verdict,
        other => panic!("no verdict: {other:?}"),
    }
}
