internal import PlenaryClient

extension Registry {
  /// How many titles are asked for at once.
  private static let titleCallsMax = 16

  /// The titles of records, by their names. A record that is not there, or has no title, has none here.
  ///
  /// - Throws: the status of a call that failed for another reason than that the record is not there.
  func titles(of names: some Sequence<String>, language: String) async throws -> [String: RecordTitle] {
    var waiting = Set(names).sorted().compactMap { name in kinds.kind(ofName: name).map { (name: name, kind: $0) } }[
      ...]
    var titles: [String: RecordTitle] = [:]
    try await withThrowingTaskGroup(of: (String, RecordTitle?).self) { group in
      func ask() {
        guard let (name, kind) = waiting.popFirst() else { return }
        group.addTask { (name, try await title(of: name, kind, language: language)) }
      }
      for _ in 0..<Self.titleCallsMax { ask() }
      while let (name, title) = try await group.next() {
        titles[name] = title
        ask()
      }
    }
    return titles
  }

  private func title(of name: String, _ kind: Kind, language: String) async throws(GRPCStatus) -> RecordTitle? {
    do throws(GRPCStatus) {
      let record = try await get(name, of: kind, paths: RecordTitle.paths(of: kind.descriptor))
      return RecordTitle(record, language: language)
    } catch  where error.code == .notFound {
      return nil
    }
  }
}
