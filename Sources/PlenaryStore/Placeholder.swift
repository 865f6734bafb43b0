// PlenaryStore: see the architecture page.
