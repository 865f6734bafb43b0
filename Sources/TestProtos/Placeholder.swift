// TestProtos: see the architecture page.
