// The messages of the methods for what a resource was before (AIP-162).

/// One version of a resource. Its fields have the same numbers for every kind: `name` 1, `snapshot` 2, `create_time` 3,
/// `alternate_ids` 4, `change` 5.
public protocol ResourceRevisionMessage: ProtobufMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// `google.protobuf.Timestamp`.
  associatedtype Time: TimestampMessage
  /// What was done in the change that wrote the version.
  associatedtype Change: ProtobufMessage
  /// The name of the version, such as `dialogues/asia-2018/revisions/…`.
  var name: String { get set }
  /// The resource as it was.
  var snapshot: Resource? { get set }
  /// When the version was written.
  var createTime: Time? { get set }
  /// Other ids of the version, such as `latest`.
  var alternateIDs: [String] { get set }
  /// What was done, by whom and why.
  var change: Change? { get set }
}

/// The request of a method that lists the versions of a resource.
public protocol ListRevisionsRequestMessage: ProtobufMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The name of the resource.
  var parent: String { get set }
  /// The most versions a page may have; 0 leaves it to the server.
  var pageSize: Int32 { get set }
  /// Where the page starts; empty for the first one.
  var pageToken: String { get set }
}

/// The response of a method that lists the versions of a resource.
public protocol ListRevisionsResponseMessage: ProtobufMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// A version.
  associatedtype Revision: ResourceRevisionMessage where Revision.Resource == Resource
  /// The versions of the page, the newest first.
  var revisions: [Revision] { get set }
  /// Where the next page starts; empty after the last one.
  var nextPageToken: String { get set }
}

/// The request of a method that gets one version of a resource.
public protocol GetRevisionRequestMessage: ProtobufMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The name of the version.
  var name: String { get set }
}

/// The request of a method that gives a resource the content back that it had.
public protocol RollbackRequestMessage: MutationRequestMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The name of the resource.
  var name: String { get set }
  /// The version to change; empty for whichever there is.
  var etag: String { get set }
  /// Why, in the caller's words.
  var reason: String { get set }
  /// The revision whose content returns.
  var revisionID: String { get set }
}
