//! Lines as sections of blocks: what `CommonMark` makes of them, with the lines that each block stands
//! on. Every line belongs to a heading, a block, or is blank; that is what the account rests on.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::normal::Line;

/// A heading with everything up to the next one. The first section has no heading.
#[derive(Debug, Default)]
pub struct Section {
    /// 1 to 6; 0 for what stands before the first heading.
    pub level: u8,
    /// The heading's text.
    pub title: String,
    /// The heading's lines.
    pub heading: Range<usize>,
    /// What stands below it.
    pub blocks: Vec<Block>,
}

/// A paragraph, an entry of a list, a table, a piece of code.
#[derive(Debug)]
pub struct Block {
    /// Which of them.
    pub kind: Kind,
    /// Its text: marks of emphasis taken away, code in backticks, code blocks as they are.
    pub text: String,
    /// Its own lines; those of its children are theirs.
    pub lines: Range<usize>,
    /// Where its links lead.
    pub links: Vec<String>,
    /// The entries and blocks inside of an entry.
    pub children: Vec<Block>,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Running text.
    Paragraph,
    /// An entry of a list: ticked or not, if it has a box; whether it is numbered.
    Entry { ticked: Option<bool>, numbered: bool },
    /// Code, and its language.
    Code(String),
    /// Rows of cells, the header first, each with its line.
    Table(Vec<(usize, Vec<String>)>),
}

impl Block {
    /// All lines, those of its children too.
    pub fn span(&self) -> Range<usize> {
        let end = self.children.iter().map(|child| child.span().end).max().unwrap_or(0);
        self.lines.start..end.max(self.lines.end)
    }

    /// The block and everything inside of it, in order.
    pub fn walk<'b>(&'b self, each: &mut dyn FnMut(&'b Block)) {
        each(self);
        for child in &self.children {
            child.walk(each);
        }
    }
}

impl Section {
    /// Every block of it, in order.
    pub fn walk<'b>(&'b self, each: &mut dyn FnMut(&'b Block)) {
        for block in &self.blocks {
            block.walk(each);
        }
    }

    /// Every block of it, in order.
    pub fn all(&self) -> Vec<&Block> {
        let mut out = Vec::new();
        self.walk(&mut |block| out.push(block));
        out
    }
}

/// The sections of a document.
pub fn sections(lines: &[Line]) -> Vec<Section> {
    let mut text = String::new();
    let mut starts = Vec::with_capacity(lines.len());
    for line in lines {
        starts.push(text.len());
        text.push_str(&line.text);
        text.push('\n');
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut builder = Builder {
        starts,
        sections: vec![Section::default()],
        open: Vec::new(),
        lists: Vec::new(),
        row: None,
        heading: None,
        end: 0,
    };
    for (event, range) in Parser::new_ext(&text, options).into_offset_iter() {
        builder.event(event, range, &text);
    }
    builder.sections
}

struct Builder {
    starts: Vec<usize>,
    sections: Vec<Section>,
    open: Vec<Block>,
    lists: Vec<bool>,
    row: Option<(usize, Vec<String>)>,
    heading: Option<(u8, String, Range<usize>)>,
    end: usize,
}

impl Builder {
    /// The lines that a stretch of the text stands on.
    fn lines(&self, range: &Range<usize>) -> Range<usize> {
        let line = |at: usize| self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        line(range.start)..line(range.end.saturating_sub(1).max(range.start)) + 1
    }

    fn push(&mut self, kind: Kind, lines: Range<usize>) {
        self.open.push(Block { kind, text: String::new(), lines, links: Vec::new(), children: Vec::new() });
    }

    fn close(&mut self) {
        let Some(block) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(block),
            None => {
                if let Some(section) = self.sections.last_mut() {
                    section.blocks.push(block);
                }
            }
        }
    }

    fn write(&mut self, text: &str) {
        if let Some((_, title, _)) = &mut self.heading {
            title.push_str(text);
        } else if let Some(cell) = self.row.as_mut().and_then(|(_, cells)| cells.last_mut()) {
            cell.push_str(text);
        } else if let Some(block) = self.open.last_mut() {
            block.text.push_str(text);
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>, whole: &str) {
        match event {
            Event::Start(tag) => self.start(tag, &range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => {
                let html = matches!(self.open.last(), Some(Block { kind: Kind::Code(_), .. }));
                self.grow(&range, html);
                self.write(&text);
            }
            Event::Code(text) => {
                self.grow(&range, false);
                self.write(&format!("`{text}`"));
            }
            Event::SoftBreak | Event::HardBreak => self.write("\n"),
            Event::TaskListMarker(done) => {
                // The box may belong to the entry around a paragraph.
                if let Some(Block { kind: Kind::Entry { ticked, .. }, .. }) =
                    self.open.iter_mut().rev().find(|block| matches!(block.kind, Kind::Entry { .. }))
                {
                    *ticked = Some(done);
                }
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                if self.open.is_empty() && self.heading.is_none() {
                    let lines = self.lines(&range);
                    self.push(Kind::Paragraph, lines);
                    self.write(&text);
                    self.close();
                } else {
                    self.grow(&range, false);
                    self.write(&text);
                }
            }
            _ => {
                let _ = whole;
            }
        }
    }

    /// An entry's own lines are those of its text.
    fn grow(&mut self, range: &Range<usize>, _code: bool) {
        let lines = self.lines(range);
        if let Some(block) =
            self.open.last_mut().filter(|block| matches!(block.kind, Kind::Entry { .. } | Kind::Paragraph))
        {
            block.lines.end = block.lines.end.max(lines.end);
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: &Range<usize>) {
        let lines = self.lines(range);
        match tag {
            // A heading inside of a quote or an entry ends nothing; its text is the entry's.
            Tag::Heading { level, .. } if self.open.is_empty() => {
                self.heading = Some((rank(level), String::new(), lines));
            }
            Tag::Paragraph => {
                // The first paragraph of an entry is the entry's own text.
                let own = self.open.last().is_some_and(|block| {
                    matches!(block.kind, Kind::Entry { .. }) && block.text.is_empty() && block.children.is_empty()
                });
                if !own {
                    self.push(Kind::Paragraph, lines);
                }
            }
            Tag::List(first) => self.lists.push(first.is_some()),
            Tag::Item => {
                let numbered = self.lists.last().copied().unwrap_or(false);
                let first = lines.start;
                self.push(Kind::Entry { ticked: None, numbered }, first..first + 1);
            }
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split([' ', ',', '{']).next().unwrap_or_default().to_lowercase()
                    }
                    CodeBlockKind::Indented => "indented".to_owned(),
                };
                self.push(Kind::Code(language), lines);
            }
            Tag::Table(_) => self.push(Kind::Table(Vec::new()), lines),
            Tag::TableHead | Tag::TableRow => self.row = Some((lines.start, Vec::new())),
            Tag::TableCell => {
                if let Some((_, cells)) = &mut self.row {
                    cells.push(String::new());
                }
            }
            Tag::Link { dest_url, .. } => {
                let url = dest_url.to_string();
                if let Some(block) = self.open.last_mut() {
                    block.links.push(url);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                if let Some((level, title, heading)) = self.heading.take() {
                    self.sections.push(Section { level, title, heading, blocks: Vec::new() });
                } else {
                    self.write("\n");
                }
            }
            TagEnd::Paragraph => {
                if matches!(self.open.last(), Some(Block { kind: Kind::Paragraph, .. })) {
                    self.close();
                }
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Item | TagEnd::CodeBlock | TagEnd::Table => self.close(),
            TagEnd::TableHead | TagEnd::TableRow => {
                if let (Some(row), Some(Block { kind: Kind::Table(rows), .. })) =
                    (self.row.take(), self.open.last_mut())
                {
                    rows.push(row);
                }
            }
            _ => {}
        }
        self.end = self.end.max(self.open.len());
    }
}

const fn rank(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
