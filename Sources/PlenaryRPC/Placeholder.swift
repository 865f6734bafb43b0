// PlenaryRPC: see the architecture page.
