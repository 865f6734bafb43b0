// ProtobufRuntime: see the architecture page.
