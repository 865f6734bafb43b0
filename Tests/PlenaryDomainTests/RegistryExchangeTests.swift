import Foundation
import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryTestKit
import ProtobufRuntime
import Testing

@Suite struct RegistryImportTests {
  /// The records of the example that the project comes with.
  static func example() throws -> [any ProtobufMessage] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let bytes = try Data(contentsOf: root.appending(path: "Deploy/examples/asia-ict-ct.json"))
    let bundle = try ProtoJSON.decode(Bundle.self, from: Array(bytes))
    return try bundle.records.map { record in
      let messages = Record.descriptor.fields.compactMap { field -> (any ProtobufMessage)? in
        if case .message(let message)? = record.value(ofField: field.number) { message } else { nil }
      }
      return try #require(messages.first)
    }
  }

  private func counts(_ report: ImportReport) -> [Int32] {
    let summary = report.summary
    return [
      summary.createdCount, summary.updatedCount, summary.unchangedCount, summary.skippedCount, summary.failedCount,
    ]
  }

  @Test func `the example is imported once, in any order, and is unchanged the second time`() async throws {
    let example = try Self.example()
    var generator = SeededNumbers(seed: 3)
    for records in [example, example.reversed(), example.shuffled(using: &generator)] {
      try await TestRegistry.run { test in
        let rehearsed = try await test.importing(records, dryRun: true)
        #expect(counts(rehearsed) == [41, 0, 0, 0, 0] && !rehearsed.isApplied && rehearsed.revision.isEmpty)
        let none = try await test.exported()
        #expect(none.isEmpty)
        let first = try await test.importing(records)
        #expect(counts(first) == [41, 0, 0, 0, 0] && first.isApplied, "\(first.results.compactMap(\.error))")
        let second = try await test.importing(records)
        #expect(counts(second) == [0, 0, 41, 0, 0] && second.isApplied && second.revision == first.revision)
      }
    }
  }

  @Test func `what was imported is exported in canonical form, the same from every registry`() async throws {
    let example = try Self.example()
    var exports: [[[UInt8]]] = []
    for records in [example, example.reversed()] {
      try await TestRegistry.run { test in
        try await test.importing(records)
        let exported = try await test.exported()
        exports.append(exported.map(\.bytes))
        try await TestRegistry.run { other in
          let report = try await other.importing(exported.map(\.record.message))
          #expect(report.isApplied)
          exports.append(try await other.exported().map(\.bytes))
        }
      }
    }
    #expect(exports.count == 4 && exports[0].count == 41)
    #expect(exports.allSatisfy { $0 == exports[0] })
  }

  @Test func `the export of the example says what the example says`() async throws {
    let example = try Self.example()
    try await TestRegistry.run { test in
      try await test.importing(example)
      let exported = Dictionary(
        uniqueKeysWithValues: try await test.exported().map { (name(of: $0.record.message), $0.record.message) })
      for record in example {
        let stored = try #require(exported[name(of: record)])
        for field in type(of: record).descriptor.fields where ![11, 14].contains(field.number) {
          #expect(
            stored.value(ofField: field.number) == record.value(ofField: field.number),
            "\(name(of: record)) \(field.name)")
        }
        let marking = try #require(stored.value(ofField: 11).flatMap { Marking($0) })
        #expect([.clear, .green].contains(marking.label) && !marking.inherited)
      }
    }
  }

  private func name(of record: any ProtobufMessage) -> String {
    if case .string(let name)? = record.value(ofField: 1) { name } else { "" }
  }

  @Test func `one bad record and nothing changes, every failure listed`() async throws {
    try await TestRegistry.run { test in
      let report = try await test.importing([
        Sample.series(),
        Dialogue.with {
          $0 = Sample.dialogue("d1", ordinal: 1); $0.timeZone = "?"
        },
        Sample.dialogue("d2", ordinal: 2), Sample.dialogue("d3", ordinal: 2), Sample.group("w1", of: "nowhere"),
        Sample.series(), Theme.with { $0.name = "themes/T" }, Sample.partnership("p1", subject: "dialogues/none"),
      ])
      #expect(!report.isApplied && report.revision.isEmpty)
      let outcomes = report.results.map { $0.error?.reason.rawValue ?? $0.outcome.description }
      #expect(
        outcomes == [
          "CREATED", "CODE_UNKNOWN", "ORDINAL_TAKEN", "ORDINAL_TAKEN", "REFERENCE_NOT_FOUND", "IMPORT_RECORD_INVALID",
          "ID_INVALID", "REFERENCE_NOT_FOUND",
        ])
      #expect(report.summary.failedCount == 7)
      let exported = try await test.exported()
      #expect(exported.isEmpty)
    }
  }

  @Test func `a name that is taken fails, is skipped or is replaced`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme(), Sample.theme("t2"))
      let changed = Theme.with {
        $0 = Sample.theme(); $0.notation = "7"
      }
      let records = [changed, Sample.theme("t2"), Sample.theme("t3")]
      let failed = try await test.importing(records)
      #expect(counts(failed) == [1, 0, 1, 0, 1] && failed.results[0].error?.reason == .resourceExists)
      let skipped = try await test.importing(records, conflict: .skip)
      #expect(counts(skipped) == [1, 0, 1, 1, 0] && skipped.isApplied)
      let replaced = try await test.importing(records, conflict: .replace)
      #expect(counts(replaced) == [0, 1, 2, 0, 0] && replaced.isApplied)
      let theme = try await test.get(GetThemeRequest.with { $0.name = "themes/t1" })
      #expect(theme.notation == "7")
    }
  }

  @Test func `records may exchange what only one may have`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series(), Sample.dialogue("d1", ordinal: 1), Sample.dialogue("d2", ordinal: 2))
      let swapped = [
        Dialogue.with { $0 = Sample.dialogue("d1", ordinal: 2) },
        Dialogue.with { $0 = Sample.dialogue("d2", ordinal: 1) },
      ]
      let report = try await test.importing(swapped, conflict: .replace)
      #expect(report.isApplied, "\(report.results.compactMap(\.error))")
    }
  }

  @Test func `a state that is given enters the registry as it was`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue()
      dialogue.state = .archived
      dialogue.uid = "theirs"
      try await test.seed(dialogue)
      let stored = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" })
      #expect(stored.state == .archived && stored.uid != "theirs")
      dialogue.state = .deleted
      let report = try await test.importing([dialogue], conflict: .replace)
      #expect(report.results[0].error?.reason == .importRecordInvalid)
    }
  }

  @Test func `a deleted record is not brought back by an import`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme())
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/t1" })
      let report = try await test.importing([Sample.theme()], conflict: .replace)
      let error = try #require(report.results[0].error)
      #expect(error.reason == .resourceExists && error.metadata["deleted"] == "true")
      #expect(error.message.contains("is deleted") && !error.message.contains("REPLACE"))
    }
  }

  @Test func `a number that an enum does not have is refused in every field, the state included`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue()
      dialogue.state = .init(rawValue: 99)
      dialogue.title?.origins = ["en": .init(rawValue: 98)]
      let stateless = Dialogue.with {
        $0 = dialogue
        $0.state = .unspecified
      }
      for (record, field, value) in [(dialogue, "state", "99"), (stateless, "title.origins.en", "98")] {
        let report = try await test.importing([record])
        let error = try #require(report.results[0].error)
        #expect(error.reason == .codeUnknown && error.metadata["value"] == value && !report.isApplied)
        #expect(error.violations.map(\.field) == [field])
      }
    }
  }

  @Test func `imports that are under way have one budget, and give their part back`() async throws {
    let record = try Record(holding: Sample.theme())
    let size = try record.serializedBytes().count
    var memory = Registry.MemoryLimits()
    memory.importByteCountMax = 3 * size
    try await TestRegistry.run(memory: memory) { test in
      let budget = test.registry.importBudget
      var first = try ImportBatch(.init(), within: budget)
      for _ in 0..<2 { try first.append(record) }
      do {
        var second = try ImportBatch(.init(), within: budget)
        try second.append(record)
        let error = #expect(throws: DomainError.self) { try second.append(record) }
        #expect(error?.reason == .limitReached && error?.isPassing == true)
      }
      try first.append(record)
    }
  }

  @Test func `a repeated import reports what the first one did`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme())
      let id = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
      let records = [
        Theme.with {
          $0 = Sample.theme(); $0.notation = "7"
        }, Sample.theme("t2"), Sample.theme("t3"),
      ]
      let first = try await test.importing(records, conflict: .replace, requestID: id)
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/t3" })
      let second = try await test.importing(records, conflict: .replace, requestID: id)
      #expect(counts(first) == [2, 1, 0, 0, 0])
      #expect(counts(second) == counts(first) && second.isApplied && second.revision == first.revision)
      await expectRefusal(.requestIDReused) { try await test.importing([Sample.theme("t4")], requestID: id) }
    }
  }

  @Test func `an import has limits`() throws {
    var batch = try ImportBatch(.init(), within: MemoryBudget(byteCount: ImportBatch.byteCountMax))
    let record = try Record(holding: Theme())
    for _ in 0..<ImportBatch.recordCountMax { try batch.append(record) }
    let error = #expect(throws: DomainError.self) { try batch.append(record) }
    #expect(error?.reason == .limitReached)
  }

  @Test func `an export is of the kinds that are asked for`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Sample.theme("t2"), Sample.theme())
      let exported = try await test.exported(["plenary.registry/Theme"])
      #expect(exported.map { name(of: $0.record.message) } == ["themes/t1", "themes/t2"])
      let error = await expectRefusal(.resourceTypeUnknown, "resource_types") {
        _ = try await test.exported(["plenary.registry/Themes"])
      }
      #expect(error?.metadata["suggestion"] == "plenary.registry/Theme")
      let counts = try await test.registry.counts(as: TestRegistry.caller).counts
      #expect(counts.count == 20 && counts.map(\.count).reduce(0, +) == 3)
    }
  }
}

extension Record {
  /// The record itself.
  var message: any ProtobufMessage {
    for field in Self.descriptor.fields {
      if case .message(let message)? = value(ofField: field.number) { return message }
    }
    return Theme()
  }
}
