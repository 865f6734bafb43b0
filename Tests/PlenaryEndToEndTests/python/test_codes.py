"""Codes of public registers, by grpcio: which are known, how they are kept, and what is suggested."""

import grpc
import pytest


@pytest.mark.parametrize(
    ("fields", "field", "suggestion"),
    [
        ({"time_zone": "Asia/Bankok"}, "time_zone", "Asia/Bangkok"),
        ({"location": {"region_code": "UK"}}, "location.region_code", "GB"),
        ({"location": {"region_code": "KOR"}}, "location.region_code", "KR"),
        ({"focus_m49_code": "999"}, "focus_m49_code", None),
        ({"focus_m49_code": "Asia"}, "focus_m49_code", "142"),
        ({"language_codes": ["en", "fra"]}, "language_codes.1", "fr"),
        ({"title": {"values": {"xyzzy": "x"}}}, "title.values.xyzzy", None),
    ],
)
def test_an_unknown_code_is_refused_with_what_was_probably_meant(registry, api, fields, field, suggestion):
    refusal = registry.refusal("CreateDialogue", dialogue_id="wrong", dialogue=api.Dialogue(**fields))
    assert (refusal.code, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, {field: "CODE_UNKNOWN"})
    assert refusal.metadata["field"] == field
    assert refusal.metadata.get("suggestion") == suggestion
    assert suggestion is None or suggestion in refusal.message


def test_codes_are_kept_in_their_canonical_form(registry, api):
    dialogue = api.Dialogue(
        time_zone="asia/kuala_lumpur",
        location=api.Dialogue.Location(region_code="my"),
        focus_m49_code="035",
        language_codes=["ZH-hant", "iw", "ko-kp"],
    )
    kept = registry.CreateDialogue(dialogue_id="codes", dialogue=dialogue)
    assert (kept.time_zone, kept.location.region_code) == ("Asia/Kuala_Lumpur", "MY")
    assert kept.language_codes == ["zh-Hant", "he", "ko-KP"]
    registry.DeleteDialogue(name=kept.name)


@pytest.mark.parametrize("symbol", ["S/RES/2129", "S/RES/2129 (13)", "S/PRST/1", "A/RES/72", "A/72/284/Rev.x", "2129"])
def test_what_is_no_symbol_is_refused(example, api, symbol):
    mandate = api.Mandate(symbol=symbol, adopting_organization="organizations/security-council")
    refusal = example.refusal("CreateMandate", mandate_id="wrong", mandate=mandate)
    assert (refusal.code, refusal.fields.get("symbol")) == (grpc.StatusCode.INVALID_ARGUMENT, "SYMBOL_INVALID")
