//! Code among the steps: commands of a shell are steps of their own, or the doing of the step they stand
//! in; anything else is help.

use super::env::first_code_line;
use super::shell;
use super::steps::{Step, Steps, aside, is_machine, push};
use super::tree::Block;
use super::words::{self, Topic, title};
use super::work::{Work, short};

/// Code: commands of a shell are steps, anything else is the help of the step above.
pub fn code(work: &mut Work<'_>, index: usize, block: &Block, language: &str, out: &mut Steps) {
    let first = first_code_line(work, block);
    if !work.is_open(first) && block.text.lines().count() > 0 {
        return;
    }
    if !shell::is_shell(language, &block.text) {
        let rollback = work.topics[index] == Some(Topic::Rollback);
        let steps = if rollback { &mut out.rollback } else { &mut out.launch };
        if let Some(step) = steps.last_mut().filter(|step| step.section == index) {
            step.help.push(block.text.trim_end().to_owned());
            work.claim(block.lines.clone(), "a step");
        } else if let Some(topic) = work.topics[index].filter(|topic| is_machine(work, *topic)) {
            aside(work, topic, Some(block.text.trim_end().to_owned()), None, block.lines.clone(), out);
        }
        return;
    }
    let heading = title(&work.sections[index].title);
    for (number, command) in shell::commands(&block.text).into_iter().enumerate() {
        let lines: Vec<usize> = command.lines.iter().map(|line| first + line).collect();
        if command.run.is_empty() {
            // Comments alone, or an answer that a blank line parted from its command.
            let said = command.comments.iter().chain(&command.expected).cloned().collect::<Vec<_>>().join("\n");
            let rollback = work.topics[index] == Some(Topic::Rollback);
            let steps = if rollback { &mut out.rollback } else { &mut out.launch };
            if let Some(step) = steps.last_mut().filter(|step| step.section == index) {
                step.help.push(said);
                for line in lines {
                    work.claim(line..line + 1, "a step");
                }
            }
            continue;
        }
        let shown = command.title().unwrap_or_else(|| {
            if number == 0 && !heading.is_empty() {
                heading.clone()
            } else {
                command.run.first().map(|run| format!("Run {}", run.trim())).unwrap_or_default()
            }
        });
        let mut step = Step { section: index, title: short(&shown, 72), kind: "manual", lines, ..Step::default() };
        step.optional = words::is_optional(&command.comments.join(" "));
        step.source = vec![work.raw(*step.lines.first().unwrap_or(&first))];
        give(command, &mut step);
        push(work, step, out);
    }
}

/// Gives a step its command, or the reason why a person does it.
fn give(command: shell::Command, step: &mut Step) {
    step.help.extend(command.comments.iter().skip(1).cloned());
    if !command.expected.is_empty() {
        step.help.push(command.expected.join("\n"));
    }
    if let Some(why) = command.for_a_person() {
        step.comment.push(format!("golive does not run this: {why}."));
        step.help.push(command.run.join("\n"));
        return;
    }
    step.kind = "command";
    step.command = Some(command);
}

pub fn into_step(work: &mut Work<'_>, block: &Block, language: &str, step: &mut Step) {
    let first = first_code_line(work, block);
    if !work.is_open(first) {
        return;
    }
    step.lines.extend(block.lines.clone());
    let mut commands = if shell::is_shell(language, &block.text) { shell::commands(&block.text) } else { Vec::new() };
    if commands.len() == 1 && step.command.is_none() && !commands[0].run.is_empty() {
        if let Some(command) = commands.pop() {
            let first = command.comments.first().cloned();
            give(command, step);
            step.help.extend(first);
        }
    } else {
        step.help.push(block.text.trim_end().to_owned());
    }
}
