"""Texts in several languages, as a foreign client and the command line see them."""

import json
import unicodedata

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing import run
from plenary_testing.registry import content

ARABIC = "مكافحة الإرهاب"
TEXTS = {
    "ar": ARABIC,
    "en": "Counter-terrorism",
    "es": "Lucha contra el terrorismo",
    "fr": "Lutte antiterroriste",
    "ru": "Борьба с терроризмом",
    "zh": "反恐",
}


@pytest.fixture
def theme(registry, api):
    """A theme with a label in the six official languages of the United Nations."""
    label = api.LocalizedText(values=TEXTS, original_language="en")
    registry.CreateTheme(theme=api.Theme(scheme="topics", pref_label=label), theme_id="ct")
    return registry


def label_of(registry):
    return registry.GetTheme(name="themes/ct").pref_label


def test_a_text_in_six_languages_comes_back_in_all_of_them(theme):
    assert dict(label_of(theme).values) == TEXTS
    assert dict(theme.records("ListThemes")[0].pref_label.values) == TEXTS
    assert dict(content(theme.export()[0]).pref_label.values) == TEXTS


@pytest.mark.parametrize("path", ["pref_label.values.fr", "pref_label.values.FR"])
def test_a_translator_changes_one_language(theme, api, path):
    text = api.LocalizedText(values={"fr": "Contre le terrorisme", "ar": "not taken"})
    change = api.Theme(name="themes/ct", pref_label=text)
    theme.UpdateTheme(theme=change, update_mask=FieldMask(paths=[path]))
    assert dict(label_of(theme).values) == TEXTS | {"fr": "Contre le terrorisme"}


def test_a_translator_takes_out_one_language(theme, api):
    paths = ["pref_label.values.fr"]
    theme.UpdateTheme(theme=api.Theme(name="themes/ct"), update_mask=FieldMask(paths=paths))
    assert dict(label_of(theme).values) == {language: text for language, text in TEXTS.items() if language != "fr"}
    refusal = theme.refusal(
        "UpdateTheme", theme=api.Theme(name="themes/ct"), update_mask=FieldMask(paths=["pref_label.values.en"])
    )
    assert refusal.reason == "ORIGINAL_LANGUAGE_MISSING"


def test_texts_are_stored_in_normal_form(registry, api):
    decomposed = unicodedata.normalize("NFD", "Coopération é ổ")
    label = api.LocalizedText(values={"FR": decomposed})
    created = registry.CreateTheme(theme=api.Theme(scheme="topics", pref_label=label), theme_id="ct")
    assert dict(created.pref_label.values) == {"fr": unicodedata.normalize("NFC", decomposed)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ({"values": {"en": "a"}, "original_language": "ko"}, "ORIGINAL_LANGUAGE_MISSING"),
        ({"values": {"en": "a"}, "origins": {"fr": "MACHINE"}}, "ORIGINAL_LANGUAGE_MISSING"),
        ({"values": {"en": "a", "EN": "b"}}, "LANGUAGE_DUPLICATE"),
        ({"values": {"english?": "a"}}, "CODE_UNKNOWN"),
        ({"values": {"en": "x" * 20_001}}, "TEXT_TOO_LONG"),
    ],
)
def test_a_text_that_is_not_right_is_refused(registry, api, text, reason):
    theme = api.Theme(scheme="topics", pref_label=api.LocalizedText(**text))
    refusal = registry.refusal("CreateTheme", theme=theme, theme_id="ct")
    assert (refusal.code.name, refusal.reason) == ("INVALID_ARGUMENT", reason)


def test_the_status_of_translations_adds_up_over_its_parts(filled):
    def total(**fields):
        texts, missing, token = {}, [], ""
        while True:
            part = filled.GetTranslationStatus(page_token=token, **fields)
            for count in part.counts:
                key = (count.resource_type, count.language_code)
                done = texts.get(key, (0, 0))
                texts[key] = (done[0] + count.text_count, done[1] + count.translated_count)
            missing += [(found.record, found.language_code, tuple(found.field_paths)) for found in part.missing]
            token = part.next_page_token
            if not token:
                return texts, missing

    whole = total(page_size=1000)
    assert total(page_size=7) == whole
    texts, missing = whole
    assert {language for _, language in texts} == {"ar", "en", "es", "fr", "ru", "zh"}
    lacking = sum(count - done for count, done in texts.values())
    assert sum(len(paths) for _, _, paths in missing) == lacking > 0
    english, _ = total(language_codes=["en"], resource_types=["plenary.registry/Theme"])
    count, done = english[("plenary.registry/Theme", "en")]
    assert count == done > 0


def test_a_status_of_an_unknown_kind_or_language_is_refused(registry):
    refusal = registry.refusal("GetTranslationStatus", resource_types=["plenary.registry/Them"])
    assert (refusal.reason, refusal.metadata["suggestion"]) == ("RESOURCE_TYPE_UNKNOWN", "plenary.registry/Theme")
    assert registry.refusal("GetTranslationStatus", language_codes=["?"]).reason == "CODE_UNKNOWN"
    assert registry.refusal("GetTranslationStatus", page_size=-1).reason == "PAGE_SIZE_INVALID"


def test_the_command_line_keeps_right_to_left_text_whole(theme, start, tmp_path):
    def plenary(client, *arguments):
        done = run("plenary", *arguments, "--server", client.address)
        assert done.returncode == 0, done.stderr
        return done.stdout

    for arguments in (["list", "themes"], ["get", "theme", "ct"], ["describe", "theme", "ct"], ["theme", "tree"]):
        output = plenary(theme, *arguments, "--language", "ar")
        assert ARABIC in output
        assert not {"\u2068", "\u2069"} & set(output), "what is no terminal gets the data alone"
    assert json.loads(plenary(theme, "get", "theme", "ct", "--output", "json"))["prefLabel"]["values"] == TEXTS
    bundle = tmp_path / "themes.json"
    plenary(theme, "export", "themes", "--file", str(bundle))
    other, _ = start()
    plenary(other, "import", str(bundle))
    assert dict(label_of(other).values) == TEXTS
