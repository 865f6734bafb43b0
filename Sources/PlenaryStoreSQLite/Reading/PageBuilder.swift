internal import PlenaryStore

/// A page as it fills.
struct PageBuilder {
  private let limit: PageLimit
  private var records: [StoredRecord] = []
  private var byteCount = 0
  private var last: IndexPlace?

  /// How many candidates were left out.
  private(set) var rejectedCount = 0

  /// Whether the page has ended though there is more.
  private(set) var isFull = false

  init(limit: PageLimit) {
    self.limit = limit
  }

  /// Takes a record in, unless the page is full: then it is the proof that there is another page.
  mutating func accept(_ record: StoredRecord, at place: IndexPlace) {
    let size = record.body.count
    if records.count >= max(1, limit.records) || (!records.isEmpty && byteCount + size > limit.bytes) {
      isFull = true
      return
    }
    records.append(record)
    byteCount += size
    last = place
  }

  /// Notes a candidate that does not belong to the list.
  mutating func reject(at place: IndexPlace) {
    rejectedCount += 1
    last = place
    if rejectedCount >= limit.rejected { isFull = true }
  }

  func page(at revision: Revision) -> Page {
    let next = isFull ? last.map { Cursor(value: $0.value, key: Key(stored: $0.key)) } : nil
    return Page(revision: revision, records: records, next: next)
  }
}
