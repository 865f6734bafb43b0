// GRPCRuntimeTests
