import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

/// What a record may hold, however it was put together to be costly.
@Suite(.timeLimit(.minutes(10))) struct RecordLimitTests {
  private func created(_ populate: (inout Person) -> Void) async throws -> Person? {
    var person = Sample.person()
    populate(&person)
    var created: Person?
    try await TestRegistry.run { test in
      created = try await test.create(CreatePersonRequest.with { ($0.person, $0.personID) = (person, "p1") })
    }
    return created
  }

  @Test func `characters are counted as scalars, after the text is normalized`() async throws {
    let max = RecordNormalization.textLengthMax
    // Each of these is one character to a reader.
    let family = "\u{1F468}\u{200D}\u{1F469}"
    let longest = String(repeating: family, count: max / 3) + "x"
    #expect(try await created { $0.familyName = longest }?.familyName == longest)
    await expectRefusal(.textTooLong, "family_name") { _ = try await created { $0.familyName = longest + "x" } }
    let composed = String(repeating: "é", count: max)
    let decomposed = String(repeating: "e\u{301}", count: max)
    #expect(try await created { $0.familyName = decomposed }?.familyName.unicodeScalars.count == max)
    #expect(composed == decomposed)
    await expectRefusal(.textTooLong, "family_name") { _ = try await created { $0.familyName = decomposed + "x" } }
  }

  @Test func `a text of more combining marks in a row than any writing has is refused unread`() async throws {
    let most = "e" + String(repeating: "\u{301}\u{323}", count: String.combiningMarkCountMax / 2)
    #expect(try await created { $0.familyName = most } != nil)
    await expectRefusal(.textTooLong, "family_name") { _ = try await created { $0.familyName = most + "\u{301}" } }
    let endless = "e" + String(repeating: "\u{301}\u{323}", count: 1_000_000)
    await expectRefusal(.textTooLong, "family_name") { _ = try await created { $0.familyName = endless } }
    await expectRefusal(.textTooLong, "office_title.values.en") {
      _ = try await created { $0.officeTitle = LocalizedText(endless) }
    }
    await expectRefusal(.textTooLong, "annotations.k") { _ = try await created { $0.annotations = ["k": endless] } }
  }

  @Test func `maps have a most number of entries`() async throws {
    func annotations(_ count: Int) -> [String: String] {
      Dictionary(uniqueKeysWithValues: (0..<count).map { ("k\($0)", "") })
    }
    func title(_ count: Int) -> LocalizedText {
      .with { $0.values = Dictionary(uniqueKeysWithValues: (0..<count).map { ("x-\($0)", "text") }) }
    }
    let most = RecordNormalization.annotationCountMax
    #expect(try await created { $0.annotations = annotations(most) } != nil)
    await expectRefusal(.listTooLong, "annotations") {
      _ = try await created { $0.annotations = annotations(most + 1) }
    }
    let languages = RecordNormalization.listCountMax
    #expect(try await created { $0.officeTitle = title(languages) } != nil)
    await expectRefusal(.listTooLong, "office_title.values") {
      _ = try await created { $0.officeTitle = title(languages + 1) }
    }
  }

  @Test func `fields that this version does not know are not kept`() async throws {
    // Field 3000, a number.
    let unknown: [UInt8] = [0xC0, 0xBB, 0x01, 0x07]
    let title = try LocalizedText("Title").serializedBytes() + unknown
    let date = try GoogleDate(2018).serializedBytes() + unknown
    let time = try ProtobufTimestamp(seconds: 5, nanos: 0).serializedBytes() + unknown
    var source = try Source(serializedBytes: Sample.source().serializedBytes() + unknown)
    source.title = try LocalizedText(serializedBytes: title)
    source.publishDate = try GoogleDate(serializedBytes: date)
    source.retrieveTime = try ProtobufTimestamp(serializedBytes: time)
    var clean = Sample.source()
    (clean.publishDate, clean.retrieveTime) = (GoogleDate(2018), ProtobufTimestamp(seconds: 5, nanos: 0))
    clean.title = LocalizedText("Title")
    #expect(source != clean)
    try await TestRegistry.run { test in
      let created = try await test.create(CreateSourceRequest.with { ($0.source, $0.sourceID) = (source, "s1") })
      let report = try await test.importing([
        Source.with {
          $0 = source
          $0.name = "sources/s2"
        }
      ])
      #expect(report.isApplied)
      let updated = try await test.update(
        UpdateSourceRequest.with {
          $0.source = source
          $0.updateMask = ProtobufFieldMask(paths: ["*"])
        })
      let imported = try await test.get(GetSourceRequest.with { $0.name = "sources/s2" })
      for stored in [created, updated, imported] {
        #expect(stored.title == clean.title && stored.publishDate == clean.publishDate)
        #expect(stored.retrieveTime == clean.retrieveTime && stored.unknownFields == UnknownFields())
      }
    }
  }
}
