"""What the news item says that the example is taken from, row by row of the acceptance table, at the terminal.

The same rows over the API are in test_acceptance.py. Rows and parts of rows that need what the registry does not have
yet (calendars) are not here.
"""

import hashlib
import json
import re
import shutil

import pytest

from plenary_testing.process import run
from plenary_testing.registry import EXAMPLE, plenaryd

SERIES = "series/asia-ict-ct-dialogue"
DIALOGUES = [f"dialogues/asia-ict-ct-{number}" for number in (1, 2, 3)]


class Terminal:
    """Runs `plenary` against one daemon."""

    def __init__(self, address):
        self.server = {"PLENARY_SERVER": address}

    def __call__(self, *arguments, stdin="", code=0):
        ended = run("plenary", *arguments, env=self.server, stdin=stdin)
        assert ended.returncode == code, ended.stderr
        return ended.stdout if code == 0 else ended.stderr

    def json(self, *arguments, **options):
        return json.loads(self(*arguments, "-o", "json", **options))

    def names(self, *arguments):
        return self(*arguments, "-o", "name").split()


@pytest.fixture(scope="module")
def plenary():
    """A terminal beside a registry with the example. Tests leave it as it is."""
    with plenaryd() as daemon:
        terminal = Terminal(daemon.address)
        assert "41 created, 0 updated, 0 unchanged, 0 failed" in terminal("import", EXAMPLE)
        yield terminal


@pytest.fixture
def own():
    """A terminal beside a registry with the example that the test has to itself."""
    with plenaryd() as daemon:
        terminal = Terminal(daemon.address)
        terminal("import", EXAMPLE)
        yield terminal


def roles(plenary, subject):
    """Who takes which part in the partnerships of a subject."""
    found = plenary.json("list", "partnerships", "--filter", f'subject="{subject}"')
    return {
        (participant["role"], participant["organization"].removeprefix("organizations/"))
        for partnership in found
        for participant in partnership["participants"]
    }


def test_the_series_has_three_dialogues(plenary):
    """Row 1."""
    assert "3 of 3" in plenary("series", "show", "asia-ict-ct-dialogue")
    found = plenary.json("list", "dialogues", "--filter", f'series="{SERIES}"', "--order-by", "ordinal")
    assert [dialogue["ordinal"] for dialogue in found] == [1, 2, 3]


@pytest.mark.parametrize(
    ("number", "days", "place"),
    [
        (1, "29–30 May 2017", "Jeju Island, KR"),
        (2, "24–25 January 2018", "Bangkok, TH"),
        (3, "7–8 November 2018", "Kuala Lumpur, MY"),
    ],
)
def test_each_took_place_at_a_time_and_a_place(plenary, number, days, place):
    """Rows 2, 3, 4, 5, 6 and 7."""
    line = next(
        line for line in plenary("list", "dialogues").splitlines() if line.startswith(f"dialogues/asia-ict-ct-{number} ")
    )
    assert days in line and place in line


@pytest.mark.parametrize(
    ("filter", "numbers"),
    [
        ('start_date >= "2017-05-01" AND start_date <= "2017-05-31"', [1]),
        ('overlaps("2018-01-25","2018-02-01")', [2]),
        ('location.region_code="kr"', [1]),
        ("format=WORKSHOP", [1, 2, 3]),
        ('within_m49("142")', [1, 2, 3]),
        ('within_m49("035")', [2, 3]),
        ('within_m49("030")', [1]),
        ('themes:"themes/public-private-partnerships-self-regulation"', [3]),
        ("under(themes/public-private-partnerships-self-regulation)", [3]),
    ],
)
def test_a_filter_finds_dialogues(plenary, filter, numbers):
    """Rows 3, 4, 5, 8, 29 and 34."""
    found = plenary.names("list", "dialogues", "--filter", filter)
    assert sorted(found) == [DIALOGUES[number - 1] for number in numbers]


def test_a_place_that_the_text_does_not_name_is_cited_as_normalized(plenary):
    """Row 7."""
    text = plenary("describe", "dialogue", "asia-ict-ct-3")
    assert "MY  ← [1] para 1 sentence 2, normalized" in text


def test_partners_are_found_by_what_they_did(plenary):
    """Rows 9, 10, 12, 13 and 14."""
    filter = f'subject="{DIALOGUES[2]}" AND participants.role:CO_ORGANIZER'
    assert len(plenary.names("list", "partnerships", "--filter", filter)) == 1
    assert roles(plenary, DIALOGUES[2]) == {("CO_ORGANIZER", "cted"), ("COOPERATING", "searcct")}
    assert roles(plenary, DIALOGUES[1]) == {("ADDITIONAL_SUPPORTER", "mfa-thailand")}
    assert roles(plenary, SERIES) == {("LAUNCHER", "cted"), ("SUPPORTER", "mfa-republic-of-korea")}
    shown = plenary("series", "show", "asia-ict-ct-dialogue")
    assert "Ministry of Foreign Affairs of the Republic of Korea from 2017" in shown


def test_a_year_stays_a_year_in_json_and_yaml(own):
    """Row 14."""
    for output in ("json", "yaml"):
        text = own("get", "series", "asia-ict-ct-dialogue", "-o", output)
        again = own("update", "series", "asia-ict-ct-dialogue", "--file", "-", "--mask", "*", "-o", "json", stdin=text)
        assert json.loads(again)["launchDate"] == {"year": 2017}


def test_the_centre_is_under_a_ministry_which_cannot_be_deleted(plenary):
    """Row 11."""
    lines = plenary("organization", "tree").splitlines()
    ministry = next(index for index, line in enumerate(lines) if "organizations/mfa-malaysia" in line)
    assert lines[ministry + 1].startswith("└── Southeast Asia Regional Centre")
    error = plenary("delete", "organization", "mfa-malaysia", code=6)
    assert "RESOURCE_IN_USE" in error and "organizations/searcct" in error


def test_the_third_builds_on_the_two_before_it(plenary):
    """Row 15."""
    assert plenary.json("get", "dialogue", "asia-ict-ct-3")["predecessors"] == DIALOGUES[:2]
    error = plenary("update", DIALOGUES[0], "--set", f"predecessors={DIALOGUES[2]}", "--dry-run", code=7)
    assert "PREDECESSOR_INVALID" in error


def test_a_place_in_the_series_is_given_once(plenary):
    """Row 16."""
    dates = ["--set", "start_date=2019-05-01", "--set", "end_date=2019-05-02"]
    options = ["--set", f"series={SERIES}", "--set", "ordinal=3", "--set", "format=WORKSHOP", *dates, "--dry-run"]
    assert "ORDINAL_TAKEN" in plenary("create", "dialogue", "another", *options, code=5)


def test_the_series_is_within_an_initiative(plenary):
    """Row 17."""
    assert "Tech Against Terrorism" in plenary("series", "show", "asia-ict-ct-dialogue")
    stated = json.loads(EXAMPLE.read_text())
    expected = next(record["initiative"] for record in stated["records"] if "initiative" in record)
    initiative = plenary.json("get", "initiative", "tech-against-terrorism")
    assert initiative["ownerOrganization"] == "organizations/cted" and initiative["url"] == expected["url"]


def test_the_resolution_is_found_however_its_symbol_is_written(plenary):
    """Rows 18 and 19."""
    for symbol in ("S/RES/2129(2013)", "s/res/2129 (2013)"):
        assert plenary.names("list", "mandates", "--filter", f'symbol="{symbol}"') == ["mandates/s-res-2129-2013"]
    error = plenary("update", "mandate", "s-res-2129-2013", "--set", "adopt_date=2014", "--dry-run", code=7)
    assert "SYMBOL_INVALID" in error
    mandate = plenary.json("get", "mandate", "s-res-2129-2013")
    assert mandate["adoptingOrganization"] == "organizations/security-council"


def test_what_the_resolution_says(plenary):
    """Rows 20, 23, 24 and 25."""
    directives = plenary.json("list", "directives", "--in", "mandates/s-res-2129-2013", "--order-by", "ordinal")
    notes, directs, advises = directives
    assert notes["verb"] == "NOTES" and len(notes["themes"]) == 6
    assert (directs["verb"], directs["addressee"]) == ("DIRECTS", "organizations/cted")
    assert len(directs["stakeholderGroups"]) == 6
    assert advises["advisee"] == "organizations/ctc"


def test_uses_are_ordered_below_each_other_and_never_in_a_circle(plenary):
    """Row 21."""
    below = plenary.names("list", "themes", "--filter", "under(themes/use-facilitate) AND NOT name=themes/use-facilitate")
    assert sorted(below) == [f"themes/use-{use}" for use in ("fund", "incite", "plan", "recruit")]
    lines = plenary("theme", "tree").splitlines()
    place = lines.index("Facilitating terrorist acts  themes/use-facilitate")
    assert [line[:3] for line in lines[place + 1 : place + 5]] == ["├──", "├──", "├──", "└──"]
    error = plenary("update", "theme", "use-facilitate", "--set", "broader=themes/use-fund", "--dry-run", code=7)
    assert "CYCLE" in error


def test_words_are_found_wherever_they_stand(plenary):
    """Rows 22 and 26."""
    found = plenary.names("list", "themes", "--filter", 'search("FTFs")')
    assert found == ["themes/use-ftf-recruitment"]
    assert "themes/use-ftf-recruitment" in plenary("search", "FTFs")
    directive = "mandates/s-res-2129-2013/directives/notes-nexus"
    found = plenary.names("list", "directives", "--in", "mandates/-", "--filter", 'search("Internet")')
    assert directive in found
    for result in plenary.json("search", "Internet"):
        assert result["resourceType"] and all(match["fieldPath"] for match in result["matches"])
    assert directive in plenary.names("search", "Internet")


def test_one_person_spoke_and_nobody_is_named_under_the_chatham_house_rule(own):
    """Row 27."""
    (found,) = own.json("list", "interventions", "--in", DIALOGUES[2])
    speaker = own.json("get", found["speaker"])
    assert speaker["familyName"] == "Chen" and "givenName" not in speaker
    own("create", "series", "closed", "--set", "title=Closed talks")
    options = ["--set", "series=series/closed", "--set", "ordinal=1", "--set", "format=WORKSHOP"]
    options += ["--set", "start_date=2020-01-01", "--set", "end_date=2020-01-02"]
    own("create", "dialogue", "closed-1", *options, "--set", "attribution_rule=CHATHAM_HOUSE")
    wanted = ["--in", "dialogues/closed-1", "--set", f"speaker={found['speaker']}", "--set", "kind=ADDRESS"]
    assert "ATTRIBUTION_FORBIDDEN" in own("create", "intervention", "i1", *wanted, code=7)


def test_a_public_private_partnership_can_be_told_from_others(own):
    """Row 28."""
    assert len(own.json("get", SERIES)["aims"]) == 3
    own("create", "organization", "a-company", "--set", "title=A company", "--set", "kind=PRIVATE_COMPANY")
    participants = []
    for index, organization in enumerate(["a-company", "mfa-malaysia"]):
        participants += ["--set", f"participants.{index}.organization={organization}"]
        participants += ["--set", f"participants.{index}.role=COOPERATING"]
    themes = ["--set", "themes=themes/public-private-partnerships-self-regulation"]
    own("create", "partnership", "ppp", "--set", "kind=PUBLIC_PRIVATE", "--set", f"subject={SERIES}", *participants, *themes)
    assert own.names("list", "partnerships", "--filter", "kind=PUBLIC_PRIVATE") == ["partnerships/ppp"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "حوار آسيا ‏(٢٠١٧)"),
        ("zh", "亚洲对话"),
        ("fr", "Dialogue d’Asie"),
        ("ru", "Диалог Азии"),
        ("es", "Diálogo de Asia"),
        ("ko", "아시아 대화"),
        ("th", "การสนทนาเอเชีย"),
        ("ms", "Dialog Asia"),
    ],
)
def test_a_text_is_kept_in_any_language_through_every_format(own, language, text):
    """Row 30."""
    own("update", SERIES, "--set", f"title={text}", "--language", language)
    for output in ("json", "yaml"):
        written = own("get", SERIES, "-o", output)
        own("update", SERIES, "--file", "-", "--mask", "*", stdin=written)
        title = own.json("get", SERIES)["title"]["values"]
        assert title[language] == text and title["en"] == "Asia ICT and CT Dialogue"
    assert text in own("series", "show", "asia-ict-ct-dialogue", "--language", language)


def test_only_the_third_has_topics_and_a_summary(plenary):
    """Rows 32, 35 and 40."""
    first, second, third = (plenary.json("get", name) for name in DIALOGUES)
    assert (len(first.get("topics", [])), len(second.get("topics", [])), len(third["topics"])) == (0, 0, 5)
    assert "encouraged to go on" in third["summary"]["values"]["en"]
    assert "Cyber protection of critical infrastructure against terrorist attacks" in plenary("theme", "tree")


def test_its_working_groups_have_a_theme_each(plenary):
    """Row 33."""
    found = plenary.json("list", "working-groups", "--in", DIALOGUES[2], "--order-by", "ordinal")
    assert [group["ordinal"] for group in found] == [1, 2, 3]
    assert [group["theme"] for group in found] == plenary.json("get", DIALOGUES[2])["themes"]
    options = ["--set", "ordinal=4", "--set", "theme=themes/use-fund", "--dry-run"]
    error = plenary("create", "working-group", "wg-4", "--in", DIALOGUES[2], *options, code=6)
    assert "THEME_NOT_ON_DIALOGUE" in error


def test_the_whole_item_can_be_imported_again_and_again(own):
    """Rows 43 and 45."""
    assert "0 created, 0 updated, 41 unchanged, 0 failed" in own("import", EXAMPLE)
    exported = own("export")
    with plenaryd() as daemon:
        other = Terminal(daemon.address)
        assert "41 created" in other("import", EXAMPLE, "--dry-run")
        assert other.names("list", "dialogues") == []
        other("import", "-", stdin=exported)
        assert other("export") == exported


def test_a_backup_brings_everything_back(tmp_path):
    """Row 43: backup, wipe, restore, and the digest is the same."""
    data, backups = tmp_path / "data", tmp_path / "backups"
    with plenaryd("--set", f"backup.directory={backups}", data=data) as daemon:
        plenary = Terminal(daemon.address)
        plenary("import", EXAMPLE)
        before = hashlib.sha256(plenary("export").encode()).hexdigest()
        plenary("backup", "one")
    shutil.rmtree(data)
    restored = run("plenaryd", "restore", backups / "one", "--data", data)
    assert restored.returncode == 0, restored.stderr
    with plenaryd(data=data) as daemon:
        plenary = Terminal(daemon.address)
        assert hashlib.sha256(plenary("export").encode()).hexdigest() == before
        assert "0 created, 0 updated, 41 unchanged, 0 failed" in plenary("import", EXAMPLE)


def test_the_whole_item_is_imported_sound_and_says_where_each_value_stands():
    """Row 45."""
    with plenaryd() as daemon:
        plenary = Terminal(daemon.address)
        assert "41 created, 0 updated, 0 unchanged, 0 failed (dry run" in plenary("import", EXAMPLE, "--dry-run")
        assert plenary.names("list", "sources") == []
        assert "41 created, 0 updated, 0 unchanged, 0 failed" in plenary("import", EXAMPLE)
        verdicts = {check["subject"]: check["verdict"] for check in plenary.json("doctor")}
        # Nobody has made a backup of it yet; all else is well.
        assert {verdict for subject, verdict in verdicts.items() if subject != "backup"} == {"ok"}, verdicts
        records = [record for line in plenary.json("export")["records"] for record in line.values()]
        cited = {citation["source"] for record in records for citation in record.get("citations", [])}
        assert cited == set(plenary.names("list", "sources"))
        for source in cited:
            assert plenary.json("get", source)["title"]["values"]
        described = plenary("describe", "dialogue", "asia-ict-ct-3")
        dialogue = plenary.json("get", "dialogue", "asia-ict-ct-3")
        for citation in dialogue["citations"]:
            label = citation["fieldPath"].split(".")[-1].replace("_", " ")
            # The value stands behind the label, over several lines if there are several, and then its place.
            place = re.escape(f"← [1] {citation['locator']}, {citation['status'].lower()}")
            assert re.search(rf"^ *{label} +\S(?:(?!←)[\s\S])*?{place}", described, re.MULTILINE), citation
        assert f"[1]  CTED co-organizes third ICT and counter-terrorism dialogue in Asia ({cited.pop()})" in described


def test_a_program_works_with_the_registry_from_a_terminal_and_goes_on_after_a_restart(tmp_path):
    """Row 42."""
    with plenaryd(data=tmp_path) as daemon:
        plenary = Terminal(daemon.address)
        plenary("import", EXAMPLE)
        plenary("create", "theme", "made", "--set", "scheme=samples", "--set", "pref_label=Made", "--set", "notation=1")
        made = plenary.json("get", "theme", "made")
        plenary("update", "theme", "made", "--set", "notation=2", "--etag", made["etag"])
        assert "ETAG_MISMATCH" in plenary("update", "theme", "made", "--set", "notation=3", "--etag", made["etag"], code=5)
        changed = plenary.json("get", "theme", "made")
    with plenaryd(data=tmp_path) as daemon:
        plenary = Terminal(daemon.address)
        assert plenary.json("get", "theme", "made") == changed
        assert plenary.json("get", "theme", "made", "--at", made["revision"])["notation"] == "1"
        plenary("update", "theme", "made", "--set", "notation=3", "--etag", changed["etag"])
        last = plenary.json("get", "theme", "made")
        assert last["notation"] == "3"
        # A watch from what was seen before the restart on tells what came after it, once.
        told = plenary("watch", "all", "--from", changed["revision"], "--until-now")
        assert [line.split()[3:5] for line in told.splitlines()[1:]] == [["updated", "themes/made"]], told
        assert plenary("watch", "all", "--from", last["revision"], "--until-now") == ""
