"""Where state lives: one folder, `var/`, moved by SAFE_HAVEN_VAR."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_TARGET = "dev"


@dataclass(frozen=True)
class State:
    """The folders of one installation, for one dbt target.

    `var` is the root; `target` chooses the warehouse folder, so that targets never share files.
    """

    var: Path
    target: str = DEFAULT_TARGET

    @classmethod
    def from_environment(cls, target: str = DEFAULT_TARGET) -> State:
        """Read SAFE_HAVEN_VAR (default: `var/` in the project) and make the folders, mode 0700."""
        var = Path(os.environ.get("SAFE_HAVEN_VAR") or PROJECT_ROOT / "var").resolve()
        state = cls(var=var, target=target)
        state.make_folders()
        return state

    @property
    def landing(self) -> Path:
        """Submissions as received: identifiable."""
        return self.var / "landing"

    @property
    def inbox(self) -> Path:
        """Files waiting to be collected: identifiable."""
        return self.var / "inbox"

    @property
    def warehouse(self) -> Path:
        """The five encrypted zone files of this target."""
        return self.var / "warehouse" / self.target

    @property
    def releases(self) -> Path:
        """One folder per recipient and agreement."""
        return self.var / "releases"

    @property
    def controlled(self) -> Path:
        """Controlled packs: part of the identifiable zone."""
        return self.var / "controlled"

    def controlled_of(self, agreement: str) -> list[Path]:
        """The folders of controlled packs under an agreement, of whatever kind."""
        return [path for kind in self.controlled.iterdir() if (path := kind / agreement).is_dir()]

    @property
    def analysts(self) -> Path:
        """One folder per analyst, to be handed over: its copy, its keyring."""
        return self.var / "analysts"

    @property
    def public(self) -> Path:
        """What anybody may read."""
        return self.var / "public"

    @property
    def publication(self) -> Path:
        """Lookups, registers and the page for patients, in versions, and a link to the current."""
        return self.public / "lookups"

    @property
    def register(self) -> Path:
        """The signed release register."""
        return self.public / "register"

    @property
    def public_keys(self) -> Path:
        """The keys that prove a signature."""
        return self.public / "keys"

    @property
    def audit(self) -> Path:
        """Key-check values and audit records."""
        return self.var / "audit"

    @property
    def keys(self) -> Path:
        """The keyring, files 0600."""
        return self.var / "keys"

    @property
    def logs(self) -> Path:
        """Logs belong to the identifiable zone: a failed cast may write a value into them."""
        return self.var / "logs"

    @property
    def target_dir(self) -> Path:
        """dbt's artefacts for this target (manifest, run results, compiled SQL)."""
        override = os.environ.get("DBT_TARGET_PATH")
        return Path(override).resolve() if override else self.var / "target"

    def make_folders(self) -> None:
        """Make every state folder, readable by the owner alone."""
        self.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (
            self.landing,
            self.inbox,
            self.var / "warehouse",
            self.warehouse,
            self.releases,
            self.controlled,
            self.public,
            self.register,
            self.public_keys,
            self.audit,
            self.keys,
            self.logs,
        ):
            folder.mkdir(mode=0o700, exist_ok=True)
