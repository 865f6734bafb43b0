"""YAML at the command line: what `plenary` writes, PyYAML reads as JSON is read, and what people write comes in whole."""

import json

import pytest
import yaml
from google.protobuf import json_format

from plenary_testing import process
from plenary_testing.registry import EXAMPLE

# To a reader of YAML 1.1, each of these is something else than a text.
WORDS = ["NO", "no", "on", "off", "y", "1e3", "010", "0x1F", "1_000", "12:30", "2017-05-01", "~", "null", "1.5", "=", "<<"]

TEXTS = WORDS + ["حوار آسيا", "第三次对话", "a: b", "- a", "x #y", " x ", "line\nline\n", "\u2028", "😀", "\ufeffx", "'\"\\"]


@pytest.fixture
def plenary(start):
    """Runs the CLI against a registry of the test's own."""
    _, daemon = start()

    def run(*arguments, stdin=""):
        return process.run("plenary", *arguments, env={"PLENARY_SERVER": daemon.address}, stdin=stdin)

    return run


def test_the_example_goes_in_and_out_as_yaml(plenary, api, tmp_path):
    file = tmp_path / "example.yaml"
    file.write_text(yaml.safe_dump(json.loads(EXAMPLE.read_text("utf-8")), allow_unicode=True), "utf-8")
    assert plenary("import", str(file)).stdout == "41 created, 0 updated, 0 unchanged, 0 failed\n"
    exported = plenary("export", "-o", "yaml").stdout
    assert yaml.safe_load(exported) == json.loads(plenary("export").stdout)
    records = json_format.ParseDict(yaml.safe_load(exported), api.Bundle()).records
    assert len(records) == 41
    assert plenary("import", "-", stdin=exported).stdout == "0 created, 0 updated, 41 unchanged, 0 failed\n"


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_a_text_to_every_reader(plenary, text):
    # What PyYAML reads it as shows that there is something to get wrong.
    made = {"name": "themes/t", "scheme": "s", "prefLabel": {"values": {"en": "T"}, "originalLanguage": "en"}}
    made["annotations"] = {"note": text}
    assert plenary("import", "-", stdin=json.dumps(made)).returncode == 0
    answer = plenary("get", "theme", "t", "-o", "yaml").stdout
    assert yaml.safe_load(answer)["annotations"] == {"note": text}
    assert plenary("import", "-", stdin=answer).stdout == "0 created, 0 updated, 1 unchanged, 0 failed\n"


@pytest.mark.parametrize("word", [word for word in WORDS if word not in ("~", "null")])
def test_a_word_without_quotation_marks_is_that_word(plenary, word):
    assert plenary("create", "theme", "t", "--file", "-", stdin=f"scheme: {word}\nprefLabel: {{values: {{no: {word}}}}}")
    theme = json.loads(plenary("get", "theme", "t", "-o", "json").stdout)
    assert theme["scheme"] == word
    assert theme["prefLabel"]["values"] == {"no": word}


def test_norway_is_a_country(plenary):
    text = "title: {values: {en: Nowhere}}\nkind: GOVERNMENT_BODY\nregionCode: NO\n"
    assert plenary("create", "organization", "o", "--file", "-", stdin=text).returncode == 0
    assert json.loads(plenary("get", "organization", "o", "-o", "json").stdout)["regionCode"] == "NO"
    assert yaml.safe_load(plenary("get", "organization", "o", "-o", "yaml").stdout)["regionCode"] == "NO"


def test_what_is_wrong_is_told_with_its_place(plenary, tmp_path):
    file = tmp_path / "o.yaml"
    file.write_text("# An organization.\ntitle: {values: {en: Nowhere}}\nregionCode: [NO]\n")
    told = plenary("create", "organization", "o", "--file", str(file))
    assert (told.returncode, told.stdout) == (7, "")
    assert told.stderr == f"error: {file}, line 3, column 13, regionCode: a string belongs here\n"


def test_several_records_are_gotten_at_once(plenary):
    assert plenary("import", str(EXAMPLE)).returncode == 0
    names = ["dialogues/asia-ict-ct-3", "series/asia-ict-ct-dialogue", "dialogues/asia-ict-ct-1"]
    assert [record["name"] for record in yaml.safe_load(plenary("get", *names, "-o", "yaml").stdout)] == names
    assert plenary("get", "dialogue", "asia-ict-ct-1", "asia-ict-ct-9").returncode == 3
