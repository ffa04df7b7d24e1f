"""Typed settings from the environment, prefix ``QIAO_``. Wrong ones fail once, with one message that lists them all.

``docs/settings.md`` is generated from this file (``qiao settings --markdown``).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "QIAO_"


class SettingsError(Exception):
    """Some settings are wrong. ``problems`` has one line per bad key, without the values."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """Everything that an operator can set. Secrets come only from the environment or the data folder."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    base_url: str = Field("", description="Public address of the site. Default: host and port.")
    data_dir: Path = Field(Path("data"), description="Folder of the embedded database, keys and models.")
    models_dir: Path = Field(Path(), description="Translation packages. Default: `models/` in the data folder.")
    database_url: str = Field("", description="PostgreSQL as `postgresql://…`. Default: SQLite in the data folder.")
    redis_url: str = Field("", description="Redis for jobs, socket fan-out and rate limits. Default: in process.")
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs sessions and encrypts LINE identities, 32 characters or more. Required with a PostgreSQL "
        "database; the embedded mode makes one in the data folder.",
    )
    trusted_proxies: int = Field(0, ge=0, le=5, description="How many reverse proxies set X-Forwarded-*.")
    log_format: str = Field("console", pattern="^(console|json)$", description="`console` or `json`.")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least severe level to log.")
    accounts_per_hour: int = Field(20, ge=1, description="New accounts an hour per address.")
    guests_per_hour: int = Field(60, ge=1, description="New guests an hour per address.")
    reads_per_minute: int = Field(600, ge=1, description="Reads a minute per token or address.")
    writes_per_minute: int = Field(60, ge=1, description="Writes a minute per token or address.")
    job_lease_seconds: int = Field(
        60, ge=1, le=3600, description="Seconds after which a silent worker is taken for dead."
    )
    models_memory_mb: int = Field(
        1500, ge=64, le=1_000_000, description="Memory in MB that loaded models may take; the least used ones go first."
    )
    models_index_url: str = Field(
        "https://raw.githubusercontent.com/argosopentech/argospm-index/main/index.json",
        description="Index of packages for `qiao models install`.",
    )
    engine_timeout_seconds: int = Field(
        30, ge=1, le=600, description="Seconds that an engine behind a URL may take for one answer."
    )
    libretranslate_url: str = Field("", description="A LibreTranslate server, as an engine beside installed packages.")
    libretranslate_api_key: SecretStr = Field(SecretStr(""), description="Key of that server, where it wants one.")
    llm_url: str = Field(
        "", description="Base URL of an OpenAI-compatible server (llama.cpp, vLLM …) whose model translates."
    )
    llm_model: str = Field("", description="Name of that model. Required with QIAO_LLM_URL.")
    llm_api_key: SecretStr = Field(SecretStr(""), description="Key of that server, where it wants one.")
    machine_characters_per_hour: int = Field(
        5_000_000, ge=1000, description="Characters an hour that engines take on, for everybody together."
    )
    machine_characters_per_author_hour: int = Field(
        200_000, ge=1000, description="Characters an hour of one author that engines take on; the rest comes later."
    )
    line_channel_secret: SecretStr = Field(SecretStr(""), description="Channel secret of the LINE Messaging API.")
    line_channel_access_token: SecretStr = Field(SecretStr(""), description="Channel access token of LINE.")
    line_api_base: str = Field("", description="Another host instead of LINE's own, for the simulator.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what :meth:`from_env` passes: reading the environment twice would hide unknown keys."""
        return (init_settings,)

    @field_validator("base_url", "line_api_base", "models_index_url", "libretranslate_url", "llm_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return value.replace("postgresql://", "postgresql+psycopg://", 1)

    @field_validator("redis_url")
    @classmethod
    def _check_redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value

    @model_validator(mode="after")
    def _check_together(self) -> Settings:
        problems = []
        secret = self.secret_key.get_secret_value()
        if secret and len(secret) < 32:
            problems.append("QIAO_SECRET_KEY: must have 32 characters or more")
        if not secret and self.is_grown:
            problems.append("QIAO_SECRET_KEY: is required with a PostgreSQL database")
        if self.llm_url and not self.llm_model:
            problems.append("QIAO_LLM_MODEL: is required with QIAO_LLM_URL")
        if bool(self.line_channel_secret.get_secret_value()) != bool(self.line_channel_access_token.get_secret_value()):
            problems.append(
                "QIAO_LINE_CHANNEL_SECRET and QIAO_LINE_CHANNEL_ACCESS_TOKEN: set both, or neither to run without LINE"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def is_grown(self) -> bool:
        """PostgreSQL instead of the embedded database."""
        return self.database_url.startswith("postgresql")

    @property
    def has_line(self) -> bool:
        return bool(self.line_channel_secret.get_secret_value())

    @property
    def effective_base_url(self) -> str:
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'qiao.sqlite3'}"

    @property
    def effective_models_dir(self) -> Path:
        return self.models_dir if self.models_dir != Path() else self.data_dir / "models"

    @property
    def demo_models_dir(self) -> Path:
        """Packages of the demo's own threads only; never used for anybody else's text."""
        return self.data_dir / "models-demo"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Read ``QIAO_*``; raises :class:`SettingsError` with every bad key, misspelt ones included.

        ``overrides`` are field values that win over the environment (command-line options, tests).
        """
        given = os.environ if environ is None else environ
        values: dict[str, Any] = {
            key.removeprefix(PREFIX).lower(): value for key, value in given.items() if key.startswith(PREFIX) and value
        }
        values.update(overrides)
        try:
            return cls(**values)
        except ValidationError as error:
            raise SettingsError(sorted(_describe_problems(error))) from None

    def with_secret(self) -> Settings:
        """Self with a secret key: the given one, or the embedded mode's own from the data folder (made once, 0600)."""
        if self.secret_key.get_secret_value():
            return self
        return self.model_copy(update={"secret_key": SecretStr(_read_or_make_secret(self.data_dir / "secret.key"))})


def _describe_problems(error: ValidationError) -> list[str]:
    problems: list[str] = []
    for item in error.errors(include_input=False, include_url=False):
        text = item["msg"].removeprefix("Value error, ")
        if not item["loc"]:
            problems += text.split("; ")
            continue
        key = PREFIX + str(item["loc"][0]).upper()
        problems.append(f"{key}: {'is not a setting of Qiao' if item['type'] == 'extra_forbidden' else text}")
    return problems


def _read_or_make_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
