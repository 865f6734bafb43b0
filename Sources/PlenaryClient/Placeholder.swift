// PlenaryClient: see the architecture page.
