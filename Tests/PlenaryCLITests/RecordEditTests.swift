import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import plenary

struct RecordEditTests {
  private func edited<Resource: ResourceMessage>(
    _ record: Resource, language: String = "en", _ assignments: String...
  ) throws -> (record: Resource, mask: [String]) {
    var edit = RecordEdit(record, language: language, kinds: .registry)
    for assignment in assignments { try edit.set(assignment) }
    return (try #require(edit.record as? Resource), edit.mask)
  }

  private func refusal(_ assignment: String) -> String {
    let failure = #expect(throws: Failure.self) { try edited(Dialogue(), assignment) }
    #expect(failure?.status == .usage)
    return failure?.text ?? ""
  }

  @Test func `values are read as their fields want them`() throws {
    let (dialogue, mask) = try edited(
      Dialogue(), "ordinal=4", "format=open-briefing", "start_date=2019-05-01", "end_date=2019",
      "time_zone=Asia/Jakarta",
      "location.latitude=-6.2", "participant_count=0", "location.venue=Hall = 2")
    #expect(dialogue.ordinal == 4)
    #expect(dialogue.format == .openBriefing)
    #expect(dialogue.startDate == CivilDate(year: 2019, month: 5, day: 1).message)
    #expect(dialogue.endDate == CivilDate(year: 2019).message)
    #expect(dialogue.timeZone == "Asia/Jakarta")
    #expect(dialogue.location?.latitude == -6.2)
    #expect(dialogue.location?.venue == "Hall = 2")
    #expect(dialogue.participantCount == 0)
    #expect(
      mask == [
        "ordinal", "format", "start_date", "end_date", "time_zone", "location.latitude", "participant_count",
        "location.venue",
      ])
  }

  @Test func `references are completed where one kind alone can be meant`() throws {
    let (dialogue, mask) = try edited(
      Dialogue(), "series=asia", "themes=a, themes/b", "themes=c", "language_codes=en,fr")
    #expect(dialogue.series == "series/asia")
    #expect(dialogue.themes == ["themes/a", "themes/b", "themes/c"])
    #expect(dialogue.languageCodes == ["en", "fr"])
    #expect(mask == ["series", "themes", "language_codes"])
    #expect(try edited(Partnership(), "subject=asia").record.subject == "asia")
  }

  @Test func `a list begins anew and takes what is repeated`() throws {
    let old = Dialogue.with { $0.themes = ["themes/old"] }
    #expect(try edited(old, "themes=a").record.themes == ["themes/a"])
    let aims = try edited(Series(), "aims=Share, and learn", "aims=Build").record.aims
    #expect(aims.map { $0.values["en"] } == ["Share, and learn", "Build"])
  }

  @Test func `a text is set in one language and keeps the others`() throws {
    let (fresh, mask) = try edited(Series(), language: "fr", "title=Dialogue Asie")
    #expect(fresh.title?.values == ["fr": "Dialogue Asie"])
    #expect(fresh.title?.originalLanguage == "fr")
    #expect(mask == ["title.values.fr"])
    let both = try edited(fresh, "title=Asia dialogue", "title.values.zh-Hant=亞洲對話")
    #expect(both.record.title?.values == ["fr": "Dialogue Asie", "en": "Asia dialogue", "zh-Hant": "亞洲對話"])
    #expect(both.record.title?.originalLanguage == "fr")
    #expect(both.mask == ["title.values.en", "title.values.zh-Hant"])
    let theme = try edited(Theme(), "alt_labels=Recruitment of FTFs").record
    #expect(theme.altLabels.map(\.language) == ["en"])
    #expect(theme.altLabels.map(\.value) == ["Recruitment of FTFs"])
  }

  @Test func `an index leads to an entry of a list, the next one included`() throws {
    let (partnership, mask) = try edited(
      Partnership(), "participants.0.organization=cted", "participants.0.role=co-organizer",
      "participants.1.organization=searcct", "participants.1.start_date=2017")
    #expect(partnership.participants.map(\.organization) == ["organizations/cted", "organizations/searcct"])
    #expect(partnership.participants.map(\.role) == [.coOrganizer, .unspecified])
    #expect(partnership.participants[1].startDate?.year == 2017)
    #expect(mask == ["participants"])
    let failure = #expect(throws: Failure.self) { try edited(Partnership(), "participants.1.role=HOST") }
    #expect(
      failure?.text
        == "error: --set participants.1.role: there are 0 entries, and the next one is number 0")
    let descriptor = Partnership.descriptor
    #expect(try RecordEdit.leadsIntoList("participants.0.role=HOST", in: descriptor))
    #expect(try !RecordEdit.leadsIntoList("participants=[]", in: descriptor))
  }

  @Test func `anything can be given as JSON`() throws {
    let (partnership, mask) = try edited(
      Partnership(), #"participants=[{"organization":"organizations/a","role":"HOST"}]"#,
      #"title={"values":{"th":"ความร่วมมือ"}}"#)
    #expect(partnership.participants.map(\.role) == [.host])
    #expect(partnership.title?.values == ["th": "ความร่วมมือ"])
    #expect(mask.first == "participants")
    let cited = try edited(
      Dialogue(), #"citations.0={"fieldPath":"ordinal","source":"sources/a"}"#,
      #"citations={"fieldPath":"format","source":"sources/b"}"#)
    #expect(cited.record.citations.map(\.fieldPath) == ["format"])
    #expect(
      try edited(cited.record, "citations.1.source=a").record.citations.map(\.source) == ["sources/b", "sources/a"])
    #expect(
      refusal(#"location={"localty":"x"}"#)
        == "error: --set location: the JSON of location.localty: plenary.v1.Dialogue.Location has no field \"localty\", "
        + "did you mean \"locality\"?")
  }

  @Test func `entries of a map are set by their keys`() throws {
    let (dialogue, mask) = try edited(Dialogue(), "annotations.project=x", "annotations.`a.b`=y")
    #expect(dialogue.annotations == ["project": "x", "a.b": "y"])
    #expect(mask == ["annotations.project", "annotations.`a.b`"])
  }

  @Test func `clearing names the field and takes its value away`() throws {
    var edit = RecordEdit(
      Dialogue.with {
        $0.ordinal = 3
        $0.location = .with { $0.venue = "Hall" }
      }, language: "en", kinds: .registry)
    try edit.clear("ordinal")
    try edit.clear("location.venue")
    #expect((edit.record as? Dialogue)?.ordinal == 0)
    #expect((edit.record as? Dialogue)?.location?.venue == "")
    #expect(edit.mask == ["ordinal", "location.venue"])
    let failure = #expect(throws: Failure.self) { try edit.clear("themes.0") }
    #expect(failure?.what == "'themes.0': themes is a list: name it as a whole")
  }

  @Test func `a file changes what is set in it, or what the mask names`() throws {
    let file = Dialogue.with {
      $0.name = "dialogues/a"
      $0.etag = "\"x\""
      $0.state = .draft
      $0.ordinal = 3
      $0.series = "series/a"
    }
    var edit = RecordEdit(Dialogue(), language: "en", kinds: .registry)
    try edit.take(file, paths: [])
    #expect(edit.mask == ["series", "ordinal"])
    var masked = RecordEdit(Dialogue(), language: "en", kinds: .registry)
    try masked.take(file, paths: ["title", "ordinal"])
    #expect(masked.mask == ["title", "ordinal"])
    #expect(throws: Failure.self) { try masked.take(file, paths: ["ordinl"]) }
  }

  @Test(arguments: [
    ("ordinl=3", "'ordinl': plenary.v1.Dialogue has no field \"ordinl\", did you mean 'ordinal'?"),
    ("format=workshp", "--set format: there is no value 'workshp', did you mean 'WORKSHOP'?"),
    ("start_date=2019/05", "--set start_date: '2019/05' is no date; write it as 2017, 2017-05 or 2017-05-29"),
    ("ordinal=third", "--set ordinal: 'third' is not a whole number that fits"),
    ("ordinal=99999999999", "--set ordinal: '99999999999' is not a whole number that fits"),
    ("location.latitude=north", "--set location.latitude: 'north' is not a number"),
    (
      "location=Bangkok",
      "--set location: location has several fields; set them one by one, or give it as JSON in braces"
    ),
    ("annotations=x", "--set annotations: annotations has entries; set one with --set annotations.KEY=VALUE"),
    ("state=CONCLUDED", "state is set by the registry alone; leave it out"),
    ("name=dialogues/x", "name is set by the registry alone; leave it out"),
    ("etag=x", "the etag is no field to set; give the one that was read with --etag"),
    ("ordinal", "--set 'ordinal' sets nothing; write it as --set path=value"),
    ("=3", "--set '=3' sets nothing; write it as --set path=value"),
  ])
  func `what cannot be set is refused with what can`(_ assignment: String, _ message: String) {
    #expect(refusal(assignment).split(separator: "\n").first.map(String.init) == "error: " + message)
  }
}
