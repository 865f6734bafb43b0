public import ProtobufRuntime

/// A service with the standard methods (AIP-131 to 135) for one kind of resource, and perhaps methods that change its
/// state (AIP-216); the generator declares one for each.
///
/// With it one implementation, and one client, is written for all kinds.
public protocol ResourceServiceDefinition: SendableMetatype {
  /// The kind of resource.
  associatedtype Resource: ResourceMessage
  /// The request of the Get method.
  associatedtype Get: GetRequestMessage where Get.Resource == Resource
  /// The request of the List method.
  associatedtype List: ListRequestMessage where List.Resource == Resource
  /// The response of the List method.
  associatedtype ListResponse: ListResponseMessage where ListResponse.Resource == Resource
  /// The request of the Create method.
  associatedtype Create: CreateRequestMessage where Create.Resource == Resource
  /// The request of the Update method.
  associatedtype Update: UpdateRequestMessage where Update.Resource == Resource
  /// The request of the Delete method.
  associatedtype Delete: DeleteRequestMessage where Delete.Resource == Resource

  /// The full name of the service, such as `plenary.v1.DialogueService`.
  static var serviceName: String { get }
  /// Gets one resource.
  static var get: MethodDescriptor<Get, Resource> { get }
  /// Lists resources, a page at a time.
  static var list: MethodDescriptor<List, ListResponse> { get }
  /// Creates a resource.
  static var create: MethodDescriptor<Create, Resource> { get }
  /// Changes a resource.
  static var update: MethodDescriptor<Update, Resource> { get }
  /// Deletes a resource.
  static var delete: MethodDescriptor<Delete, Resource> { get }
  /// The methods that move a resource from one state to another, in the order of the proto.
  static var transitions: [any TransitionMethod] { get }
}
