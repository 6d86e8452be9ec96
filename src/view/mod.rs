//! What a command shows, as plain structs.
