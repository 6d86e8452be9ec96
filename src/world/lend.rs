//! Where secrets of the operator's leave golive for the operator's own programs and hosts: a variable
//! of a command, the `Authorization` header of a page, the login of a mail server. Invariant: the
//! only file of `world` beside the webhook signer that reads a bare secret; none is put on a
//! command line, where every program of the computer could read it.

use tokio::process::Command;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// A variable of a command that runs here.
pub(super) fn to_command(command: &mut Command, name: &str, secret: &Secret) {
    command.env(name, secret.expose());
}

/// A variable in a script that `sh` reads elsewhere, from its standard input.
pub(super) fn to_script(script: &mut Zeroizing<String>, name: &str, secret: &Secret) {
    super::remote::export(script, name, secret.expose());
}
