// GRPCProtos: see the architecture page.
