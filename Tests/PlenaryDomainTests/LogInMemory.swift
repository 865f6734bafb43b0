import PlenaryStore

/// An access log in memory, the oldest entries first.
struct LogInMemory: AccessLogReader {
  let all: [AccessEntry]

  func entries(_ question: AccessQuestion) async throws(StoreError) -> AccessPage {
    let left = all.filter { entry in
      if let start = question.start, entry.time < start { return false }
      return entry.place > question.place ?? 0 && question.isWanted(entry)
    }
    let page = Array(left.prefix(question.limit))
    return AccessPage(
      entries: page, through: all.last?.place ?? 0, next: left.count > page.count ? page.last?.place : nil)
  }

  func end(at time: CommitTime?) async throws(StoreError) -> AccessLogEnd { AccessLogEnd(number: 0, digest: []) }

  func verify() async throws(StoreError) -> [VerifyReport.Finding] { [] }
}
