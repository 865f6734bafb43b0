// Whoever imports PlenaryClient works with messages, statuses and calls, and need not know the modules they come from.
@_exported public import GRPCRuntime
@_exported public import GoogleAPI
@_exported public import PlenaryAPI
@_exported public import PlenaryRPC
@_exported public import ProtobufRuntime
