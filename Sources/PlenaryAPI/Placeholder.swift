// PlenaryAPI: see the architecture page.
