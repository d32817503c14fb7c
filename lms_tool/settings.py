"""Everything that can be set from outside. The only reader of the environment (prefix ``LMS_TOOL_``)."""

from __future__ import annotations

import ipaddress
import os
import secrets
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from lms_tool.errors import Text, ToolError
from lms_tool.shipped import shipped

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MIN_SECRET = 32  # characters; HMAC-SHA256 keys are derived from it


class SettingsInvalid(ToolError):
    code = "settings_invalid"
    text = Text("Eine Einstellung ist falsch.", "A setting is wrong.")
    remedy = Text(
        "Ändern Sie die genannte Umgebungsvariable; docs/settings.md erklärt alle.",
        "Change the environment variable named; docs/settings.md explains all of them.",
    )


class Settings(BaseSettings):
    """Validated settings; immutable once read.

    Raises ``SettingsInvalid`` through :func:`load` with the variable's name and what it must look like.
    """

    model_config = SettingsConfigDict(env_prefix="LMS_TOOL_", frozen=True, extra="ignore")

    DOCUMENTED: ClassVar[str] = "docs/settings.md"

    data_dir: Path = Field(Path("var"), description="Where the SQLite files and the generated secret live.")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite file in the data directory.")
    base_url: str = Field("http://127.0.0.1:8000", description="Public origin, without path.")
    secret_key: str = Field(
        "", description="At least 32 characters; empty with SQLite: generated once and kept."
    )
    previous_secret_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Secrets that SECRET_KEY replaced: they still open what they sealed."
    )
    key_rotation_days: int = Field(
        90, ge=0, le=3650, description="A new signing key after so many days; 0: only by hand."
    )
    courses_dir: Path = Field(
        Path("courses"), description="Course packages that `courses load` takes by default."
    )
    roster_limit: int = Field(
        20_000, ge=1, le=200_000, description="Members of an LMS course beyond which its roster is not read."
    )
    retention_days: int = Field(
        365, ge=0, le=36_500, description="How long people stay who left an LMS course; 0: for ever."
    )
    log_format: Literal["console", "json"] = Field("console", description="How log lines look.")
    trusted_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="CIDR list where platforms may live on private addresses and speak plain http."
    )
    proxy_hops: int = Field(0, ge=0, le=5, description="Reverse proxies in front that set X-Forwarded-For.")

    @field_validator("trusted_networks", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("previous_secret_keys", mode="before")
    @classmethod
    def _previous(cls, value: Any) -> Any:
        found = (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )
        if any(len(secret) < MIN_SECRET for secret in found):
            raise ValueError(
                f"each secret must have at least {MIN_SECRET} characters; separate them by commas"
            )
        return found

    @field_validator("base_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise ValueError("must be an origin such as https://lernen.example.de")
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError("must not have a path, for example https://lernen.example.de")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError(
                "must begin with sqlite:/// or postgresql://, for example postgresql://user@host/lms_tool"
            )
        return value

    @model_validator(mode="after")
    def _defaults(self) -> Settings:
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.data_dir.absolute() / 'lms-tool.db'}")
        if self.secret_key and len(self.secret_key) < MIN_SECRET:
            raise ValueError(f"SECRET_KEY must have at least {MIN_SECRET} characters")
        return self

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def sqlite_file(self) -> Path | None:
        """The database's file; None where it is no SQLite file."""
        return Path(self.database_url.removeprefix("sqlite:///")) if self.is_sqlite else None

    @property
    def courses_folder(self) -> Path:
        """``courses_dir`` if it was set or is there; else the courses that came with the tool."""
        chosen = "courses_dir" in self.model_fields_set or self.courses_dir.is_dir()
        return self.courses_dir.absolute() if chosen else shipped("courses")

    @property
    def secret(self) -> bytes:
        """The master secret; every use derives its own key from it.

        Raises:
            SettingsInvalid: with another database than SQLite and no SECRET_KEY, because several machines
                must share one.
        """
        if self.secret_key:
            return self.secret_key.encode()
        if not self.is_sqlite:
            raise SettingsInvalid(
                variable="LMS_TOOL_SECRET_KEY", problem="must be set when several machines share a database"
            )
        self.require_folder(self.data_dir, "DATA_DIR")
        return _kept_secret(self.data_dir / "secret_key")

    @property
    def previous_secrets(self) -> tuple[bytes, ...]:
        """Master secrets of before, newest first."""
        return tuple(secret.encode() for secret in self.previous_secret_keys)

    def require_folder(self, folder: Path, variable: str) -> None:
        """Make ``folder``, which ``variable`` named.

        Raises:
            SettingsInvalid: it can't be made or is not writable.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsInvalid(
                variable=f"LMS_TOOL_{variable}", problem=f"{folder}: {error.strerror}"
            ) from error
        if not os.access(folder, os.W_OK):
            raise SettingsInvalid(variable=f"LMS_TOOL_{variable}", problem=f"{folder} is not writable")


def _kept_secret(path: Path) -> bytes:
    if path.exists():
        return path.read_bytes().strip()
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    try:
        # link() fails if another process was first: exactly one secret wins, and nobody reads half a file.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes().strip()


def load(**overrides: Any) -> Settings:
    """Read the environment.

    Raises:
        SettingsInvalid: names the variable and what is wrong with its value.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper() or "SECRET_KEY"
        problem = first["msg"].removeprefix("Value error, ")
        raise SettingsInvalid(variable=f"LMS_TOOL_{name}", problem=problem) from error
