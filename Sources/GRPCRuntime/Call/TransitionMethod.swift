public import ProtobufRuntime

/// A method that moves a resource from one state to another, such as `ScheduleDialogue` (AIP-216); one a transition
/// stands in `ResourceServiceDefinition.transitions`.
public protocol TransitionMethod: Sendable {
  /// The request of the method.
  associatedtype Request: TransitionRequestMessage
  /// The method.
  var descriptor: MethodDescriptor<Request, Request.Resource> { get }
}

extension TransitionMethod {
  /// What is done to the resource, such as `Schedule`: the name of the method without that of the resource.
  public var verb: String {
    let resource = Request.Resource.descriptor.name
    let method = descriptor.method
    precondition(method.hasSuffix(resource), "\(method) is not named after \(resource)")
    return String(method.dropLast(resource.count))
  }
}

extension MethodDescriptor: TransitionMethod
where Request: TransitionRequestMessage, Response == Request.Resource {
  /// The method itself.
  public var descriptor: MethodDescriptor<Request, Request.Resource> { self }
}
