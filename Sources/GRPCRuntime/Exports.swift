// Whoever imports GRPCRuntime configures TLS and asks who calls, and need not know the module in which that is declared.
@_exported public import SocketTransport
