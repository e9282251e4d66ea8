"""Which model a word means, looked up on this disk only; fetching; telling models apart."""

import json
import shutil
import socket
from pathlib import Path

import httpx2
import huggingface_hub
import pytest
import torch
from huggingface_hub import constants, errors
from safetensors.torch import load_file, save_file

from bini.errors import ModelError
from bini.models import catalog
from bini.models.catalog import CATALOG, ModelPlace, Role, find, pull, resolve

COMMIT = "a" * 40
real_download = huggingface_hub.snapshot_download


@pytest.fixture(autouse=True)
def hub(tmp_path, monkeypatch) -> Path:
    """An empty hub cache, and a failed test if anybody asks the network."""
    cache = tmp_path / "hub"
    cache.mkdir()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))

    def offline_only(*args, **options):
        assert options.get("local_files_only") is True, "the network was asked"
        return real_download(*args, **options)

    def no_network(*_args, **_options):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline_only)
    monkeypatch.setattr(socket.socket, "connect", no_network)
    return cache


@pytest.fixture(autouse=True)
def embedded(tmp_path, monkeypatch) -> Path:
    """Embedded models of a few bytes."""
    folder = tmp_path / "embedded"
    for name in ("bini-nano", "bini-nano-4x"):
        fill(folder / name)
    monkeypatch.setattr(catalog, "EMBEDDED", folder)
    return folder


def fill(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or ("config.json", "model.safetensors", "tokenizer.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


def cached(hub: Path, name: str, *names: str) -> Path:
    """A snapshot as the hub's client leaves it."""
    repo = hub / ("models--" + CATALOG[name].hub_id.replace("/", "--"))
    (repo / "refs").mkdir(parents=True, exist_ok=True)
    (repo / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    return fill(repo / "snapshots" / COMMIT, *names)


def listed(hub: Path, name: str, files: list[str]) -> None:
    """The list of the repository's files that the hub's client keeps since version 2."""
    trees = hub / ("models--" + CATALOG[name].hub_id.replace("/", "--")) / "trees"
    trees.mkdir(parents=True)
    entries = {file: {"size": 2, "blob_id": "b" * 40} for file in files}
    (trees / f"{COMMIT}.json").write_text(json.dumps({"format_version": 1, "files": entries}), encoding="utf-8")


# roles


@pytest.mark.parametrize(
    ("role", "embedded_name", "gemma"),
    [(Role.TUNED, "bini-nano", "gemma-3-1b-it"), (Role.BASE, "bini-nano-4x", "gemma-3-4b-it")],
)
def test_a_role_is_embedded_till_its_gemma_is_here(hub, embedded, role, embedded_name: str, gemma: str) -> None:
    told: list[str] = []
    assert resolve(role, told.append) == ModelPlace(embedded_name, embedded / embedded_name)
    assert told == [f"{role}: using {embedded_name}; {gemma} is not on this machine"]
    folder = cached(hub, gemma)
    told.clear()
    assert resolve(role, told.append) == ModelPlace(gemma, folder)
    assert told == [f"{role}: using {gemma}"]
    other = Role.BASE if role is Role.TUNED else Role.TUNED
    assert resolve(other, told.append).name.startswith("bini-nano"), "one gemma does not stand for the other"


def test_a_role_nobody_can_take_is_an_error(embedded) -> None:
    shutil.rmtree(embedded)
    with pytest.raises(ModelError, match="tuned-1b") as caught:
        resolve("tuned-1b", lambda _: None)
    assert "bini models pull" in caught.value.hint


def test_a_pulled_model_is_found_though_pull_leaves_files_of_the_repository_out(hub) -> None:
    """`pull` fetches neither the licence nor the model card; the hub's client remembers that they exist."""
    here = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "tokenizer.model"]
    folder = cached(hub, "gemma-3-1b-it", *here)
    listed(hub, "gemma-3-1b-it", [*here, ".gitattributes", "README.md"])
    assert resolve("tuned-1b", lambda _: None) == ModelPlace("gemma-3-1b-it", folder)
    assert resolve("gemma-3-1b-it", lambda _: None) == ModelPlace("gemma-3-1b-it", folder)


def test_a_half_pulled_model_takes_no_role(hub) -> None:
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    here = ["config.json", "model.safetensors.index.json", shards[0]]
    cached(hub, "gemma-3-4b-it", *here)
    listed(hub, "gemma-3-4b-it", [*here, shards[1], "README.md"])
    assert resolve("base-4b", lambda _: None).name == "bini-nano-4x"


@pytest.mark.parametrize("names", [("config.json",), ("model.safetensors",), ("config.json", "pytorch_model.bin")])
def test_a_snapshot_without_usable_weights_takes_no_role(hub, names) -> None:
    cached(hub, "gemma-3-1b-it", *names)
    assert find(CATALOG["gemma-3-1b-it"]) is None
    assert resolve("tuned-1b", lambda _: None).name == "bini-nano"


# names and folders


def test_a_name_means_that_model_and_no_other(hub, embedded) -> None:
    assert resolve("bini-nano", pytest.fail) == ModelPlace("bini-nano", embedded / "bini-nano")
    with pytest.raises(ModelError, match="gemma-3-4b-it is not on this machine") as caught:
        resolve("gemma-3-4b-it", pytest.fail)
    assert caught.value.hint == "fetch it with: bini models pull gemma-3-4b-it"
    folder = cached(hub, "gemma-3-4b-it")
    assert resolve("gemma-3-4b-it", pytest.fail) == ModelPlace("gemma-3-4b-it", folder)


def test_a_missing_embedded_model_is_an_error(embedded) -> None:
    shutil.rmtree(embedded / "bini-nano")
    with pytest.raises(ModelError, match="bini-nano is not on this machine") as caught:
        resolve("bini-nano", pytest.fail)
    assert caught.value.hint == "reinstall bini"


@pytest.mark.parametrize("wanted", ["gemma-4", "", "google/gemma-3-1b-it", "no/such/folder", "TUNED-1B"])
def test_an_unknown_name_is_refused_with_the_known_ones(wanted: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(fill(tmp_path / "here", "config.json"))
    with pytest.raises(ModelError) as caught:
        resolve(wanted, pytest.fail)
    if wanted:  # an empty name is the current folder
        assert f"unknown model: {wanted}" == caught.value.message
        for name in (*Role, *CATALOG):
            assert name in caught.value.hint


def test_a_folder_is_named_by_its_own_name(tmp_path, monkeypatch) -> None:
    folder = fill(tmp_path / "mine")
    assert resolve(str(folder), pytest.fail) == ModelPlace("mine", folder)
    monkeypatch.chdir(folder)
    assert resolve(".", pytest.fail).name == "mine"


@pytest.mark.parametrize("names", [(), ("config.json",), ("model.safetensors",), ("config.json", "pytorch_model.bin")])
def test_a_folder_without_config_and_safetensors_is_refused(tmp_path, names) -> None:
    folder = fill(tmp_path / "bad", *names) if names else tmp_path / "bad"
    folder.mkdir(exist_ok=True)
    with pytest.raises(ModelError, match="holds no model") as caught:
        resolve(str(folder), pytest.fail)
    assert str(folder) in caught.value.message
    assert "pickles are not loaded" in caught.value.hint


def test_a_file_is_no_model(tmp_path) -> None:
    file = fill(tmp_path / "bad") / "model.safetensors"
    with pytest.raises(ModelError, match="unknown model"):
        resolve(str(file), pytest.fail)


def test_a_model_of_the_hub_that_was_pulled_is_found_by_owner_and_name(hub) -> None:
    with pytest.raises(ModelError, match="unknown model: someone/small-1B") as caught:
        resolve("someone/small-1B", pytest.fail)
    assert "bini models pull OWNER/NAME" in caught.value.hint
    repo = hub / "models--someone--small-1B"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    folder = fill(repo / "snapshots" / COMMIT)
    assert resolve("someone/small-1B", pytest.fail) == ModelPlace("small-1B", folder)


@pytest.mark.parametrize(
    "name", ["../x", "a/b/c", "a/..", "a/b--c", "a/b.git", "https://a/b", "a/", "/b", "ㄱ/b", "a\\b"]
)
def test_what_cannot_be_a_repository_is_not_asked_for(name: str, monkeypatch) -> None:
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_args, **_options: pytest.fail("asked"))
    with pytest.raises(ModelError, match="unknown model"):
        pull(name)
    with pytest.raises(ModelError):
        resolve(name, pytest.fail)


# pull


def response(status: int) -> httpx2.Response:
    return httpx2.Response(status, request=httpx2.Request("GET", "https://huggingface.co/google/gemma-3-1b-it"))


def raising(error: Exception):
    def download(*_args, **_options):
        raise error

    return download


def test_pull_fetches_the_repository_without_pickles(monkeypatch, tmp_path) -> None:
    asked = []
    monkeypatch.setattr(
        huggingface_hub, "snapshot_download", lambda *args, **options: asked.append((args, options)) or str(tmp_path)
    )
    assert pull("gemma-3-1b-it") == tmp_path
    ((repo,), options), *more = asked
    assert (repo, more) == ("google/gemma-3-1b-it", [])
    assert not options.get("local_files_only")
    kept = list(
        huggingface_hub.utils.filter_repo_objects(
            ["config.json", "model.safetensors", "tokenizer.model", "chat_template.jinja", "pytorch_model.bin", "x.py"],
            allow_patterns=options["allow_patterns"],
        )
    )
    assert kept == ["config.json", "model.safetensors", "tokenizer.model", "chat_template.jinja"]


def test_any_model_of_the_hub_is_pulled_by_owner_and_name(monkeypatch, tmp_path) -> None:
    asked = []
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name, **_: asked.append(name) or str(tmp_path))
    assert pull("someone/small-1B") == tmp_path
    assert asked == ["someone/small-1B"]
    gated = errors.GatedRepoError("403 Client Error.", response=response(403))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", raising(gated))
    with pytest.raises(ModelError, match=r"^someone/small-1B is gated$"):
        pull("someone/small-1B")


def check_hint(error: ModelError) -> None:
    everything = error.message + error.hint
    assert "google/gemma-3-1b-it" in error.message
    assert "https://huggingface.co/google/gemma-3-1b-it" in error.hint
    assert "hf auth login" in error.hint
    assert "embedded family (bini-nano, bini-nano-4x)" in everything


def test_a_gated_model_names_its_licence(monkeypatch) -> None:
    gated = errors.GatedRepoError("403 Client Error.", response=response(403))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", raising(gated))
    with pytest.raises(ModelError, match="gated") as caught:
        pull("gemma-3-1b-it")
    assert "Gemma Terms of Use" in caught.value.message
    check_hint(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        errors.LocalEntryNotFoundError("no connection"),
        errors.HfHubHTTPError("500 Server Error", response=response(500)),
        errors.RepositoryNotFoundError("401 Client Error", response=response(401)),
        errors.OfflineModeIsEnabled("offline"),
        errors.FileMetadataError("no etag"),
        OSError(28, "No space left on device"),
        httpx2.ConnectError("no route to host"),
        httpx2.ReadTimeout("timed out while downloading"),
        httpx2.ProxyError("proxy refused"),
        httpx2.RemoteProtocolError("peer closed connection"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_unreachable_hub_is_an_error_with_a_hint(monkeypatch, error: Exception) -> None:
    monkeypatch.setattr(huggingface_hub, "snapshot_download", raising(error))
    with pytest.raises(ModelError) as caught:
        pull("gemma-3-1b-it")
    check_hint(caught.value)


def test_the_hub_s_own_client_offline_is_an_error_with_a_hint(monkeypatch) -> None:
    """The real client, with a network that refuses."""
    monkeypatch.setattr(huggingface_hub, "snapshot_download", real_download)
    monkeypatch.setattr(huggingface_hub.HfApi, "repo_info", raising(httpx2.ConnectError("refused")))
    with pytest.raises(ModelError, match="could not be reached") as caught:
        pull("gemma-3-1b-it")
    check_hint(caught.value)


@pytest.mark.parametrize("name", ["bini-nano", "bini-nano-4x"])
def test_an_embedded_model_is_not_pulled(name: str) -> None:
    with pytest.raises(ModelError, match="ships with bini") as caught:
        pull(name)
    assert "gemma-3-1b-it" in caught.value.hint


@pytest.mark.parametrize("name", ["tuned-1b", "gemma-4", ""])
def test_pulling_an_unknown_name_lists_what_there_is(name: str) -> None:
    with pytest.raises(ModelError, match="unknown model") as caught:
        pull(name)
    assert caught.value.hint == "models to pull: gemma-3-1b-it, gemma-3-4b-it, or any of the hub as OWNER/NAME"


# fingerprints


@pytest.fixture
def copied(tiny_model, tmp_path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "copied"))


def mark(folder: Path) -> str:
    return ModelPlace("any name", folder).fingerprint()


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, **changes}), encoding="utf-8")


def test_a_copy_has_the_same_fingerprint_and_another_model_another(tiny_model, other_model, copied) -> None:
    assert mark(copied) == ModelPlace("tiny", tiny_model).fingerprint()
    assert mark(other_model) != mark(tiny_model)


def test_the_version_that_saved_it_does_not_count(copied, tiny_model) -> None:
    change_config(copied, transformers_version="0.0.1", _name_or_path="/elsewhere")
    assert mark(copied) == mark(tiny_model)
    (copied / "README.md").write_text("a note", encoding="utf-8")
    assert mark(copied) == mark(tiny_model)


def test_another_config_counts(copied, tiny_model) -> None:
    change_config(copied, sliding_window=7)
    assert mark(copied) != mark(tiny_model)


def test_other_layout_or_names_of_weights_count(copied, tiny_model) -> None:
    weights = copied / "model.safetensors"
    tensors = load_file(weights)
    save_file({**tensors, "extra": torch.zeros(1)}, weights)
    assert mark(copied) != mark(tiny_model)
    save_file({name: t.to(torch.float16) for name, t in tensors.items()}, weights)
    assert mark(copied) != mark(tiny_model)


def test_a_second_weight_file_counts(copied, tiny_model) -> None:
    shutil.copy(copied / "model.safetensors", copied / "model-2.safetensors")
    assert mark(copied) != mark(tiny_model)


def test_the_size_is_that_of_the_weights(tiny_model) -> None:
    assert ModelPlace("tiny", tiny_model).size == (tiny_model / "model.safetensors").stat().st_size
