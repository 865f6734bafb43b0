"""Exports as files: read by foreign readers of the formats, over the API and from the command line."""

import csv
import datetime
import io
import json
import xml.etree.ElementTree as ElementTree

import icalendar
import pytest
import rdflib
import stix2
from google.protobuf.field_mask_pb2 import FieldMask
from rdflib.namespace import DCTERMS, OWL, RDF, SKOS

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS
from plenary_testing.identities import cli, two_organizations
from plenary_testing.registry import RegistryClient, plenaryd

BASE = "urn:plenary:"
SCHEMA = rdflib.Namespace("https://schema.org/")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
FORMATS = ["ICALENDAR", "SCHEMA_ORG", "SKOS_TURTLE", "SKOS_RDF_XML", "STIX", "IATI"]

# Texts that formats stumble over; what a reader gets back of each is the same but for what the format cannot hold.
NASTY = [
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "-2+3",
    "'already quoted'",
    'a "quoted", text; with: everything\\',
    "two\nlines",
    "التدريب على مكافحة الإرهاب",
    "\u200fmarks\u200e of \u202edirection\u202c",
    "<b>&amp;</b> ]]> --> <!-- </script>",
    "كلمة " * 300,
    "技術" * 200,
    "\U0001f30d" * 60,
    "{% raw %} ${jndi} %s %n",
    "line\u2028separator\u2029",
    "tab\there",
]


def export_file(client, format, types=(), **fields):
    """The bytes of a file, and its media type."""
    request = client.api.request(
        "ExportRegistry", format=format, resource_types=[f"plenary.registry/{type}" for type in types], **fields
    )
    answers = client.api.stub(client.channel, "ExportRegistry")(request, timeout=CALL_SECONDS)
    header = next(answers)
    assert header.HasField("header") and header.header.revision and header.header.media_type
    data = b""
    for answer in answers:
        assert answer.WhichOneof("content") in ("data", "progress")
        data += answer.data
    return data


def events_of(data):
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")
    assert data.endswith(b"END:VCALENDAR\r\n") and b"\n" not in data.replace(b"\r\n", b"")
    calendar = icalendar.Calendar.from_ical(data)
    assert calendar["VERSION"] == "2.0" and not calendar.errors
    assert all(not event.errors for event in calendar.walk("VEVENT"))
    return calendar, calendar.walk("VEVENT")


def graph_of(data, format):
    graph = rdflib.Graph()
    graph.parse(data=data, format=format)
    return graph


def rows_of(data):
    """The records of a table by name, as whoever reads it has them: one apostrophe is taken away where a cell has one."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    assert all(len(row) == len(rows[0]) for row in rows)
    undone = [[cell[1:] if cell.startswith("'") else cell for cell in row] for row in rows]
    return {row[0]: dict(zip(rows[0], row)) for row in undone[1:]}


def concept(name):
    return rdflib.URIRef(BASE + name)


# The example


def test_the_dialogues_of_the_example_are_events(example):
    calendar, events = events_of(export_file(example, "ICALENDAR"))
    assert calendar["X-PLENARY-TLP"] == "TLP:GREEN" and len(events) == 3
    by_uid = {str(event["UID"]): event for event in events}
    for number, first, last in [(1, (2017, 5, 29), (2017, 5, 30)), (2, (2018, 1, 24), (2018, 1, 25)), (3, (2018, 11, 7), (2018, 11, 8))]:
        dialogue = example.GetDialogue(name=f"dialogues/asia-ict-ct-{number}")
        event = by_uid[dialogue.uid]
        # Acceptance row 2: the end is the day after the last one.
        assert event["DTSTART"].dt == datetime.date(*first)
        assert event["DTEND"].dt == datetime.date(*last) + datetime.timedelta(days=1)
        assert event["STATUS"] == "CONFIRMED" and event["SEQUENCE"] == dialogue.schedule_sequence
        assert event["DTSTAMP"].dt.timestamp() == dialogue.update_time.seconds
        # Where a dialogue has no title, the series and its number stand for it.
        title = dialogue.title.values.get("en", f"Asia ICT and CT Dialogue ({number})")
        assert str(event["SUMMARY"]) == title
        assert event["SUMMARY"].params["LANGUAGE"] == "en"
        assert dialogue.location.locality in event["LOCATION"]
    assert by_uid[example.GetDialogue(name="dialogues/asia-ict-ct-3").uid]["DTEND"].to_ical() == b"20181109"


def test_the_themes_of_the_example_are_concepts_in_both_forms_of_rdf(example):
    turtle = graph_of(export_file(example, "SKOS_TURTLE"), "turtle")
    rdf_xml = graph_of(export_file(example, "SKOS_RDF_XML"), "xml")
    assert set(turtle) == set(rdf_xml)
    themes = example.records("ListThemes", page_size=1000)
    assert {concept(theme.name) for theme in themes} == set(turtle.subjects(RDF.type, SKOS.Concept))
    for theme in themes:
        assert {concept(name) for name in theme.broader} == set(turtle.objects(concept(theme.name), SKOS.broader))
        assert {rdflib.Literal(text, lang=tag) for tag, text in theme.pref_label.values.items()} == set(
            turtle.objects(concept(theme.name), SKOS.prefLabel)
        )
    # Acceptance row 21: the four below one, told from both sides.
    below = set(turtle.subjects(SKOS.broader, concept("themes/use-facilitate")))
    assert len(below) == 4 and below == set(turtle.objects(concept("themes/use-facilitate"), SKOS.narrower))


def test_the_example_is_events_of_a_series_in_schema_org(example):
    data = export_file(example, "SCHEMA_ORG")
    graph = graph_of(data, "json-ld")
    series = concept("series/asia-ict-ct-dialogue")
    assert (series, RDF.type, SCHEMA.EventSeries) in graph
    events = set(graph.subjects(SCHEMA.superEvent, series))
    assert events == {concept(f"dialogues/asia-ict-ct-{number}") for number in (1, 2, 3)}
    third = concept("dialogues/asia-ict-ct-3")
    assert concept("organizations/cted") in set(graph.objects(third, SCHEMA.organizer))
    assert concept("organizations/searcct") in set(graph.objects(third, SCHEMA.contributor))
    assert str(graph.value(third, SCHEMA.startDate)) == "2018-11-07"
    assert graph.value(third, SCHEMA.eventStatus) == SCHEMA.EventScheduled
    place = graph.value(graph.value(third, SCHEMA.location), SCHEMA.address)
    assert str(graph.value(place, SCHEMA.addressCountry)) == "MY"
    assert str(graph.value(predicate=SCHEMA.conditionsOfAccess, subject=graph.value(None, RDF.type, SCHEMA.DataFeed))) == (
        "TLP:GREEN"
    )
    assert all("tlp" in node for node in json.loads(data)["@graph"][1:])


def test_the_organizations_of_the_example_are_identities(example):
    data = export_file(example, "STIX")
    bundle = stix2.parse(data.decode("utf-8"), allow_custom=False)
    by_id = {item.id: item for item in bundle.objects}
    for organization in example.records("ListOrganizations", page_size=1000):
        identity = by_id[f"identity--{organization.uid}"]
        assert identity.name == organization.title.values["en"] and identity.identity_class == "organization"
        (mark,) = identity.object_marking_refs
        assert json.loads(data) and mark in {item["id"] for item in json.loads(data)["objects"]}


@pytest.mark.parametrize(
    "kind",
    ["Source", "Organization", "Person", "Theme", "Mandate", "Directive", "Initiative", "Series", "Dialogue", "Partnership"],
)
def test_every_record_of_a_kind_is_a_line_of_its_table(example, kind):
    rows = rows_of(export_file(example, "CSV", [kind]))
    exported = example.export(resource_types=[f"plenary.registry/{kind}"])
    assert list(rows) == [getattr(record, record.WhichOneof("kind")).name for record in exported]
    for record in exported:
        record = getattr(record, record.WhichOneof("kind"))
        row = rows[record.name]
        assert row["marking.label"].startswith("TLP:")
        if kind == "Partnership":
            participants = json.loads(row["participants"])
            assert [part["organization"] for part in participants] == [part.organization for part in record.participants]


# Nasty texts


@pytest.fixture
def nasty(api, registry):
    """A client of a registry whose texts are all nasty: themes, organizations and dialogues."""
    records = []
    for index, text in enumerate(NASTY):
        title = api.LocalizedText(values={"ar": text, "en": f"{index} {text}"}, original_language="ar")
        records.append(api.Record(theme=api.Theme(
            name=f"themes/t{index}", scheme="nasty", pref_label=api.LocalizedText(values={"ar": text}, original_language="ar"),
            definition=title, notation=text[:900],
        )))
        records.append(api.Record(organization=api.Organization(
            name=f"organizations/o{index}", title=title, kind="CIVIL_SOCIETY", acronym=text[:900], description=title,
            identifiers=[{"scheme": "IATI", "value": f"XM-DAC-{index}"}],
        )))
        dialogue = api.Dialogue(
            name=f"dialogues/d{index}", title=title, summary=title, language_codes=["ar"],
            themes=[f"themes/t{index}"],
        )
        for date in (dialogue.start_date, dialogue.end_date):
            date.year, date.month, date.day = 2018, 12, 31
        dialogue.location.venue = text[:900]
        records.append(api.Record(dialogue=dialogue))
    answer = registry.import_records(records)
    assert answer.summary.applied, answer.results
    return registry


def stored(client, method):
    """The records as the registry has kept them, by name."""
    return {record.name: record for record in client.records(method, page_size=1000)}


def test_nasty_texts_come_back_from_a_calendar(nasty):
    dialogues = {dialogue.uid: dialogue for dialogue in stored(nasty, "ListDialogues").values()}
    themes = stored(nasty, "ListThemes")
    for language in ("ar", "en"):
        _, events = events_of(export_file(nasty, "ICALENDAR", language_codes=[language]))
        assert len(events) == len(NASTY)
        for event in events:
            dialogue = dialogues[str(event["UID"])]
            assert str(event["SUMMARY"]) == dialogue.title.values[language]
            assert str(event["DESCRIPTION"]) == dialogue.summary.values[language]
            assert event["SUMMARY"].params["LANGUAGE"] == language
            assert str(event["LOCATION"]) == dialogue.location.venue
            assert [str(label) for label in event["CATEGORIES"].cats] == [themes[dialogue.themes[0]].pref_label.values["ar"]]
            assert event["DTEND"].dt == datetime.date(2019, 1, 1)


def test_nasty_texts_come_back_from_rdf(nasty):
    themes = stored(nasty, "ListThemes")
    turtle = graph_of(export_file(nasty, "SKOS_TURTLE"), "turtle")
    rdf_xml = graph_of(export_file(nasty, "SKOS_RDF_XML"), "xml")
    schema = graph_of(export_file(nasty, "SCHEMA_ORG"), "json-ld")
    for name, theme in themes.items():
        for graph in (turtle, rdf_xml):
            assert str(graph.value(concept(name), SKOS.notation)) == theme.notation
            assert set(graph.objects(concept(name), SKOS.definition)) == {
                rdflib.Literal(text, lang=tag) for tag, text in theme.definition.values.items()
            }
    for name, dialogue in stored(nasty, "ListDialogues").items():
        assert set(schema.objects(concept(name), SCHEMA.name)) == {
            rdflib.Literal(text, lang=tag) for tag, text in dialogue.title.values.items()
        }


def test_nasty_texts_come_back_from_tables_and_no_cell_is_a_formula(nasty):
    data = export_file(nasty, "CSV", ["Organization"], language_codes=["ar"])
    for row in csv.reader(io.StringIO(data.decode("utf-8"), newline="")):
        assert not any(cell and cell[0] in "=+-@\t\r" for cell in row)
    organizations = stored(nasty, "ListOrganizations")
    for name, row in rows_of(data).items():
        assert row["title"] == organizations[name].title.values["ar"] and row["title.language"] == "ar"
        assert json.loads(row["title.all"]) == dict(organizations[name].title.values)
        assert row["acronym"] == organizations[name].acronym


def test_nasty_texts_come_back_from_stix_and_iati(nasty):
    organizations = stored(nasty, "ListOrganizations")
    bundle = stix2.parse(export_file(nasty, "STIX").decode("utf-8"), allow_custom=False)
    identities = {item.id: item for item in bundle.objects if item.type == "identity"}
    contents = {item.object_ref: item for item in bundle.objects if item.type == "language-content"}
    root = ElementTree.fromstring(export_file(nasty, "IATI"))
    assert root.tag == "iati-organisations" and root.get("version") == "2.03"
    reported = {item.findtext("organisation-identifier"): item for item in root}
    for organization in organizations.values():
        identity = identities[f"identity--{organization.uid}"]
        assert (identity.name, identity.lang) == (organization.title.values["en"], "en")
        assert contents[identity.id].contents["ar"]["name"] == organization.title.values["ar"]
        item = reported[organization.identifiers[0].value]
        # IATI 2.03: what an organisation must have, in this order.
        assert [child.tag for child in item] == ["organisation-identifier", "name", "reporting-org"]
        assert {part.get(XML_LANG): part.text for part in item.find("name")} == dict(organization.title.values)
        by = item.find("reporting-org")
        assert (by.get("ref"), by.get("type")) == (organization.identifiers[0].value, "90")
        assert by.find("narrative") is not None


def test_a_deprecated_theme_says_what_replaces_it(api, registry):
    for id, fields in [("new", {}), ("old", {"replaced_by": "themes/new", "related": ["themes/new"]})]:
        registry.CreateTheme(theme_id=id, theme=api.theme(id, **fields))
    registry.DeprecateTheme(name="themes/old")
    graph = graph_of(export_file(registry, "SKOS_TURTLE", base_uri="https://registry.example/a/"), "turtle")
    old, new = (rdflib.URIRef(f"https://registry.example/a/themes/{id}") for id in ("old", "new"))
    assert graph.value(old, OWL.deprecated) == rdflib.Literal(True)
    assert graph.value(old, DCTERMS.isReplacedBy) == new
    assert graph.value(old, SKOS.related) == new and graph.value(new, SKOS.related) == old


# Marks


def test_what_one_agency_holds_back_is_in_no_file_of_another(api, admin, member):
    two_organizations(api, admin)
    a, b = (member(f"desk-{name}", "EDITOR@*", organization=f"organizations/{name}") for name in "ab")
    marking = api.Marking(label="AMBER_STRICT", organizations=["organizations/a"])
    a.CreateTheme(theme_id="open", theme=api.theme("open"))
    a.CreateTheme(theme_id="held", theme=api.theme("hush", marking=marking, related=["themes/open"]))
    a.CreateOrganization(organization_id="held", organization=api.Organization(
        title=api.text("hush"), kind="PRIVATE_COMPANY", marking=marking, identifiers=[{"scheme": "IATI", "value": "XM-DAC-1"}]
    ))
    dialogue = api.Dialogue(title=api.text("hush"), themes=["themes/held"], marking=marking)
    dialogue.start_date.year, dialogue.start_date.month, dialogue.start_date.day = 2018, 5, 1
    a.CreateDialogue(dialogue_id="held", dialogue=dialogue)
    kinds = ["Theme", "Organization", "Dialogue"]
    for format, types in [*((format, []) for format in FORMATS), *(("CSV", [kind]) for kind in kinds)]:
        mine, theirs = (export_file(client, format, types) for client in (a, b))
        assert b"hush" in mine and b"AMBER" in mine.upper(), format
        assert b"hush" not in theirs and b"/held" not in theirs and b"AMBER" not in theirs.upper(), format
        # A ceiling makes the same of it for whoever sees more.
        assert b"hush" not in export_file(a, format, types, ceiling_label="GREEN")


def test_reading_what_is_held_back_into_a_file_is_noted(api, admin, member):
    two_organizations(api, admin)
    a = member("desk-a", "EDITOR@*", organization="organizations/a")
    marking = api.Marking(label="AMBER_STRICT", organizations=["organizations/a"])
    a.CreateTheme(theme_id="held", theme=api.theme("hush", marking=marking))
    export_file(a, "SKOS_TURTLE")

    def noted():
        entries = admin.ListAccessEntries(resource="themes/held", principal="clients/desk-a").entries
        return any(entry.method == "Export" for entry in entries)

    # What is noted is there within a second.
    deadline = datetime.datetime.now() + datetime.timedelta(seconds=CALL_SECONDS)
    while not noted():
        assert datetime.datetime.now() < deadline


# The command line


def test_the_command_line_writes_the_same_bytes_under_any_zone_and_locale(api, tmp_path):
    with plenaryd() as daemon, RegistryClient(api, daemon.address) as client:
        assert client.import_records(api.example()).summary.applied
        words = {"ICALENDAR": "ics", "SCHEMA_ORG": "jsonld", "SKOS_TURTLE": "skos", "SKOS_RDF_XML": "skos-xml", "STIX": "stix", "IATI": "iati"}
        for format, word in words.items():
            expected = export_file(client, format)
            for zone, locale in [("Asia/Kuala_Lumpur", "ar_EG.UTF-8"), ("America/New_York", "tr_TR.UTF-8")]:
                path = tmp_path / word
                done = run(
                    "plenary", "export", "--format", word, "--file", path, "--server", daemon.address,
                    env={"TZ": zone, "LANG": locale, "LC_ALL": locale},
                )
                assert done.returncode == 0, done.stderr
                assert path.read_bytes() == expected and f"{len(expected)} bytes in {path}" in done.stderr
        done = cli(daemon, "export", "--format", "csv", "dialogues", "--language", "en", "--filter", "ordinal = 3")
        assert list(rows_of(done.stdout.replace("\n", "\r\n").encode())) == ["dialogues/asia-ict-ct-3"]


def test_daemons_in_other_zones_and_locales_write_the_same_bytes(api):
    files = []
    for env, records in [
        ({"TZ": "Asia/Tokyo", "LANG": "ar_EG.UTF-8"}, api.example()),
        ({"TZ": "America/New_York", "LC_ALL": "tr_TR.UTF-8"}, list(reversed(api.example()))),
    ]:
        with plenaryd(env=env) as daemon, RegistryClient(api, daemon.address) as client:
            assert client.import_records(records).summary.applied
            kinds = ["Theme", "Dialogue", "Organization", "Partnership", "Directive"]
            files.append(
                [export_file(client, format) for format in ("SCHEMA_ORG", "SKOS_TURTLE", "SKOS_RDF_XML")]
                + [export_file(client, "CSV", [kind]) for kind in kinds]
            )
    assert files[0] == files[1]


def test_a_file_shows_the_registry_as_it_was(api, registry):
    registry.CreateTheme(theme_id="t", theme=api.theme("before"))
    revision = registry.GetTheme(name="themes/t").revision
    registry.UpdateTheme(
        theme=api.Theme(name="themes/t", pref_label=api.text("after")), update_mask=FieldMask(paths=["pref_label"])
    )
    assert b"before" in export_file(registry, "SKOS_TURTLE", revision=revision)
    assert b"after" in export_file(registry, "SKOS_TURTLE") and b"after" in export_file(
        registry, "SKOS_TURTLE", at_least_as_fresh=revision
    )
