//! The only doors to the operator's own world: pages, certificates, webhook handlers, commands.
