import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

/// What readers are given of a stored record.
@Suite struct RecordEncoderTests {
  private static let tokens = VersionTokens(StoreIdentity(id: [UInt8](repeating: 5, count: 16), epoch: 1), seed: 1)

  private func encoded(
    created: Int64, updated: Int64, deleted: Int64? = nil, creator: String = "clients/a"
  ) throws -> Theme {
    let body = try Theme.with { $0.scheme = "s" }.serializedBytes()
    let record = StoredRecord(
      key: Key(stored: "themes/t1"), revision: Revision(7), state: deleted == nil ? .live : .softDeleted, acl: ACL(1),
      label: 1, born: Revision(3), createTime: CommitTime(microseconds: created),
      updateTime: CommitTime(microseconds: updated), deleteTime: deleted.map { CommitTime(microseconds: $0) },
      creator: creator, actor: "clients/b", body: body)
    let kind = try #require(KindCatalog.current.kind(named: "themes/t1"))
    let bytes = RecordEncoder(Self.tokens).bytes(of: record, kind)
    // There is no room for more than what is told.
    #expect(bytes.capacity < bytes.count + 32)
    return try Theme(serializedBytes: bytes)
  }

  private func time(_ microseconds: Int64) -> ProtobufTimestamp {
    let rest = (microseconds % 1_000_000 + 1_000_000) % 1_000_000
    return .with { ($0.seconds, $0.nanos) = ((microseconds - rest) / 1_000_000, Int32(rest) * 1000) }
  }

  @Test(arguments: [
    0, 1, -1, 999_999, 1_000_000, 127_000_000, 128_000_000, -1_000_001, -62_135_596_800_000_000,
    1_541_548_800_000_000, 1_541_548_800_123_456, 253_402_300_799_999_999,
  ])
  func `times come as they were, whenever that was`(_ microseconds: Int64) throws {
    let theme = try encoded(created: 5_000_000, updated: microseconds)
    #expect(theme.createTime == time(5_000_000) && theme.updateTime == time(microseconds))
    #expect(theme.deleteTime == nil && theme.purgeTime == nil)
    let other = try encoded(created: microseconds, updated: microseconds, deleted: microseconds)
    #expect(other.createTime == time(microseconds) && other.updateTime == time(microseconds))
    #expect(other.deleteTime == time(microseconds))
    #expect(other.purgeTime == time(microseconds + RecordEncoder.retentionMicroseconds))
  }

  @Test(arguments: [0, 1, 100, 127, 128, 300])
  func `a creator comes whole, or not at all`(_ count: Int) throws {
    let creator = String(repeating: "c", count: count)
    let theme = try encoded(created: 1, updated: 1, creator: creator)
    #expect(theme.creator == creator && theme.scheme == "s")
    #expect(theme.revision == Self.tokens.token(Revision(7)) && theme.etag == Self.tokens.etag(Revision(7)))
  }
}
