// ProtobufRuntimeTests
