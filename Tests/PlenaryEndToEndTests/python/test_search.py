"""Full-text search by grpcio: what is found, and how the index comes through restarts and damage."""

import os
import threading
import time

import grpc
import pytest

from plenary_testing.registry import RegistryClient


def found(client, query, **fields):
    """The names that a search finds, over all pages."""
    names, token = [], ""
    while True:
        page = client.SearchResources(query=query, page_token=token, **fields)
        names += [result.name for result in page.results]
        token = page.next_page_token
        if not token:
            return names


def theme(client, api, theme_id, label, **fields):
    text = api.LocalizedText(values={"en": label}, original_language="en")
    return client.CreateTheme(theme_id=theme_id, theme=api.Theme(scheme=f"s-{theme_id}", pref_label=text, **fields))


def test_an_alternative_label_is_found(example):
    assert example.names("ListThemes", filter='search("FTFs")') == ["themes/use-ftf-recruitment"]
    (result,) = example.SearchResources(query="ftfs").results
    assert result.resource_type == "plenary.registry/Theme"
    assert [match.field_path for match in result.matches] == ["alt_labels.0"]


def test_the_internet_is_found_in_a_directive_and_elsewhere(example):
    filter = 'search("Internet")'
    directives = example.names("ListDirectives", parent="mandates/-", filter=filter)
    assert directives and any(name.endswith("/directives/notes-nexus") for name in directives)
    results = example.SearchResources(query="Internet", page_size=1000).results
    assert {"plenary.registry/Directive"} <= {result.resource_type for result in results}
    for result in results:
        assert result.matches, result.name
        for match in result.matches:
            assert match.field_path and match.ranges
            for run in match.ranges:
                assert match.snippet[run.start : run.end].lower() == "internet"
    plan = example.ExplainFilter(resource_type="plenary.registry/Directive", filter=filter)
    assert [list(step.index_fields) for step in plan.steps] == [["search"]] and not plan.scan


@pytest.mark.parametrize(
    ("query", "position"), [("", "0"), ("a (b", "2"), ('"a', "0"), ("NOT a", "0"), ("x*y", "1"), ("a*", "0")]
)
def test_what_is_wrong_with_a_query_is_told_with_its_place(example, query, position):
    refusal = example.refusal("SearchResources", query=query)
    assert (refusal.code, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, {"query": "SEARCH_SYNTAX"})
    assert refusal.metadata["position"] == position


def test_what_was_just_written_is_found_at_once(filled, api):
    for number in range(60):
        theme(filled, api, f"fresh-{number}", f"Fresh word{number}")
        assert found(filled, f"word{number}") == [f"themes/fresh-{number}"]
        assert filled.names("ListThemes", filter=f'search("word{number}")') == [f"themes/fresh-{number}"]
        filled.DeleteTheme(name=f"themes/fresh-{number}")
        assert found(filled, f"word{number}") == []
        assert filled.names("ListThemes", filter=f"search(word{number})", show_deleted=True) == [
            f"themes/fresh-{number}"
        ]


def test_pages_are_at_one_revision_while_others_write(filled, api):
    for number in range(40):
        theme(filled, api, f"page-{number:02}", "paged")
    names = [f"themes/page-{number:02}" for number in range(40)]
    first = filled.ListThemes(filter="search(paged)", page_size=11)
    results = filled.SearchResources(query="paged", page_size=11, order="NAME")
    for number in range(40):
        filled.UpdateTheme(
            theme=api.Theme(
                name=names[number],
                pref_label=api.LocalizedText(values={"en": "gone"}, original_language="en"),
            ),
            update_mask={"paths": ["pref_label"]},
        )
    seen, token = [record.name for record in first.themes], first.next_page_token
    while token:
        page = filled.ListThemes(filter="search(paged)", page_size=11, page_token=token)
        seen, token = seen + [record.name for record in page.themes], page.next_page_token
    assert seen == names
    seen, token = [result.name for result in results.results], results.next_page_token
    while token:
        page = filled.SearchResources(query="paged", page_size=11, order="NAME", page_token=token)
        seen, token = seen + [result.name for result in page.results], page.next_page_token
    assert seen == names
    assert found(filled, "paged") == [] and len(found(filled, "gone")) == 40


def test_every_script_is_found(registry, api):
    labels = {
        "ar": "مكافحة الإرهاب",
        "th": "สิทธิมนุษยชน",
        "ko": "인터넷을 통한 테러",
        "zh": "互联网治理",
        "ru": "Борьба с терроризмом",
        "fr": "Coopération régionale",
    }
    for language, label in labels.items():
        text = api.LocalizedText(values={language: label}, original_language=language)
        registry.CreateTheme(theme_id=f"t-{language}", theme=api.Theme(scheme="s", pref_label=text))
    for query, language in [
        ("الارهاب", "ar"), ("مُكافحة", "ar"), ("มนุษย", "th"), ("인터넷", "ko"), ("网治", "zh"), ("治", "zh"),
        ("БОРЬБА", "ru"), ("террор*", "ru"), ("REGIONALE", "fr"), ('"cooperation regionale"', "fr"),
    ]:
        assert found(registry, query) == [f"themes/t-{language}"], query
        assert found(registry, query, language_code=language) == [f"themes/t-{language}"]
        assert found(registry, query, language_code="es") == []


def wait_until_built(client):
    deadline = time.monotonic() + 30
    while client.GetStoreStatus().health.search_index.stage != 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("damage", ["none", "deleted", "garbage", "truncated", "middle"])
def test_the_index_is_there_after_a_restart_whatever_befell_its_file(start, api, tmp_path, damage):
    client, daemon = start(data=tmp_path / "data")
    assert client.import_records(api.example()).summary.applied
    before = found(client, "internet")
    assert before
    daemon.stop()
    path = tmp_path / "data" / "search.db"
    assert path.stat().st_mode & 0o077 == 0
    size = path.stat().st_size
    if damage == "deleted":
        path.unlink()
    elif damage == "garbage":
        path.write_bytes(os.urandom(8192))
    elif damage == "truncated":
        os.truncate(path, size // 2)
    elif damage == "middle":
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (size - 4096))
    client, daemon = start(data=tmp_path / "data")
    # An index of before may answer by the damage that it meets: then the records are looked at, and it is made anew.
    assert found(client, "internet") == before
    wait_until_built(client)
    assert found(client, "internet") == before
    theme(client, api, "later", "Later internet")
    assert set(found(client, "internet")) == {*before, "themes/later"}


def test_the_index_is_made_anew_when_that_is_asked_for(filled):
    before = found(filled, "internet")
    filled.RebuildSearchIndex()
    wait_until_built(filled)
    assert found(filled, "internet") == before


def test_nothing_of_a_purged_record_stays_in_the_file(start, api, tmp_path):
    client, daemon = start(data=tmp_path / "data")
    assert client.import_records(api.example()).summary.applied
    theme(client, api, "secret", "Zyxwvutsecret word")
    assert found(client, "zyxwvutsecret") == ["themes/secret"]
    client.DeleteTheme(name="themes/secret")
    client.PurgeThemes(filter="*", force=True)
    assert found(client, "zyxwvutsecret") == []

    def is_there():
        return any(b"zyxwvutsecret" in path.read_bytes().lower() for path in (tmp_path / "data").glob("search.db*"))

    deadline = time.monotonic() + 20
    while is_there():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    daemon.stop()
    assert not is_there()


def test_writes_do_not_wait_for_the_index(filled, api):
    """Writers go on at their pace while the index is made anew again and again and others search."""
    stop = threading.Event()
    failures = []

    def rebuild():
        with RegistryClient(api, filled.address) as client:
            while not stop.is_set():
                client.RebuildSearchIndex()
                time.sleep(0.01)

    def search():
        with RegistryClient(api, filled.address) as client:
            while not stop.is_set():
                try:
                    client.SearchResources(query="internet")
                except grpc.RpcError as error:
                    if error.code() != grpc.StatusCode.UNAVAILABLE:
                        failures.append(error)

    threads = [threading.Thread(target=rebuild), threading.Thread(target=search), threading.Thread(target=search)]
    for thread in threads:
        thread.start()
    slowest = 0.0
    for number in range(200):
        begin = time.monotonic()
        theme(filled, api, f"write-{number}", f"written {number}")
        slowest = max(slowest, time.monotonic() - begin)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    # Far below what a wait for the index would be, also on a machine that does much else.
    assert slowest < 1.5
    wait_until_built(filled)
    assert len(found(filled, "written", order="NAME")) == 200
