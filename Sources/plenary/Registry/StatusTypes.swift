internal import GoogleAPI
internal import ProtobufRuntime

/// The messages that stand among the details of a status.
enum StatusTypes {
  static let registry = TypeRegistry([
    RPCErrorInfo.self, RPCBadRequest.self, RPCPreconditionFailure.self, RPCResourceInfo.self, RPCQuotaFailure.self,
    RPCRetryInfo.self, RPCRequestInfo.self, RPCHelp.self, RPCLocalizedMessage.self, RPCDebugInfo.self,
  ])
}
