//! How the engine's operator port looks on a terminal, in plain text, and unattended.
