//! Views as text: human, JSON, Markdown.
