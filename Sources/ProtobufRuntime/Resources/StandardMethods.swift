// The messages of the standard methods (AIP-131 to 135) and of those that change a state (AIP-216), so that one
// implementation serves every kind of resource.
//
// The generator declares the conformances: `resource` stands for the field that holds the resource, `resourceID` for
// the one with its id, whatever they are called in the proto. A kind at the top level has the parent "".

/// A resource: a message with a `google.api.resource` annotation.
public protocol ResourceMessage: ProtobufMessage {
  /// The name of the resource, such as `dialogues/asia-2018`.
  var name: String { get set }
  /// Names the stored version that the message was read from.
  var etag: String { get set }
}

/// A request that reads resources as they are, or as they were. At most one of its fields is set.
public protocol ReadRequestMessage: ProtobufMessage {
  /// `google.protobuf.Timestamp`.
  associatedtype Time: TimestampMessage
  /// The revision to read at; empty if that does not matter.
  var revision: String { get set }
  /// The time to read at; nil if that does not matter.
  var readTime: Time? { get set }
  /// The revision that the answer must have reached; empty for none.
  var atLeastAsFresh: String { get set }
}

/// The request of a Get method (AIP-131).
public protocol GetRequestMessage: ReadRequestMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// `google.protobuf.FieldMask`.
  associatedtype Mask: FieldMaskMessage
  /// The name of the resource.
  var name: String { get set }
  /// The fields to return; nil for all.
  var readMask: Mask? { get set }
}

/// The request of a List method (AIP-132).
public protocol ListRequestMessage: ReadRequestMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// `google.protobuf.FieldMask`.
  associatedtype Mask: FieldMaskMessage
  /// The name of the resource whose children are listed.
  var parent: String { get set }
  /// The most resources a page may have; 0 leaves it to the server.
  var pageSize: Int32 { get set }
  /// Where the page starts; empty for the first one.
  var pageToken: String { get set }
  /// Which resources to list (AIP-160); empty for all.
  var filter: String { get set }
  /// In which order; empty for the order of names.
  var orderBy: String { get set }
  /// Whether deleted resources are listed too.
  var showDeleted: Bool { get set }
  /// The fields to return; nil for all.
  var readMask: Mask? { get set }
}

/// The response of a List method (AIP-132).
public protocol ListResponseMessage: ProtobufMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The resources of the page.
  var resources: [Resource] { get set }
  /// Where the next page starts; empty after the last one.
  var nextPageToken: String { get set }
  /// How many resources all pages together have, where that is cheap to say.
  var totalSize: Int32? { get set }
}

/// The request of a method that changes something and may be repeated safely (AIP-155, AIP-163).
public protocol MutationRequestMessage: ProtobufMessage {
  /// Makes the call safe to repeat; empty where that is not wanted.
  var requestID: String { get set }
  /// Whether to check everything and change nothing.
  var validateOnly: Bool { get set }
}

/// The request of a Create method (AIP-133).
public protocol CreateRequestMessage: MutationRequestMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The name of the resource that the new one becomes a child of.
  var parent: String { get set }
  /// The resource to create.
  var resource: Resource? { get set }
  /// The last segment of the new resource's name.
  var resourceID: String { get set }
}

/// The request of an Update method (AIP-134).
public protocol UpdateRequestMessage: MutationRequestMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// `google.protobuf.FieldMask`.
  associatedtype Mask: FieldMaskMessage
  /// The resource with the new values.
  var resource: Resource? { get set }
  /// The fields to change; nil for those that are set.
  var updateMask: Mask? { get set }
  /// Whether to create the resource if there is none.
  var allowMissing: Bool { get set }
}

/// The request of a Delete method (AIP-135).
public protocol DeleteRequestMessage: MutationRequestMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The name of the resource.
  var name: String { get set }
  /// The version to delete; empty for whichever there is.
  var etag: String { get set }
  /// Whether to succeed if there is none.
  var allowMissing: Bool { get set }
  /// Whether to delete the children as well.
  var force: Bool { get set }
}

/// The request of a method that moves a resource from one state to another (AIP-216).
///
/// Some such requests have more fields, which generic code reads by their names: `as_of` and `time_zone`, the day that
/// counts as today; `record`, for what is entered after it happened; and fields that the resource has too.
public protocol TransitionRequestMessage: MutationRequestMessage {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The name of the resource.
  var name: String { get set }
  /// The version to change; empty for whichever there is.
  var etag: String { get set }
  /// Why, in the caller's words.
  var reason: String { get set }
}
