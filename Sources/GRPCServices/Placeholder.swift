// GRPCServices: see the architecture page.
