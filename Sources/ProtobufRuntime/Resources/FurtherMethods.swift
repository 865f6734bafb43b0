// The messages of the methods that every kind of the registry has beside the standard ones: for what was deleted
// (AIP-164, AIP-165) and for several resources at once (AIP-231, AIP-233).

/// The request of an Undelete method (AIP-164).
public protocol UndeleteRequestMessage: MutationRequestMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The name of the resource.
  var name: String { get set }
  /// The deleted version; empty for whichever there is.
  var etag: String { get set }
}

/// The request of a Purge method (AIP-165).
public protocol PurgeRequestMessage: MutationRequestMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The name of the resource whose children are purged.
  var parent: String { get set }
  /// Which deleted resources to purge; `*` for all.
  var filter: String { get set }
  /// Whether to purge them, and not only to count them.
  var force: Bool { get set }
}

/// The response of a Purge method (AIP-165).
public protocol PurgeResponseMessage: ProtobufMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// How many resources were purged, or would be.
  var purgeCount: Int32 { get set }
  /// The names of some of them.
  var purgeSample: [String] { get set }
}

/// The request of a BatchGet method (AIP-231).
public protocol BatchGetRequestMessage: ReadRequestMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// `google.protobuf.FieldMask`.
  associatedtype Mask: FieldMaskMessage
  /// The name of the parent of all of them; empty if that does not matter.
  var parent: String { get set }
  /// The names of the resources.
  var names: [String] { get set }
  /// The fields to return; nil for all.
  var readMask: Mask? { get set }
}

/// The request of a BatchCreate method (AIP-233).
public protocol BatchCreateRequestMessage: MutationRequestMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The request that creates one.
  associatedtype Create: CreateRequestMessage where Create.Resource == Resource
  /// The name of the parent of all of them; empty if the requests have their own.
  var parent: String { get set }
  /// What to create.
  var requests: [Create] { get set }
}

/// The response of a method for several resources (AIP-231, AIP-233).
public protocol BatchResponseMessage: ProtobufMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The resources, in the order of the request.
  var resources: [Resource] { get set }
}
