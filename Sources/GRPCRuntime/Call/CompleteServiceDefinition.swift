public import ProtobufRuntime

/// A service that offers, beside the standard methods, those for what was deleted (AIP-164, AIP-165), for several
/// resources at once (AIP-231, AIP-233) and for what a resource was before (AIP-162).
public protocol CompleteServiceDefinition: ResourceServiceDefinition {
  /// The request of the Undelete method.
  associatedtype Undelete: UndeleteRequestMessage where Undelete.Resource == Resource
  /// The request of the Purge method.
  associatedtype Purge: PurgeRequestMessage where Purge.Resource == Resource
  /// The response of the Purge method.
  associatedtype PurgeResponse: PurgeResponseMessage where PurgeResponse.Resource == Resource
  /// The request of the BatchGet method.
  associatedtype BatchGet: BatchGetRequestMessage where BatchGet.Resource == Resource
  /// The response of the BatchGet method.
  associatedtype BatchGetResponse: BatchResponseMessage where BatchGetResponse.Resource == Resource
  /// The request of the BatchCreate method.
  associatedtype BatchCreate: BatchCreateRequestMessage where BatchCreate.Create == Create
  /// The response of the BatchCreate method.
  associatedtype BatchCreateResponse: BatchResponseMessage where BatchCreateResponse.Resource == Resource

  /// The request of the method that lists versions.
  associatedtype ListRevisions: ListRevisionsRequestMessage where ListRevisions.Resource == Resource
  /// The response of the method that lists versions.
  associatedtype ListRevisionsResponse: ListRevisionsResponseMessage
  where ListRevisionsResponse.Resource == Resource, ListRevisionsResponse.Revision == ResourceRevision
  /// The request of the method that gets a version.
  associatedtype GetRevision: GetRevisionRequestMessage where GetRevision.Resource == Resource
  /// A version of a resource.
  associatedtype ResourceRevision: ResourceRevisionMessage where ResourceRevision.Resource == Resource
  /// The request of the Rollback method.
  associatedtype Rollback: RollbackRequestMessage where Rollback.Resource == Resource

  /// Brings back a deleted resource.
  static var undelete: MethodDescriptor<Undelete, Resource> { get }
  /// Removes deleted resources for good.
  static var purge: MethodDescriptor<Purge, PurgeResponse> { get }
  /// Gets several resources.
  static var batchGet: MethodDescriptor<BatchGet, BatchGetResponse> { get }
  /// Creates several resources.
  static var batchCreate: MethodDescriptor<BatchCreate, BatchCreateResponse> { get }
  /// Lists the versions of a resource.
  static var listRevisions: MethodDescriptor<ListRevisions, ListRevisionsResponse> { get }
  /// Gets a version of a resource.
  static var getRevision: MethodDescriptor<GetRevision, ResourceRevision> { get }
  /// Gives a resource the content that it had.
  static var rollback: MethodDescriptor<Rollback, Resource> { get }
}
