// GRPCRuntime: see the architecture page.
