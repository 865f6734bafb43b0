// GRPCTestKit: see the architecture page.
