"""Reads of what was, versions, rollback and differences, from a foreign client, over restarts of the daemon."""

from google.protobuf.field_mask_pb2 import FieldMask

DIALOGUE = "dialogues/asia-ict-ct-3"


def change(registry, **fields):
    """Changes the dialogue."""
    return registry.ask(
        "UpdateDialogue", dialogue=dict(name=DIALOGUE, **fields), update_mask=FieldMask(paths=list(fields)))


def test_the_registry_is_read_as_it_was(filled):
    first = filled.ask("GetDialogue", name=DIALOGUE)
    second = change(filled, participant_count=41)
    third = change(filled, participant_count=42)
    for state in (first, second, third):
        assert filled.ask("GetDialogue", name=DIALOGUE, revision=state.revision) == state
        assert filled.ask("GetDialogue", name=DIALOGUE, read_time=state.update_time) == state
        assert filled.ask("GetDialogue", name=DIALOGUE, at_least_as_fresh=state.revision) == third
        batch = filled.ask("BatchGetDialogues", names=[DIALOGUE], revision=state.revision)
        assert list(batch.dialogues) == [state]
    for count, state in ((41, second), (42, third)):
        page = filled.ask("ListDialogues", filter=f"participant_count = {count}", revision=state.revision)
        assert [dialogue.name for dialogue in page.dialogues] == [DIALOGUE]
    assert not filled.ask("ListDialogues", filter="participant_count = 41").dialogues
    refusals = [
        filled.refusal("GetDialogue", name=DIALOGUE, revision="x"),
        filled.refusal("GetDialogue", name=DIALOGUE, revision=first.revision, read_time=first.update_time),
        filled.refusal("GetDialogue", name=DIALOGUE, read_time={"seconds": 9_000_000_000}),
    ]
    assert [(refusal.code.name, refusal.reason) for refusal in refusals] == [
        ("INVALID_ARGUMENT", "REVISION_INVALID"), ("INVALID_ARGUMENT", "REVISION_INVALID"),
        ("OUT_OF_RANGE", "REVISION_FUTURE")]


def test_differences_rollback_and_compaction(filled):
    first = filled.ask("GetDialogue", name=DIALOGUE)
    second = change(filled, participant_count=41)
    third = change(filled, participant_count=42)
    fields = filled.ask("DiffResource", name=DIALOGUE, from_revision=second.revision)
    assert [(field.path, field.before.number_value, field.after.number_value) for field in fields.changes] == [
        ("participant_count", 41, 42)]
    records = filled.ask("DiffRegistry", from_revision=first.revision, to_revision=third.revision)
    assert [(record.name, list(record.changed_fields)) for record in records.changes] == [
        (DIALOGUE, ["participant_count"])]
    back = filled.ask("RollbackDialogue", name=DIALOGUE, revision_id=second.revision, reason="counted twice")
    assert back.participant_count == 41
    versions = filled.ask("ListDialogueRevisions", parent=DIALOGUE, page_size=2).dialogue_revisions
    assert [version.change.reason for version in versions] == ["counted twice", ""]

    assert filled.ask("GetStoreStatus").oldest_revision == ""
    counted = filled.ask("CompactHistory", to_revision=third.revision, validate_only=True)
    removed = filled.ask("CompactHistory", to_revision=third.revision)
    assert counted.removed_version_count == removed.removed_version_count == 2
    assert filled.ask("GetStoreStatus").oldest_revision == removed.oldest_revision == third.revision
    gone = filled.refusal("GetDialogue", name=DIALOGUE, revision=second.revision)
    assert (gone.code.name, gone.reason) == ("OUT_OF_RANGE", "REVISION_COMPACTED")
    assert filled.ask("GetDialogue", name=DIALOGUE, revision=third.revision) == third


def test_the_past_outlives_the_daemon(start, api, tmp_path):
    client, daemon = start(data=tmp_path / "data")
    first = client.CreateTheme(theme_id="t", theme=api.theme("One"))
    second = client.UpdateTheme(
        theme=api.Theme(name=first.name, notation="7"), update_mask=FieldMask(paths=["notation"]))
    daemon.stop()
    client, _ = start(data=tmp_path / "data")
    assert client.GetTheme(name=first.name, revision=first.revision) == first
    assert client.GetTheme(name=first.name, read_time=first.update_time) == first
    versions = client.ListThemeRevisions(parent=first.name).theme_revisions
    assert [version.snapshot for version in versions] == [second, first]
