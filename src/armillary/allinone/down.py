"""`armillary down`: stop what `up` started, and with `--purge` remove what it left."""

import os
from pathlib import Path

import typer

from armillary.allinone import words
from armillary.allinone.instance import stop
from armillary.allinone.layout import Layout
from armillary.allinone.settings import data_dir_of, load_settings
from armillary.allinone.teardown import purge as purge_all
from armillary.allinone.teardown import remove_rules, stop_containers, unmount_below
from armillary.base.errors import SetupError
from armillary.base.words import Language
from armillary.cli.output import write


def stop_cluster(given: Path | None, *, purge: bool, keep_pods: bool, yes: bool, language: Language) -> None:
    """Stop, and say what was done. Asks before a purge unless `yes`."""
    layout = Layout(data_dir_of(given))
    if os.geteuid() != 0:
        raise SetupError(words.NEEDS_ROOT.say(language, command="armillary down"))
    if not (layout.root / "settings.json").exists():
        write(words.NOTHING_TO_PURGE.say(language, data_dir=layout.root))
        return
    if purge and not yes:
        typer.confirm(words.CONFIRM_PURGE.say(language, data_dir=layout.root), abort=True)
    settings = load_settings(layout.root)
    running = stop(layout)
    if purge:
        purge_all(settings, layout)
        write(words.PURGED.say(language))
        return
    if not keep_pods:
        stop_containers(settings, layout)
        unmount_below(layout.run)
        remove_rules()
    write((words.STOPPED if running else words.NOT_RUNNING).say(language, data_dir=layout.root))
