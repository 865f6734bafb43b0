/// What became of one record, to a follower: all but its key and its body, which are lent beside it.
package struct LentChange: Sendable {
  /// What became of it.
  package let kind: FeedChange.Kind

  /// The place of its query in the selection.
  package let queryIndex: Int

  /// The change itself, and the last revision of the request that did it; only the latter may be given out.
  package let revision: Revision
  package let transaction: Revision

  /// When it happened.
  package let time: CommitTime

  /// The number of the label that the version has.
  package let label: Int32

  /// The revision and the time of the record's first version.
  package let born: Revision
  package let createTime: CommitTime

  /// Who wrote the record's first version, and who this one.
  package let creator: String
  package let actor: String

  /// Makes a change.
  package init(
    kind: FeedChange.Kind, queryIndex: Int, revision: Revision, transaction: Revision, time: CommitTime, label: Int32,
    born: Revision, createTime: CommitTime, creator: String, actor: String
  ) {
    self.kind = kind
    self.queryIndex = queryIndex
    self.revision = revision
    self.transaction = transaction
    self.time = time
    self.label = label
    self.born = born
    self.createTime = createTime
    self.creator = creator
    self.actor = actor
  }
}
