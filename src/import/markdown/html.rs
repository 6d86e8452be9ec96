//! HTML as lines of Markdown: headings, lists, rows of tables, code and links; every other tag is taken
//! away. A scanner, not a browser: whatever is odd stays text.

use super::normal::Line;

/// Whether a document is HTML, or has tables or lists in it.
pub fn is_html(lines: &[Line]) -> bool {
    let tags = ["<table", "<tr", "<ul", "<ol", "<li", "<h1", "<h2", "<html", "<body", "<p>", "<div"];
    let mut fenced = false;
    lines.iter().any(|line| {
        let text = line.text.trim_start();
        fenced ^= text.starts_with("```");
        !fenced && text.starts_with('<') && {
            let lower = text.to_lowercase();
            tags.iter().any(|tag| lower.starts_with(tag)) || lower.starts_with("<!doctype html")
        }
    })
}

/// The lines, with HTML turned into Markdown. Code fences stay as they are.
pub fn lines(lines: Vec<Line>) -> Vec<Line> {
    let mut reader = Reader::default();
    let mut fenced = false;
    for line in lines {
        let fence = line.text.trim_start().starts_with("```");
        fenced ^= fence;
        if fenced || fence {
            reader.flush();
            reader.out.push(line);
        } else {
            reader.line(&line);
        }
    }
    reader.flush();
    reader.out
}

#[derive(Default)]
struct Reader {
    out: Vec<Line>,
    /// What has been read of the next line.
    text: String,
    from: usize,
    to: usize,
    depth: usize,
    cells: Option<Vec<String>>,
    header: bool,
    pre: bool,
    skip: bool,
    link: Option<String>,
}

impl Reader {
    fn line(&mut self, line: &Line) {
        if self.text.is_empty() && self.cells.is_none() {
            self.from = line.at;
        }
        self.to = line.to;
        if line.text.trim().is_empty() {
            self.flush();
            self.from = line.at;
            self.out.push(Line { text: String::new(), ..line.clone() });
            return;
        }
        let had_tag = self.scan(&line.text);
        // A line of Markdown between HTML is a line of its own.
        if self.cells.is_none() && (!had_tag || self.pre) {
            self.flush_at(line);
        } else if !self.text.is_empty() {
            self.text.push(' ');
        }
    }

    fn scan(&mut self, line: &str) -> bool {
        let mut rest = line;
        let mut had_tag = false;
        while let Some(open) = rest.find('<') {
            let after = &rest[open + 1..];
            let named = after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
            let Some(close) = after.find('>').filter(|_| named) else {
                self.push(&rest[..=open]);
                rest = after;
                continue;
            };
            // `<your-secret>` is a placeholder, and no tag.
            if is_tag(&after[..close]) {
                had_tag = true;
                self.push(&rest[..open]);
                self.tag(&after[..close]);
            } else {
                self.push(&rest[..open + close + 2]);
            }
            rest = &after[close + 1..];
        }
        self.push(rest);
        had_tag
    }

    fn push(&mut self, text: &str) {
        if self.skip {
            return;
        }
        let text = unescaped(text);
        if self.text.is_empty() && !self.pre && self.cells.is_some() {
            self.text.push_str(text.trim_start());
        } else {
            self.text.push_str(&text);
        }
    }

    fn tag(&mut self, tag: &str) {
        let lower = tag.to_lowercase();
        let name = lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '/').next().unwrap_or_default();
        if self.table(name) {
            return;
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush();
                self.text = format!("{} ", "#".repeat(usize::from(name.as_bytes()[1] - b'0')));
            }
            "ul" | "ol" => {
                self.flush();
                self.depth += 1;
            }
            "/ul" | "/ol" => {
                self.flush();
                self.depth = self.depth.saturating_sub(1);
            }
            "li" => {
                self.flush();
                self.text = format!("{}- ", "  ".repeat(self.depth.saturating_sub(1)));
            }
            "input" if lower.contains("checkbox") => {
                self.text.push_str(if lower.contains("checked") { "[x] " } else { "[ ] " });
            }
            "pre" | "/pre" => self.fence(name == "pre"),
            "code" | "/code" if !self.pre => self.text.push('`'),
            "b" | "strong" | "/b" | "/strong" => self.text.push_str("**"),
            "a" => {
                self.link = attribute(tag, "href");
                self.text.push_str(if self.link.is_some() { "[" } else { "" });
            }
            "/a" => {
                if let Some(link) = self.link.take() {
                    self.text.extend(["](", &link, ")"]);
                }
            }
            "script" | "style" => self.skip = true,
            "/script" | "/style" => self.skip = false,
            "br" if self.cells.is_some() => self.text.push(' '),
            "p" | "/p" | "div" | "/div" | "br" | "/li" | "/h1" | "/h2" | "/h3" | "/h4" | "/h5" | "/h6" | "body"
            | "head" | "/head" => self.flush(),
            _ => {}
        }
    }

    /// A fence around code, which keeps its lines.
    fn fence(&mut self, opens: bool) {
        self.flush();
        self.pre = false;
        self.text.push_str("```");
        self.flush();
        self.pre = opens;
    }

    /// Tags of tables; `false`: it is another one.
    fn table(&mut self, name: &str) -> bool {
        match name {
            "tr" => {
                self.flush();
                self.cells = Some(Vec::new());
                self.header = false;
            }
            "td" | "th" => {
                self.text.clear();
                self.header |= name == "th";
            }
            "/td" | "/th" => {
                let cell = std::mem::take(&mut self.text).trim().replace('|', "/");
                if let Some(cells) = &mut self.cells {
                    cells.push(cell);
                }
            }
            "/tr" | "/table" => self.row(),
            "table" => self.blank(),
            _ => return false,
        }
        true
    }

    fn row(&mut self) {
        let Some(cells) = self.cells.take().filter(|cells| !cells.is_empty()) else { return };
        let first = self.out.last().is_none_or(|line| !line.text.starts_with('|'));
        if first {
            self.blank();
        }
        self.emit(format!("| {} |", cells.join(" | ")));
        if first {
            self.emit(format!("|{}", "---|".repeat(cells.len())));
        }
        self.text.clear();
        self.from = self.to;
    }

    fn blank(&mut self) {
        self.flush();
        self.emit(String::new());
    }

    fn emit(&mut self, text: String) {
        self.out.push(Line { text, at: self.from.max(1), to: self.to.max(1) });
    }

    fn flush_at(&mut self, line: &Line) {
        self.flush();
        self.from = line.to + 1;
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if self.pre || !text.trim().is_empty() {
            let text = if self.pre { text } else { text.trim_end().to_owned() };
            let heading = text.starts_with('#');
            self.emit(text);
            if heading {
                self.emit(String::new());
            }
        }
        self.from = self.to;
    }
}

/// Tags that say nothing but how it looks, or are understood; anything else in angles is text.
const TAGS: &str = "\
    a b body br code div em h1 h2 h3 h4 h5 h6 head hr html i img \
    input label li link meta ol p pre script section span strong style summary details table tbody td \
    tfoot th thead title tr u ul main article header footer nav caption colgroup col figure blockquote small \
    sup sub kbd";

fn is_tag(inside: &str) -> bool {
    if inside.starts_with('!') {
        return true;
    }
    let name = inside.trim_start_matches('/').split([' ', '/', '\t']).next().unwrap_or_default().to_lowercase();
    TAGS.split(' ').any(|tag| tag == name)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}="))?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split(quote).next().map(str::to_owned)
}

fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let pairs = [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&euro;", "€"),
        ("&pound;", "£"),
        ("&dollar;", "$"),
        ("&rarr;", "→"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
