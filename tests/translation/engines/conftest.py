"""Real toy packages, installed once a test run, and an engine on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.packages import install_tiny_models
from translation.engines.argos import ArgosEngine


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with every toy package. Not to be written to: see ``own_models``."""
    folder = tmp_path_factory.mktemp("models")
    install_tiny_models(folder)
    return folder


@pytest.fixture(scope="session")
def argos(tiny_models: Path) -> ArgosEngine:
    """One engine for all tests that only translate, so that models load once."""
    return ArgosEngine(tiny_models)


@pytest.fixture
def own_models(tmp_path: Path) -> Path:
    """A models folder of the test's own, with the hop from English to Vietnamese."""
    install_tiny_models(tmp_path, ["en-vi"])
    return tmp_path
