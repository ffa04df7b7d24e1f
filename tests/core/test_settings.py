"""Settings: every wrong key in one message, secrets made once and kept private."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.core.settings import Settings, SettingsError


def test_from_env_uses_defaults_when_nothing_is_set() -> None:
    settings = Settings.from_env({})
    assert settings.effective_base_url == "http://127.0.0.1:8000"
    assert settings.effective_database_url.startswith("sqlite:///")
    assert settings.effective_models_dir == Path("data/models")
    assert not settings.has_line


def test_from_env_lists_every_bad_key_once_without_values() -> None:
    given = {
        "QIAO_PORT": "ninety",
        "QIAO_BASE_URL": "ftp://somewhere",
        "QIAO_DATABASE_URL": "mysql://somewhere",
        "QIAO_TYPO": "x-secret-x",
        "HOME": "/ignored",
    }
    with pytest.raises(SettingsError) as raised:
        Settings.from_env(given)
    problems = raised.value.problems
    assert [problem.split(":")[0] for problem in problems] == [
        "QIAO_BASE_URL",
        "QIAO_DATABASE_URL",
        "QIAO_PORT",
        "QIAO_TYPO",
    ]
    assert "x-secret-x" not in str(raised.value)
    assert "ninety" not in str(raised.value)


def test_from_env_refuses_half_of_line() -> None:
    with pytest.raises(SettingsError, match="set both"):
        Settings.from_env({"QIAO_LINE_CHANNEL_SECRET": "s"})


def test_from_env_requires_a_secret_with_postgresql() -> None:
    with pytest.raises(SettingsError, match="QIAO_SECRET_KEY: is required"):
        Settings.from_env({"QIAO_DATABASE_URL": "postgresql://somewhere/qiao"})
    Settings.from_env({"QIAO_DATABASE_URL": "postgresql://somewhere/qiao", "QIAO_SECRET_KEY": "k" * 32})


def test_overrides_win_over_the_environment() -> None:
    assert Settings.from_env({"QIAO_PORT": "9000"}, port=9001).port == 9001


def test_with_secret_makes_one_and_keeps_it(tmp_path: Path) -> None:
    settings = Settings.from_env({}, data_dir=tmp_path / "data")
    first = settings.with_secret().secret_key.get_secret_value()
    assert len(first) >= 32
    assert settings.with_secret().secret_key.get_secret_value() == first
    assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600
    assert first not in repr(settings.with_secret())
