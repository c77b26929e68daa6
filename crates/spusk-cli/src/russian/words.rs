//! The Russian texts by command, argument and value.

use super::{everywhere, explaining, restoring, running, settings};

/// What a command says of itself.
pub(super) struct Words {
    /// Its name.
    pub(super) command: &'static str,
    /// What it does: a sentence, and behind an empty line what else should be known.
    pub(super) about: &'static str,
    /// Its own arguments by their names in clap's tree; what all commands share stands in
    /// [`everywhere::ARGUMENTS`].
    pub(super) arguments: &'static [(&'static str, &'static str)],
    /// What stands below.
    pub(super) after: &'static str,
}

impl Words {
    /// What an argument is for.
    pub(super) fn argument(&self, id: &str) -> Option<&'static str> {
        let settings =
            if matches!(self.command, "train" | "import") { settings::SETTINGS } else { &[] };
        let tables = [self.arguments, everywhere::ARGUMENTS, settings];
        tables.into_iter().flatten().find(|(name, _)| *name == id).map(|(_, text)| *text)
    }
}

/// The commands, in rooms.
pub(super) const ROOMS: &[&[Words]] =
    &[everywhere::COMMANDS, running::COMMANDS, restoring::COMMANDS, explaining::COMMANDS];

/// What a command says; nothing where it has no words, which a test forbids.
pub(super) fn of(command: &str) -> &'static Words {
    const NONE: &Words = &Words { command: "", about: "", arguments: &[], after: "" };
    ROOMS.iter().copied().flatten().find(|words| words.command == command).unwrap_or(NONE)
}

/// What a value of an argument means.
pub(super) fn value(id: &str, value: &str) -> Option<&'static str> {
    let found = everywhere::VALUES.iter().find(|(of, name, _)| (*of, *name) == (id, value));
    found.map(|(_, _, text)| *text)
}
